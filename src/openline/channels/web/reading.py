"""From what a web page took in to an Incoming.

A delivery (see `openline.channels.enclosing`) is a `message` that somebody wrote into the city's form, or a `mention`:
a page elsewhere that links to one of the city's (W3C Webmention), read in `mentions.py`.
"""

from __future__ import annotations

from typing import Any

from openline.channels.base import Incoming, Refused
from openline.channels.enclosing import Enclosed, degrees, media, unpack
from openline.channels.reading import Unreadable, moment, text
from openline.channels.web import mentions


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
        latitude=degrees(head, "lat", 90),
        longitude=degrees(head, "lon", 180),
        language=text(head, "language"),
        media=media(files),
        thread=author,
        facts={name: value for name, value in facts.items() if value},
    )
