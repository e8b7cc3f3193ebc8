"""Private messages: as X calls us with them (the form of its API v1.1), and as its API v2 lists them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from openline.channels.base import Incoming
from openline.channels.reading import child, children, moment, text
from openline.channels.x import attachments
from openline.channels.x.words import plain


def pushed(payload: dict[str, Any], raw: bytes) -> Incoming | None:
    """The message in an event's payload."""
    event = next(iter(children(payload, "direct_message_events")), {})
    made = child(event, "message_create")
    data, sender = child(made, "message_data"), text(made, "sender_id")
    known = child(child(payload, "users"), sender)
    who = child(known, "data") or known
    thread = between(sender, text(child(made, "target"), "recipient_id"))
    return _message(text(event, "id"), _stamp(event), data, sender, who, thread, attachments.of_message(data), raw)


def listed(data: dict[str, Any], includes: dict[str, Any], raw: bytes) -> Incoming | None:
    """A message of a list."""
    sender, thread = text(data, "sender_id"), text(data, "dm_conversation_id")
    who = next((one for one in children(includes, "users") if text(one, "id") == sender), {})
    if thread.count("-") == 1:
        thread = between(*thread.split("-"))
    at = moment(data.get("created_at"))
    return _message(text(data, "id"), at, data, sender, who, thread, attachments.of_post(data, includes), raw)


def between(one: str, other: str) -> str:
    """The name of a conversation of two, the same whoever writes."""
    return "-".join(sorted((one, other), key=lambda found: (len(found), found)))


def _message(
    network_id: str,
    at: datetime | None,
    data: dict[str, Any],
    sender: str,
    who: dict[str, Any],
    thread: str,
    media: Any,
    raw: bytes,
) -> Incoming | None:
    if not network_id or not sender:
        return None
    return Incoming(
        "post",
        network_id,
        network_id,
        raw,
        text=plain(data),
        author_id=sender,
        author_handle=f"@{name}" if (name := text(who, "username")) else "",
        author_name=text(who, "name"),
        posted_at=at,
        visibility="private",
        thread=f"dm:{thread}",
        media=media,
    )


def _stamp(event: dict[str, Any]) -> datetime | None:
    """Milliseconds since 1970, as text."""
    said = text(event, "created_timestamp")
    return datetime.fromtimestamp(int(said) / 1000, UTC) if said.isdecimal() and len(said) < 15 else None
