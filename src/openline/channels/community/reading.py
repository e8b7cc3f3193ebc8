"""From what a page took in of a member (see `openline.channels.enclosing`) to an Incoming.

A delivery is a `post`, or the `edit` or `delete` of one by its author. Its fact `discussion` says under what it stands:
"request:NUMBER" or "topic:ID", which is its thread too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openline.channels.base import Incoming, Refused
from openline.channels.enclosing import degrees, media, unpack
from openline.channels.reading import Unreadable, child, moment, text

DISCUSSION = "discussion"
_KINDS = {"post": "post", "edit": "edit", "delete": "delete"}


def read(raw: bytes) -> Incoming | Refused:
    """The delivery as an Incoming; Refused, with the reason, for anything that no page of ours wrote."""
    try:
        head, files = unpack(raw)
        known, author, thread = text(head, "id"), text(head, "author"), text(head, "thread")
        kind = _KINDS.get(text(head, "what"))
        if kind is None or not known or not author or not thread:
            raise Unreadable("Neither a comment nor a change of one.")
    except Unreadable as error:
        return Refused(raw, str(error))
    return Incoming(
        kind,  # type: ignore[arg-type]
        known,
        text(head, "event") or known,
        raw,
        text=text(head, "text").strip(),
        author_id=author,
        author_handle=text(head, "name") or author,
        author_name=text(head, "name"),
        posted_at=moment(head.get("at")),
        in_reply_to=text(head, "in_reply_to"),
        url=text(head, "url"),
        language=text(head, "language"),
        latitude=degrees(head, "lat", 90),
        longitude=degrees(head, "lon", 180),
        media=media(files),
        thread=thread,
        facts={**_facts(child(head, "facts")), DISCUSSION: thread},
    )


def _facts(found: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): value for name, value in found.items() if isinstance(value, str) and value}
