"""From Flickr's JSON to `Incoming`.

A delivery is `{"comment": ..., "photo": {"id", "title"}}`, the comment as `photos.comments.getList` gives it. With
`"change": n` it is the n-th change of one; `{"gone": id, "change": n, "photo": ...}` tells of one that is gone.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import Incoming, IncomingKind, Refused
from openline.channels.text import text_of_html


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    try:
        value = reading.json_object(raw)
        photo, change = reading.child(value, "photo"), reading.text(value, "change")
        if gone := reading.text(value, "gone"):
            return Incoming("delete", gone, f"delete:{gone}:{change}", raw, thread=reading.text(photo, "id"))
        if isinstance(value.get("comment"), dict):
            return _comment(raw, value["comment"], photo, change)
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError) as error:
        return Refused(raw, _("The delivery cannot be read: %(error)s.") % {"error": type(error).__name__})
    return Refused(raw, _("Neither a comment nor a change of one."))


def _comment(raw: bytes, comment: dict[str, Any], photo: dict[str, Any], change: str) -> Incoming | Refused:
    id, author = reading.text(comment, "id"), reading.text(comment, "author")
    if not id or not author:
        return Refused(raw, _("A comment without an id or an author."))
    kind: IncomingKind = "edit" if change else "post"
    above, name = reading.text(photo, "id"), reading.text(comment, "authorname")
    at = reading.text(comment, "datecreate")
    return Incoming(
        kind=kind,
        network_id=id,
        event_id=f"edit:{id}:{change}:{digest(comment)}" if change else id,
        raw=raw,
        url=reading.web_address(comment, "permalink"),
        text=text_of_html(reading.text(comment, "_content")),
        author_id=author,
        author_handle=name or author,
        author_name=reading.text(comment, "realname") or name,
        posted_at=reading.moment(int(at)) if at.isdecimal() else None,
        in_reply_to=above,
        thread=above,
        subject=reading.text(photo, "title"),
    )


def digest(comment: dict[str, Any]) -> str:
    """What a comment says, in a few letters."""
    return hashlib.sha256(reading.text(comment, "_content").encode("utf-8", "replace")).hexdigest()[:8]
