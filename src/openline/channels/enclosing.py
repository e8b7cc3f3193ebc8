"""A delivery with files inside, as bytes: one line of JSON that says what it is, the bytes of the files behind it.

The line names the files in their order: {"files": [{"name", "type", "bytes"}]}, `bytes` their length. Nothing is
escaped or encoded, so that a photo takes the room of a photo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from openline.channels.reading import Unreadable, children, json_object, text

MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One file: the name that its sender gave it, its media type as the sender says, and its bytes.

    `position` (latitude, longitude) is where it was taken, for who packs; it is not packed.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)
    position: tuple[float, float] | None = field(default=None, repr=False, compare=False)


def pack(head: Mapping[str, Any], files: Sequence[Enclosed] = ()) -> bytes:
    """The delivery that says `head` (JSON-able, without "files") and brings `files`."""
    listed = [{"name": one.name, "type": one.media_type, "bytes": len(one.content)} for one in files]
    return b"".join([orjson.dumps({**head, "files": listed}), b"\n", *(one.content for one in files)])


def unpack(raw: bytes) -> tuple[dict[str, Any], list[Enclosed]]:
    """What `pack` was given. Raises Unreadable if `raw` is no such delivery."""
    end = raw.find(b"\n")
    head = json_object(raw[:end] if end >= 0 else raw)
    files, at = list[Enclosed](), end + 1
    for one in children(head, "files")[:MOST_FILES]:
        length = one.get("bytes")
        if end < 0 or not isinstance(length, int) or not 0 <= length <= len(raw) - at:
            raise Unreadable("A file of the delivery is not whole.")
        files.append(Enclosed(text(one, "name"), text(one, "type"), raw[at : at + length]))
        at += length
    return head, files
