"""What a word may be for the rules, as bits of one number, so that they look only at words that can matter to them.

A post has thirty words, and most belong to no place. Which those are is looked up once for all rules.
"""

from __future__ import annotations

from openline.geography.words import BLOCK_WORDS, CONNECTORS, DIRECTIONS, FILLERS, STRONG_SUFFIXES, SUFFIXES

STREET = 1
"""The name of a street may begin here."""
LANDMARK = 2
"""The name of a landmark may begin here."""
AREA = 4
"""The name of an area may begin here."""
SUFFIX = 8
"""A suffix that hardly stands for anything else: the word before it may be a misspelled street."""
COMMON = 16
"""An everyday word, which alone is no street even where a street is called so."""
BEFORE = 32
"""Before an everyday word it may tell that a street is meant: a number, "corner", "and"."""
BEHIND = 64
"""Likewise behind it: a suffix, "and"."""
PAST = 128
"""What may stand between: "corner *of the*", "1234*R*"."""
BETWEEN = 256
"""Opens a stretch from one cross street to another, with all kinds of street names around."""
_MARKED = STREET | LANDMARK | AREA | SUFFIX | BETWEEN
"""The rules begin at words that have any of these."""

BETWEEN_WORDS = frozenset("between btwn btw bet betw b/w entre from".split())
_JOINTS = CONNECTORS | DIRECTIONS.keys() | {"corner"}
_BEFORE, _BEHIND = _JOINTS | BLOCK_WORDS, _JOINTS | SUFFIXES.keys()
_PAST = FILLERS | frozenset("on along rear".split())


def role_of(lower: str) -> int:
    """What a word, in small letters, may be in any city."""
    number = lower[0].isdigit()
    return (
        (SUFFIX if lower in STRONG_SUFFIXES else 0)
        | (BEFORE if number or lower in _BEFORE else 0)
        | (PAST if len(lower) == 1 or lower in _PAST else 0)
        | (BEHIND if number or lower in _BEHIND else 0)
        | (BETWEEN if lower in BETWEEN_WORDS else 0)
    )


class Roles:
    """The roles of the words of a text, in their order (`of`), and which words have a role to begin with (`marked`)."""

    __slots__ = ("marked", "of")

    def __init__(self, of: list[int]) -> None:
        self.of = of
        self.marked = [i for i, role in enumerate(of) if role & _MARKED]

    def having(self, role: int) -> list[int]:
        """The words with this role."""
        of = self.of
        return [i for i in self.marked if of[i] & role]

    def idle(self, i: int) -> bool:
        """Whether word `i` is an everyday word and the words beside it leave it one: no rule makes a street of it."""
        of, last = self.of, len(self.of) - 1
        if not of[i] & COMMON or of[i] & SUFFIX:
            return False
        before, behind = max(i - 1, 0), min(i + 1, last)
        while before and of[before] & (PAST | BEFORE) == PAST:
            before -= 1
        while behind < last and of[behind] & (PAST | BEHIND) == PAST:
            behind += 1
        return not ((before < i and of[before] & BEFORE) or (behind > i and of[behind] & BEHIND))
