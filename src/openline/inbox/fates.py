"""What becomes of what we sent, and who wants nothing more: the network's word after the send."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from openline.channels.base import Incoming
from openline.foundation.changes import conversations_changed
from openline.foundation.text import clean
from openline.inbox.models import Attention, Conversation, Direction, Identity, Message, Part, Status
from openline.outbox.actions import withdraw
from openline.outbox.models import Delivery
from openline.records import log
from openline.records.models import Kind


def keep(account_id: UUID, receipt: Incoming) -> str:
    """Note whether a message of ours arrived; what did not arrive needs a person. Returns what was done, in words.

    Reports come in any order and more than once: "failed" is the last word unless it arrived, and arrived is for good.
    """
    message = _ours(account_id, receipt.network_id)
    if message is None:
        return "About a message that is not ours: nothing to note."
    known = (message.details or {}).get("fate", "")
    if not receipt.status or known in ("delivered", receipt.status):
        return "Known before."
    reason = clean(receipt.reason, 300)
    message.details = (message.details or {}) | {"fate": receipt.status, "fate_reason": reason}
    message.save(update_fields=["details"])
    if receipt.status == "failed":
        _needs_a_person(message, reason)
    body = {"network_id": receipt.network_id, "fate": receipt.status, "reason": reason}
    log.write([log.Entry(Kind.SAID, "network", account_id, message.conversation_id, message.pk, body=body)])
    conversations_changed(message.conversation_id)
    return f"The network says: {receipt.status}."


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
