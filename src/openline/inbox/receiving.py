"""The door: what a network delivers is stored as it came, before anybody tries to understand it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from openline.accounts.models import Account, Line
from openline.channels.base import Heard as HeardBatch
from openline.channels.base import Incoming, Refused
from openline.foundation.bulk import insert_rows, notify
from openline.foundation.ids import uuid7
from openline.inbox.models import HeardState

WAKE_READERS = "openline_inbox"
_EVENT_ID_LIMIT = 400
_COLUMNS = {
    "id": "uuid",
    "account_id": "uuid",
    "event_id": "text",
    "raw": "bytea",
    "received_at": "timestamptz",
    "state": "text",
    "reason": "text",
}


def receive(account_id: UUID, batch: HeardBatch) -> int:
    """Store `batch` and move the account's cursor behind it, in one transaction. Returns how many were new.

    The same delivery arriving again, even many times at once, is stored once.
    """
    with transaction.atomic():
        new = store(account_id, batch.items)
        changes = {"last_heard_at": timezone.now(), "hearing": Line.OK, "hearing_error": ""}
        if batch.cursor:
            changes["cursor"] = batch.cursor
        Account.objects.filter(pk=account_id).update(**changes)
    return new


def receive_pushed(account_id: UUID, items: Sequence[Incoming | Refused]) -> int:
    """Store what the network brought by itself; returns how many were new. A cursor is not touched."""
    with transaction.atomic():
        new = store(account_id, items)
        Account.objects.filter(pk=account_id).update(last_heard_at=timezone.now(), hearing=Line.OK, hearing_error="")
    return new


def store(account_id: UUID, items: Sequence[Incoming | Refused]) -> int:
    """Store deliveries without touching a cursor (pushed deliveries have none). Returns how many were new."""
    now = timezone.now()
    rows = [(uuid7(), account_id, _event_id(item), bytes(item.raw), now, HeardState.WAITING, "") for item in items]
    with transaction.atomic():
        new = insert_rows("inbox_heard", _COLUMNS, rows, conflict="(account_id, event_id) DO NOTHING", returning="id")
        if new:
            notify(WAKE_READERS)
    return len(new)


def _event_id(item: Incoming | Refused) -> str:
    """The network's id of this delivery; a digest of the bytes where it has none or an unusable one."""
    known = item.event_id if isinstance(item, Incoming) else ""
    if known and len(known) <= _EVENT_ID_LIMIT and known.isprintable() and known.isascii():
        return known
    return "sha256:" + hashlib.sha256(known.encode("utf-8", "surrogatepass") + item.raw).hexdigest()
