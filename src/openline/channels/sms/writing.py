"""From `Outgoing` to the messages that go out: plain signs, links for what a message cannot carry, parts."""

from __future__ import annotations

import hashlib
from functools import partial

from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.base import AccountRef, Outgoing, Rejected
from openline.channels.sms.gsm import SEPTETS_CHAINED, is_gsm, length
from openline.channels.sms.numbers import address
from openline.channels.sms.plain import plain

MOST_SEGMENTS = 10
"""Phones and carriers join so many; Twilio takes 1,600 characters."""
USUAL_SEGMENTS = 6


def receiver(account: AccountRef, outgoing: Outgoing) -> str:
    """The number to which it goes; raises Rejected if it is none."""
    said = outgoing.in_reply_to_author or outgoing.to_handle
    found, kind = address(said, account.settings.get("sender", account.handle))
    if kind not in ("number", "short"):
        raise Rejected(_("There is no number to which a text message could go."), "to_handle")
    return found


def bodies(account: AccountRef, outgoing: Outgoing, *, media_go_along: bool) -> list[str]:
    """The texts, each one message (of several segments); raises Rejected.

    Where pictures cannot go along, or have no public address, a link to them stands at the end.
    """
    text = outgoing.text.strip()
    if text.encode("utf-8", "replace").decode() != text or "\x00" in text:
        raise Rejected(_("The text holds characters that cannot be written."), "text")
    if outgoing.media and not media_go_along:
        text = f"{text} {_link(outgoing)}".strip()
    if account.settings.get("plain_signs", "yes") == "yes":
        text = plain(text)
    if not text and not outgoing.media:
        raise Rejected(_("There is nothing to say."), "text")
    counted = partial(length, ucs2=not is_gsm(text))
    return parts.split(text, segments(account) * SEPTETS_CHAINED, counted)


def segments(account: AccountRef) -> int:
    """How many segments a message of this account may have."""
    said = account.settings.get("most_segments", "")
    return min(max(int(said), 1), MOST_SEGMENTS) if said.isascii() and said.isdigit() else USUAL_SEGMENTS


def _link(outgoing: Outgoing) -> str:
    found = [outgoing.link] if outgoing.link else [media.url for media in outgoing.media]
    if not all(found):
        raise Rejected(_("A picture can only go by SMS as a link, and it has no public address."), "media")
    return " ".join(found)


def mark(account: AccountRef, key: str, part: int) -> str:
    """Our name for one part of a message: the same for every try, and telling nobody anything."""
    return "ol" + hashlib.sha256(f"{account.id}\n{key}\n{part}".encode()).hexdigest()[:30]
