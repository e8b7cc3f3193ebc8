"""From YouTube's JSON to `Incoming`.

A delivery is `{"comment": ..., "thread": {"id", "videoId", "canReply"}}`, the comment as the API gives it. With
`"change": n` it is the n-th change of one; `{"gone": id, "change": n}` tells of one that is gone or hidden.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import Incoming, IncomingKind, Refused
from openline.channels.youtube import places
from openline.channels.youtube.commenting import author, said, thread_of


def parse(raw: bytes) -> Incoming | Refused:
    """Read one delivery. Never raises."""
    try:
        value = reading.json_object(raw)
        change = reading.text(value, "change")
        if gone := reading.text(value, "gone"):
            return Incoming("delete", gone, f"delete:{gone}:{change}", raw, thread=thread_of(gone))
        if isinstance(value.get("comment"), dict):
            return _comment(raw, value["comment"], reading.child(value, "thread"), change)
    except reading.Unreadable as error:
        return Refused(raw, str(error))
    except (RecursionError, ValueError) as error:
        return Refused(raw, _("The delivery cannot be read: %(error)s.") % {"error": type(error).__name__})
    return Refused(raw, _("Neither a comment nor a change of one."))


def _comment(raw: bytes, comment: dict[str, Any], thread: dict[str, Any], change: str) -> Incoming | Refused:
    id, snippet = reading.text(comment, "id"), reading.child(comment, "snippet")
    if not id:
        return Refused(raw, _("A comment without an id."))
    kind: IncomingKind = "edit" if change else "post"
    name = reading.text(snippet, "authorDisplayName")
    video = reading.text(thread, "videoId") or reading.text(snippet, "videoId")
    return Incoming(
        kind=kind,
        network_id=id,
        event_id=f"edit:{id}:{change}:{digest(comment)}" if change else id,
        raw=raw,
        url=places.comment(video, id) if video else "",
        text=said(snippet),
        author_id=author(snippet) or f"name:{name}",
        author_handle=name,
        author_name=name.removeprefix("@"),
        posted_at=reading.moment(reading.text(snippet, "publishedAt")),
        in_reply_to=reading.text(snippet, "parentId") or (thread_of(id) if "." in id else video),
        thread=thread_of(id),
    )


def digest(comment: dict[str, Any]) -> str:
    """What a comment says, in a few letters."""
    words = said(reading.child(comment, "snippet"))
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:8]


def can_reply(raw: bytes) -> bool:
    """Whether the thread took replies when it was heard."""
    try:
        return reading.child(reading.json_object(raw), "thread").get("canReply", True) is not False
    except reading.Unreadable:
        return True
