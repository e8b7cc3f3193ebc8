"""What speaks for each article as the answer to a question: a row of figures for each, without a verdict.

The verdict is `confidence.py`'s. All in memory: a city has hundreds of articles. What PostgreSQL's full text and the
sentence model say of them comes from outside, as figures by article (`fulltext.py`, `meaning.py`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openline.knowledge.index import STOP, Index, Text
from openline.knowledge.passages import Passage, passages
from openline.knowledge.spelled import Known, root
from openline.triage.text import words

FEATURES = ("words", "words_share", "phrase", "phrase_whole", "title", "passage", "fulltext", "meaning", "service")
"""The figures of an article, in the order of the weights."""
_CANDIDATES = 12
Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as the matcher reads it."""

    key: int
    title: str
    keywords: str
    body: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the matcher reads it: its words as the articles spell them, and how much of it is known."""

    text: str
    roots: tuple[str, ...]
    known: float


class Matcher:
    """The articles of one language, ready to be asked."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = {entry.key: entry for entry in entries}
        self._index = Index([Text(e.key, e.title, e.keywords, e.body) for e in entries])
        self._passages = {e.key: passages(e.body) for e in entries}
        self._phrases = {e.key: _phrases(e) for e in entries}
        self._titles = {e.key: frozenset(roots(e.title)) for e in entries}
        self._parts = {
            e.key: [frozenset(roots(p.text + " " + p.heading)) for p in self._passages[e.key]] for e in entries
        }
        self._known = Known(
            word for e in entries for word in words(f"{e.title} {e.keywords} {e.body}") if word.isalpha()
        )
        self._rarity = self._rarities()
        self._worths = {key: [sum(map(self._worth, one)) for one in of_one] for key, of_one in self._phrases.items()}

    def _rarities(self) -> dict[str, float]:
        """How much it says that an article has a word."""
        found: Counter[str] = Counter()
        for key, parts in self._parts.items():
            found.update(frozenset().union(*parts, *(phrase for phrase in self._phrases[key])))
        return {one: math.log1p(len(self.entries) / count) for one, count in found.items()}

    def read(self, question: str) -> Asked:
        """`question` with its slips mended."""
        read = [word for word in words(question) if word not in STOP]
        mended = [self._known.nearest(word) for word in read]
        kept = tuple(dict.fromkeys(root(word) for word in mended))
        total = sum(self._worth(one) for one in kept)
        known = sum(self._rarity.get(one, 0.0) for one in kept)
        return Asked(" ".join(mended), kept, known / total if total else 0.0)

    def rows(
        self,
        asked: Asked,
        fulltext: Mapping[int, float] | None = None,
        meaning: Mapping[int, float] | None = None,
        services: Sequence[str] = (),
    ) -> dict[int, Row]:
        """The figures of the articles that may answer `asked`, by key."""
        scores = self._index.scores(asked.text)
        fulltext, meaning = fulltext or {}, meaning or {}
        best = max(scores.values(), default=0.0)
        likely = set(_likeliest(scores))
        likely |= set(_likeliest(meaning))
        likely |= set(_likeliest(fulltext))
        mine = frozenset(asked.roots)
        total = sum(map(self._worth, mine))
        return {
            key: (
                scores.get(key, 0.0),
                scores.get(key, 0.0) / best if best else 0.0,
                *self._phrase(mine, total, key),
                self._alike(mine, total, self._titles[key]),
                max((self._covered(mine, total, part) for part in self._parts[key]), default=0.0),
                fulltext.get(key, 0.0),
                meaning.get(key, 0.0),
                float(bool(self.entries[key].service) and self.entries[key].service in services),
            )
            for key in likely
            if key in self.entries
        }

    def passage(self, key: int, asked: Asked) -> Passage:
        """The passage of the article that answers best; the first one unless another has clearly more of the words."""
        mine = frozenset(asked.roots)
        total = sum(map(self._worth, mine))
        covered = [self._covered(mine, total, part) for part in self._parts[key]]
        if not covered:
            return Passage("", "")
        at = max(range(len(covered)), key=lambda n: (covered[n], -n))
        return self._passages[key][at if covered[at] > covered[0] + _CLEARLY else 0]

    def _worth(self, one: str) -> float:
        return self._rarity.get(one) or math.log1p(len(self.entries))

    def _shared(self, mine: frozenset[str], other: frozenset[str]) -> float:
        return sum([self._rarity.get(one, 0.0) for one in mine & other])

    def _phrase(self, mine: frozenset[str], total: float, key: int) -> tuple[float, float]:
        """Of the ways to ask for an article: how alike the nearest is, and how much of the question a whole one is."""
        alike = whole = 0.0
        for phrase, worth in zip(self._phrases[key], self._worths[key], strict=True):
            if not mine.isdisjoint(phrase) and (shared := self._shared(mine, phrase)):
                alike = max(alike, 2 * shared / (total + worth))
                whole = max(whole, shared / total) if phrase <= mine else whole
        return alike, whole

    def _alike(self, mine: frozenset[str], total: float, phrase: frozenset[str]) -> float:
        """Twice what is shared over all (Dice), each word by its rarity."""
        shared = self._shared(mine, phrase)
        return 2 * shared / (total + sum(map(self._worth, phrase))) if shared else 0.0

    def _covered(self, mine: frozenset[str], total: float, part: frozenset[str]) -> float:
        return self._shared(mine, part) / total if total and not mine.isdisjoint(part) else 0.0


def _likeliest(figures: Mapping[int, float]) -> list[int]:
    """The articles with the highest figures, by key."""
    return sorted(figures, key=lambda key: (-figures[key], key))[:_CANDIDATES]


_CLEARLY = 0.25
"""So much more of the question's words another passage than the first must have to be the answer."""


def roots(text: str) -> list[str]:
    """The roots of the words of `text` that carry a topic."""
    return [root(word) for word in words(text) if word not in STOP]


def _phrases(entry: Entry) -> list[frozenset[str]]:
    """The ways in which residents ask for an article: its title, and each of its keywords."""
    parts = [entry.title, *entry.keywords.split(";")]
    return [phrase for part in parts if (phrase := frozenset(roots(part)))]
