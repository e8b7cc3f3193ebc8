"""What a relay says of itself (NIP-11): how long an event may be, and whether it wants to know us first."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from openline.channels import reading
from openline.channels.base import ChannelError
from openline.channels.http import AGENT, call, tls

_REMEMBER_SECONDS = 3600.0
_LOOK_UP_SECONDS = 3.0
_MOST_BYTES = 200_000
_SMALLEST_LIMIT = 200
"""A relay that takes less than this is no place for a city's words; it will refuse them by itself."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`message` in bytes of a whole frame, `content` in characters; 0: the relay does not say."""

    message: int = 0
    content: int = 0
    name: str = ""


_known: dict[str, tuple[float, Limits]] = {}


def limits_of(url: str) -> Limits:
    """What the relay at `url` says; nothing if it says nothing soon. Remembered for an hour."""
    now = time.monotonic()
    if url not in _known or now - _known[url][0] > _REMEMBER_SECONDS:
        _known[url] = (now, _asked(url))
    return _known[url][1]


def _asked(url: str) -> Limits:
    address = url.replace("ws", "http", 1)
    headers = {"Accept": "application/nostr+json", "User-Agent": AGENT}
    try:
        with httpx.Client(verify=tls(), timeout=_LOOK_UP_SECONDS, headers=headers) as client:
            answer = call(client, "GET", address)
            said = reading.json_object(answer.content[:_MOST_BYTES])
    except (ChannelError, reading.Unreadable):
        return Limits()
    told = reading.child(said, "limitation")
    return Limits(_number(told, "max_message_length"), _number(told, "max_content_length"), reading.text(said, "name"))


def _number(value: dict[str, Any], name: str) -> int:
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def text_limit(urls: list[str], usual: int, *, private: bool = False) -> int:
    """How many characters all of our relays take in one event, at most `usual`.

    JSON writes a character in up to four bytes, tags and signature need about a thousand; a private message is
    encrypted twice, which makes it two and a half times as long and adds as much again.
    """
    found = list[int]()
    for told in map(limits_of, urls):
        if told.content:
            found.append((told.content - 1800) // 4 if private else told.content)
        if told.message:
            found.append((told.message - 3000) // 4 if private else (told.message - 1500) // 4)
    return min([usual, *(limit for limit in found if limit >= _SMALLEST_LIMIT)])
