"""The lists of topics: by kind, area and order, paged by key; and the archive of events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from openline.community import calendars, gatherings, ideas, liaisons, living, members, topics
from openline.community.models import Topic, TopicKind
from openline.foundation.text import clean

KINDS = (("", _("Everything")), (TopicKind.DISCUSSION, _("Discussions")), (TopicKind.IDEA, _("Ideas")),
         (TopicKind.EVENT, _("Events")))  # fmt: skip


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    """Public topics: the newest, the most supported ideas, or the events to come."""
    names = living.names()
    kind, area = (clean(request.GET.get(name, ""), 100) for name in ("kind", "area"))
    kind, area = kind if kind in TopicKind.values else "", area if area in names else ""
    order = "support" if kind == TopicKind.IDEA and request.GET.get("order") == "support" else "newest"
    rows, following = page(kind, area, order, request.GET.get("after", ""))
    context = {
        "rows": [(row, names.get(row.area, "")) for row in rows],
        "following": following,
        "kinds": KINDS,
        "kind": kind,
        "order": order,
        "area": area,
        "area_name": names.get(area, ""),
        "areas": names.items(),
        "is_liaison": bool(liaisons.areas_of(members.current(request))),
    }
    return render(request, "portal/topics/list.html", context)


def page(kind: str, area: str, order: str, after: str) -> tuple[Sequence[Topic], str]:
    """One page of topics and the key of the next ("" for none)."""
    found = topics.public()
    if kind:
        found = found.filter(kind=kind)
    if area:
        found = found.filter(area=area)
    if kind == TopicKind.EVENT:
        soon, key = gatherings.to_come(found), moment_key(after)
        found = soon.filter(Q(starts_at__gt=key[0]) | Q(starts_at=key[0], id__gt=key[1])) if key else soon
    elif order == "support":
        found = ideas.by_support(found, number_key(after))
    else:
        found = topics.newest(found, moment_key(after))
    rows = list(found[: topics.PAGE + 1])
    return rows[: topics.PAGE], _key(rows[topics.PAGE - 1], kind, order) if len(rows) > topics.PAGE else ""


def _key(row: Topic, kind: str, order: str) -> str:
    if order == "support":
        return f"{row.supporters}~{row.pk}"
    at = row.starts_at if kind == TopicKind.EVENT else row.opened_at
    assert at
    return f"{at.isoformat()}~{row.pk}"


def moment_key(text: str) -> tuple[datetime, int] | None:
    """The key of a row in a list by time; None for what is none."""
    when, _sign, number = clean(text, 80).replace(" ", "+").partition("~")
    try:
        at = datetime.fromisoformat(when)
    except ValueError:
        return None
    return (at, int(number)) if at.tzinfo and 1970 <= at.year < 2200 and _is_number(number) else None


def number_key(text: str) -> tuple[int, int] | None:
    """The key of a row in a list by support; None for what is none."""
    count, _sign, number = clean(text, 80).partition("~")
    return (int(count), int(number)) if _is_number(count) and _is_number(number) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Events that are over, latest first."""
    found = list(gatherings.past(topics.public(), moment_key(request.GET.get("after", "")))[: topics.PAGE + 1])
    rows, names = found[: topics.PAGE], living.names()
    following = _key(rows[-1], TopicKind.EVENT, "") if len(found) > topics.PAGE else ""
    context = {"rows": [(row, names.get(row.area, "")) for row in rows], "following": following}
    return render(request, "portal/topics/archive.html", context)


@require_safe
def calendar(request: HttpRequest, area: str = "") -> HttpResponse:
    """The events as an iCalendar feed, of one area or of the city."""
    name = living.names().get(area, "")
    if area and not name:
        raise Http404
    return as_calendar(calendars.written(calendars.feed_of(area), name))


@require_safe
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """One event as an iCalendar file."""
    found = topics.public().filter(pk=pk, kind=TopicKind.EVENT).first()
    if found is None:
        raise Http404
    answer = as_calendar(calendars.written([found]))
    answer["Content-Disposition"] = f'attachment; filename="event-{pk}.ics"'
    return answer


def as_calendar(content: bytes) -> HttpResponse:
    """An answer with an iCalendar object."""
    headers: dict[str, Any] = {"Cache-Control": "public, max-age=300"}
    return HttpResponse(content, "text/calendar; charset=utf-8", headers=headers)
