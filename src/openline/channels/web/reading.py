"""From what a web page took in to an Incoming.

A delivery (see `openline.channels.enclosing`) is a `message` that somebody wrote into the city's form, or a `mention`:
a page elsewhere that links to one of the city's (W3C Webmention), read in `mentions.py`.
"""

from __future__ import annotations

from typing import Any

from openline.channels.base import Incoming, Media, Refused
from openline.channels.enclosing import Enclosed, unpack
from openline.channels.reading import Unreadable, moment, text
from openline.channels.web import mentions

INSIDE = "inside:"


def read(raw: bytes) -> Incoming | Refused:
    """The delivery as an Incoming; Refused, with the reason, for anything that no page of ours wrote."""
    try:
        head, files = unpack(raw)
        what = text(head, "what")
        if what == "message":
            return _message(head, files, raw)
        if what == "mention":
            return mentions.read(head, files, raw)
        raise Unreadable("Neither a message nor a mention.")
    except Unreadable as error:
        return Refused(raw, str(error))


def _message(head: dict[str, Any], files: list[Enclosed], raw: bytes) -> Incoming:
    """What somebody wrote. Its author is the conversation: nobody signs in, so two of them are two people to us."""
    known, author, place = text(head, "id"), text(head, "author"), text(head, "place")
    if not known or not author:
        raise Unreadable("The message names no conversation.")
    facts = {name: text(head, name) for name in ("about", "place", "page", "follows", "by")}
    return Incoming(
        "post",
        known,
        known,
        raw,
        text="\n\n".join(filter(None, [text(head, "text"), place])),
        author_id=author,
        author_handle=f"web {author.removeprefix('web:')[:6]}",
        posted_at=moment(head.get("at")),
        in_reply_to=text(head, "in_reply_to"),
        visibility="private",
        latitude=_degrees(head, "lat", 90),
        longitude=_degrees(head, "lon", 180),
        language=text(head, "language"),
        media=tuple(Media(f"{INSIDE}{number}", kind(one.media_type)) for number, one in enumerate(files)),
        thread=author,
        facts={name: value for name, value in facts.items() if value},
    )


def _degrees(head: dict[str, Any], name: str, most: float) -> float | None:
    """Where the photo was taken, in degrees; None if it did not say."""
    value = head.get(name)
    return value if isinstance(value, float) and abs(value) <= most else None


def kind(media_type: str) -> str:
    """Of a media type, what it is to a person who looks at it."""
    return "image" if media_type.startswith("image/") else "document"


def enclosed(raw: bytes, url: str) -> Enclosed | None:
    """The file of the delivery that `Media.url` names; None if there is none such."""
    number = url.removeprefix(INSIDE)
    if not url.startswith(INSIDE) or not (number.isascii() and number.isdecimal()):
        return None
    try:
        files = unpack(raw)[1]
    except Unreadable:
        return None
    return files[int(number)] if int(number[:4]) < len(files) else None
