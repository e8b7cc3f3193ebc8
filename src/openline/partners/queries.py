"""Reading how requests stand with partners."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db.models import Count, QuerySet

from openline.partners import words
from openline.partners.models import Connector, Forwarding, Health, State, Webhook
from openline.service_requests.models import ServiceRequest

MOST = 500
_COUNT_SECONDS = 10.0
_counted: tuple[float, int] | None = None


def of_request(request_id: UUID) -> list[Forwarding]:
    """The forwardings of a request, the newest first."""
    found = Forwarding.objects.filter(request_id=request_id).select_related("connector")
    return list(found.order_by("-created_at"))


def told_in_public(request_id: UUID) -> list[str]:
    """What everybody may read of where the request was passed to."""
    return [said for one in of_request(request_id) if (said := words.for_everybody(one))]


def connectors_for(request: ServiceRequest) -> list[Connector]:
    """The partners to whom the request can still be passed by hand."""
    given = request.forwardings.exclude(state=State.CANCELLED, sent_at=None)
    return list(Connector.objects.filter(enabled=True).exclude(pk__in=given.values("connector")))


@dataclass(frozen=True, slots=True)
class Group:
    """Forwardings that stand still for one cause."""

    connector: Connector
    state: str
    state_words: str
    error: str
    rows: Sequence[Forwarding]

    @property
    def needs_person(self) -> bool:
        """Whether it goes on only if somebody does something."""
        return self.state == State.STUCK


def unacknowledged() -> QuerySet[Forwarding]:
    """All that partners have not confirmed, or that needs a person."""
    return Forwarding.objects.exclude(state__in=(State.ACKNOWLEDGED, State.CANCELLED))


def groups() -> list[Group]:
    """What is not confirmed, by cause: what needs a person first."""
    found = unacknowledged().select_related("connector", "request__service").order_by("created_at")[:MOST]
    rows = sorted(found, key=_cause)
    return [
        Group(first.connector, first.state, first.get_state_display(), first.error, [first, *rest])
        for _key, (first, *rest) in groupby(rows, key=_cause)
    ]


def _cause(found: Forwarding) -> tuple[bool, str, str, str]:
    return found.state != State.STUCK, found.connector.name, found.state, found.error


def alerts() -> int:
    """How much needs a person: stuck forwardings, partners out of order, webhooks that were switched off.

    Counted anew every ten seconds, for it stands on every page.
    """
    global _counted
    if _counted and time.monotonic() - _counted[0] < _COUNT_SECONDS:
        return _counted[1]
    stuck = Forwarding.objects.filter(state=State.STUCK)
    down = Connector.objects.filter(enabled=True, health__in=(Health.DOWN, Health.REFUSED))
    off = Webhook.objects.filter(enabled=False).exclude(off_because="")
    found = [one.order_by().values_list("id") for one in (stuck, down, off)]
    _counted = time.monotonic(), found[0].union(*found[1:], all=True).count()
    return _counted[1]


def forget_count() -> None:
    """Count anew at the next use."""
    global _counted
    _counted = None


@dataclass(frozen=True, slots=True)
class Line:
    """A partner with how many requests it has confirmed, and how many not."""

    connector: Connector
    passed: int
    open: int


def lines() -> list[Line]:
    """All partners with their figures."""
    states = Forwarding.objects.exclude(state=State.CANCELLED).values_list("connector", "state")
    counted = list(states.annotate(n=Count("id")))
    return [
        Line(
            one,
            sum(n for pk, state, n in counted if pk == one.pk and state == State.ACKNOWLEDGED),
            sum(n for pk, state, n in counted if pk == one.pk and state != State.ACKNOWLEDGED),
        )
        for one in Connector.objects.all()
    ]
