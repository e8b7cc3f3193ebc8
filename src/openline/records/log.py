"""Writing records: the only way in; there is no way to change one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from openline.foundation.bulk import append_rows

_COLUMNS = ("at", "kind", "actor", "account_id", "conversation_id", "message_id", "request_id", "body")


@dataclass(slots=True)
class Entry:
    """A record to be written; see `records.models.Record` for the meaning of its fields."""

    kind: str
    actor: str
    account_id: UUID | None = None
    conversation_id: UUID | None = None
    message_id: UUID | None = None
    request_id: UUID | None = None
    body: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


_gathered: ContextVar[list[Entry] | None] = ContextVar("gathered", default=None)


@contextmanager
def together() -> Iterator[None]:
    """What is written within, in one transaction, is appended at its end in one statement, in its order."""
    entries: list[Entry] = []
    outside = _gathered.set(entries)
    try:
        yield
    finally:
        _gathered.reset(outside)
    write(entries)


def write(entries: Sequence[Entry]) -> None:
    """Append `entries` in the transaction of the change that they tell of."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered.extend(entries)
        return
    if not entries:
        return
    now = timezone.now()
    append_rows(
        "records_record",
        _COLUMNS,
        (
            (
                e.at or now,
                e.kind,
                e.actor[:150],
                e.account_id,
                e.conversation_id,
                e.message_id,
                e.request_id,
                orjson.dumps(e.body, default=str).decode(),
            )
            for e in entries
        ),
    )
