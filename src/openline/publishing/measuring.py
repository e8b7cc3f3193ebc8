"""Asking networks what came of publications: often at first, seldom later, never at the cost of hearing or speaking.

A row is written when a number changed: the rows of a name are the steps of its curve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.channels.base import ChannelError, RateLimited
from openline.channels.registry import channel_for
from openline.publishing import allowance
from openline.publishing.models import Measurement, Variant
from openline.publishing.states import VariantState
from openline.records import log
from openline.records.models import Kind

logger = structlog.get_logger("openline.publishing")

FIRST_LOOK = timedelta(minutes=10)
CADENCE = (
    (timedelta(hours=1), timedelta(minutes=10)),
    (timedelta(hours=6), timedelta(minutes=30)),
    (timedelta(days=2), timedelta(hours=3)),
    (timedelta(days=7), timedelta(hours=12)),
    (timedelta(days=30), timedelta(days=1)),
)
"""Up to this age of a publication, it is looked at after so long; then every week, as long as something happens."""
WEEK, MONTH, LAST = timedelta(days=7), timedelta(days=30), timedelta(days=365)
AFTER_FAILURE = timedelta(minutes=15)

Counts = Mapping[str, Mapping[str, int]]
Latest = dict[tuple[UUID, str], tuple[int, datetime]]


def first_look(network: str, sent_at: datetime) -> datetime | None:
    """When the network is first asked what came of it; None if it tells nothing."""
    return sent_at + FIRST_LOOK if channel_for(network).capabilities.metrics else None


def next_look(sent_at: datetime, changed_at: datetime, now: datetime) -> datetime | None:
    """When to look again, by the age of a publication and how long nothing has changed; None: never again.

    Where nothing happened for some time, the next look is a quarter of that time away: at most a day, and after a
    month a week. Nothing is given up before a month is over.
    """
    age, quiet = now - sent_at, now - changed_at
    if age > LAST or (age > MONTH and quiet > MONTH):
        return None
    usual = next((wait for until, wait in CADENCE if age <= until), WEEK)
    longest = CADENCE[-1][1] if age <= MONTH else WEEK
    return now + max(usual, min(quiet / 4, longest))


def look() -> int:
    """Ask for everything that is due, account by account; returns how many publications were looked at.

    What goes wrong with one account is tried again later, and keeps no other waiting.
    """
    now, looked = timezone.now(), 0
    for account in _accounts(now):
        due = list(
            Variant.objects.filter(account=account, measure_at__lte=now, state=VariantState.SENT)
            .order_by("measure_at")
            .only("id", "post_id", "account_id", "network_id", "sent_at")[: allowance.posts(account, now)]
        )
        if not due:
            continue
        try:
            allowance.note(account, len(due), now)
            looked += _look_at(account, due, now)
        except ChannelError as error:
            logger.warning("measuring_failed", account=str(account.pk), kind=type(error).__name__)
            _later(due, error.retry_at if isinstance(error, RateLimited) else now + AFTER_FAILURE)
        except Exception:
            logger.exception("measuring_failed", account=str(account.pk))
            _later(due, now + AFTER_FAILURE)
    return looked


def _accounts(now: datetime) -> list[Account]:
    """The accounts that have something due and may be asked."""
    due = Variant.objects.filter(account=OuterRef("pk"), measure_at__lte=now, state=VariantState.SENT)
    free = Q(paused_until=None) | Q(paused_until__lte=now)
    return list(Account.objects.filter(free, Exists(due), enabled=True))


def _look_at(account: Account, due: Sequence[Variant], now: datetime) -> int:
    """One question to the network, and what it says written down."""
    told = channel_for(account.network).metrics(account.ref(), [one.network_id for one in due])
    gone = [one for one in due if one.network_id not in told]
    standing = [one for one in due if one.network_id in told]
    changed = _write(standing, told, now)
    for one in standing:
        assert one.sent_at
        one.measure_at = next_look(one.sent_at, changed.get(one.pk, one.sent_at), now)
    Variant.objects.bulk_update(standing, ["measure_at"])
    _note_gone(gone)
    return len(due)


def _write(variants: Sequence[Variant], told: Counts, now: datetime) -> dict[UUID, datetime]:
    """A row for every number that is another than before; returns when each variant last changed."""
    before = latest([one.pk for one in variants])
    changed: dict[UUID, datetime] = {}
    rows = []
    for one in variants:
        for name, value in told[one.network_id].items():
            known = before.get((one.pk, name))
            at = known[1] if known and known[0] == value else now
            changed[one.pk] = max(at, changed.get(one.pk, at))
            if at is now:
                rows.append(Measurement(variant=one, name=name[:30], at=now, value=value))
    Measurement.objects.bulk_create(rows, ignore_conflicts=True)
    return changed


def latest(variant_ids: Sequence[UUID]) -> Latest:
    """The newest number of each name and when it was first seen, by variant and name."""
    rows = (
        Measurement.objects.filter(variant__in=variant_ids)
        .order_by("variant", "name", "-at")
        .distinct("variant", "name")
        .values_list("variant_id", "name", "value", "at")
    )
    return {(variant, name): (value, at) for variant, name, value, at in rows}


def _note_gone(variants: Sequence[Variant]) -> None:
    """What the network no longer has was taken down there, not by us: staff see it, and it is on the record."""
    for one in variants:
        changed = Variant.objects.filter(pk=one.pk, state=VariantState.SENT).exclude(errands__what="delete")
        if changed.update(
            state=VariantState.DELETED,
            measure_at=None,
            reason=_("It is no longer on the network: it was deleted there."),
        ):
            body = {"what": "post gone", "post": one.post_id, "variant": one.pk, "network_id": one.network_id}
            log.write([log.Entry(Kind.DELETED, "openline", one.account_id, body=body)])
        else:
            Variant.objects.filter(pk=one.pk).update(measure_at=None)


def _later(variants: Sequence[Variant], at: datetime) -> None:
    Variant.objects.filter(pk__in=[one.pk for one in variants]).update(measure_at=at)
