"""Sending: from a waiting delivery to the network's receipt, exactly once, whatever happens in between.

A delivery is marked SENDING, with the id of the worker that holds it, before the network is asked.
A worker proves that it lives by an advisory lock on its own connection; PostgreSQL frees the lock
the moment the worker dies. What a dead worker held is UNCLEAR: it is looked up on the network
(`find_sent`) before any further try, and every try carries the same key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

import orjson
import psycopg
import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account, Line
from openline.channels.base import (
    ChannelError,
    NetworkDown,
    NotAllowed,
    Outgoing,
    RateLimited,
    Receipt,
    Rejected,
    TokenExpired,
)
from openline.channels.registry import channel_for
from openline.files.keeping import store
from openline.foundation.bulk import notify, query
from openline.foundation.connections import own_connection
from openline.outbox import events, restoring
from openline.outbox.models import GIVE_UP_AFTER, RETRY_AFTER, Delivery, State
from openline.records import log
from openline.records.models import Kind

WAKE_SENDERS = "openline_outbox"
SETTLE_FOR = timedelta(seconds=2)
"""How long an unclear try may take to show on the network before it is looked up."""

_NOTE_SENT_EVERY = timedelta(seconds=5)

logger = structlog.get_logger("openline.outbox")


def checkpoint(name: str) -> None:
    """Named point between two steps of a send. Does nothing; crash tests put a SIGKILL here."""


class Holder:
    """The proof that a sending worker lives: an advisory lock on a connection of its own."""

    def __init__(self) -> None:
        self.id = secrets.randbits(62)
        self._connection = own_connection()
        self._connection.execute("SELECT pg_advisory_lock(%s)", [self.id])

    def alive(self) -> bool:
        """False once the connection, and with it the lock, is lost: then nothing may be claimed under this id."""
        try:
            self._connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def close(self) -> None:
        """Give the lock back."""
        self._connection.close()


class TooLate(NotAllowed):
    """The message could not be sent in time, and is not wanted later."""


@dataclass(slots=True)
class Claimed:
    """A delivery in our hands, with its account as the channel needs it. `look_first` if an earlier try may have
    succeeded."""

    id: UUID
    account: Account
    key: str
    outgoing: Outgoing
    steps: dict[str, Any]
    attempts: int
    created_at: datetime
    look_first: bool
    not_after: datetime | None = None

    @property
    def account_id(self) -> UUID:
        """The account that speaks."""
        return self.account.pk


_CLAIM = """
WITH due AS (
    SELECT d.id, d.state, a.id AS of_account, a.network, a.handle, a.server, a.settings, a.network_user_id,
           a.credentials_encrypted
    FROM outbox_delivery d JOIN accounts_account a ON a.id = d.account_id
    WHERE d.state IN ('waiting', 'unclear') AND d.next_try_at <= %s AND a.enabled
      AND (a.paused_until IS NULL OR a.paused_until <= %s)
      AND NOT EXISTS (SELECT 1 FROM outbox_delivery e WHERE e.account_id = d.account_id AND e.thread = d.thread
                      AND e.id < d.id AND e.state IN ('waiting', 'sending', 'unclear'))
    ORDER BY d.next_try_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED)
UPDATE outbox_delivery d SET state = 'sending', attempts = attempts + 1, claimed_by = %s, claimed_at = %s
FROM due WHERE d.id = due.id
RETURNING d.id, d.key, d.outgoing, d.steps, d.attempts, d.created_at, due.state = 'unclear', d.not_after,
          due.of_account, due.network, due.handle, due.server, due.settings, due.network_user_id,
          due.credentials_encrypted
"""
_CLAIMED = 8
"""So many of these columns are the delivery's; the others are `_OF_ACCOUNT`, so that no second look is needed."""
_OF_ACCOUNT = ("id", "network", "handle", "server", "settings", "network_user_id", "credentials_encrypted")


def claim(holder_id: int) -> Claimed | None:
    """Take the delivery that is due longest; of one thread only the oldest that is not settled."""
    now = timezone.now()
    with transaction.atomic():
        rows = query(_CLAIM, [now, now, holder_id, now])
    if not rows:
        return None
    delivery_id, key, outgoing, steps, *rest = rows[0][:_CLAIMED]
    known = dict(zip(_OF_ACCOUNT, rows[0][_CLAIMED:], strict=True))
    account = Account(**known | {"settings": _json(known["settings"])})
    return Claimed(delivery_id, account, key, Outgoing.from_json(_json(outgoing)), _json(steps), *rest)


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str | bytes) else value


class StoredProgress:
    """The memory of a send: every finished step is in the database before the next one begins."""

    def __init__(self, delivery_id: UUID, steps: dict[str, Any]) -> None:
        self._delivery_id = delivery_id
        self._steps = steps

    def step(self, name: str, call: Callable[[], Any]) -> Any:
        """Return the kept result of step `name`, or run it and keep what it returns."""
        if name in self._steps:
            return self._steps[name]
        checkpoint(f"before {name}")
        result = call()
        checkpoint(f"after {name}")
        self._steps[name] = result
        Delivery.objects.filter(pk=self._delivery_id).update(steps=self._steps)
        checkpoint(f"kept {name}")
        return result

    def done(self, name: str) -> Any:
        """The kept result of step `name`, or None."""
        return self._steps.get(name)

    def open(self, file: str) -> BinaryIO:
        """The bytes of a file that goes out with the message."""
        return cast(BinaryIO, store().open(file))


def send_next(holder_id: int) -> bool:
    """Claim and try one delivery. Returns False if none was due."""
    claimed = claim(holder_id)
    if claimed is None:
        return False
    checkpoint("claimed")
    try:
        receipt = _try(claimed, claimed.account)
    except Exception as error:
        _not_sent(claimed, claimed.account, error)
    else:
        checkpoint("answered")
        _settle(claimed, claimed.account.network, receipt)
    checkpoint("settled")
    return True


def _try(claimed: Claimed, account: Account) -> Receipt:
    """Look for an earlier try where there may be one, then send."""
    channel, ref = channel_for(account.network), account.ref()
    progress = StoredProgress(claimed.id, claimed.steps)
    if claimed.look_first:
        since = restoring.look_since(claimed.created_at)
        found = channel.find_sent(ref, claimed.outgoing, claimed.key, progress, since)
        if found:
            return found
    checkpoint("looked")
    if claimed.not_after and timezone.now() > claimed.not_after:
        begun = _("Its time is over. It was begun before: look on the network whether a part of it is out.")
        raise TooLate(begun if claimed.steps else _("Its time is over: it was not sent."))
    return channel.send(ref, claimed.outgoing, claimed.key, progress)


def _settle(claimed: Claimed, network: str, receipt: Receipt) -> None:
    """Settle; where what follows from it breaks, the delivery is looked up again later instead of hanging."""
    try:
        settle(claimed, network, receipt)
    except Exception:
        logger.exception("not_settled", delivery=str(claimed.id))
        wait = RETRY_AFTER[min(claimed.attempts, len(RETRY_AFTER)) - 1]
        words = "The network has it, and Openline failed to note that: it is looked up again."
        _again(claimed, State.UNCLEAR, timezone.now() + max(wait, SETTLE_FOR), "Unclear", words)


@transaction.atomic
def settle(claimed: Claimed, network: str, receipt: Receipt) -> None:
    """The network has it: keep the receipt and tell those who wait for it."""
    now = timezone.now()
    Delivery.objects.filter(pk=claimed.id).update(
        state=State.SENT, receipt=asdict(receipt), sent_at=now, error="", error_kind="", claimed_by=None
    )
    # Rarely, as all senders of an account would wait for its row in turn.
    stale = ~Q(speaking=Line.OK) | Q(last_sent_at=None) | Q(last_sent_at__lt=now - _NOTE_SENT_EVERY)
    Account.objects.filter(stale, pk=claimed.account_id).update(speaking=Line.OK, speaking_error="", last_sent_at=now)
    said = events.DeliverySent(claimed.id, claimed.account_id, network, claimed.key, claimed.outgoing, receipt, now)
    events.sent.publish(said)


def _not_sent(claimed: Claimed, account: Account, error: Exception) -> None:
    """Decide what follows from a try that brought no receipt."""
    now = timezone.now()
    wait = RETRY_AFTER[min(claimed.attempts, len(RETRY_AFTER)) - 1]
    expired = now - claimed.created_at > GIVE_UP_AFTER and claimed.attempts >= len(RETRY_AFTER)
    # A lookup that could not be made leaves the delivery unclear: absence was not proved. So do steps that were taken.
    again = State.UNCLEAR if claimed.look_first or claimed.steps else State.WAITING
    kind, reason = type(error).__name__, getattr(error, "reason", "") or str(error)
    logger.warning("not_sent", delivery=str(claimed.id), kind=kind, attempts=claimed.attempts)
    if isinstance(error, TokenExpired):
        Account.objects.filter(pk=account.pk).update(speaking=Line.REFUSED, speaking_error=reason)
        return _fail(claimed, kind, reason)
    if isinstance(error, NotAllowed | Rejected) or expired:
        return _fail(claimed, kind, reason)
    if isinstance(error, RateLimited):
        Account.objects.filter(pk=account.pk).update(paused_until=error.retry_at)
        return _again(claimed, again, error.retry_at, kind, reason)
    if isinstance(error, NetworkDown):
        Account.objects.filter(pk=account.pk).update(speaking=Line.DOWN, speaking_error=reason)
        return _again(claimed, again, now + wait, kind, reason)
    if not isinstance(error, ChannelError):
        logger.exception("channel_fault", delivery=str(claimed.id))
    return _again(claimed, State.UNCLEAR, now + max(wait, SETTLE_FOR), kind, reason)


def _again(claimed: Claimed, state: str, at: datetime, kind: str, reason: str) -> None:
    Delivery.objects.filter(pk=claimed.id).update(
        state=state, next_try_at=at, error_kind=kind, error=reason[:1000], claimed_by=None
    )


@transaction.atomic
def _fail(claimed: Claimed, kind: str, reason: str) -> None:
    """Not sent, and no further try by itself: a person sees it and decides."""
    Delivery.objects.filter(pk=claimed.id).update(
        state=State.FAILED, error_kind=kind, error=reason[:1000], claimed_by=None
    )
    log.write(
        [
            log.Entry(
                Kind.NOT_SAID,
                "openline",
                claimed.account_id,
                body={"delivery": claimed.id, "cause": kind, "reason": reason[:1000]},
            )
        ]
    )
    events.failed.publish(events.DeliveryFailed(claimed.id, claimed.account_id, reason))


def recover() -> int:
    """Find what dead workers held and mark it unclear. Returns how many deliveries were found."""
    holders = query("SELECT DISTINCT claimed_by FROM outbox_delivery WHERE state = 'sending'")
    found = 0
    for (holder_id,) in holders:
        with transaction.atomic():
            if query("SELECT pg_try_advisory_xact_lock(%s)", [holder_id])[0][0]:
                found += Delivery.objects.filter(state=State.SENDING, claimed_by=holder_id).update(
                    state=State.UNCLEAR,
                    claimed_by=None,
                    next_try_at=timezone.now(),
                    error_kind="Unclear",
                    error="The worker stopped while sending.",
                )
    if found:
        notify(WAKE_SENDERS)
    return found


def next_due_seconds(most: float) -> float:
    """Seconds until the next delivery is due, at most `most`."""
    rows = query("SELECT min(next_try_at) FROM outbox_delivery WHERE state IN ('waiting', 'unclear')")
    due = rows[0][0]
    return most if due is None else min(most, max(0.05, (due - timezone.now()).total_seconds()))
