"""From Mastodon's JSON (notifications, statuses, stream events) to `Incoming`. Mastodon API 4.x entities."""

from __future__ import annotations

import hashlib
from typing import Any

from openline.channels import reading
from openline.channels.base import Incoming, Media, Refused, Who
from openline.channels.text import text_of_html


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery: a `mention` notification, or a stream event {"event": ..., "payload": ...}."""
    try:
        value = reading.json_object(raw)
        if value.get("event") == "delete":
            return _delete(raw, reading.text(value, "payload"))
        if value.get("event") == "status.update":
            return _status(raw, reading.child(value, "payload"), "edit")
        if isinstance(value.get("status"), dict):
            return _status(raw, value["status"], "post")
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError) as error:
        return Refused(raw, f"The delivery cannot be read: {type(error).__name__}.")
    return Refused(raw, "Neither a mention nor a change of a post.")


def _delete(raw: bytes, network_id: str) -> Incoming | Refused:
    if not network_id:
        return Refused(raw, "A deletion that names no post.")
    return Incoming("delete", network_id, f"delete:{network_id}", raw)


def _status(raw: bytes, status: dict[str, Any], kind: Any) -> Incoming | Refused:
    """Read a status entity."""
    network_id = reading.text(status, "id")
    author = reading.child(status, "account")
    if not network_id:
        return Refused(raw, "A post without an id.")
    if not reading.text(author, "id"):
        return Refused(raw, "A post without an author.")
    body = text_of_html(reading.text(status, "content"))
    warning = reading.text(status, "spoiler_text")
    event = network_id
    if kind == "edit":
        event = "edit:" + hashlib.sha256(raw).hexdigest()
    return Incoming(
        kind=kind,
        network_id=network_id,
        event_id=event,
        raw=raw,
        uri=reading.text(status, "uri"),
        url=reading.text(status, "url"),
        text=f"{warning}\n\n{body}" if warning else body,
        author_id=(writer := who(author)).author_id,
        author_handle=writer.handle,
        author_name=writer.name,
        posted_at=reading.moment(status.get("edited_at") if kind == "edit" else status.get("created_at")),
        in_reply_to=reading.text(status, "in_reply_to_id"),
        visibility="private" if status.get("visibility") in ("direct", "private") else "public",
        language=reading.text(status, "language"),
        media=tuple(_media(item) for item in reading.children(status, "media_attachments")[:20]),
    )


def who(author: dict[str, Any]) -> Who:
    """An account entity. Its address stands for it across servers, as ids differ from server to server."""
    address = reading.text(author, "uri") or reading.text(author, "url") or reading.text(author, "id")
    handle = "@" + (reading.text(author, "acct") or reading.text(author, "username"))
    return Who(address, handle, reading.text(author, "display_name"))


def _media(item: dict[str, Any]) -> Media:
    return Media(reading.text(item, "url"), reading.text(item, "type") or "unknown", reading.text(item, "description"))
