"""A first look at a text: which rules for personal data can it concern at all?

A rule reads the whole text, and most texts concern none. What hints at each rule is looked for in every piece of text
between two spaces, and remembered, so that the first look costs one look-up for each piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from openline.foundation.memo import Memo

CUED = 1
"""A word that ends a cue for a name, and behind it a capital letter."""
_CUE, _CAPITAL = 2, 4
DIGIT = 8
OTHERS = 16
"""The first bit that a group of hints may have."""

_DIGIT = re.compile(r"\d")
_UPPER = re.compile("[A-ZÀ-ÖØ-Þ]")
_AROUND_CUE = "(\"'“‘¡¿-—–*"
_LONGEST_CUE_END = 12
_REMEMBERED = 15_000


def any_of(hints: Iterable[str]) -> str:
    """A group of these hints; of a hint of several words, a piece of text can hold only one: the longest counts."""
    return "|".join(sorted({re.escape(max(hint.split(), key=len)) for hint in hints}))


class Hints:
    """Which groups of hints, each of one bit, a text may hold.

    A group is a pattern for a piece of text in small letters; `cue_ends` are the words that end a cue for a name.
    """

    def __init__(self, groups: Mapping[int, str], cue_ends: frozenset[str]) -> None:
        self._cue_ends = cue_ends
        self._groups = {bit: re.compile(pattern) for bit, pattern in groups.items()}
        self._any = re.compile("|".join(groups.values()))
        self._marks = Memo(self._mark, _REMEMBERED)

    def seen(self, text: str) -> int:
        """The groups that may be in `text`, with `DIGIT` and `CUED`. None of the others is there."""
        marks = list(map(self._marks.__getitem__, text.split()))
        found = reduce(or_, marks, 0)
        if found & _CUE and found & _CAPITAL:
            capitals = [i for i, mark in enumerate(marks) if mark & _CAPITAL]
            found |= CUED * any(marks[i - 1] & _CUE for i in capitals if i)
        return found

    def _mark(self, piece: str) -> int:
        """What one piece of a text hints at."""
        lower = piece.lower()
        found = DIGIT if not piece.isalpha() and _DIGIT.search(piece) else 0
        found |= _CAPITAL if _UPPER.match(piece) else 0
        found |= _CUE if lower[-_LONGEST_CUE_END:].rstrip(".,:").lstrip(_AROUND_CUE) in self._cue_ends else 0
        if self._any.search(lower):
            found |= sum(bit for bit, group in self._groups.items() if group.search(lower))
        return found
