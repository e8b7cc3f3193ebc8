"""What becomes of the mails to members: the outbox keeps neither their words nor their addresses."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from openline.community.models import Member
from openline.outbox import events
from openline.outbox.models import Delivery, State

JOIN, DIGEST = "join:", "digest:"
"""How the keys of their deliveries begin."""
KEPT = timedelta(days=2)
_EMPTY = {"text": ""}
_OURS = Q(key__startswith=JOIN) | Q(key__startswith=DIGEST)


@events.sent.subscribe
def forget_words(sent: events.DeliverySent) -> None:
    """A mail that is out is kept without words and address: nobody finds a way in in the outbox."""
    if sent.key.startswith((JOIN, DIGEST)):
        Delivery.objects.filter(pk=sent.delivery_id).update(outgoing=_EMPTY)


@events.failed.subscribe
def give_up(failed: events.DeliveryFailed) -> None:
    """A mailbox that takes no mail is nothing that staff could mend: news to it end."""
    found = Delivery.objects.filter(_OURS, pk=failed.delivery_id, state=State.FAILED)
    key = found.values_list("key", flat=True).first() or ""
    found.update(state=State.CANCELLED, outgoing=_EMPTY)
    if key.startswith(DIGEST):
        Member.objects.filter(pk=UUID(hex=key.split(":")[1])).update(digest=False)


def forget_old() -> int:
    """Empty what never left; how many."""
    left = Delivery.objects.filter(_OURS, state__in=[State.WAITING, State.FAILED])
    return left.filter(created_at__lt=timezone.now() - KEPT).update(outgoing=_EMPTY, state=State.CANCELLED)
