"""Which of many phrases a text may have, by the words that they need (`triggers.needs`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

Needs = tuple[frozenset[str], ...]
"""Sets of words, the rarest first: a text needs a word of each. Empty if a phrase may be anything."""
Item = TypeVar("Item")


class Known(set[str]):
    """The words of a text, with what those `Candidates` that are asked `Together` find among them."""

    __slots__ = ("answers",)
    answers: dict[Candidates[Any], list[Any]]


class Candidates(Generic[Item]):
    """Items, each with the needs of its phrase, under every word that triggers a look at them."""

    def __init__(self, items: Iterable[tuple[Needs, Item]]) -> None:
        self.items = list(items)
        self._always = [item for needs, item in self.items if not needs]
        self._of_word: dict[str, list[tuple[frozenset[str], Needs, Item]]] = defaultdict(list)
        for needs, item in self.items:
            for word in needs[0] if needs else ():
                # Most phrases need a second word, which nearly always is not there.
                self._of_word[word].append((needs[min(1, len(needs) - 1)], needs[2:], item))
        self._words = frozenset(self._of_word)

    def among(self, known: set[str]) -> Sequence[Item]:
        """What a text of these words may have, in an order that is the same for the same text."""
        if isinstance(known, Known) and self in known.answers:
            return known.answers[self]
        found, lacks = self._always.copy(), known.isdisjoint
        for word in sorted(self._words & known):
            for second, further, item in self._of_word[word]:
                if not (lacks(second) or (further and any(map(lacks, further)))):
                    found.append(item)
        return found


class Together:
    """Several `Candidates`, asked by one look-up for each word of a text."""

    def __init__(self, parts: Iterable[Candidates[Any]]) -> None:
        self._parts = list(parts)
        self._all = Candidates((needs, (part, item)) for part in self._parts for needs, item in part.items)

    def known(self, words: Iterable[str]) -> Known:
        """The words of a text, with the answers of all parts."""
        known = Known(words)
        known.answers = {part: [] for part in self._parts}
        for part, item in self._all.among(known):
            known.answers[part].append(item)
        return known
