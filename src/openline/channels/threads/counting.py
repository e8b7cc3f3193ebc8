"""How Threads counts a text (docs/threads/reference/publishing, 2026): characters, an emoji as its UTF-8 bytes."""

from __future__ import annotations

import re
import unicodedata

from openline.channels.text import clusters

TEXT_LIMIT = 500
MOST_LINKS = 5
_LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_SIGN_BEHIND = ".,;:!?)]}…"
_FIRST_SYMBOL = "\u2190"


def length(text: str) -> int:
    """Characters, of an emoji the bytes of its UTF-8 form ("👍" is 4, a joined family 25).

    Marks that stay apart in Unicode's composed form count one each: Threads does not say, and this is never too few.
    """
    return sum(len(one.encode("utf-8", "replace")) if _emoji(one) else len(one) for one in clusters(text))


def links(text: str) -> list[str]:
    """The different links in a text, in their order."""
    return list(dict.fromkeys(found.rstrip(_SIGN_BEHIND) for found in _LINK.findall(text)))


def _emoji(cluster: str) -> bool:
    """A symbol beyond ASCII, Latin and the letters' signs, or anything shown as an emoji (U+FE0F, a key cap)."""
    if "\ufe0f" in cluster or "\u20e3" in cluster:
        return True
    return any(char >= _FIRST_SYMBOL and unicodedata.category(char) == "So" for char in cluster)
