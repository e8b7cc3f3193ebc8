"""Passing requests on: each forwarding is claimed, sent outside any transaction, and its end is written down.

A try that ended without our knowing whether the partner took the request (`unclear_at`) is never simply repeated: the
connector's own way finds out first (`sending.look`), or a person does. So a request is never sent twice, also not if
this process dies between sending and writing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from openline.foundation.changes import request_changed
from openline.partners import backoff
from openline.partners.models import Connector, Forwarding, Health, Kind, State
from openline.records import log
from openline.records.models import Kind as RecordKind

logger = structlog.get_logger("openline.partners")

CLAIM = timedelta(minutes=3)
"""Longer than any one try takes (`client.SECONDS`, mail and webhooks likewise): then its worker is dead."""
_DUE = (State.QUEUED, State.FAILED, State.SENDING, State.SENT)


@dataclass(frozen=True, slots=True)
class Sent:
    """They took it: with their id, or a token for it, or without a word (a mail)."""

    their_id: str = ""
    token: str = ""


class NotSent(Exception):
    """They did not take it, in words for a person.

    `unclear`: perhaps they did. `again`: another try may help; `wait`: not before so many seconds.
    `health`: what it says of the partner.
    """

    def __init__(
        self, words: str, *, unclear: bool = False, again: bool = True, wait: int = 0, health: str = Health.DOWN
    ) -> None:
        super().__init__(words)
        self.unclear, self.again, self.wait, self.health = unclear, again, wait, health


class Way(Protocol):
    """How one kind of partner is reached."""

    def send(self, forwarding: Forwarding) -> Sent:
        """Send the request now. Raises NotSent."""

    def look(self, forwarding: Forwarding) -> Sent | None:
        """Find out what became of an unclear try: their answer, None if they do not have it. Raises NotSent."""


def _ways() -> dict[str, Callable[[], Way]]:
    from openline.partners.hooks.passing import WebhookWay
    from openline.partners.mail.sending import MailWay
    from openline.partners.open311.sending import Open311Way

    return {Kind.OPEN311: Open311Way, Kind.EMAIL: MailWay, Kind.WEBHOOK: WebhookWay}


def send_next() -> bool:
    """Do what is due for one forwarding; False if nothing is."""
    forwarding = _claim()
    if forwarding is None:
        return False
    way = _ways()[forwarding.connector.kind]()
    try:
        found = way.look(forwarding) if forwarding.unclear_at else way.send(forwarding)
    except NotSent as trouble:
        _not_sent(forwarding, trouble)
    except Exception as error:
        logger.exception("forwarding_failed", forwarding=str(forwarding.pk))
        own = NotSent(f"Openline's own fault: {type(error).__name__}.", unclear=True, health="")
        _not_sent(forwarding, own)
    else:
        _again(forwarding) if found is None else sent(forwarding, found)
    return True


@transaction.atomic
def _claim() -> Forwarding | None:
    """The next forwarding that is due, ours for some minutes. Other workers pass over what is locked."""
    now = timezone.now()
    free = Q(connector__next_send_at=None) | Q(connector__next_send_at__lte=now)
    due = Forwarding.objects.filter(free, state__in=_DUE, next_try_at__lte=now, connector__enabled=True)
    found = (
        due.select_for_update(of=("self", "connector"), skip_locked=True)
        .select_related("connector", "request__service", "request__department")
        .order_by("next_try_at")
        .first()
    )
    if found is None:
        return None
    if found.state == State.SENT:
        _waited_long_enough(found)
        return None
    if found.state == State.SENDING:  # its worker died in the middle
        found.unclear_at = found.unclear_at or found.claimed_until
    elif found.request.closed_at and not found.unclear_at:
        _take_back(found, "The request was closed before it was sent.")
        return None
    found.state, found.claim, found.claimed_until = State.SENDING, found.claim + 1, now + CLAIM
    found.next_try_at = found.claimed_until
    found.attempts += not found.unclear_at
    found.save()
    pause = timedelta(seconds=60 / max(found.connector.per_minute, 1))
    Connector.objects.filter(pk=found.connector_id).update(next_send_at=now + pause)
    return found


def _waited_long_enough(found: Forwarding) -> None:
    """They had it for days and said nothing: somebody has to ask them."""
    found.state, found.next_try_at = State.STUCK, None
    found.error = f"{found.connector.name} has not answered for {found.connector.answer_days} days: ask them."
    found.save()
    request_changed(found.request_id)


def _take_back(found: Forwarding, why: str) -> None:
    found.state, found.next_try_at, found.error = State.CANCELLED, None, why
    found.save()
    request_changed(found.request_id)


@transaction.atomic
def sent(forwarding: Forwarding, found: Sent) -> None:
    """They took it: with an id they have acknowledged it, otherwise an answer is waited for."""
    now = timezone.now()
    values = {"token": found.token[:200], "sent_at": now, "error": "", "unclear_at": None, "looked": 0}
    if found.their_id:
        values |= {
            "state": State.ACKNOWLEDGED,
            "their_id": found.their_id[:200],
            "acknowledged_at": now,
            "next_try_at": None,
        }
    else:
        patience = timedelta(days=forwarding.connector.answer_days)
        values |= {"state": State.SENT, "next_try_at": now + patience}
    if _write(forwarding, **values):
        healthy(forwarding.connector)
        what = "acknowledged by partner" if found.their_id else "sent to partner"
        record(forwarding, what, their_id=found.their_id)


@transaction.atomic
def _not_sent(forwarding: Forwarding, trouble: NotSent) -> None:
    """What follows: another try, another look, or a person."""
    words = str(trouble)
    if forwarding.unclear_at or trouble.unclear:
        values = _unclear(forwarding, words, trouble.again)
    else:
        then = backoff.next_try(forwarding.attempts, trouble.wait) if trouble.again else None
        values = {"state": State.FAILED if then else State.STUCK, "next_try_at": then, "error": words}
    if _write(forwarding, **values):
        if trouble.health:
            Connector.objects.filter(pk=forwarding.connector_id).update(health=trouble.health, health_error=words)
        record(forwarding, "not sent to partner", error=words)


def _unclear(forwarding: Forwarding, words: str, again: bool) -> dict[str, object]:
    """Whether they have it is not known: look soon, look again later, then ask a person; at once without `again`."""
    looked = forwarding.looked + bool(forwarding.unclear_at)
    then = backoff.next_try(looked + 1) if again and looked < 3 else None
    return {
        "state": State.FAILED if then else State.STUCK,
        "next_try_at": then,
        "error": f"It is not known whether they took it. {words}",
        "unclear_at": forwarding.unclear_at or timezone.now(),
        "looked": looked,
    }


@transaction.atomic
def _again(forwarding: Forwarding) -> None:
    """They do not have it, that is sure: send it, if it was not tried too often."""
    then = timezone.now() if forwarding.attempts <= len(backoff.MINUTES) else None
    values = {
        "state": State.FAILED if then else State.STUCK,
        "next_try_at": then,
        "unclear_at": None,
        "looked": 0,
        "error": "They do not have it: it is sent again.",
    }
    _write(forwarding, **values)


def _write(forwarding: Forwarding, **values: object) -> bool:
    """Write how the try ended, if it is still ours."""
    ours = Forwarding.objects.filter(pk=forwarding.pk, claim=forwarding.claim, state=State.SENDING)
    if not ours.update(claimed_until=None, **values):
        logger.warning("forwarding_not_ours_any_more", forwarding=str(forwarding.pk))
        return False
    request_changed(forwarding.request_id)
    return True


def healthy(connector: Connector) -> None:
    """The partner could be reached."""
    Connector.objects.filter(pk=connector.pk).update(health=Health.OK, health_error="", last_ok_at=timezone.now())


def record(forwarding: Forwarding, what: str, *, by: str = "openline", **more: str) -> None:
    """Put on the record what was done with a forwarding."""
    body = {"what": what, "partner": forwarding.connector.name, **{k: v for k, v in more.items() if v}}
    log.write([log.Entry(RecordKind.CHANGED, by, request_id=forwarding.request_id, body=body)])


def next_due_seconds(most: float) -> float:
    """Seconds until something is due, at most `most`."""
    due = Forwarding.objects.filter(state__in=_DUE, next_try_at__isnull=False, connector__enabled=True)
    first = due.order_by("next_try_at").values_list("next_try_at", "connector__next_send_at").first()
    if first is None:
        return most
    at = max(moment for moment in first if moment is not None)
    return min(max((at - timezone.now()).total_seconds(), 0.2), most)
