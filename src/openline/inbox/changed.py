"""What the city changes on a network after it was said: its own message edited or deleted, a comment hidden or shown.

The wish is a delivery like any other; here is what follows once the network has carried it out.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from openline.foundation.changes import conversations_changed
from openline.foundation.ids import uuid7
from openline.inbox.models import Message, Part, Revision
from openline.outbox.events import DeliverySent
from openline.records import log
from openline.records.models import Kind

_KINDS = {"edit": Kind.EDITED, "delete": Kind.DELETED, "hide": Kind.CHANGED, "show": Kind.CHANGED}


def keep_parts(message: Message, network_ids: Iterable[str]) -> None:
    """Note under which further ids the network knows the message, so that replies to them find their thread."""
    parts = [Part(account_id=message.account_id, network_id=part[:500], message=message) for part in network_ids]
    Part.objects.bulk_create(parts, ignore_conflicts=True)


def carry_out(sent: DeliverySent) -> None:
    """Note on the message what the network did with it. Does nothing for a delivery that changes no message."""
    wish = sent.outgoing
    if wish.action == "post":
        return
    message = Message.objects.filter(account_id=sent.account_id, network_id=wish.about).first()
    if message is None:
        return
    keep_parts(message, sent.receipt.parts)  # a changed film has a new id besides its own
    now = timezone.now()
    if wish.action in ("edit", "delete"):
        kind = "edited" if wish.action == "edit" else "deleted"
        Revision.objects.create(id=uuid7(), message=message, kind=kind, text=message.text, at=now)
    if wish.action == "edit":
        message.text = wish.text
    elif wish.action == "delete":
        message.deleted_at = now
    else:
        kept = {name: value for name, value in (message.details or {}).items() if name != "hidden"}
        message.details = kept | ({"hidden": now.isoformat()} if wish.action == "hide" else {})
    message.save(update_fields=["text", "deleted_at", "details"])
    body = {"delivery": sent.delivery_id, "what": wish.action, "text": wish.text}
    log.write(
        [log.Entry(_KINDS[wish.action], "openline", sent.account_id, message.conversation_id, message.pk, body=body)]
    )
    conversations_changed(message.conversation_id)
