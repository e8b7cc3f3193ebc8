"""From `Outgoing` to what X is asked to post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.accounts import AccountRef
from openline.channels.base import Outgoing, Poll, Rejected
from openline.channels.x.text import entities, urls
from openline.channels.x.text.counting import LIMIT, length

LONG_LIMIT = 25_000
"""Of a post, with X Premium (2024)."""
MESSAGE_LIMIT = 10_000
"""Of a private message; X's document names none."""
MOST_FILES = 4
_STATUS = re.compile(r"(?:https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/[^/\s]+/status/)?(\d{1,19})(?:[/?#].*)?")
_POLL_OPTIONS, _POLL_OPTION = (2, 4), 25
_POLL_MINUTES = (5, 10_080)


def limit_of(account: AccountRef) -> int:
    """How much a post of this account may say."""
    return LONG_LIMIT if account.settings.get("long_posts") == "yes" else LIMIT


def texts(account: AccountRef, outgoing: Outgoing) -> list[str]:
    """The text of each post that it takes. Raises Rejected for what X takes in no form."""
    refuse(outgoing)
    if outgoing.visibility == "private":
        if len(outgoing.text) > MESSAGE_LIMIT:
            raise Rejected(_("A private message on X has at most 10,000 characters."), "text")
        return [outgoing.text]
    return parts.split(outgoing.text, limit_of(account), length)


def posts(account: AccountRef, text: str) -> list[str]:
    """`text` in as many posts as it takes; as it stands where it can never be sent."""
    try:
        return parts.split(text, limit_of(account), length)
    except Rejected:
        return [text]


def refuse(outgoing: Outgoing) -> None:
    """Raises Rejected, naming the field."""
    try:
        outgoing.text.encode()
    except UnicodeEncodeError as error:
        raise Rejected(_("The text holds a sign that cannot be written."), "text") from error
    if any(sign in outgoing.text for sign in urls.INVALID):
        raise Rejected(_("The text holds a sign that X does not take."), "text")
    if not outgoing.text.strip() and not outgoing.media:
        raise Rejected(_("There is nothing to say."), "text")
    if len(entities.cashtags(outgoing.text)) > 1:
        raise Rejected(_("X takes one stock symbol ($…) in a post."), "text")
    _refuse_files(outgoing)
    if outgoing.poll:
        _refuse_poll(outgoing.poll, outgoing)
    quoted(outgoing)


def _refuse_files(outgoing: Outgoing) -> None:
    films = [one for one in outgoing.media if one.kind == "video" or one.media_type == "image/gif"]
    if any(one.kind not in ("image", "video") for one in outgoing.media):
        raise Rejected(_("X takes pictures and films only."), "media")
    if len(outgoing.media) > (1 if films or outgoing.visibility == "private" else MOST_FILES):
        raise Rejected(_("X takes four pictures, or one film or moving picture; in a message one file."), "media")


def _refuse_poll(poll: Poll, outgoing: Outgoing) -> None:
    least, most = _POLL_OPTIONS
    if outgoing.media or outgoing.visibility == "private" or quoted(outgoing):
        raise Rejected(_("A poll on X stands alone: without files and quotation, and in public."), "poll")
    if not least <= len(poll.options) <= most or any(not 1 <= len(one) <= _POLL_OPTION for one in poll.options):
        raise Rejected(_("A poll on X has two to four options of at most 25 characters."), "poll")
    if poll.multiple:
        raise Rejected(_("On X one option can be chosen."), "poll")


def quoted(outgoing: Outgoing) -> str:
    """The id of the post to quote; "" for none. Raises Rejected if it is no post's address."""
    said = outgoing.options.get("quote", "").strip()
    found = _STATUS.fullmatch(said)
    if said and not found:
        raise Rejected(_("Name the post to quote by its address: https://x.com/name/status/123."), "quote")
    return found[1] if found else ""


def body(outgoing: Outgoing, text: str, above: str, files: list[str], first: bool) -> dict[str, Any]:
    """One post as X takes it; only the first has files, poll and quotation."""
    made: dict[str, Any] = {"text": text} if text else {}
    if above:
        made["reply"] = {"in_reply_to_tweet_id": above}
    if not first:
        return made
    if files:
        made["media"] = {"media_ids": files}
    if found := quoted(outgoing):
        made["quote_tweet_id"] = found
    if outgoing.poll:
        minutes = round(outgoing.poll.seconds / 60)
        least, most = _POLL_MINUTES
        made["poll"] = {"options": list(outgoing.poll.options), "duration_minutes": min(max(minutes, least), most)}
    return made | _who_answers(outgoing.options)


def message(text: str, files: list[str]) -> dict[str, Any]:
    """One private message as X takes it."""
    attached: dict[str, Any] = {"attachments": [{"media_id": one} for one in files]} if files else {}
    return ({"text": text} if text else {}) | attached


def _who_answers(options: Mapping[str, str]) -> dict[str, str]:
    chosen = options.get("reply_settings", "")
    return {"reply_settings": chosen} if chosen and chosen != "everyone" else {}
