"""From `Outgoing` to the text of a status, and back: how long it is, and whether a status is it."""

from __future__ import annotations

import re
from typing import Any

from openline.channels import reading
from openline.channels.base import Outgoing, Receipt
from openline.channels.text import graphemes, text_of_html

# Mastodon 4.x, app/models/account.rb: MENTION_RE. Mail addresses and paths are no mentions.
_MENTION = re.compile(r"(?<![=/\w])@(\w+(?:[\w.-]*\w)?)(@[\w.-]+\w)?")
_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}…]", re.IGNORECASE)
_URL_LENGTH = 23
_INVISIBLE = "\u2060"


def length(text: str) -> int:
    """Mastodon's count (status_length_validator.rb): graphemes; a link is 23, of a remote mention only the name."""
    return graphemes(_MENTION.sub(r"@\1", _URL.sub("x" * _URL_LENGTH, text)))


def status_text(outgoing: Outgoing) -> str:
    """The text with the resident's name in front, without which Mastodon tells them nothing.

    Whoever is named in a private post receives it, so there every other name is made harmless by an
    invisible character behind its @.
    """
    handle = "@" + outgoing.to_handle.removeprefix("@") if outgoing.to_handle else ""
    text = outgoing.text
    if outgoing.visibility == "private":
        text = _MENTION.sub(lambda found: _harmless(found.group(), handle), text)
    if not handle or handle.lower() in (found.group().lower() for found in _MENTION.finditer(text)):
        return text
    return f"{handle} {text}"


def _harmless(mention: str, handle: str) -> str:
    return mention if mention.lower() == handle.lower() else f"@{_INVISIBLE}{mention[1:]}"


def language(code: str) -> str | None:
    """The language as Mastodon takes it (ISO 639-1 or 639-3), without script and region."""
    primary = code.replace("_", "-").split("-")[0].lower()
    return primary if primary.isalpha() and len(primary) in (2, 3) and primary != "und" else None


def is_it(status: dict[str, Any], outgoing: Outgoing) -> bool:
    """True if `status` is what `outgoing` would have become: same parent, same words."""
    return reading.text(status, "in_reply_to_id") == outgoing.in_reply_to and _words(
        text_of_html(reading.text(status, "content"))
    ) == _words(status_text(outgoing))


def _words(text: str) -> str:
    """Text for comparison: servers drop the host of a mention and change spaces, signs and capitals of links."""
    named = _MENTION.sub(r"@\1", text.replace(_INVISIBLE, ""))
    return "".join(char for char in named.casefold() if char.isalnum() or char == "@")


def receipt(status: dict[str, Any]) -> Receipt:
    """The server's proof."""
    return Receipt(reading.text(status, "id"), reading.web_address(status, "url"), reading.text(status, "uri"))
