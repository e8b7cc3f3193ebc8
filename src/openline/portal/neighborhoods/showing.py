"""What a neighborhood's page shows, all of it public: requests, alerts, topics, events, liaisons, articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.utils import timezone

from openline.care.understanding import gazetteer
from openline.community.models import Topic, TopicKind, TopicState
from openline.foundation.text import shorten
from openline.geography.models import Area
from openline.geography.window import SIZE, Window, around_area, borders, outline, streets
from openline.knowledge import queries as knowledge
from openline.knowledge.models import Article
from openline.portal.city_map import MOST, Mark, each, together
from openline.publishing.alerts import current
from openline.service_requests import public
from openline.service_requests.jurisdiction import jurisdiction, today
from openline.service_requests.models import ServiceRequest

LISTED, DONE, TALKED = 8, 5, 5
_BORDER = 0.001
"""So many degrees around the outlines belong to an area as well (`geography.areas`)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing: the area's own borders as a path, those of its neighbors as polygons, streets, and marks."""

    size: int
    own: str
    borders: list[str]
    streets: list[str]
    marks: list[Mark]


def requests_of(area: str) -> QuerySet[ServiceRequest]:
    """The public requests in it; by the box around it, which an index knows."""
    found, city = public.requests().filter(areas__contains=[area]), gazetteer()
    rings = city.areas.rings_of(area) if city else []
    if rings:
        points = np.concatenate(rings)
        (west, south), (east, north) = points.min(axis=0) - _BORDER, points.max(axis=0) + _BORDER
        found = found.filter(latitude__range=(south, north), longitude__range=(west, east))
    return found


def open_ones(area: str) -> list[dict[str, Any]]:
    """Those that are open, newest first: the first `LISTED` are listed, all are on the map."""
    return public.rows(public.newest_first(requests_of(area).filter(closed_at=None))[:MOST])


def done(area: str) -> list[dict[str, Any]]:
    """Those that were closed last."""
    return public.rows(requests_of(area).filter(closed_at__isnull=False).order_by("-closed_at", "-number")[:DONE])


def picture(area: Area, rows: Sequence[dict[str, Any]]) -> Picture | None:
    """The map of the area with `rows` on it; None if the city's files have no borders of it."""
    city = gazetteer()
    window = around_area(city, area.code) if city else None
    if city is None or window is None:
        return None
    marks = together(each(window, [row for row in rows if row["latitude"] is not None]), window, "open")
    around = borders(city, window, area.kind)
    return Picture(SIZE, outline(city, window, area.code), around, streets(city, window)[0], marks)


def city_picture(kind: str) -> list[tuple[str, str]]:
    """Name and outline of every area of a kind, drawn into one picture of the city."""
    city = gazetteer()
    if city is None or len(jurisdiction().bounds) != 4:
        return []
    window = Window.around(*map(float, jurisdiction().bounds))
    return [(row[1], outline(city, window, row[0])) for row in city.areas.table if row[2] == kind]


def alerts(area: str, language: str) -> list[current.Shown]:
    """The alerts that hold for the area: those that name it, and those for the whole city."""
    named = {one.pk for one in current.held() if area in one.areas or not (one.areas or one.polygon)}
    return [one for one in current.showing(language) if one.edition in named]


def topics(area: str) -> list[Topic]:
    """What neighbors talk about, newest first: discussions and ideas."""
    talked = Topic.objects.filter(area=area, state=TopicState.SHOWN).exclude(kind=TopicKind.EVENT)
    return list(talked.select_related("by").order_by("-opened_at", "-id")[:TALKED])


def events(area: str) -> list[Topic]:
    """What they meet for, the next first; what has begun stands there until it ends."""
    now = timezone.now()
    coming = Q(starts_at__gte=now) | Q(ends_at__gte=now)
    return list(Topic.objects.filter(coming, area=area, state=TopicState.SHOWN, kind=TopicKind.EVENT)
                .order_by("starts_at", "id")[:TALKED])  # fmt: skip


def articles(area: str, language: str) -> list[Article]:
    """The articles that are about this area in particular."""
    code = language.split("-")[0]
    named = knowledge.public(today()).filter(areas__contains=[area], language=code)
    return list(named.order_by("title", "pk")[:LISTED])


def preview(rows: Sequence[dict[str, Any]]) -> str:
    """The page in a line, where somebody shares its link."""
    return shorten(", ".join(row["service__name"] for row in rows), 200)
