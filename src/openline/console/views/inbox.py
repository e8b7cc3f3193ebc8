"""The inbox and one conversation: reading, answering, assigning, calling handled, opening a request."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.care import actions, saved_replies
from openline.care.showing import Shown
from openline.channels.registry import channel_for
from openline.console import panes
from openline.console.forms import look_outside, place_of, service_of
from openline.console.once import Problem, attempt, identifier, staff, to_publish, typed
from openline.console.permissions import allowed, needs, visible_conversations, visible_requests
from openline.console.views.saved_replies import chosen
from openline.files import uploading
from openline.files.pictures import Refused
from openline.foundation.text import clean
from openline.inbox import queries
from openline.inbox.models import Conversation, Direction
from openline.inbox.whole import whole_text
from openline.service_requests.actions import NotPossible


@require_GET
@needs("requests")
def inbox(request: HttpRequest) -> HttpResponse:
    """The three panes with no conversation open; who has no inbox is sent to the requests."""
    if not allowed(request.user, "inbox"):
        return redirect("console:requests")
    return render(request, "console/inbox.html", _room(request))


@require_GET
@needs("inbox")
def parts(request: HttpRequest) -> HttpResponse:
    """Views with counts, and the list, for a page that refreshes itself."""
    return render(request, "console/_parts.html", _room(request))


@require_GET
@needs("inbox")
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation; who may answer has read it by that."""
    found = one_conversation(request, conversation_id)
    if allowed(request.user, "answer") and "watching" not in request.GET:
        queries.seen(found, staff(request))
    return _show(request, found)


@require_GET
@needs("inbox")
def whole(request: HttpRequest, conversation_id: UUID, message_id: UUID) -> HttpResponse:
    """All that a message says which is too long for the page, as plain text."""
    message = get_object_or_404(one_conversation(request, conversation_id).messages, pk=message_id)
    return HttpResponse(whole_text(message), content_type="text/plain; charset=utf-8")


@require_POST
@needs("answer")
def answer(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Say something in the conversation as the city; or only put a saved reply into the box."""
    if request.POST.get("fill") == "1":
        return _filled(request, one_conversation(request, conversation_id))
    found, (text, because) = one_conversation(request, conversation_id), to_publish(request, "text")
    try:
        photo = _photo(request)
    except Refused as error:
        return show_after(request, found.pk, Problem("answer", str(error), request.POST), "")
    return after_form(
        request,
        found,
        "answer",
        _("Your answer is on its way."),
        lambda: actions.answer(
            found,
            text,
            by=staff(request),
            client_id=identifier(request, "client_id"),
            because=because,
            done=request.POST.get("done") == "1",
            photo=photo,
            private=request.POST.get("private") == "1",
            seen=None if request.POST.get("anyway") == "1" else _seen(request),
        ),
    )


def _filled(request: HttpRequest, found: Conversation) -> HttpResponse:
    """The conversation with a saved reply in the box, below what was typed."""
    changed = request.POST.copy()
    try:
        text = saved_replies.fill(chosen(request), found)
    except NotPossible as error:
        return show_after(request, found.pk, Problem("answer", str(error), request.POST), "")
    changed["text"] = f"{typed(request, 'text')}\n\n{text}".strip()
    said = _("Not sent yet: look at the text, then send it.")
    return show_after(request, found.pk, Problem("answer", said, changed, mild=True), "")


def _seen(request: HttpRequest) -> UUID | None:
    """The newest message when the person began to write; None for a form of a program that names none."""
    return identifier(request, "seen") if request.POST.get("seen") else None


@require_GET
@needs("answer")
def cost(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What the answer that is being written costs to send, in words."""
    account = one_conversation(request, conversation_id).account
    text = clean(request.GET.get("text", ""), 10_000)
    words = channel_for(account.network).cost(account.public_ref(), text) if text else ""
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


def _photo(request: HttpRequest) -> Shown | None:
    """The photo that goes with the answer. Read before anything is saved: that can take seconds. Raises Refused."""
    given = request.FILES.getlist("files")[:1]
    return Shown(uploading.take(given)[0], typed(request, "alt", 1500)) if given else None


@require_POST
@needs("triage")
def done(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Nobody has to do anything here now."""
    found, by = one_conversation(request, conversation_id), staff(request)
    why = _("Marked as handled by %(name)s.") % {"name": by.get_username()}
    return after_form(request, found, "done", _("Handled."), lambda: actions.mark_done(found, by=by, why=why))


@require_POST
@needs("triage")
def open_request(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Open a service request from one of the resident's messages."""
    found = one_conversation(request, conversation_id)
    look_outside(request)
    return after_form(request, found, "open", _("The request is open."), lambda: _open(request, found))


def _open(request: HttpRequest, found: Conversation) -> None:
    message = found.messages.filter(pk=identifier(request, "message"), direction=Direction.IN).first()
    if message is None:
        raise NotPossible(_("That message is not part of this conversation. Load the page again."))
    actions.open_from(
        message, service_of(request), place_of(request), by=staff(request), tell=request.POST.get("tell") == "1"
    )


@require_POST
@needs("triage")
def fold(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Let the resident follow a request that others reported."""
    found = one_conversation(request, conversation_id)
    return after_form(request, found, "fold", _("The resident follows the request."), lambda: _fold(request, found))


def _fold(request: HttpRequest, found: Conversation) -> None:
    message = found.messages.filter(pk=identifier(request, "message"), direction=Direction.IN).first()
    followed = visible_requests(request.user).filter(number=typed(request, "number", 20)).first()
    if message is None or followed is None:
        raise NotPossible(_("There is no such request. Give its number, such as 26-000123."))
    actions.fold(message, followed, by=staff(request))


def one_conversation(request: HttpRequest, conversation_id: UUID) -> Conversation:
    """The conversation, if the person may see it; 404 otherwise."""
    visible = visible_conversations(request.user).select_related("account", "identity", "assigned_to")
    return get_object_or_404(visible, pk=conversation_id)


def after_form(
    request: HttpRequest, found: Conversation, form: str, said: str, act: Callable[[], object]
) -> HttpResponse:
    """Carry out a form of the conversation, and show the conversation as it is then."""
    problem = attempt(request, form, act)
    return show_after(request, found.pk, problem, said)


def show_after(request: HttpRequest, conversation_id: UUID, problem: Problem | None, said: str) -> HttpResponse:
    """The conversation after a form: the pane for htmx; a redirect, or the page with the problem, without."""
    if problem is None and not request.headers.get("HX-Request"):
        return redirect(_address(request, conversation_id))
    return _show(request, one_conversation(request, conversation_id), problem, "" if problem else said)


def _address(request: HttpRequest, conversation_id: UUID) -> str:
    view = request.POST.get("view", "")
    known = queries.view_named(view).key == view
    return reverse("console:conversation", args=[conversation_id]) + (f"?view={view}" if known else "")


def _show(request: HttpRequest, found: Conversation, problem: Problem | None = None, said: str = "") -> HttpResponse:
    pane = panes.conversation_pane(request, found, problem, said)
    status = 422 if problem else 200
    if request.headers.get("HX-Request"):
        view = request.POST.get("view") or request.GET.get("view", "")
        return render(
            request,
            "console/_conversation.html",
            panes.frame(request) | {"shown_view": queries.view_named(view).key} | pane,
            status=status,
        )
    return render(request, "console/inbox.html", _room(request) | pane, status=status)


def _room(request: HttpRequest) -> dict[str, object]:
    """The left and the middle pane."""
    return (
        panes.frame(request)
        | panes.sidebar(request)
        | panes.conversation_list(request, request.GET)
        | {"section": "inbox"}
    )
