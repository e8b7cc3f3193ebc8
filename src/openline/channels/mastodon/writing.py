"""From `Outgoing` to the texts of posts, and back: how long they are, and whether a post is one of them."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from openline.channels import parts, reading
from openline.channels.base import Outgoing, Receipt, Rejected, Unclear
from openline.channels.mastodon.reading import post_id
from openline.channels.text import graphemes, text_of_html

# Mastodon 4.x, app/models/account.rb: MENTION_RE. Mail addresses and paths are no mentions.
_MENTION = re.compile(r"(?<![=/\w])@(\w+(?:[\w.-]*\w)?)(@[\w.-]+\w)?")
_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}…]", re.IGNORECASE)
URL_LENGTH = 23
_INVISIBLE = "\u2060"


def length(text: str, url_length: int = URL_LENGTH) -> int:
    """Mastodon's count (status_length_validator.rb): graphemes; a link is 23, of a remote mention only the name."""
    return graphemes(_MENTION.sub(r"@\1", _URL.sub("x" * url_length, text)))


def status_texts(outgoing: Outgoing, limit: int, url_length: int = URL_LENGTH) -> list[str]:
    """The text of each post that it takes, with the resident's name in front, without which they are told nothing
    (and their server may not even get it).

    Whoever is named in a private post receives it, so there every other name is made harmless by an
    invisible character behind its @. The server counts the content warning too. Raises Rejected if it never fits.
    """
    counted = partial(length, url_length=url_length)
    room = limit - graphemes(outgoing.warning)
    handle = "@" + outgoing.to_handle.removeprefix("@") if outgoing.to_handle else ""
    text = outgoing.text
    if outgoing.visibility == "private":
        text = _MENTION.sub(lambda found: _harmless(found.group(), handle), text)
    if counted(whole := _named(text, handle)) <= room:
        return [whole]
    room -= counted(f"{handle} ") if handle else 0
    if room < 1:
        raise Rejected("The warning leaves no room for the text.", "warning")
    return [_named(part, handle) for part in parts.split(text, room, counted)]


def _harmless(mention: str, handle: str) -> str:
    return mention if mention.lower() == handle.lower() else f"@{_INVISIBLE}{mention[1:]}"


def _named(text: str, handle: str) -> str:
    if not handle or handle.lower() in (found.group().lower() for found in _MENTION.finditer(text)):
        return text
    return f"{handle} {text}"


def language(code: str) -> str | None:
    """The language as Mastodon takes it (ISO 639-1 or 639-3), without script and region."""
    primary = code.replace("_", "-").split("-")[0].lower()
    return primary if primary.isalpha() and len(primary) in (2, 3) and primary != "und" else None


def is_it(status: dict[str, Any], text: str, parent: str) -> bool:
    """True if `status` is the post of `text` under `parent` (an id, "" for none): same parent, same words."""
    return post_id(status, "in_reply_to_id") == parent and same_words(status, text)


def same_words(status: dict[str, Any], text: str) -> bool:
    """True if `status` says `text`."""
    return _words(text_of_html(reading.text(status, "content"))) == _words(text)


def has_the_rest(status: dict[str, Any], outgoing: Outgoing) -> bool:
    """True if `status` has the warning, as many files and the options that `outgoing` has."""
    options = [reading.text(one, "title") for one in reading.children(reading.child(status, "poll"), "options")]
    return (
        _words(reading.text(status, "spoiler_text")) == _words(outgoing.warning)
        and len(reading.children(status, "media_attachments")) == len(outgoing.media)
        and options == (list(outgoing.poll.options) if outgoing.poll else [])
    )


def _words(text: str) -> str:
    """Text for comparison: servers drop the host of a mention and change spaces, signs and capitals of links."""
    named = _MENTION.sub(r"@\1", text.replace(_INVISIBLE, ""))
    return "".join(char for char in named.casefold() if char.isalnum() or char == "@")


def receipt(status: dict[str, Any]) -> Receipt:
    """The server's proof."""
    return Receipt(post_id(status), reading.web_address(status, "url"), reading.text(status, "uri"))


def kept(status: dict[str, Any]) -> dict[str, Any]:
    """The server's proof as JSON, to be kept; raises Unclear if it names no id."""
    proof = receipt(status)
    if not proof.network_id:
        raise Unclear("The server took the post, but names no id.")
    return {"network_id": proof.network_id, "url": proof.url, "uri": proof.uri}
