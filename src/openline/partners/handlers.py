"""What this room does when a request is opened, or changes: in the same transaction, for a whole batch at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from openline.foundation.bulk import insert_rows, notify
from openline.foundation.ids import moment_of, uuid7
from openline.outbox import restoring
from openline.partners.choosing import Choices, choices
from openline.partners.models import Connector, EventType, Forwarding, State, Webhook
from openline.service_requests import events
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import FINISHED_STATES

RECENT = timedelta(minutes=10)
WAKE = "openline_partners"
"""The database channel that wakes who sends to partners."""
_FORWARDING = {
    "id": "uuid",
    "request_id": "uuid",
    "connector_id": "uuid",
    "state": "text",
    "their_id": "text",
    "token": "text",
    "attempts": "int2",
    "claim": "int4",
    "looked": "int2",
    "error": "text",
    "next_try_at": "timestamptz",
    "link": "uuid",
    "seen": "text",
    "created_at": "timestamptz",
}
_DELIVERY = {
    "id": "uuid",
    "webhook_id": "uuid",
    "request_id": "uuid",
    "event": "text",
    "update_id": "uuid",
    "state": "text",
    "attempts": "int2",
    "claim": "int4",
    "error": "text",
    "digest": "text",
    "next_try_at": "timestamptz",
    "at": "timestamptz",
}


@events.opened.subscribe
def pass_on(opened: Sequence[events.Opened]) -> None:
    """Put the new requests on their way to the partners who do the work, and tell the webhooks."""
    known, now = choices(), timezone.now()
    if not known.targets and not known.hooks:
        return
    forward(_wanted(known, ((one.id, one.service.pk, one.department_id) for one in opened)), now)
    public = [one for one in opened if one.service.public]
    tell(
        [
            (hook.id, one.id, str(EventType.OPENED), None)
            for one in public
            for hook in known.hooks
            if hook.wants(EventType.OPENED, one.service.pk)
        ],
        now,
    )


@events.changed.subscribe
def follow(change: events.RequestChanged) -> None:
    """A request came into other hands, or got news."""
    known, request = choices(), change.request
    if change.what in ("department", "returned", "service"):
        _moved(known, request)
    event = EventType.CLOSED if change.update.to_status in FINISHED_STATES else EventType.UPDATED
    silent = change.what == "note" or not (change.update.to_status or change.update.public_text)
    if request.public and not (silent and change.what not in ("service", "place", "department", "returned")):
        rows = [
            (hook.id, request.pk, str(event), change.update.pk)
            for hook in known.hooks
            if hook.wants(event, request.service_id)
        ]
        tell(rows, timezone.now())


def _moved(known: Choices, request: ServiceRequest) -> None:
    """Pass the request on to its new partners; take back what did not go out yet to those who do not do it any more."""
    wanted = list(_wanted(known, [(request.pk, request.service_id, request.department_id)]))
    if request.closed_at is None:
        forward(wanted, timezone.now())
    waiting = Forwarding.objects.filter(
        request=request, state__in=(State.QUEUED, State.FAILED), unclear_at=None, token=""
    )
    waiting.exclude(connector__in=[connector for _request, connector in wanted]).update(
        state=State.CANCELLED, next_try_at=None, error="The request was given to somebody else."
    )


def _wanted(known: Choices, requests: Iterable[tuple[UUID, int, int]]) -> Iterable[tuple[UUID, UUID]]:
    """Request and partner, for each partner that does the work."""
    for request_id, service_id, department_id in requests:
        for target in known.targets:
            if target.wants(service_id, department_id):
                yield request_id, target.id


def catch_up() -> int:
    """Pass on what changed in the last minutes while a process did not know of a partner yet; returns how much."""
    known, now = choices(), timezone.now()
    if not known.targets:
        return 0
    recent = ServiceRequest.objects.filter(updated_at__gte=now - RECENT, closed_at=None)
    rows = recent.values_list("id", "service_id", "department_id")
    return forward(_wanted(known, rows), now, again=False)


def forward(pairs: Iterable[tuple[UUID, UUID]], now: datetime, *, again: bool = True) -> int:
    """Queue each request for its partner, once; returns how many are new.

    With `again`, one that was taken back before it was sent is queued once more.
    """
    wanted = list(pairs)
    there = set(_still_on(Connector, {connector for _request, connector in wanted}))
    lost = _opened_again({request for request, _connector in wanted})
    rows = [
        (uuid7(), request, connector, *_beginning(request in lost, now), uuid7(), "", now)
        for request, connector in wanted
        if connector in there
    ]
    conflict = (
        "(request_id, connector_id) DO UPDATE SET state = 'queued', error = '', next_try_at = excluded.next_try_at, "
        "attempts = 0 WHERE partners_forwarding.state = 'cancelled' AND partners_forwarding.sent_at IS NULL"
    )
    new = insert_rows(
        "partners_forwarding", _FORWARDING, rows, conflict=conflict if again else "DO NOTHING", returning="id"
    )
    if new:
        notify(WAKE)
    return len(new)


def _beginning(lost: bool, now: datetime) -> tuple[Any, ...]:
    """State, their id, token, tries, claim, looks, error, and when it is due."""
    if lost:
        words = "It was reported before the restore: they may have it already, under another number. Ask them first."
        return State.STUCK, "", "", 0, 0, 0, words, None
    return State.QUEUED, "", "", 0, 0, 0, "", now


def _opened_again(requests: set[UUID]) -> set[UUID]:
    """After a restore: requests of the time that is lost, which are opened once more as their posts are heard again."""
    mark = restoring.last() if restoring.is_fresh() else None
    new = [one for one in requests if mark and moment_of(one) > mark.restored_at]
    if not mark or not new:
        return set()
    old = ServiceRequest.objects.filter(pk__in=new, requested_at__lte=mark.restored_at)
    return set(old.values_list("pk", flat=True))


def look_first() -> int:
    """After a restore: what waits for partners may have been sent since, so they are asked before any try."""
    open_ones = Forwarding.objects.filter(state__in=(State.QUEUED, State.FAILED, State.SENDING), sent_at=None)
    return open_ones.update(state=State.FAILED, unclear_at=timezone.now(), next_try_at=timezone.now(), looked=0)


def tell(rows: Sequence[tuple[UUID, UUID, str, UUID | None]], now: datetime) -> None:
    """Queue deliveries: webhook, request, event, and the update that it is about."""
    there = set(_still_on(Webhook, {webhook for webhook, *_more in rows}))
    full: list[tuple[Any, ...]] = [
        (uuid7(), webhook, request, event, update, "waiting", 0, 0, "", "", now, now)
        for webhook, request, event, update in rows
        if webhook in there
    ]
    if full:
        insert_rows("partners_hookdelivery", _DELIVERY, full)
        notify(WAKE)


def _still_on(kind: type[Connector] | type[Webhook], ids: set[UUID]) -> Iterable[UUID]:
    """Those that are there and switched on: what a process remembers may be some seconds old."""
    return kind._default_manager.filter(pk__in=ids, enabled=True).values_list("pk", flat=True) if ids else ()
