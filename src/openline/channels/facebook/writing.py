"""From `Outgoing` to what Facebook takes: words, times, links. What does not fit is refused before anything is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.base import Outgoing, OutgoingMedia, Rejected
from openline.channels.facebook import rules

_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}…]", re.IGNORECASE)


def is_message(network_id: str) -> bool:
    """Whether that id is one of a Messenger message."""
    return network_id.startswith(("m_", "mid."))


def length(text: str) -> int:
    """Facebook counts characters (code points)."""
    return len(text)


def writable(text: str) -> str:
    """`text`, if it can be written at all. Raises Rejected on half characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Rejected(_("The text holds a half character that no network can show."), "text") from None
    return text.strip()


def post_text(outgoing: Outgoing) -> str:
    """The words of a post: the title of an album above them, its topics below where they are not in them."""
    shown = outgoing.title if outgoing.form != "video" else ""
    missing = [tag for tag in outgoing.tags if f"#{tag.lstrip('#').lower()}" not in outgoing.text.lower()]
    tags = " ".join(f"#{tag.lstrip('#').replace(' ', '')}" for tag in missing)
    text = "\n\n".join(part for part in (shown, writable(outgoing.text), tags) if part)
    return limited(text, rules.TEXT_LIMIT)


def comment_text(outgoing: Outgoing) -> str:
    """The words of a comment."""
    return limited(writable(outgoing.text), rules.COMMENT_LIMIT)


def message_texts(outgoing: Outgoing) -> list[str]:
    """The words of a message to one person, in as few messages as they need."""
    text = writable(outgoing.text)
    return parts.split(text, rules.MESSAGE_LIMIT, length) if text else []


def limited(text: str, limit: int) -> str:
    """`text`; raises Rejected if it is longer than `limit`."""
    if len(text) > limit:
        words = _("The text has %(found)s characters; Facebook takes %(limit)s here.")
        raise Rejected(words % {"found": f"{len(text):,}", "limit": f"{limit:,}"}, "text")
    return text


def link(outgoing: Outgoing, text: str) -> str:
    """The address that is shown as a card below a post without pictures: the one that was chosen, else the first."""
    if chosen := outgoing.options.get("link", ""):
        if not chosen.startswith(("https://", "http://")):
            raise Rejected(_("Write the whole address, with https://."), "options")
        return chosen
    found = _LINK.search(text)
    return found.group() if found and outgoing.options.get("card", "yes") != "no" else ""


def plan(outgoing: Outgoing, now: datetime | None = None) -> dict[str, Any]:
    """What makes Facebook publish a post by itself at its time; {} for one that is published now."""
    at, now = outgoing.publish_at, now or datetime.now(UTC)
    if at is None or at <= now:
        return {}
    if not rules.SOONEST <= at - now <= rules.LATEST:
        words = _("Facebook publishes by itself only from 10 minutes to 30 days ahead.")
        raise Rejected(words, "publish_at")
    return {"published": False, "scheduled_publish_time": int(at.timestamp()), "unpublished_content_type": "SCHEDULED"}


def pictures(outgoing: Outgoing) -> list[OutgoingMedia]:
    """The pictures of a post; raises Rejected on what a post cannot hold."""
    if any(one.kind not in ("image", "video") for one in outgoing.media):
        raise Rejected(_("A page's post takes pictures or a film, no other files."), "media")
    if any(one.kind == "video" for one in outgoing.media):
        raise Rejected(_("A film stands alone in a post: take the pictures out, or make two posts."), "media")
    return list(outgoing.media)


def film(outgoing: Outgoing) -> OutgoingMedia | None:
    """The film of a post that is one."""
    found = [one for one in outgoing.media if one.kind == "video"]
    return found[0] if found and len(outgoing.media) == 1 else None


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, whatever Facebook made of the space in them."""
    return one.split() == other.split()
