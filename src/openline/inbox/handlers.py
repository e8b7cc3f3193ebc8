"""What the inbox does when the outbox has said something: the message gets its place on the network."""

from __future__ import annotations

from openline.foundation.changes import conversations_changed
from openline.inbox import changed, fates
from openline.inbox.models import Message
from openline.outbox import events
from openline.records import log
from openline.records.models import Kind


@events.sent.subscribe
def keep_receipt(sent: events.DeliverySent) -> None:
    """Note under which id the network knows the message, so that replies to it find their thread."""
    message = Message.objects.filter(delivery_id=sent.delivery_id).first()
    if message is None:
        return changed.carry_out(sent)
    receipt = sent.receipt
    Message.objects.filter(pk=message.pk).update(
        network_id=receipt.network_id[:500], url=receipt.url[:1000], uri=receipt.uri[:1000], posted_at=sent.sent_at
    )
    changed.keep_parts(message, receipt.parts)
    message.refresh_from_db()
    if receipt.facts:
        message.details = (message.details or {}) | {"facts": dict(receipt.facts)}
        message.save(update_fields=["details"])
    fates.catch_up(message, (receipt.network_id, *receipt.parts))
    log.write(
        [
            log.Entry(
                Kind.SAID,
                "openline",
                sent.account_id,
                message.conversation_id,
                message.pk,
                body={"network_id": receipt.network_id, "url": receipt.url, "parts": receipt.parts},
            )
        ]
    )
    conversations_changed(message.conversation_id)


@events.failed.subscribe
def show_failure(failed: events.DeliveryFailed) -> None:
    """Staff who have the conversation open see at once that the message did not go out."""
    conversations_changed(
        *Message.objects.filter(delivery_id=failed.delivery_id).values_list("conversation_id", flat=True)
    )
