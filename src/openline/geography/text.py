"""The words of a text with their places in it: the one pass over the characters that all rules share."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import chain
from operator import add
from sys import intern

from openline.foundation.memo import Memo
from openline.geography.words import ORDINAL_WORDS, TENS_WORDS, key_of, ordinal

LONGEST = 2_000
"""Characters of a text that are searched for places."""

_TOKEN = re.compile(r"(?<!\d')[a-z]+(?:'[a-z]+)*|\d+(?:st|nd|rd|th|[rdtvnm][ao])\b|\d+|[&@/+]")
_NOISE = re.compile(r"https?://\S+|www\.\S+|(?<!\w)[@#][^\W\d][\w.]*(?:@[\w.-]+)?|nostr:\w+|\bnpub1\w+|&\w+;")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w[\w.]*")
_MAYBE_MAIL = re.compile(r"\w@\w")
_MAYBE_NOISE = re.compile(r"[@#;]|://|www\.|nostr:|npub1")
_LETTERS = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "＆": "&", "＠": "@", "和": "&", "и": "&", "／": "/"})
_LOOSE = " .\t\r\n\u00a0\"“”'’*_"
_BREAK = re.compile(r"[!?;:\n|]|\.\.|[.,]\s+(?=[A-Z][a-z]+ [a-z])")


class Words:
    """The words of `text`: `lower` as written in small letters, `keys` as compared, with their places.

    Words that are joined when read ("twenty third", "Mc Kean") stand as one.
    """

    __slots__ = ("_spans", "keys", "lower", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = list(chain.from_iterable(map(_SPLIT.__getitem__, text.split())))
        self.keys = list(map(_KEYS.__getitem__, self.lower))
        self._spans: tuple[list[int], list[int]] | None = None
        if not _JOINABLE.isdisjoint(self.lower):
            self._join()

    def __len__(self) -> int:
        return len(self.lower)

    @property
    def starts(self) -> list[int]:
        """For each word where it begins in the text."""
        return (self._spans or self._located())[0]

    @property
    def ends(self) -> list[int]:
        """For each word where it ends in the text."""
        return (self._spans or self._located())[1]

    def _located(self) -> tuple[list[int], list[int]]:
        """Find the words in the text; not before a rule asks, for most texts name no place."""
        find, starts, position = self.text.find, [], 0
        for piece in self.text.split():
            begin = find(piece, position)
            position = begin + len(piece)
            for offset in _OFFSETS[piece]:
                starts.append(begin + offset)
        self._spans = starts, list(map(add, starts, map(len, self.lower)))
        return self._spans

    def _join(self) -> None:
        """Join "twenty third", "13 th" and "Mc Kean" into one word each."""
        for i in range(len(self.lower) - 2, -1, -1):
            joined = _joined(self.lower[i], self.lower[i + 1])
            if joined and self.starts[i + 1] - self.ends[i] <= 1:
                self.lower[i : i + 2], self.keys[i : i + 2] = [joined], [joined]
                del self.starts[i + 1], self.ends[i]

    def number(self, i: int) -> int | None:
        """The value of word `i` if it is a plain number of at most six digits."""
        word = self.lower[i]
        return int(word) if word.isdigit() and len(word) <= 6 else None

    def gap(self, i: int) -> str:
        """What stands between word `i` and the next, spaces, dots and quotation marks left out."""
        starts, ends = self._spans or self._located()
        return self.text[ends[i] : starts[i + 1]].strip(_LOOSE)

    def glued(self, i: int) -> bool:
        """Whether a hyphen and nothing else stands between word `i` and the next."""
        starts, ends = self._spans or self._located()
        return i + 1 < len(starts) and starts[i + 1] - ends[i] == 1 and self.text[ends[i]] == "-"

    def close(self, i: int) -> bool:
        """Whether nothing but spaces, dots and quotation marks stands between word `i` and the next."""
        starts, ends = self._spans or self._located()
        between = self.text[ends[i] : starts[i + 1]]
        return between == " " or not between.strip(_LOOSE)

    def broken(self, start: int, end: int) -> bool:
        """Whether a sentence or clause ends between the words `start` and `end`."""
        return bool(_BREAK.search(self.text, self.ends[start], self.starts[end]))

    def capital(self, i: int) -> bool:
        """Whether word `i` begins with a capital letter or a digit."""
        first = self.text[self.starts[i]]
        return first.isupper() or first.isdigit()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Character offsets of the words from `start` to before `end`."""
        return self.starts[start], self.ends[end - 1]


_JOINABLE = frozenset({"mc", "mac", "th", "nd", "rd", *TENS_WORDS})


def _joined(first: str, second: str) -> str:
    if first in TENS_WORDS and second in ORDINAL_WORDS:
        return ordinal(TENS_WORDS[first] + int(ORDINAL_WORDS[second][:-2]))
    if first.isdigit() and second in ("th", "nd", "rd") and len(first) < 3:
        return ordinal(int(first))
    return first + second if first in ("mc", "mac") and len(second) > 2 and second.isalpha() else ""


def searchable(text: str) -> str:
    """`text` in small plain letters of the same length; links, handles, hashtags and addresses of mail are blanked."""
    if _MAYBE_NOISE.search(text):
        text = _NOISE.sub(_blank, _MAIL.sub(_blank, text) if _MAYBE_MAIL.search(text) else text)
    if text.isascii():
        return text.lower().replace("`", "'")
    lower = text.translate(_LETTERS).lower()
    if len(lower) == len(text) and lower.isascii():
        return lower
    return "".join(map(_plain, text.translate(_LETTERS)))


def _blank(match: re.Match[str]) -> str:
    found = match.group()
    return "&" + " " * (len(found) - 1) if found == "&amp;" else " " * len(found)


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    """One character without accents and in small letters; a space for what has no plain form."""
    if letter.isascii():
        return letter.lower()
    first = unicodedata.normalize("NFKD", letter)[0]
    return first.lower() if first.isascii() else " "


def _plain_text(text: str) -> str:
    return searchable(text).replace("b/w", "btw").replace("b/t", "btw")


def _split(piece: str) -> tuple[str, ...]:
    """The words of a piece of text without spaces: nothing that is looked for in a text goes past a space."""
    return tuple(map(intern, _TOKEN.findall(_plain_text(piece))))


def _offsets(piece: str) -> tuple[int, ...]:
    """Where each of these words begins in the piece."""
    return tuple(match.start() for match in _TOKEN.finditer(_plain_text(piece)))


_REMEMBERED = 15_000
_SPLIT: Memo[tuple[str, ...]] = Memo(_split, _REMEMBERED)
_OFFSETS: Memo[tuple[int, ...]] = Memo(_offsets, _REMEMBERED)
_KEYS: Memo[str] = Memo(key_of, _REMEMBERED)
"""The comparing form of each word."""


def name_keys(name: str) -> tuple[str, ...]:
    """The words by which a name is compared."""
    keys = [key for key in Words(name).keys if key not in ("", "&", "/", "@", "+", "and")]
    return tuple(keys)
