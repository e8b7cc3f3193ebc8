"""What the inbox does when the outbox has said something: the message gets its place on the network."""

from __future__ import annotations

from openline.foundation.bulk import query
from openline.foundation.changes import conversations_changed
from openline.inbox import changed, fates
from openline.inbox.models import Message
from openline.outbox import events
from openline.records import log
from openline.records.models import Kind


@events.sent.subscribe
def keep_receipt(sent: events.DeliverySent) -> None:
    """Note under which id the network knows the message, so that replies to it find their thread."""
    found = query("SELECT id FROM inbox_message WHERE delivery_id = %s", [sent.delivery_id])
    if not found:
        return changed.carry_out(sent)
    receipt, message_id = sent.receipt, found[0][0]
    Message.objects.filter(pk=message_id).update(
        network_id=receipt.network_id[:500], url=receipt.url[:1000], uri=receipt.uri[:1000], posted_at=sent.sent_at
    )
    message = Message.objects.get(pk=message_id)
    changed.keep_parts(message, receipt.parts)
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
