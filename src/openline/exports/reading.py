"""Which requests are exported, read one after the other from the database: constant memory, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from openline.exports.schema import record
from openline.service_requests import public
from openline.service_requests.jurisdiction import city_zone
from openline.service_requests.models import ServiceRequest

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: from one day to another in the city, both included; a service's code; an area's code."""

    start: date | None = None
    end: date | None = None
    service: str = ""
    area: str = ""


def read(given: dict[str, str]) -> Wanted:
    """The wish in `start`, `end` (days), `service` and `area`; ValueError with words for who asks."""
    start, end = _day(given, "start"), _day(given, "end")
    if start and end and end < start:
        raise ValueError("end lies before start.")
    words = {name: given.get(name, "").replace("\x00", "")[:100] for name in ("service", "area")}
    return Wanted(start, end, **words)


def _day(given: dict[str, str], name: str) -> date | None:
    text = given.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{name} is a day such as 2026-11-27.") from None


def found(wanted: Wanted) -> QuerySet[ServiceRequest]:
    """The public requests that are asked for, oldest first."""
    rows, zone = public.requests(), city_zone()
    if wanted.start:
        rows = rows.filter(requested_at__gte=datetime.combine(wanted.start, time(), zone))
    if wanted.end:
        rows = rows.filter(requested_at__lt=datetime.combine(wanted.end + timedelta(days=1), time(), zone))
    if wanted.service:
        rows = rows.filter(service__code=wanted.service)
    if wanted.area:
        rows = rows.filter(areas__contains=[wanted.area])
    return rows.order_by("requested_at", "id")


def records(wanted: Wanted, most: int | None = None) -> Iterator[dict[str, Any]]:
    """Each request under the names of the schema, through a cursor of the server (psycopg, "Server-side cursors")."""
    rows = found(wanted).values(*public.FIELDS)
    for row in (rows[:most] if most else rows).iterator(chunk_size=CHUNK):
        yield record(row)
