"""From a post to words: one pass, shared by every step that reads words.

Normalisation happens piece by piece and is remembered, so a batch of posts costs little more than a dictionary
look-up for each of its words.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from sys import intern

from openline.foundation.memo import Memo
from openline.triage.spelling import mended

LIMIT = 10_000
"""Longest stretch of a post that is read, in characters."""

URL, HANDLE, NUMBER, ORDINAL = "_url", "_user", "_num", "_nth"

# One character for one character, so that spans found afterwards hold in the original text.
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
_TOKEN = re.compile(
    r"(?:https?://|www\.)\S+|nostr:\w+|npub1\w+|@\w[\w.@-]*|#\w+|[^\W_]+(?:['’][^\W_]+)*"
    r"|[?!.;]|[\u2600-\u27bf\U0001f000-\U0001faff]"
)
_ELONGATED = re.compile(r"(.)\1{2,}")
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Z]+")
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")
# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han; and Hangul, which joins particles.
# Each character counts as a word.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_KEPT_NUMBERS = frozenset({"311", "911", "988", "411", "211"})
_STOPS = frozenset(";")
_REMEMBERED = 15_000


def readable(text: object) -> str:
    """`text` without control characters and lone surrogates, cut to `LIMIT`; offsets stay true. "" if no text."""
    if not isinstance(text, str):
        return ""
    text = text[:LIMIT]
    if text.isascii() and text.isprintable():
        return text
    return _UNREADABLE.sub(" ", text)


def words(text: str) -> list[str]:
    """The words of `text`, normalised: lower case, no accents, hashtags split, links and handles as marks."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "\n" in text:
        text = text.replace("\n", " ; ")  # a line ends as a sentence does
    return list(chain.from_iterable(map(_WORDS_OF_PIECE.__getitem__, text.split())))


def _words_of_piece(piece: str) -> tuple[str, ...]:
    """The words of a piece of text without spaces: no token goes past a space."""
    return tuple(chain.from_iterable(map(_WORDS_OF_TOKEN.__getitem__, _TOKEN.findall(piece))))


def _split(token: str) -> tuple[str, ...]:
    if token.startswith(("http", "www.")) and ("://" in token or token.startswith("www.")):
        return (URL,)
    if token[0] == "@" or token.startswith(("nostr:", "npub1")):
        return (HANDLE,)
    if token[0] == "#":
        return tuple(word for part in _HUMP.findall(token) for word in _split(part))
    if token in _STOPS:
        return (".",)
    folded = fold(token)
    if _UNSPACED.search(folded):
        return tuple(folded)
    return (_number(folded),) if folded[:1].isdigit() else mended(singular(folded))


def _number(token: str) -> str:
    """Numbers of three and more digits are marks, but for telephone numbers everybody knows."""
    if _ORDINAL.fullmatch(token):
        return ORDINAL
    return token if len(token) < 3 or token in _KEPT_NUMBERS else NUMBER


_WORDS_OF_TOKEN: Memo[tuple[str, ...]] = Memo(lambda token: tuple(map(intern, _split(token))), _REMEMBERED)
_WORDS_OF_PIECE: Memo[tuple[str, ...]] = Memo(_words_of_piece, _REMEMBERED)


def fold(token: str) -> str:
    """`token` in lower case, without accents, apostrophes and letters drawn out ("soooo")."""
    token = token.casefold().replace("'", "").replace("’", "")
    if not token.isascii():
        token = token.replace("đ", "d")
        parts = unicodedata.normalize("NFD", token)
        token = unicodedata.normalize("NFC", "".join(c for c in parts if not 0x300 <= ord(c) <= 0x36F))
    return _ELONGATED.sub(r"\1\1", token)


def singular(word: str) -> str:
    """`word` without a plural s: crude, and enough to let "potholes" meet "pothole" (Harman's S-stemmer, 1991)."""
    if len(word) < 4 or word[-1] != "s" or word[-2] in "sui":
        return word
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
