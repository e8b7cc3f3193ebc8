"""A delivery with files inside, as bytes: one line of JSON that says what it is, the bytes of the files behind it.

The line names the files in their order: {"files": [{"name", "type", "bytes"}]}, `bytes` their length. Nothing is
escaped or encoded, so that a photo takes the room of a photo.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from openline.channels.base import Media
from openline.channels.errors import Rejected
from openline.channels.reading import Unreadable, children, json_object, text

INSIDE = "inside:"
"""Beginning of the `Media.url` of a file that came inside its delivery."""
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


def media(files: Sequence[Enclosed]) -> tuple[Media, ...]:
    """The files as what came with a message."""
    return tuple(Media(f"{INSIDE}{number}", _kind(one.media_type)) for number, one in enumerate(files))


def _kind(media_type: str) -> str:
    """Of a media type, what it is to a person who looks at it."""
    return "image" if media_type.startswith("image/") else "document"


def fetch(raw: bytes, url: str, most_bytes: int) -> bytes | None:
    """The bytes of the file that `Media.url` names; None if the delivery has none such. Raises Rejected if larger."""
    found = _named(raw, url)
    if found and len(found.content) > most_bytes:
        raise Rejected(f"The file is larger than {most_bytes / 1e6:.0f} MB.")
    return found.content if found else None


def _named(raw: bytes, url: str) -> Enclosed | None:
    number = url.removeprefix(INSIDE)
    if not url.startswith(INSIDE) or not (number.isascii() and number.isdecimal()):
        return None
    try:
        files = unpack(raw)[1]
    except Unreadable:
        return None
    return files[int(number)] if int(number[:4]) < len(files) else None


def where(files: Sequence[Enclosed]) -> dict[str, float]:
    """Where the first photo that says so was taken: known at once, so nobody is asked for what the photo says."""
    found = next((one.position for one in files if one.position), None)
    return {"lat": found[0], "lon": found[1]} if found else {}


def degrees(head: Mapping[str, Any], name: str, most: float) -> float | None:
    """What `where` says in the line, in degrees; None if it says nothing."""
    value = head.get(name)
    return value if isinstance(value, float) and abs(value) <= most else None


def digest(words: Sequence[str], files: Sequence[Enclosed]) -> str:
    """The same for the same words and files: what is sent twice has one id."""
    found = hashlib.sha256(repr(tuple(words)).encode("utf-8", "replace"))
    for one in files:
        found.update(hashlib.sha256(one.content).digest())
    return found.hexdigest()[:24]
