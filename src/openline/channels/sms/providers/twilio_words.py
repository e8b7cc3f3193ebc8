"""Twilio's numbers of errors in words, and what each means for a send (docs: api/errors, 2026)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from openline.channels import http
from openline.channels import reading as plain
from openline.channels.base import ChannelError, NotAllowed, RateLimited, Rejected, TokenExpired
from openline.channels.reading import Unreadable, json_object

_FATES = {
    21610: "The person has sent STOP: nothing may be sent until they send START.",
    21611: "Too many messages wait to be sent from this number.",
    21614: "This number takes no text messages.",
    30001: "Too many messages were waiting.",
    30002: "The account at Twilio is suspended.",
    30003: "The phone is off or out of reach.",
    30004: "The person or the carrier blocks these messages.",
    30005: "The number does not exist, or is no longer in service.",
    30006: "This is a landline, or its carrier takes no text messages.",
    30007: "The carrier took it for spam.",
    30008: "It was not delivered; the carrier does not say why.",
    30009: "A part of the message was lost.",
    30011: "The phone takes no picture messages.",
    30019: "The picture is too large for the carrier.",
    30022: "The carrier's limit for this sender is reached.",
    30023: "The carrier's daily limit for this sender is reached.",
    30024: "The carrier does not know this sender.",
    30032: "The toll-free number has not been verified.",
    30034: "The number is not registered for A2P 10DLC: US carriers refuse it.",
    30035: "The number's registration is still being looked at.",
    30036: "It waited longer than it was worth.",
    30450: "Delivery is refused to protect against SMS pumping.",
}
_MINUTE = timedelta(minutes=1)


def fate(code: str) -> str:
    """Why a message was not delivered, in words."""
    known = _FATES.get(int(code)) if code.isascii() and code.isdigit() and len(code) < 9 else None
    if known:
        return f"{known} ({code})"
    return f"It was not delivered (Twilio's error {code})." if code else "It was not delivered."


def _wait(words: str) -> ChannelError:
    return RateLimited(datetime.now(UTC) + _MINUTE, words)


def _text(words: str) -> ChannelError:
    return Rejected(words, "text")


def _receiver(words: str) -> ChannelError:
    return Rejected(words, "to_handle")


def _media(words: str) -> ChannelError:
    return Rejected(words, "media")


_MEANINGS: dict[int, Callable[[str], ChannelError]] = {
    **dict.fromkeys((20003, 20008, 20403), TokenExpired),
    **dict.fromkeys((20005, 21610, 21408, 21606, 21612, 21659, 21660, 21701, 21703, 21705, 30002, 30034), NotAllowed),
    **dict.fromkeys((14107, 20429, 21611, 30001, 30022), _wait),
    **dict.fromkeys((21602, 21605, 21617, 21619), _text),
    **dict.fromkeys((21211, 21217, 21265, 21604, 21614, 21635), _receiver),
    **dict.fromkeys((11200, 12300, 21620, 21623, 21626, 21627), _media),
}


def refused(response: httpx.Response, sending: bool) -> ChannelError:
    """What an answer that is no success means: by Twilio's own number, else by the HTTP status."""
    try:
        said = json_object(response.content)
    except Unreadable:
        said = {}
    code = said.get("code")
    words = plain.text(said, "message")[:300] or f"Twilio answers {response.status_code}"
    if response.status_code == 429:
        return RateLimited(http.retry_at(response.headers))
    if response.status_code < 500 and isinstance(code, int) and code in _MEANINGS:
        known = _FATES.get(code, words)
        return _MEANINGS[code](f"{known} ({code})")
    return http.refusal(response, sending, lambda _response: f"{words} ({code or response.status_code})")
