"""The form, and the private page of its conversation. They work without JavaScript and set no cookie of their own.

Nobody is signed in here and no cookie counts for anything, so another site that makes a browser send this form gains
nothing by it: what stands for the usual token against that is the form's own stamp.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from openline.care import texts
from openline.files import serving
from openline.outbox import mailing
from openline.portal.contact import door, guard, showing, telling, tokens
from openline.portal.contact.forms import AnswerForm, ContactForm
from openline.portal.models import Talk
from openline.triage import urgency

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Nobody indexes or keeps the page, and its address is told to nobody, not even to us.

    So browsers send its forms from "null" (Fetch, section 3.2), which no form token gets past: what proves a form here
    is its stamp. Pages of who is signed in take `portal.community.views.own`.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        answer = view(request, *args, **more)
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer["Referrer-Policy"] = "no-referrer"
        answer["Cache-Control"] = "no-store"
        return answer

    return guarded


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """The form; what it brings goes to the door, and the browser to the private page."""
    if not is_open():
        return render(request, "portal/contact_closed.html", status=503)
    form = ContactForm(request)
    if form.is_bound and form.is_valid():
        return redirect("portal:talk", tokens.token(submit(form, request)))
    return render(request, "portal/contact.html", {"form": form, "mails": mailing.mail_account() is not None},
                  status=422 if form.is_bound else 200)  # fmt: skip


def is_open() -> bool:
    """False if the city has switched its web account off."""
    return door.account().enabled


def submit(form: ContactForm, request: HttpRequest) -> Talk:
    """Keep what a form that is valid says; the conversation in which it stands."""
    assert form.stamped
    got = form.cleaned_data
    talk = door.begin(form.stamped.form, email=got["email"], language=got["language"])
    door.put(talk, got["text"], got["photos"], about=got["about"], place=got["place"], form=form.stamped.form)
    return talk


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest, token: str) -> HttpResponse:
    """The conversation, for who holds its address; with POST, what they add or choose."""
    found = tokens.opened(token[:200])
    if found is None:
        raise Http404
    if request.method == "POST" and request.POST.get("choose"):
        return _choose(request, found)
    if found.expired:
        return _expired(request, found.talk, token, asked=False)
    form = AnswerForm(request)
    if form.is_bound and form.is_valid():
        _add(found.talk, form)
        return redirect("portal:talk", tokens.token(found.talk))
    return render(request, "portal/talk.html", _context(found.talk, form), status=422 if form.is_bound else 200)


def _add(talk: Talk, form: AnswerForm) -> None:
    """An answer of the resident: under what was said last."""
    assert form.stamped
    said = [one for one in showing.messages(talk) if not one.coming]
    got = form.cleaned_data
    door.put(talk, got["text"], got["photos"], form=form.stamped.form, in_reply_to=said[-1].key if said else "")


def _context(talk: Talk, form: AnswerForm) -> dict[str, Any]:
    said = showing.messages(talk)
    danger = any(urgency.danger_in(one.text) for one in said[:3] if not one.by_city)
    return {
        "talk": talk,
        "said": said,
        "requests": showing.requests(talk),
        "asked": showing.asked_whether_same(talk),
        "waits": not any(one.by_city for one in said),
        "form": form,
        "address": tokens.address(talk),
        "token": tokens.token(talk),
        "danger": texts.emergency(get_language() or "", None) if danger else "",
        "mails": mailing.mail_account() is not None,
    }


def _choose(request: HttpRequest, found: tokens.Opened) -> HttpResponse:
    """What the buttons of the page do. An address that is too old can only ask for a new one by mail."""
    choice, talk = request.POST["choose"], found.talk
    if choice == "by_mail":
        if guard.may_send(request, guard.WRITING):
            telling.tell(talk, f"address:{tokens.token(talk)}")
        return _expired(request, talk, "", asked=True)
    if found.expired:
        return _expired(request, talk, "", asked=False)
    if choice == "new_address":
        tokens.renew(talk)
    elif choice == "no_mails":
        talk.email = ""
        talk.save(update_fields=["email"])
    return redirect("portal:talk", tokens.token(talk))


def _expired(request: HttpRequest, talk: Talk, token: str, *, asked: bool) -> HttpResponse:
    by_mail = bool(talk.email) and mailing.mail_account() is not None
    return render(request, "portal/talk_expired.html", {"asked": asked, "by_mail": by_mail}, status=410)


@private
@require_safe
def photo(request: HttpRequest, token: str, photo_id: UUID, size: str) -> HttpResponse:
    """A photo of the conversation; a document as it came."""
    found = showing.photo(_valid(token), photo_id)
    if found is None:
        raise Http404
    if size == "original":
        if found.file and found.file.is_picture:
            raise Http404
        return serving.original(found)
    return serving.private_answer(found, size)


@private
@require_safe
def sent_file(request: HttpRequest, token: str, message_id: UUID, number: int) -> HttpResponse:
    """A picture or document that the city sent."""
    found = showing.sent_file(_valid(token), message_id, number)
    if found is None:
        raise Http404
    return serving.stored(found["file"], found.get("media_type", ""), found.get("name", ""))


def _valid(token: str) -> Talk:
    found = tokens.opened(token[:200])
    if found is None or found.expired:
        raise Http404
    return found.talk
