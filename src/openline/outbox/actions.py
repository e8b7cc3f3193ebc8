"""What staff do with a delivery that did not go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from openline.accounts.models import Account, Line
from openline.foundation.bulk import notify
from openline.outbox import events
from openline.outbox.models import HELD, Delivery, State
from openline.outbox.sending import WAKE_SENDERS
from openline.records import log
from openline.records.models import Kind


@transaction.atomic
def retry(delivery_id: UUID, by: User) -> bool:
    """Try a delivery now: one that failed, or that waits for its next try. False for any other.

    A failed one is looked up first, as an error is no proof of absence.
    """
    now, found = timezone.now(), Delivery.objects.filter(pk=delivery_id)
    changed = found.filter(state=State.FAILED).update(
        state=State.UNCLEAR, next_try_at=now, attempts=0, error="", error_kind=""
    ) or found.filter(state__in=[State.WAITING, State.UNCLEAR]).update(next_try_at=now)
    if changed:
        _decided(delivery_id, by, "retry")
        notify(WAKE_SENDERS)
    return bool(changed)


@transaction.atomic
def cancel(delivery_id: UUID, by: User) -> bool:
    """Take back a delivery that was not sent. False if it is on its way or was sent."""
    changed = Delivery.objects.filter(pk=delivery_id, state__in=[State.FAILED, State.WAITING]).update(
        state=State.CANCELLED
    )
    if changed:
        _decided(delivery_id, by, "cancelled")
    return bool(changed)


@transaction.atomic
def withdraw(deliveries: QuerySet[Delivery]) -> int:
    """Take back, by machine, what of `deliveries` nobody began to send: it need not be said any more."""
    waiting = list(deliveries.filter(state=State.WAITING).values_list("pk", flat=True))
    changed = Delivery.objects.filter(pk__in=waiting, state=State.WAITING).update(state=State.CANCELLED)
    if changed:
        log.write([log.Entry(Kind.ADMINISTERED, "openline", body={"deliveries": waiting, "what": "withdrawn"})])
    return changed


@transaction.atomic
def stop(deliveries: QuerySet[Delivery]) -> None:
    """Withdraw what of `deliveries` nobody began to send; what is being sent, or may have been, gets no further try.

    `not_after` still lets such a one be looked up on the network. The caller reads the states to know what became of
    each; deliveries are locked here before anything that hangs on them, as senders do.
    """
    now = timezone.now()
    withdraw(Delivery.objects.filter(pk__in=list(deliveries.values_list("pk", flat=True))))
    trying = deliveries.filter(state__in=[State.WAITING, State.SENDING, State.UNCLEAR, State.FAILED])
    still = list(trying.exclude(not_after__lt=now).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=still).update(not_after=now)


@transaction.atomic
def retry_account(account: Account, by: User) -> int:
    """Try all that `account` has not said: after its token was renewed, or because its network is back; not what is
    held after a restore."""
    Account.objects.filter(pk=account.pk).update(speaking=Line.OK, speaking_error="")
    later = Q(state__in=[State.WAITING, State.UNCLEAR], next_try_at__gt=timezone.now())
    failed = Q(state=State.FAILED) & ~Q(error_kind=HELD)
    unsaid = Delivery.objects.filter(failed | later, account=account).values_list("pk", flat=True)
    return sum(retry(delivery_id, by) for delivery_id in list(unsaid))


@transaction.atomic
def decide_held(chosen: Sequence[UUID], *, send: bool, by: User) -> int:
    """Send, or let be, what is held after a restore; returns how many. What is sent is looked for on the network first.

    What somebody else has decided meanwhile is passed over.
    """
    held = Delivery.objects.filter(pk__in=chosen, state=State.FAILED, error_kind=HELD).order_by("pk")
    act = retry if send else cancel
    return sum(act(delivery_id, by) for delivery_id in list(held.values_list("pk", flat=True)))


def _decided(delivery_id: UUID, by: User, what: Literal["retry", "cancelled"]) -> None:
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body={"delivery": delivery_id, "what": what})])
    events.decided.publish(events.DeliveryDecided(delivery_id, what))
