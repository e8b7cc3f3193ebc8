"""What members do in discussions. Thin: parse, call one action, go back to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openline.community import discussion, moderation, moderation_rules, saying, threads
from openline.community.models import Comment, CommentState
from openline.files import serving
from openline.portal.community.views import member_only, own, signed_in
from openline.portal.discussion.forms import AppealForm, ChangeForm, FlagForm, SayForm
from openline.service_requests.actions import NotPossible

_PHOTO_SECONDS = 300
"""A photo may be hidden at any time: caches ask again soon."""


@own
@member_only
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, thread: str) -> HttpResponse:
    """Say something in a discussion, or under what somebody said there (`to`)."""
    closed = threads.why_closed(thread)
    if closed or not saying.is_open():
        return render(request, "portal/discussion/closed.html", {"closed": closed, **_back(thread)}, status=410)
    above = _said_there(thread, request.POST.get("to") or request.GET.get("to", ""))
    form = SayForm(request)
    if form.is_bound and form.is_valid() and _done(form, lambda: _say(request, form, thread, above)):
        return redirect(f"{threads.path(thread)}#discussion")
    context = {"form": form, "above": above, "thread": thread, **_back(thread)}
    return render(request, "portal/discussion/say.html", context, status=422 if form.is_bound else 200)


def _say(request: HttpRequest, form: SayForm, thread: str, above: Comment | None) -> None:
    assert form.stamped
    got, member = form.cleaned_data, signed_in(request)
    saying.say(member, thread, got["text"], got["photos"], form=form.stamped.form,
               in_reply_to=above.message.network_id if above else "")  # fmt: skip


def _said_there(thread: str, key: str) -> Comment | None:
    """The public comment that is answered; None if the form names none."""
    if not key:
        return None
    try:
        pk = UUID(key)
    except ValueError:
        raise Http404 from None
    found = discussion.public(thread).select_related("message", "by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@own
@member_only
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give one's own words another text, or take them back."""
    found, member = _own(request, pk), signed_in(request)
    if request.method == "POST" and request.POST.get("choose") == "take_back":
        saying.take_back(member, found.message)
        messages.success(request, _("It was taken back."))
        return _to(found)
    form = ChangeForm(request, {"text": found.message.text})
    if form.is_bound and form.is_valid():
        text = form.cleaned_data["text"]
        if _done(form, lambda: saying.change(member, found.message, text)):
            messages.success(request, _("Changed. It is read again, then it stands there."))
            return _to(found)
    context = {"form": form, "found": found, **_back(found.thread)}
    return render(request, "portal/discussion/change.html", context, status=422 if form.is_bound else 200)


@own
@member_only
@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Report somebody's words by a published rule."""
    found = _public(pk)
    form = FlagForm(request)
    if form.is_bound and form.is_valid():
        rule = form.cleaned_data["rule"]
        if _done(form, lambda: moderation.flag(pk, rule, by=signed_in(request))):
            messages.success(request, _("Thank you. Staff look at it."))
            return _to(found)
    context = {"form": form, "found": found, "rules": moderation_rules.published(), **_back(found.thread)}
    return render(request, "portal/discussion/flag.html", context, status=422 if form.is_bound else 200)


@own
@member_only
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for another look at one's own hidden words, once."""
    found = _own(request, pk)
    if found.state != CommentState.HIDDEN:
        raise Http404
    form = AppealForm(request)
    if form.is_bound and form.is_valid():
        words = form.cleaned_data["words"]
        if _done(form, lambda: moderation.appeal(pk, words, by=signed_in(request))):
            messages.success(request, _("Staff look at it again."))
            return _to(found)
    context = {"form": form, "found": found, "rule": moderation_rules.name(found.rule), **_back(found.thread)}
    return render(request, "portal/discussion/appeal.html", context, status=422 if form.is_bound else 200)


@require_safe
def photo(request: HttpRequest, photo_id: UUID, size: str) -> HttpResponse:
    """A picture of a discussion at which a person has looked."""
    found = get_object_or_404(discussion.photos(), pk=photo_id)
    thread = Comment.objects.filter(pk=found.message_id).values_list("thread", flat=True)[0]
    if size not in serving.SIZES or not threads.is_public(thread):
        raise Http404
    answer = serving.public_answer(request, found, size)
    answer["Cache-Control"] = f"public, max-age={_PHOTO_SECONDS}"
    return answer


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules by which words are hidden, and what who wrote them can do."""
    return render(request, "portal/discussion/rules.html", {"rules": moderation_rules.published()})


def _done(form: Any, act: Callable[[], object]) -> bool:
    """Do it; what is not possible stands with the form."""
    try:
        act()
    except NotPossible as error:
        form.add_error(None, str(error))
        return False
    return True


def _own(request: HttpRequest, pk: UUID) -> Comment:
    """One's own words; somebody else's are not there."""
    mine = Comment.objects.select_related("message__conversation__identity")
    return get_object_or_404(mine, pk=pk, by=signed_in(request), message__deleted_at=None)


def _public(pk: UUID) -> Comment:
    found = get_object_or_404(Comment.objects.select_related("message", "by"), pk=pk, state=CommentState.SHOWN,
                              by__isnull=False, message__deleted_at=None)  # fmt: skip
    if not threads.is_public(found.thread):
        raise Http404
    return found


def _back(thread: str) -> dict[str, str]:
    return {"back": f"{threads.path(thread)}#discussion"}


def _to(found: Comment) -> HttpResponse:
    top = found.above_id or found.pk
    return redirect(f"{threads.path(found.thread)}#c-{top.hex}")
