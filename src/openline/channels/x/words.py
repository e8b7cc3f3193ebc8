"""The words of a post or message: short links as what they lead to, signs that X escapes as they were written."""

from __future__ import annotations

from html import unescape
from typing import Any

from openline.channels.reading import child, children, text, web_address
from openline.channels.x import spelling

_OWN_MEDIA = ("/photo/", "/video/")


def plain(data: dict[str, Any]) -> str:
    """What was said, without the names that X puts before an answer and the link to its own pictures.

    A long post has its whole text apart.
    """
    note = spelling.child(data, "note_tweet")
    words = text(note, "text") or text(data, "text")[_begin(data) :]
    links = children(child(note, "entities"), "urls") + children(child(data, "entities"), "urls")
    for link in links:
        words = words.replace(text(link, "url") or "\0", _expanded(link))
    return unescape(words).strip()


def _begin(data: dict[str, Any]) -> int:
    """Where the words begin that were written: X puts the names of those who are answered before them."""
    shown = data.get("display_text_range")
    return shown[0] if isinstance(shown, list) and shown and isinstance(shown[0], int) and shown[0] > 0 else 0


def _expanded(link: dict[str, Any]) -> str:
    whole = web_address(link, "expanded_url")
    if text(link, "media_key") or ("/status/" in whole and any(sign in whole for sign in _OWN_MEDIA)):
        return ""
    return whole or text(link, "url")


def same(one: str, other: str) -> bool:
    """Do two texts say the same, whatever became of spaces, signs and capitals of links?"""
    return _bare(one) == _bare(other)


def _bare(words: str) -> str:
    return "".join(char for char in words.casefold() if not char.isspace() and char not in "\ufe0f/")
