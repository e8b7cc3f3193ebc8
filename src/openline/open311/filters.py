"""The filters of GET requests and of GET servicerequestupdates."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Cos, Power, Radians, Sin
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.open311.parameters import Given, number
from openline.service_requests.models import ServiceRequest

SPAN = timedelta(days=90)
LARGEST_PAGE = 1000
LARGEST_RADIUS_M = 50_000
_LAST_PAGE = 10_000
_EARTH_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

Found = QuerySet[ServiceRequest]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the result: so many rows, after the first `first` ones; none are skipped after a key."""

    size: int
    first: int


def apply(found: Found, given: Given) -> Found:
    """`found` narrowed by the parameters; what is wrong is among the faults."""
    if numbers := given.words("service_request_id"):
        return found.filter(number__in=numbers)  # overrides all other filters (GeoReport v2)
    found = _by_place(_by_status(_by_time(found, given), given), given)
    if codes := given.words("service_code"):
        found = found.filter(service__code__in=codes)
    if words := given.text("q"):
        found = found.filter(
            Q(public_description__icontains=words) | Q(place_name__icontains=words) | Q(service__name__icontains=words)
        )
    return found


def page(given: Given) -> Page:
    """The wanted page."""
    size = given.whole("page_size", 1, LARGEST_PAGE) or LARGEST_PAGE
    number_ = given.whole("page", 1, _LAST_PAGE) or 1
    return Page(size, 0 if given.text("after") else (number_ - 1) * size)


def key(given: Given, read: Callable[[str], Value]) -> Value | None:
    """The key of the last row seen, as the Link header named it; `read` raises ValueError for anything else."""
    return given.read("after", read, _("Follow the Link header as it was given."))


def time_span(given: Given) -> tuple[datetime | None, datetime | None]:
    """start_date and end_date, completed to 90 days if only one is given; none if none is."""
    start, end = given.span("start_date", "end_date")
    if start and not end:
        end = start + SPAN
    elif end and not start:
        start = end - SPAN
    return start, end


def _by_time(found: Found, given: Given) -> Found:
    start, end = time_span(given)
    since, until = given.moment("updated_after"), given.moment("updated_before")
    if not (start or since or until):
        start = timezone.now() - SPAN
    bounds = {"requested_at__gte": start, "requested_at__lte": end, "updated_at__gt": since, "updated_at__lt": until}
    return found.filter(**{key: value for key, value in bounds.items() if value})


def _by_status(found: Found, given: Given) -> Found:
    states = set(given.words("status"))
    if unknown := states - {"open", "closed"}:
        unknown_ = ", ".join(sorted(unknown))[:100]
        given.fault(_("status “%(unknown)s” is not known: write open, closed, or both.") % {"unknown": unknown_})
    if len(states) != 1:
        return found
    return found.filter(closed_at__isnull="open" in states)


def _by_place(found: Found, given: Given) -> Found:
    box = given.read("bbox", _box, _("Write west,south,east,north in degrees."))
    if box:
        west, south, east, north = box
        return found.filter(longitude__range=(west, east), latitude__range=(south, north))
    lat, lon = given.number("lat", -90, 90), given.number("long", -180, 180)
    radius = given.number("radius", 0.1, LARGEST_RADIUS_M)
    if lat is not None and lon is not None and radius is not None:
        return _circle(found, lat, lon, radius)
    if any(given.text(name) for name in ("lat", "long", "radius")) and not given.faults:
        given.fault(_("lat, long and radius (metres) go together."))
    return found


def _circle(found: Found, lat: float, lon: float, radius_m: float) -> Found:
    """Those within the circle: first by the index, in the box around it, then exactly (haversine)."""
    north = math.degrees(radius_m / _EARTH_M)
    east = min(180.0, north / max(0.001, math.cos(math.radians(min(89.9, abs(lat) + north)))))
    boxed = found.filter(latitude__range=(lat - north, lat + north), longitude__range=(lon - east, lon + east))
    # sin²(d/2R) of the distance d to a request (R. W. Sinnott, "Virtues of the Haversine", 1984).
    apart = Power(Sin(Radians(F("latitude") - lat) / 2), 2) + Cos(Radians(F("latitude"))) * math.cos(
        math.radians(lat)
    ) * Power(Sin(Radians(F("longitude") - lon) / 2), 2)
    return boxed.alias(apart=apart).filter(apart__lte=math.sin(radius_m / (2 * _EARTH_M)) ** 2)


def _box(text: str) -> tuple[float, float, float, float]:
    """Raises ValueError."""
    west, south, east, north = (number(part) for part in text.split(","))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError
    return west, south, east, north
