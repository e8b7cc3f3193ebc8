"""From what Threads tells to `Incoming`: a reply or a mention by webhook or by asking, and deletions of our own posts.

A delivery is {"kind": ..., "value": ...}, the value as Threads wrote it. Whichever way a post comes, its id names it.
Of others Threads tells the user name alone, so that is who they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import Incoming, Media, Refused

MEDIA = "threads:"
"""Before the id of a post whose files Threads did not name: they are asked for when they are fetched."""
_KINDS = {"IMAGE": "image", "VIDEO": "video", "AUDIO": "audio"}
_MOST_FILES = 20


def pack(kind: str, value: Mapping[str, Any]) -> bytes:
    """A delivery of that kind ("reply", "mention" or "delete")."""
    return orjson.dumps({"kind": kind, "value": dict(value)})


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    try:
        said = reading.json_object(raw)
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    value = reading.child(said, "value")
    network_id = reading.text(value, "id")
    if not network_id:
        return Refused(raw, "The delivery names no post.")
    kind = reading.text(said, "kind")
    if kind == "delete":
        at = reading.moment(value.get("deleted_at"))
        return Incoming("delete", network_id, f"delete:{network_id}", raw, posted_at=at)
    return _post(network_id, value, raw) if kind in ("reply", "mention") else Refused(raw, f"Not a post: {kind[:50]}")


def _post(network_id: str, value: dict[str, Any], raw: bytes) -> Incoming:
    author = reading.text(value, "username")
    above = reading.text(reading.child(value, "replied_to"), "id")
    root = reading.text(reading.child(value, "root_post"), "id") or above
    return Incoming(
        kind="post",
        network_id=network_id,
        event_id=network_id,
        raw=raw,
        text=reading.text(value, "text") or reading.text(value, "link_attachment_url"),
        author_id=author,
        author_handle=author,
        author_name=author,
        posted_at=reading.moment(value.get("timestamp")),
        in_reply_to=above,
        references=(root,) if root and root != above else (),
        thread=root or network_id,
        url=reading.web_address(value, "permalink"),
        media=media(network_id, value),
    )


def media(network_id: str, value: Mapping[str, Any]) -> tuple[Media, ...]:
    """The files of a post: by their addresses, or by its id where Threads told only that there are some."""
    children = reading.children(reading.child(value, "children"), "data")
    if found := [one for each in children[:_MOST_FILES] if (one := _file(each))]:
        return tuple(found)
    if one := _file(value):
        return (one,)
    kind = reading.text(value, "media_type").removesuffix("_POST").removesuffix("_ALBUM")
    if kind not in (*_KINDS, "CAROUSEL"):
        return ()
    return (Media(MEDIA + network_id, _KINDS.get(kind, "image"), reading.text(value, "alt_text")),)


def _file(value: Mapping[str, Any]) -> Media | None:
    address = reading.web_address(value, "media_url") or reading.web_address(value, "gif_url")
    kind = _KINDS.get(reading.text(value, "media_type"), "image")
    return Media(address, kind, reading.text(value, "alt_text")) if address else None
