"""Mails of our own accord to somebody's address, through the outbox of the city's e-mail account; once for each key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone

from openline.accounts.models import Account, Mandate
from openline.channels.base import Outgoing
from openline.foundation.bulk import insert_rows, notify
from openline.foundation.ids import uuid7
from openline.outbox.sending import WAKE_SENDERS

MAIL = "email"
_COLUMNS = {"id": "uuid", "account_id": "uuid", "key": "text", "thread": "text", "outgoing": "jsonb", "state": "text",
            "steps": "jsonb", "attempts": "int4", "next_try_at": "timestamptz", "not_after": "timestamptz",
            "error_kind": "text", "error": "text", "created_at": "timestamptz"}  # fmt: skip


def mail_account() -> Account | None:
    """The account by which residents are told; None if the city has no e-mail account."""
    found = Account.objects.filter(network=MAIL, enabled=True).exclude(mandate=Mandate.PUBLISHING)
    return found.order_by("created_at").first()


def letter(address: str, subject: str, paragraphs: Sequence[str], language: str, **more: Any) -> Outgoing:
    """A mail to somebody's address; `more` are further facts of an Outgoing."""
    return Outgoing(
        "\n\n".join(paragraphs), "private", in_reply_to_author=address, to_handle=address, language=language,
        subject=subject, **more,
    )  # fmt: skip


def put(account: Account, outgoing: Outgoing, *, key: str, thread: str, not_after: datetime | None = None) -> bool:
    """Put a mail into the outbox, in the caller's transaction. False if there was one of that key already."""
    now = timezone.now()
    row = (uuid7(), account.pk, key, thread, orjson.dumps(outgoing.as_json()).decode(), "waiting", "{}", 0, now,
           not_after, "", "", now)  # fmt: skip
    if not insert_rows("outbox_delivery", _COLUMNS, [row], conflict="(key) DO NOTHING", returning="id"):
        return False
    notify(WAKE_SENDERS)
    return True
