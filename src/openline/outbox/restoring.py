"""After a restore from an older backup: what may have been said in the time that is lost is not said again by itself.

`Restore` marks that time. What waited in the outbox is looked for on the network, or held where the network cannot be
asked; what the machine would say to posts of that time is held too (`docs/decisions/0071-after-a-restore.md`).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.channels.base import Outgoing, Receipt, Said
from openline.outbox import events
from openline.outbox.models import HELD, Delivery, Restore, State
from openline.records import log
from openline.records.models import Kind

AFTERMATH = timedelta(hours=24)
"""So long after a restore the machine tells nobody news of what they wrote before it: partners and clocks bring up
again what they brought up in the lost time."""
CLOCKS = timedelta(minutes=5)
"""So much may our clock and that of a network differ."""


@cache
def last() -> Restore | None:
    """The newest restore of this database. Nothing runs while one is made, so it is asked for once."""
    return Restore.objects.order_by("-restored_at").first()


def forget() -> None:
    """Ask the database again."""
    last.cache_clear()


def from_before(moment: datetime | None) -> bool:
    """Whether `moment` lies before the newest restore, so that what followed from it may be lost."""
    mark = last() if moment else None
    return bool(mark and moment and moment <= mark.restored_at)


def is_fresh() -> bool:
    """Whether a restore is so fresh that old news may come up again."""
    mark = last()
    return bool(mark and timezone.now() < mark.restored_at + AFTERMATH)


def look_since(created_at: datetime) -> datetime:
    """From when on the network is searched for a delivery made at `created_at`."""
    mark = last()
    if mark and created_at < mark.restored_at + AFTERMATH:
        created_at = min(created_at, mark.backup_at)
    return created_at - CLOCKS


@transaction.atomic
def begin(backup_at: datetime) -> Restore:
    """Mark that the backup of `backup_at` was brought back now, and hold what waits and cannot be looked for."""
    mark = Restore.objects.create(backup_at=backup_at, restored_at=timezone.now())
    forget()
    open_ones = Delivery.objects.filter(state__in=[State.WAITING, State.SENDING, State.UNCLEAR])
    held = [one for one in open_ones.select_related("account") if not _can_be_found(one)]
    reason = _("It waited when the backup was made, and this network does not tell whether it was sent since.")
    Delivery.objects.filter(pk__in=[one.pk for one in held]).update(
        state=State.FAILED, error_kind=HELD, error=reason, claimed_by=None
    )
    open_ones.update(state=State.UNCLEAR, next_try_at=timezone.now(), claimed_by=None)
    body = {"what": "restored", "backup_at": mark.backup_at, "held": len(held)}
    log.write([log.Entry(Kind.ADMINISTERED, "openline", body=body)])
    for one in held:
        events.failed.publish(events.DeliveryFailed(one.pk, one.account_id, reason))
    return mark


def _can_be_found(delivery: Delivery) -> bool:
    return delivery.outgoing.get("visibility", "public") in delivery.account.capabilities.finds_lost


@transaction.atomic
def adopt(delivery: Delivery, said: Said) -> None:
    """The network shows that this was said: no more has to be done. `said` is what stands there."""
    receipt = Receipt(said.network_id, said.url, said.uri)
    changed = Delivery.objects.filter(pk=delivery.pk, state=State.FAILED, error_kind=HELD).update(
        state=State.SENT,
        receipt=asdict(receipt),
        sent_at=said.posted_at,
        error="",
        error_kind="",
    )
    if not changed:
        return
    body = {"delivery": delivery.pk, "what": "found after a restore", "text": said.text}
    log.write([log.Entry(Kind.ADMINISTERED, "openline", delivery.account_id, body=body)])
    account, outgoing = delivery.account, Outgoing.from_json(delivery.outgoing)
    events.sent.publish(
        events.DeliverySent(delivery.pk, account.pk, account.network, delivery.key, outgoing, receipt, said.posted_at)
    )
