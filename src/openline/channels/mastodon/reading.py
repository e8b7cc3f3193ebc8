"""From Mastodon's JSON (notifications, statuses, stream events) to `Incoming`. Mastodon API 4.x entities."""

from __future__ import annotations

import hashlib
from typing import Any

from openline.channels import reading
from openline.channels.base import Incoming, IncomingKind, Media, Refused, Who
from openline.channels.text import text_of_html

_MOST_MEDIA = 20


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery: a `mention` notification, or a stream event {"event": ..., "payload": ...}. Never raises."""
    try:
        value = reading.json_object(raw)
        if value.get("event") == "delete":
            return _delete(raw, reading.text(value, "payload"))
        if value.get("event") == "status.update":
            return _status(raw, reading.child(value, "payload"), "edit")
        if value.get("type", "mention") == "mention" and isinstance(value.get("status"), dict):
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


def _status(raw: bytes, status: dict[str, Any], kind: IncomingKind) -> Incoming | Refused:
    """Read a status entity."""
    network_id, author = reading.text(status, "id"), who(reading.child(status, "account"))
    if not network_id:
        return Refused(raw, "A post without an id.")
    if not author.author_id:
        return Refused(raw, "A post without an author.")
    written = status.get("edited_at") if kind == "edit" else status.get("created_at")
    return Incoming(
        kind=kind,
        network_id=network_id,
        event_id=_edit_id(raw, status) if kind == "edit" else network_id,
        raw=raw,
        uri=reading.text(status, "uri"),
        url=reading.web_address(status, "url"),
        text=_text(status),
        author_id=author.author_id,
        author_handle=author.handle,
        author_name=author.name,
        posted_at=reading.moment(written),
        in_reply_to=reading.text(status, "in_reply_to_id"),
        visibility="private" if status.get("visibility") in ("direct", "private") else "public",
        language=reading.text(status, "language"),
        media=tuple(_media(item) for item in reading.children(status, "media_attachments")[:_MOST_MEDIA]),
    )


def _edit_id(raw: bytes, status: dict[str, Any]) -> str:
    """One edit has one id, by whichever way we learn of it: the post and the moment of the edit."""
    moment = reading.text(status, "edited_at") or hashlib.sha256(raw).hexdigest()
    return f"edit:{reading.text(status, 'id')}:{moment}"


def _text(status: dict[str, Any]) -> str:
    """The words of a post, its content warning in front."""
    body, warning = text_of_html(reading.text(status, "content")), reading.text(status, "spoiler_text")
    return f"{warning}\n\n{body}" if warning else body


def who(author: dict[str, Any]) -> Who:
    """An account entity. Its address stands for it across servers, as ids differ from server to server."""
    if not reading.text(author, "id"):
        return Who("", "")
    address = reading.text(author, "uri") or reading.text(author, "url") or reading.text(author, "id")
    name = reading.text(author, "acct") or reading.text(author, "username")
    return Who(address, f"@{name}" if name else "", reading.text(author, "display_name"))


def _media(item: dict[str, Any]) -> Media:
    """An attachment; where the server has no copy yet, at its first home."""
    url = reading.web_address(item, "url") or reading.web_address(item, "remote_url")
    return Media(url, reading.text(item, "type") or "unknown", reading.text(item, "description"))
