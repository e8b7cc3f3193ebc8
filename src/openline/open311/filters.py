"""The filters of GET requests: each parameter checked, with an error that says what to write instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from openline.open311.formats import Problem
from openline.service_requests import public
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import FINISHED_STATES, OPEN_STATES

SPAN = timedelta(days=90)
LARGEST_PAGE = 1000
DEFAULT_PAGE = 1000
_LARGEST_RADIUS_M = 50_000.0
_MOST_CODES = 200
_METRES_PER_DEGREE = 111_320.0

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the result: `after` is the key (time, number) of the last row seen, else page number."""

    size: int
    number: int
    after: tuple[datetime, str] | None


def apply(found: QuerySet[ServiceRequest], given: QueryDict) -> QuerySet[ServiceRequest]:
    """`found` narrowed by the parameters; empty parameters are absent ones. Raises Problem."""
    if numbers := _list(given, "service_request_id"):
        return found.filter(number__in=numbers)  # overrides all other filters (GeoReport v2)
    found = _by_time(found, given)
    if codes := _list(given, "service_code"):
        found = found.filter(service__code__in=codes)
    if states := _list(given, "status"):
        found = found.filter(_status(states))
    if words := _text(given, "q"):
        found = found.filter(
            Q(public_description__icontains=words) | Q(place_name__icontains=words) | Q(service__name__icontains=words)
        )
    return _by_place(found, given)


def page(given: QueryDict) -> Page:
    """The wanted page. Raises Problem."""
    size = _read(given, "page_size", _whole)
    size = DEFAULT_PAGE if size is None else size
    if not 1 <= size <= LARGEST_PAGE:
        raise Problem(400, f"page_size must be between 1 and {LARGEST_PAGE}.")
    number = _read(given, "page", _whole)
    number = 1 if number is None else number
    if not 1 <= number <= 10_000:
        raise Problem(400, "page must be between 1 and 10000; to go deeper, follow the Link header.")
    return Page(size, number, _read(given, "after", _key))


def _by_time(found: QuerySet[ServiceRequest], given: QueryDict) -> QuerySet[ServiceRequest]:
    start, end = _read(given, "start_date", _moment), _read(given, "end_date", _moment)
    since, until = _read(given, "updated_after", _moment), _read(given, "updated_before", _moment)
    if start and end and (end < start or end - start > SPAN):
        raise Problem(400, "end_date must follow start_date by at most 90 days.")
    if not (start or end or since or until):
        start = timezone.now() - SPAN
    elif start and not end:
        end = start + SPAN
    elif end and not start:
        start = end - SPAN
    bounds = {"requested_at__gte": start, "requested_at__lte": end, "updated_at__gt": since, "updated_at__lt": until}
    return found.filter(**{key: value for key, value in bounds.items() if value})


def _status(states: list[str]) -> Q:
    if unknown := set(states) - {"open", "closed"}:
        raise Problem(400, f"status {', '.join(sorted(unknown))[:100]} is not known: write open, closed, or both.")
    wanted: list[str] = []
    if "open" in states:
        wanted += OPEN_STATES
    if "closed" in states:
        wanted += FINISHED_STATES
    return Q(status__in=wanted)


def _by_place(found: QuerySet[ServiceRequest], given: QueryDict) -> QuerySet[ServiceRequest]:
    if box := _read(given, "bbox", _box):
        west, south, east, north = box
        return found.filter(longitude__range=(west, east), latitude__range=(south, north))
    lat, lon = _read(given, "lat", _number), _read(given, "long", _number)
    radius = _read(given, "radius", _number)
    if lat is None and lon is None and radius is None:
        return found
    if lat is None or lon is None or radius is None:
        raise Problem(400, "lat, long and radius (metres) go together.")
    if not (abs(lat) <= 90 and abs(lon) <= 180 and 0 < radius <= _LARGEST_RADIUS_M):
        raise Problem(400, "lat, long or radius is out of range; radius is at most 50000 metres.")
    north = radius / _METRES_PER_DEGREE
    east = north / max(0.01, math.cos(math.radians(lat)))
    return found.filter(latitude__range=(lat - north, lat + north), longitude__range=(lon - east, lon + east))


def _text(given: QueryDict, name: str) -> str:
    value = (given.get(name) or "").strip()
    if "\x00" in value or len(value) > 5000:
        raise Problem(400, f"{name} holds characters that cannot be, or is too long.")
    return value


def _list(given: QueryDict, name: str) -> list[str]:
    values = [part.strip() for part in _text(given, name).split(",") if part.strip()]
    if len(values) > _MOST_CODES:
        raise Problem(400, f"{name} names more than {_MOST_CODES} values.")
    return values


def _read(given: QueryDict, name: str, read: Callable[[str], Value]) -> Value | None:
    """The parameter `name` through `read`; None if absent or empty. Raises Problem naming the parameter."""
    text = _text(given, name)
    if not text:
        return None
    try:
        return read(text)
    except (ValueError, OverflowError):
        raise Problem(400, f"{name} “{text[:60]}” cannot be read: {(read.__doc__ or '').strip()}") from None


def _moment(text: str) -> datetime:
    """write ISO 8601 with zone, such as 2026-11-01T00:00:00Z."""
    found = datetime.fromisoformat(text.replace(" ", "+"))  # a + that was not escaped arrives as a space
    if not 1970 <= found.year < 2200:
        raise ValueError
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(text: str) -> float:
    """write a decimal number."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def _whole(text: str) -> int:
    """write a whole number."""
    if not text.isdigit() or len(text) > 9:
        raise ValueError
    return int(text)


def _box(text: str) -> tuple[float, float, float, float]:
    """write west,south,east,north in degrees."""
    west, south, east, north = (_number(part) for part in text.split(","))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError
    return west, south, east, north


def _key(text: str) -> tuple[datetime, str]:
    """follow the Link header as it was given."""
    return public.read_key(text)
