"""From Mastodon's JSON (notifications, statuses, stream events) to `Incoming`. Mastodon API 4.x entities."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from openline.channels import reading
from openline.channels.base import Incoming, IncomingKind, Media, Refused, Said, Visibility, Who
from openline.channels.text import text_of_html

_MOST_MEDIA = 20
_MOST_OPTIONS = 50
_CHANGING, _CHANGING_LENGTH, _ANY_TIME = re.compile(r"^\d{10}(?=[0-9a-f]{32}$)"), 42, "0000000000"
_PUBLIC = ("", "public", "unlisted")
"""What else a server may say (direct, private, Pleroma's local and list, ...) is not for everybody."""


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


def post_id(status: dict[str, Any], key: str = "id") -> str:
    """The id of a post under `key`, the same for ever.

    snac (2.75) puts ten digits of the file's time before the part that it reads, so that an edit changes them.
    """
    found = reading.text(status, key)
    return _CHANGING.sub(_ANY_TIME, found, count=1) if len(found) == _CHANGING_LENGTH else found


def original(status: dict[str, Any]) -> dict[str, Any]:
    """The post itself: snac shows every post that somebody boosted as the boost, with the post inside."""
    return reading.child(status, "reblog") or status


def _status(raw: bytes, status: dict[str, Any], kind: IncomingKind) -> Incoming | Refused:
    """Read a status entity."""
    status = original(status)
    network_id, author = post_id(status), who(reading.child(status, "account"))
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
        in_reply_to=post_id(status, "in_reply_to_id"),
        visibility=_visibility(status),
        language=reading.text(status, "language"),
        media=tuple(_media(item) for item in reading.children(status, "media_attachments")[:_MOST_MEDIA]),
        automatic=reading.child(status, "account").get("bot") is True,
    )


def _edit_id(raw: bytes, status: dict[str, Any]) -> str:
    """One edit has one id, by whichever way we learn of it: the post and the moment of the edit."""
    moment = reading.text(status, "edited_at") or hashlib.sha256(raw).hexdigest()
    return f"edit:{post_id(status)}:{moment}"


def _text(status: dict[str, Any]) -> str:
    """The words of a post: its content warning in front, the options of its poll behind, one a line."""
    options = reading.children(reading.child(status, "poll"), "options")[:_MOST_OPTIONS]
    found = [
        reading.text(status, "spoiler_text"),
        text_of_html(reading.text(status, "content")),
        "\n".join(f"- {reading.text(one, 'title')}" for one in options),
    ]
    return "\n\n".join(part for part in found if part)


def who(author: dict[str, Any]) -> Who:
    """An account entity. Its address stands for it across servers, as ids differ from server to server."""
    if not reading.text(author, "id"):
        return Who("", "")
    address = reading.text(author, "uri") or reading.text(author, "url") or reading.text(author, "id")
    name = reading.text(author, "acct") or reading.text(author, "username")
    return Who(address, f"@{name}" if name else "", reading.text(author, "display_name"))


def said(status: dict[str, Any]) -> Said:
    """A post of ours."""
    return Said(
        post_id(status),
        _text(status),
        reading.moment(status.get("created_at")) or datetime.now(UTC),
        post_id(status, "in_reply_to_id"),
        _visibility(status),
        reading.web_address(status, "url"),
        reading.text(status, "uri"),
    )


def _visibility(status: dict[str, Any]) -> Visibility:
    return "public" if reading.text(status, "visibility") in _PUBLIC else "private"


def _media(item: dict[str, Any]) -> Media:
    """An attachment; where the server has no copy yet, at its first home."""
    url = reading.web_address(item, "url") or reading.web_address(item, "remote_url")
    return Media(url, reading.text(item, "type") or "unknown", reading.text(item, "description"))
