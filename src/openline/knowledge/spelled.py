"""Words as an article may have written them: roots of words, and the nearest known word for a slip of the hand.

The similarity is that of trigrams as PostgreSQL's pg_trgm figures it (shared over all), in memory, since not every
PostgreSQL that we meet has that extension.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from openline.foundation.memo import Memo

_ENDINGS = ("ation", "ments", "ment", "ings", "ing", "ies", "ied", "ers", "es", "ed", "er", "s", "e", "y")
_SHORTEST_ROOT = 3
_SHORTEST_SLIP = 4
_REMEMBERED = 5_000
_ALIKE = 0.42
"""From this similarity on, an unknown word is a known one that was mistyped."""


def root(word: str) -> str:
    """The word without the endings in which its forms differ."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_ROOT:
            return word[: len(word) - len(ending)]
    return word


def trigrams(word: str) -> frozenset[str]:
    """The groups of three letters of a word, two blanks before it and one behind."""
    padded = f"  {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


class Known:
    """The words that the articles use."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._roots = frozenset(map(root, self._words))
        self._with: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._words):
            for part in trigrams(word) if len(word) >= _SHORTEST_SLIP else ():
                self._with[part].append(word)
        self._remembered = Memo(self._nearest, _REMEMBERED)

    def nearest(self, word: str) -> str:
        """The word of the articles that is meant by `word`, which stays as it is where there is none."""
        return self._remembered[word]

    def _nearest(self, word: str) -> str:
        """`word` itself if it is known in any form, else the known word of which it is a slip, else `word`."""
        if word in self._words or root(word) in self._roots or len(word) < _SHORTEST_SLIP or not word.isalpha():
            return word
        mine = trigrams(word)
        shared: dict[str, int] = defaultdict(int)
        for part in mine:
            for known in self._with.get(part, ()):
                shared[known] += 1
        best, similarity = word, _ALIKE
        for known, count in shared.items():
            alike = count / (len(mine) + len(known) + 1 - count)
            if alike > similarity:
                best, similarity = known, alike
        return best
