"""Which other requests may be about the same problem: found by index, scored by triage, shown to staff to decide."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Status
from openline.triage.duplicates import Report, compare

REACH_M = 100.0
"""Of pairs that a city's staff confirmed, 96 % lie within this distance and 30 days (docs/triage.md)."""
APART = timedelta(days=30)
LATELY = timedelta(days=14)
"""A request closed so lately may not be fixed."""
CANDIDATES, MOST = 20, 5
_SHOWN_FROM = 0.3
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Similar:
    """Another request, how likely it is the same (0 to 1), and why."""

    request: ServiceRequest
    score: float
    reasons: tuple[str, ...]


def similar(found: ServiceRequest, among: QuerySet[ServiceRequest]) -> list[Similar]:
    """The requests `among` those that a person may see that may be the same as `found`, likeliest first.

    Two queries at most, whatever the city holds; nothing for a request without a point.
    """
    if found.latitude is None or found.longitude is None:
        return []
    mine = _report(found)
    scored = [Similar(other, likeness.score, likeness.reasons) for other in _candidates(found, among)
              if (likeness := compare(mine, _report(other))).score >= _SHOWN_FROM]  # fmt: skip
    return sorted(scored, key=lambda item: -item.score)[:MOST]


def _candidates(found: ServiceRequest, among: QuerySet[ServiceRequest]) -> QuerySet[ServiceRequest]:
    """Requests around `found` in place and time that are open, or were closed lately."""
    assert found.latitude is not None and found.longitude is not None
    north = REACH_M / _METRES_PER_DEGREE
    east = north / max(0.01, math.cos(math.radians(found.latitude)))
    return (
        among.filter(
            ~Q(status=Status.CLOSED) | Q(closed_at__gte=found.requested_at - LATELY),
            latitude__range=(found.latitude - north, found.latitude + north),
            longitude__range=(found.longitude - east, found.longitude + east),
            requested_at__range=(found.requested_at - APART, found.requested_at + APART),
        )
        .exclude(pk=found.pk)
        .select_related("service")
        .order_by("-requested_at")[:CANDIDATES]
    )


def _report(request: ServiceRequest) -> Report:
    service = request.service.code
    return Report(request.description, service, request.latitude, request.longitude, request.requested_at)
