"""Things of Reddit as deliveries: `{"kind": "t1" or "t4", "data": ...}` as the inbox has them; with `"change"` where
they were looked at again ("edit", "delete")."""

from __future__ import annotations

from typing import Any

from openline.channels.base import Incoming, Refused
from openline.channels.reading import Unreadable, child, json_object, moment, text

GONE = ("[deleted]", "[removed]")


def parse(raw: bytes) -> Incoming | Refused:
    """Read one raw delivery. Never raises."""
    try:
        said = json_object(raw)
    except Unreadable as error:
        return Refused(raw, str(error))
    data, change = child(said, "data"), text(said, "change")
    name, kind = text(data, "name"), text(said, "kind")
    if kind not in ("t1", "t3", "t4") or not name:
        return Refused(raw, "Not a comment, a post or a message.")
    if change == "delete":
        return Incoming("delete", name, f"{name}:gone", raw)
    if not (author := text(data, "author")):
        return Refused(raw, "It names no author.")
    event = f"{name}:{text(data, 'edited') or data.get('edited')}" if change == "edit" else name
    return _said("edit" if change == "edit" else "post", name, event, raw, data, author, kind)


def _said(kind: Any, name: str, event: str, raw: bytes, data: dict[str, Any], author: str, thing: str) -> Incoming:
    private = thing == "t4"
    link = text(data, "context") or text(data, "permalink")
    return Incoming(
        kind,
        name,
        event,
        raw,
        text=text(data, "body") or text(data, "selftext"),
        author_id=text(data, "author_fullname") or author,
        author_handle=f"u/{author}",
        posted_at=moment(data.get("created_utc")),
        in_reply_to=text(data, "parent_id"),
        visibility="private" if private else "public",
        url=f"https://www.reddit.com{link}" if link.startswith("/") else "",
        subject=text(data, "subject") if private else "",
        thread=text(data, "first_message_name") or name if private else "",
    )
