"""What becomes of what we sent, and who wants nothing more: the network's word after the send."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from openline.channels.base import Incoming
from openline.foundation.changes import conversations_changed
from openline.foundation.ids import uuid7
from openline.foundation.text import clean
from openline.inbox.models import Arrival, Attention, Conversation, Direction, Identity, Message, Part, Status
from openline.outbox.actions import withdraw
from openline.outbox.models import Delivery
from openline.records import log
from openline.records.models import Kind


def keep(account_id: UUID, receipt: Incoming) -> str:
    """Note whether a message of ours arrived; what did not arrive needs a person. Returns what was done, in words.

    Reports come in any order, more than once, and before the answer to the send: each is kept.
    """
    known = {"network_id": receipt.network_id, "status": receipt.status}
    reason = clean(receipt.reason, 300)
    arrival = Arrival(id=uuid7(), account_id=account_id, reason=reason, at=timezone.now(), **known)
    Arrival.objects.bulk_create([arrival], ignore_conflicts=True)
    message = _ours(account_id, receipt.network_id)
    if message is None:
        return "About a message that is not known yet, or not ours."
    return _note(message, receipt.status, reason)


def catch_up(message: Message, network_ids: Iterable[str]) -> None:
    """Note what was reported about a message before the network's answer told us its id."""
    early = Arrival.objects.filter(account_id=message.account_id, network_id__in=[one[:500] for one in network_ids])
    for arrival in early.order_by("at"):
        _note(message, arrival.status, arrival.reason)


def _note(message: Message, status: str, reason: str) -> str:
    """What did not arrive is "failed" unless another report says that it did; arrived is for good."""
    known = (message.details or {}).get("fate", "")
    if not status or known in ("delivered", status):
        return "Known before."
    message.details = (message.details or {}) | {"fate": status, "fate_reason": reason}
    message.save(update_fields=["details"])
    if status == "failed":
        _needs_a_person(message, reason)
    body = {"network_id": message.network_id, "fate": status, "reason": reason}
    log.write([log.Entry(Kind.SAID, "network", message.account_id, message.conversation_id, message.pk, body=body)])
    conversations_changed(message.conversation_id)
    return f"The network says: {status}."


def _ours(account_id: UUID, network_id: str) -> Message | None:
    """Our message that the network knows under that id, or of which that post is a part; locked."""
    ours = Message.objects.filter(account_id=account_id, direction=Direction.OUT).select_for_update(of=("self",))
    found = ours.filter(network_id=network_id).exclude(network_id="").first()
    if found:
        return found
    part = Part.objects.filter(account_id=account_id, network_id=network_id).first()
    return ours.filter(pk=part.message_id).first() if part else None


def _needs_a_person(message: Message, reason: str) -> None:
    conversation = Conversation.objects.filter(pk=message.conversation_id)
    conversation.filter(attention__lt=Attention.ANSWER).update(attention=Attention.ANSWER)
    conversation.update(status=Status.OPEN, why=f"An answer did not arrive: {reason}"[:300])


def opt_out(said: Iterable[tuple[UUID, str]]) -> None:
    """Keep who asked for no more messages ("yes"), and who takes that back ("no")."""
    for identity_id, word in said:
        if word == "yes":
            Identity.objects.filter(pk=identity_id, opted_out_at=None).update(opted_out_at=timezone.now())
            withdraw(Delivery.objects.filter(message__conversation__identity=identity_id))
        elif word == "no":
            Identity.objects.filter(pk=identity_id).update(opted_out_at=None)
