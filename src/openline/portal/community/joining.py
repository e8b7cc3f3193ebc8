"""`/join/`: coming in by a mail. A session begins here, and nowhere else for who is no staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openline.community import joining, members, moderation_rules
from openline.community.models import SignIn
from openline.outbox import mailing
from openline.portal.community.forms import AddressForm, CodeForm, JoiningForm
from openline.portal.community.views import own, safe_next
from openline.portal.contact import guard
from openline.service_requests.languages import short

ASKING = guard.Limit("join", 10, 20)
ONE_ADDRESS = guard.Limit("join-address", 5, 6)
CODES = guard.Limit("join-code", 10, 0.5)
"""How often codes are tried for one address, right or wrong: six digits could be guessed in the end; a link cannot."""
PROFILE_WITHIN = timedelta(hours=2)
_ASKED, _PROVED = "join_asked", "join_proved"


@own
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the mail. What is answered does not depend on who has joined."""
    wanted = safe_next(request, request.POST.get("next", "") or request.GET.get("next", ""))
    if members.current(request):
        return redirect(wanted or "portal:me")
    if mailing.mail_account() is None:
        return render(request, "portal/join/closed.html", status=503)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _may_ask(request, form):
        asked = joining.begin(form.cleaned_data["email"], language=short(get_language() or ""), next=wanted)
        if asked:
            request.session[_ASKED] = asked.pk.hex
            return redirect("portal:join_code")
    return render(request, "portal/join/ask.html", {"form": form, "next": wanted}, status=422 if form.errors else 200)


def _may_ask(request: HttpRequest, form: AddressForm) -> bool:
    if not guard.may_send(request, ASKING) or not guard.may(ONE_ADDRESS, form.cleaned_data["email"]):
        form.add_error(None, _("Many mails were asked for. Please look for the last one, or try again in an hour."))
        return False
    return True


@own
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The mail is on its way; in the browser that asked, its six digits do as well as its link."""
    asked = _asked(request)
    if asked is None:
        return redirect("portal:join")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        proved = guard.may(CODES, asked.email) and joining.enter_by_code(asked.pk, form.cleaned_data["code"])
        if proved:
            return _go_in(request, proved)
        wrong = _("This is not the code, or it was used. Open the link in the mail, or ask for a new mail.")
        form.add_error("code", wrong)
    return render(request, "portal/join/code.html", {"form": form, "asked": asked}, status=422 if form.errors else 200)


def _asked(request: HttpRequest) -> SignIn | None:
    found = _kept(request, _ASKED)
    return found if found and found.used_at is None else None


@own
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail: a button, which a person presses and a program that scans mails does not."""
    if request.method == "POST":
        proved = joining.enter(token[:200])
        if proved:
            return _go_in(request, proved)
    elif joining.opened(token[:200]):
        return render(request, "portal/join/link.html")
    return render(request, "portal/join/over.html", status=410)


def _go_in(request: HttpRequest, proved: SignIn) -> HttpResponse:
    """The mailbox is theirs: a member is signed in, anybody else says now how they want to be called."""
    member = joining.member_of(proved)
    if member:
        members.sign_in(request, member)
        _forget(request)
        return redirect(safe_next(request, proved.next) or "portal:me")
    request.session.cycle_key()
    request.session[_PROVED] = proved.pk.hex
    return redirect("portal:join_profile")


@own
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The first time: name, neighborhood, language and the rules."""
    proved = _kept(request, _PROVED)
    if proved is None or proved.used_at is None or timezone.now() - proved.used_at > PROFILE_WITHIN:
        return redirect("portal:join")
    form = JoiningForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        answer = _join(request, proved, form)
        if answer:
            return answer
    context = {"form": form, "rules": moderation_rules.published()}
    return render(request, "portal/join/profile.html", context, status=422 if form.errors else 200)


def _join(request: HttpRequest, proved: SignIn, form: JoiningForm) -> HttpResponse | None:
    got: dict[str, Any] = {name: form.cleaned_data[name] for name in ("name", "area", "language", "digest")}
    try:
        member = joining.member_of(proved) or members.join(proved.email, **got)
    except members.Refused as error:
        form.add_error(error.field or None, str(error))
        return None
    members.sign_in(request, member)
    _forget(request)
    return redirect(safe_next(request, proved.next) or "portal:me")


def _kept(request: HttpRequest, name: str) -> SignIn | None:
    """The sign-in that this browser's session names."""
    known = request.session.get(name)
    found = SignIn.objects.filter(pk=UUID(hex=known)).exclude(email="").first() if known else None
    return found


def _forget(request: HttpRequest) -> None:
    for name in (_ASKED, _PROVED):
        request.session.pop(name, None)
