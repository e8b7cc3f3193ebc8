"""What other rules would have done with the requests of the last weeks: the trial before they go live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.routing import Route, Rules

DAYS = 30
MOST = 200_000
"""Requests that are tried, newest first: a few seconds."""
EXAMPLES = 5


@dataclass(slots=True)
class Move:
    """Requests that would go from one owner to another; a few of them as examples, newest first."""

    before: Route
    after: Route
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Trial:
    """How many requests were tried, how many would move, and from where to where, the most first."""

    tried: int = 0
    moved: int = 0
    moves: list[Move] = field(default_factory=list)
    hits: dict[str, int] = field(default_factory=dict)
    cut: bool = False


def trial(old: Rules, new: Rules, days: int = DAYS) -> Trial:
    """Compare what `old` and `new` rules make of each request of the last `days` days, whoever has it now."""
    found = Trial()
    moves: dict[tuple[object, object], Move] = {}
    for number, before, after in _routed(old, new, days):
        found.tried += 1
        if after.rule:
            found.hits[after.rule] = found.hits.get(after.rule, 0) + 1
        if before.owner == after.owner:
            continue
        found.moved += 1
        move = moves.setdefault((before.owner, after.owner), Move(before, after))
        move.count += 1
        if len(move.examples) < EXAMPLES:
            move.examples.append(number)
    found.moves = sorted(moves.values(), key=lambda move: -move.count)
    found.cut = found.tried == MOST
    return found


def _routed(old: Rules, new: Rules, days: int) -> Iterator[tuple[str, Route, Route]]:
    """Number and both routes of each request, newest first, read in one query."""
    services = Service.objects.in_bulk()
    since = timezone.now() - timedelta(days=days)
    columns = ("number", "service_id", "requested_at", "areas", "answers", "urgency", "source")
    rows = ServiceRequest.objects.filter(requested_at__gte=since).order_by("-requested_at", "-id")
    for number, service_id, at, areas, answers, urgency, source in rows.values_list(*columns)[:MOST].iterator(5_000):
        service = services[service_id]
        case = new.case(service, at, areas=areas, answers=answers, urgency=urgency, source=source)
        yield number, old.route(service, case), new.route(service, case)
