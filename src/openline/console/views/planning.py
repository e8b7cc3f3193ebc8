"""The calendar of posts: month, week and list, moving by hand, by keys and by form, and the feed of officials."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.console import moments, panes, plan_calendar
from openline.console.moments import for_field, moment
from openline.console.once import Problem, attempt, identifier, staff, typed
from openline.console.permissions import allowed, needs
from openline.publishing import feeds, planning, scheduling, slots
from openline.publishing.models import Post
from openline.service_requests.jurisdiction import local
from openline.service_requests.languages import day_in_words, hour

_LAST = "last_move"


@require_GET
@needs("approve")
def page(request: HttpRequest) -> HttpResponse:
    """The calendar."""
    return _show(request)


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    asked = request.GET
    more = {
        "problem": problem,
        "may_move": allowed(request.user, "publish"),
        "last_move": request.session.get(_LAST),
        "back": request.get_full_path(),
        "feed": _address(request, feeds.token_of(staff(request))),
    }
    context = panes.frame(request) | plan_calendar.context(asked) | more
    return render(request, "console/publish/calendar.html", context, status=422 if problem else 200)


@require_POST
@needs("publish")
def move(request: HttpRequest) -> HttpResponse:
    """Put a post on another day or at another time: dragged, moved by keys, or by the form."""
    problem = attempt(request, "move", lambda: _move(request))
    if problem and typed(request, "form"):
        return _form(request, get_object_or_404(Post, pk=_post_id(request)), problem)
    if problem:
        messages.error(request, problem.text)
    return redirect(_back(request))


def _move(request: HttpRequest) -> None:
    to, seen = _where(request), typed(request, "seen", 10)
    post, before = planning.move(
        identifier(request, "post"), to[0], to[1], by=staff(request), seen=int(seen) if seen.isdigit() else None,
        seen_at=_moment(typed(request, "seen_at", 40)),
    )  # fmt: skip
    _remember(request, post, before)


def _where(request: HttpRequest) -> tuple[date, time | None]:
    """The day, and the time of day if one was chosen."""
    if at := moment(typed(request, "at", 30)):
        here = local(at)
        return here.date(), here.time()
    return moments.day(typed(request, "day", 10)), None


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _remember(request: HttpRequest, post: Post, before: datetime | None) -> None:
    """Say it, and keep the last move for its undoing."""
    assert post.leave_at
    here = local(post.leave_at)
    messages.success(request, _("Moved to %(day)s, %(hour)s.") % {"day": day_in_words(here), "hour": hour(here)})
    request.session[_LAST] = before and {
        "post": str(post.pk),
        "seen": post.version,
        "from": before.isoformat(),
        "to": post.leave_at.isoformat(),
    }


@require_POST
@needs("publish")
def undo(request: HttpRequest) -> HttpResponse:
    """Take the last move of this person back, if nobody moved the post since."""
    last = request.session.pop(_LAST, None)
    if last:
        problem = attempt(request, "undo", lambda: _undo(last, staff(request)))
        if problem:
            messages.error(request, problem.text)
        else:
            messages.success(request, _("Moved back."))
    return redirect(_back(request))


def _undo(last: dict[str, Any], by: User) -> None:
    at, seen_at = datetime.fromisoformat(last["from"]), datetime.fromisoformat(last["to"])
    scheduling.reschedule(UUID(last["post"]), at, by=by, seen=last["seen"], seen_at=seen_at)


@require_GET
@needs("publish")
def move_form(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """A plain form with the time, and good free times to choose from."""
    return _form(request, get_object_or_404(Post, pk=post_id))


def _form(request: HttpRequest, post: Post, problem: Problem | None = None) -> HttpResponse:
    accounts = [variant.account for variant in post.variants.select_related("account")]
    free = slots.best(accounts[0], count=4) if accounts else []
    context = {
        "post": post,
        "problem": problem,
        "at": for_field(post.leave_at),
        "free": [(for_field(slot.at), slot) for slot in free],
        "may_move": scheduling.may_move(post),
        "back": _back(request),
    }
    return render(request, "console/publish/move.html", panes.frame(request) | context, status=422 if problem else 200)


def _post_id(request: HttpRequest) -> UUID:
    try:
        return UUID(typed(request, "post", 40))
    except ValueError:
        raise Http404 from None


def _back(request: HttpRequest) -> str:
    """Where the person came from in the calendar."""
    asked = request.POST.get("back") or request.GET.get("back", "")
    home = reverse("console:post_calendar")
    return asked if asked.startswith(home) and url_has_allowed_host_and_scheme(asked, None) else home


@require_POST
@needs("approve")
def address(request: HttpRequest) -> HttpResponse:
    """A new private address of the calendar, or none any more."""
    if typed(request, "what") == "revoke":
        feeds.revoke(staff(request))
        messages.success(request, _("The address is worthless from now on."))
    else:
        feeds.renew(staff(request))
        messages.success(request, _("Copy the new address into your calendar. Whoever has it can read the plan."))
    return redirect(_back(request))


def _address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("console:calendar_feed", args=[token])) if token else ""


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar as iCalendar, for who has the address; who may not see the plan any more gets nothing."""
    reader = feeds.reader_of(token)
    if reader is None or not allowed(reader, "approve"):
        raise Http404
    content = feeds.calendar(request.build_absolute_uri(reverse("console:approvals")))
    return HttpResponse(content, "text/calendar; charset=utf-8", headers={"Cache-Control": "private, max-age=300"})
