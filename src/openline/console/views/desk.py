"""What staff do among themselves about a conversation: who looks at it, notes, handing over, putting off, undoing."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.care import teamwork
from openline.console import panes, presence, told
from openline.console.moments import moment
from openline.console.once import Problem, attempt, number, of_note, staff, typed
from openline.console.permissions import desk_staff, needs, visible_conversations
from openline.console.views.inbox import after_form, one_conversation, show_after
from openline.inbox.models import Conversation, Message
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import local

MORNING = 9
"""The hour of the city's clock at which "tomorrow" begins."""


@require_POST
@needs("inbox")
def here(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The conversation is open on a screen: remember it, and answer who else looks at it."""
    subject = f"conversation:{one_conversation(request, conversation_id).pk}"
    presence.seen(request, subject, request.POST.get("writing") == "1")
    return render(request, "console/_others.html", {"others": presence.others(staff(request), subject)})


@require_POST
@needs("answer")
def note(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Write a note for colleagues."""
    found, text = one_conversation(request, conversation_id), typed(request, "note")
    act = partial(teamwork.note, found, text, by=staff(request))
    return after_form(request, found, "note", of_note(text, _("The note is kept. Only staff read it.")), act)


@require_POST
@needs("triage")
def assign(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Take the conversation, give it to a colleague, or to nobody."""
    found, name = one_conversation(request, conversation_id), typed(request, "to", 150)
    said = {"me": _("It is yours."), "nobody": _("It is nobody's now.")}.get(name, _("Handed over."))
    return after_form(request, found, "assign", said, lambda: _hand_over(request, found, name))


def _hand_over(request: HttpRequest, found: Conversation, name: str) -> None:
    teamwork.hand_over(found, _colleague(request, name), by=staff(request), text=typed(request, "note"))


def _colleague(request: HttpRequest, name: str) -> User | None:
    if name in ("nobody", "me"):
        return staff(request) if name == "me" else None
    found = desk_staff().filter(username=name).first()
    if found is None:
        raise NotPossible(_("Choose a colleague of the desk."))
    return found


@require_POST
@needs("triage")
def put_off(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Leave the conversation till later, or bring it back."""
    found = one_conversation(request, conversation_id)
    back = request.POST.get("when") == "now"
    said = (
        _("It is back in the lists.") if back else _("Put off. It comes back by itself, or when the resident writes.")
    )
    return after_form(
        request,
        found,
        "put_off",
        said,
        lambda: teamwork.put_off(found, None if back else _later(request), by=staff(request)),
    )


def _later(request: HttpRequest) -> datetime:
    now = timezone.now()
    morning = local(now).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    when = request.POST.get("when", "")
    known = {
        "hour": now + timedelta(hours=1),
        "four_hours": now + timedelta(hours=4),
        "tomorrow": morning + timedelta(days=1),
        "monday": morning + timedelta(days=7 - morning.weekday()),
    }
    chosen = known.get(when) or moment(typed(request, "until", 40), "until")
    if chosen is None:
        raise NotPossible(_("Choose until when."))
    return chosen


@require_POST
@needs("triage")
def open_again(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Put a handled conversation back to work."""
    found = one_conversation(request, conversation_id)
    act = partial(teamwork.open_again, found, by=staff(request))
    return after_form(request, found, "done", _("It is open again."), act)


@require_POST
@needs("answer")
def undo(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Take back an own answer before it leaves; its words stand in the box again."""
    seen = Message.objects.filter(conversation__in=visible_conversations(request.user))
    found = get_object_or_404(seen.select_related("conversation"), pk=message_id)
    problem = attempt(request, "answer", lambda: teamwork.undo(found, by=staff(request)))
    if problem is None:
        problem = _words_again(request, found.text)
    return show_after(request, found.conversation_id, problem, "")


def _words_again(request: HttpRequest, text: str) -> Problem:
    typed_again = request.POST.copy()
    typed_again["text"] = text
    return Problem("answer", _("Taken back: it was not sent. Here are your words."), typed_again, mild=True)


@require_GET
@needs("inbox")
def history(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Everything that happened in the conversation, from the record."""
    found = one_conversation(request, conversation_id)
    steps, following = told.history_of(found, number(request.GET.get("before", "")))
    context = {"conversation": found, "steps": steps, "following": following, "section": "inbox"}
    return render(request, "console/history.html", panes.frame(request) | context)
