"""Requests that may be about the same problem: candidates from the database by place and time, then scored.

Candidates are open, or closed so recently that they were perhaps not fixed; of the same service or group of services;
within `METRES` and `DAYS`. One query serves any number of points, through the index `request_near` (GiST): place and
time come first (`OFFSET 0`), since the planner of a young database takes any index for as good.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.files.hashing import from_database
from openline.files.queries import HASHES, hashes_of
from openline.foundation.bulk import query
from openline.service_requests.models import SameOrNot, ServiceRequest
from openline.service_requests.states import FINISHED_STATES
from openline.triage.duplicates import SAME_PHOTO_BITS, Side, metres, model, shared_words

METRES, DAYS, CLOSED_DAYS, MOST = 100.0, 30, 14, 20
_SORTED = 400
"""So many requests around a point are sorted by distance; where a thousand report one outage, any of them will do."""
SHOWN_FROM = 0.1
"""Below this score a candidate is not shown to staff."""
_DEGREE = 111_195.0

CANDIDATES = f"""
SELECT w.n, r.id, r.number, r.status, r.place_name, r.latitude, r.longitude, r.requested_at, r.public,
       r.description, s.name, own_photos.hashes, {HASHES.format(request="r.id")}
FROM unnest(%s::int[], %s::float8[], %s::float8[], %s::float8[], %s::bigint[], %s::timestamptz[], %s::uuid[])
     AS w(n, lat, lon, wide, service_id, at, request_id)
CROSS JOIN LATERAL (SELECT {HASHES.format(request="w.request_id")} AS hashes) own_photos
JOIN service_requests_service own ON own.id = w.service_id
CROSS JOIN LATERAL (
    SELECT * FROM (SELECT * FROM (
        SELECT * FROM service_requests_servicerequest
        WHERE point(longitude, latitude) <@ box(point(w.lon - w.wide, w.lat - %s), point(w.lon + w.wide, w.lat + %s))
          AND requested_at BETWEEN w.at - %s AND w.at + %s
        OFFSET 0) q
    WHERE q.duplicate_of_id IS NULL
      AND (q.closed_at IS NULL OR q.closed_at > w.at - %s)
      AND q.service_id IN (SELECT id FROM service_requests_service
                           WHERE id = own.id OR ("group" = own."group" AND own."group" <> ''))
    LIMIT %s) q
    ORDER BY abs(q.latitude - w.lat) + abs(q.longitude - w.lon), q.id LIMIT %s) r
JOIN service_requests_service s ON s.id = r.service_id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to find the like of: a report with a point; of an opened request (`request_id`) the photos count too."""

    side: Side
    service_id: int
    at: datetime
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """A request that may be about the same problem as `side`. `score` is 0 to 1."""

    id: UUID
    number: str
    status: str
    place_name: str
    service_name: str
    requested_at: datetime
    public: bool
    score: float
    metres: float
    side: Side
    other: Side

    @property
    def percent(self) -> int:
        """The score in percent."""
        return round(self.score * 100)

    @property
    def same_photo(self) -> bool:
        """Whether a photo of one looks like a photo of the other."""
        one, other = self.side.photo, self.other.photo
        return one is not None and other is not None and (one ^ other).bit_count() <= SAME_PHOTO_BITS

    @property
    def reason(self) -> str:
        """Why, in words, for staff only: "12 m away, same service, 2 days apart, both say “streetlight”"."""
        assert self.side.requested_at and self.other.requested_at
        days = abs(self.side.requested_at - self.other.requested_at).days
        words = [_("%(metres)d m away") % {"metres": round(self.metres)}]
        words.append(_("same service") if self.side.service == self.other.service else _("related service"))
        apart = ngettext("%(days)d day apart", "%(days)d days apart", days) % {"days": days}
        words.append(apart if days else _("on the same day"))
        if self.same_photo:
            words.append(_("the same photo"))
        if both := shared_words(self.side, self.other)[:3]:
            words.append(_("both say %(words)s") % {"words": ", ".join(f"“{word}”" for word in both)})
        return ", ".join(words)


def side_of(request: ServiceRequest) -> Side:
    """A request as the score reads it."""
    return Side(request.description, request.service.name, request.latitude, request.longitude, request.requested_at)


def alike(wanted: Sequence[Wanted], without: Container[UUID] = ()) -> list[list[Alike]]:
    """For each wanted report its candidates, likeliest first, in one query; none for one without a point.

    Requests whose ids are in `without` are no candidates: scoring is what costs here.
    """
    found: list[list[Alike]] = [[] for _ in wanted]
    for n, *row in query(CANDIDATES, parameters(wanted)) if wanted else []:
        if row[0] not in without and (item := _alike(wanted[n].side, row)):
            found[n].append(item)
    return [sorted(items, key=lambda item: -item.score) for items in found]


def parameters(wanted: Sequence[Wanted]) -> list[object]:
    """What `CANDIDATES` needs for `wanted`."""
    columns: tuple[list[object], ...] = ([], [], [], [], [], [], [])
    high = METRES / _DEGREE
    for n, item in enumerate(wanted):
        lat, lon = item.side.lat, item.side.lon
        if lat is not None and lon is not None:
            wide = high / max(math.cos(math.radians(lat)), 0.01)
            row = (n, lat, lon, wide, item.service_id, item.at, item.request_id)
            for column, value in zip(columns, row, strict=True):
                column.append(value)
    window = timedelta(days=DAYS)
    return [*columns, high, high, window, window, timedelta(days=CLOSED_DAYS), _SORTED, MOST]


def to_request(request: ServiceRequest, visible: QuerySet[ServiceRequest]) -> list[Alike]:
    """What may be the same as an open `request`, as far as a person may see it and nobody decided otherwise."""
    if request.status in FINISHED_STATES or request.latitude is None:
        return []
    [found] = alike([Wanted(side_of(request), request.service_id, request.requested_at, request.pk)])
    decided = SameOrNot.objects.filter(Q(request=request) | Q(other=request), same=False)
    apart = {pk for pair in decided.values_list("request_id", "other_id") for pk in pair} | {request.pk}
    likely = [item for item in found if item.score >= SHOWN_FROM and item.id not in apart]
    seen = set(visible.filter(pk__in=[item.id for item in likely]).values_list("pk", flat=True)) if likely else set()
    return [item for item in likely if item.id in seen]


def _alike(side: Side, row: list[object]) -> Alike | None:
    """The candidate with its score; None if it lies in a corner of the square, too far away."""
    id, number, status, place, lat, lon, at, public, text, service, mine, theirs = row
    one, two = most_alike(mine, theirs)  # type: ignore[arg-type]
    side = replace(side, photo=one) if one is not None else side
    other = Side(text, service, lat, lon, at, two)  # type: ignore[arg-type]
    far = metres(side, other) or 0.0
    if far > METRES:
        return None
    return Alike(id, number, status, place, service, at, public, model().score(side, other), far, side, other)  # type: ignore[arg-type]


def most_alike(mine: Sequence[int], theirs: Sequence[int]) -> tuple[int | None, int | None]:
    """Of two requests' photos the two that look most alike, by hash; (None, None) if one of them has no photo."""
    pairs = [(from_database(one), from_database(other)) for one in mine for other in theirs]
    return min(pairs, key=lambda pair: (pair[0] ^ pair[1]).bit_count(), default=(None, None))


def sides_of(request: ServiceRequest, other: ServiceRequest) -> tuple[Side, Side]:
    """Two requests as the score reads them, with those of their photos that look most alike."""
    one, two = most_alike(hashes_of(request.pk), hashes_of(other.pk))
    return replace(side_of(request), photo=one), replace(side_of(other), photo=two)
