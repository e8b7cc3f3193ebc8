"""What of a message Threads takes, told before anything is sent, and the forms in which it is sent."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.base import NotAllowed, Outgoing, OutgoingMedia, Rejected
from openline.channels.threads.counting import MOST_LINKS, TEXT_LIMIT, length, links

MOST_FILES = 20
ALT_LIMIT = 1000
_MOST_OPTIONS = 4
_TAG_LIMIT = 50
_NOT_IN_TAGS = ".&"
AUDIENCES = ("everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only")


def texts(outgoing: Outgoing) -> list[str]:
    """The posts that it takes; a text may be empty where there are files."""
    return parts.split(outgoing.text, TEXT_LIMIT, length)


def refuse(outgoing: Outgoing) -> None:
    """Raises Rejected or NotAllowed for what Threads would not take."""
    if outgoing.visibility == "private":
        raise NotAllowed(_("Threads has no private messages that programs can send."))
    if any("\ud800" <= sign <= "\udfff" for sign in outgoing.text):
        raise Rejected(_("The text has signs that cannot be written."), "text")
    if not outgoing.text.strip() and not outgoing.media:
        raise Rejected(_("There is nothing to say."), "text")
    for text in texts(outgoing):
        if len(links(text)) > MOST_LINKS:
            raise Rejected(_("Threads takes at most %d different links in a post.") % MOST_LINKS, "text")
    if len(outgoing.media) > MOST_FILES:
        raise Rejected(_("Threads takes at most %d pictures and films in a post.") % MOST_FILES, "media")
    for item in outgoing.media:
        _refuse_file(item)
    if outgoing.poll and (outgoing.media or not 2 <= len(outgoing.poll.options) <= _MOST_OPTIONS):
        raise Rejected(_("A poll on Threads has two to four answers, and no pictures."), "poll")


def _refuse_file(item: OutgoingMedia) -> None:
    if item.kind not in ("image", "video"):
        raise Rejected(_("Threads takes pictures and films alone."), "media")
    if not item.url:
        raise Rejected(_("Threads fetches files from their public address, and this one has none."), "media")
    if len(item.alt) > ALT_LIMIT:
        raise Rejected(_("A description has at most %d characters.") % ALT_LIMIT, "alt")


def container(outgoing: Outgoing, n: int, text: str, above: str, children: tuple[str, ...] = ()) -> dict[str, Any]:
    """The container of part `n`: what goes along goes with the first; `children` are the containers of its files."""
    values: dict[str, Any] = {"media_type": "TEXT", "text": text or None, "reply_to_id": above or None}
    if n:
        return values
    values |= _choices(outgoing)
    if children:
        return values | {"media_type": "CAROUSEL", "children": ",".join(children)}
    if outgoing.media:
        return values | file(outgoing.media[0])
    if outgoing.poll:
        names = ("option_a", "option_b", "option_c", "option_d")
        values["poll_attachment"] = dict(zip(names, outgoing.poll.options, strict=False))
    return values


def item(media: OutgoingMedia) -> dict[str, Any]:
    """The container of one file of several."""
    return file(media) | {"is_carousel_item": True}


def file(media: OutgoingMedia) -> dict[str, Any]:
    """Where Threads fetches a file, and its description."""
    kind = "VIDEO" if media.kind == "video" else "IMAGE"
    return {"media_type": kind, f"{kind.lower()}_url": media.url, "alt_text": media.alt or None}


def _choices(outgoing: Outgoing) -> dict[str, Any]:
    audience = outgoing.options.get("reply_control", "")
    return {
        "topic_tag": _topic(outgoing) or None,
        "reply_control": audience if audience in AUDIENCES else None,
    }


def _topic(outgoing: Outgoing) -> str:
    """A post has one topic: the one that was chosen, else the first of its tags. Answers have none."""
    said = outgoing.options.get("topic_tag", "") or ("" if outgoing.in_reply_to else next(iter(outgoing.tags), ""))
    return "".join(sign for sign in said.strip().removeprefix("#") if sign not in _NOT_IN_TAGS)[:_TAG_LIMIT]
