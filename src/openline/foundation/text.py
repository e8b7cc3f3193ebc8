"""Text that the database and a page can hold, made of whatever a network delivers."""

from __future__ import annotations

import re
import unicodedata

MESSAGE_LIMIT = 20_000
"""Longest text of a message that is kept for reading, in characters; the raw delivery is kept whole."""

# Control characters except tab and newline; bidirectional overrides that could disguise what a line says.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufeff]")


def clean(value: object, limit: int = MESSAGE_LIMIT) -> str:
    """Return `value` as NFC text without control characters, overrides or lone surrogates, at most `limit` long.

    Anything that is not text becomes the empty string: a network that sends a number for a name has no name.
    """
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable():
        return value[:limit].strip()
    text = value[: limit * 2].replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))[:limit].strip()


def shorten(text: str, limit: int) -> str:
    """`text` in one line of at most `limit` characters, cut at a word with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
