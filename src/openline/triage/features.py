"""From words to numbers: a vocabulary of words, word pairs, word beginnings, word endings and concepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from openline.triage.concepts import concepts_of_pair, concepts_of_word, known_pairs

ALWAYS = "*"
"""A feature that every text has: its weight is the bias of a class."""
_AFFIX = 4
PLAIN, CONCEPT, OTHER = "plain", "concept", "other"
"""Kinds of features: words and pairs as they are written; what they mean; beginnings, endings and `ALWAYS`."""


def word_features(word: str) -> tuple[str, ...]:
    """What one word tells: itself, its first and last letters (so forms of a word meet), its concepts."""
    found = [word, *("=" + concept for concept in concepts_of_word(word))]
    if len(word) > _AFFIX and word[0] != "_":
        found += [word[:_AFFIX] + "-", "-" + word[-_AFFIX:]]
    return tuple(found)


def pair_features(pair: str) -> tuple[str, ...]:
    """What two words in a row ("gas leak") tell."""
    return (pair, *("=" + concept for concept in concepts_of_pair(pair)))


def kind(name: str) -> str:
    """The kind of a feature, by its name."""
    if name[0] == "=":
        return CONCEPT
    return OTHER if name == ALWAYS or name[0] == "-" or name[-1] == "-" else PLAIN


def features(words: Sequence[str]) -> set[str]:
    """All features of a text given as words."""
    found = {ALWAYS}
    for word in words:
        found.update(word_features(word))
    for pair in map(" ".join, zip(words, words[1:], strict=False)):
        found.update(pair_features(pair))
    return found


def pairs_of(names: Iterable[str]) -> Iterator[str]:
    """The pairs of words among the features of a model, and those that stand for a concept."""
    return chain((name for name in names if " " in name), known_pairs())


class Vocabulary:
    """The features a model knows, numbered; texts become sets of these numbers."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each feature; a scorer, which has its own, never asks for it."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def pairs(self) -> frozenset[str]:
        """The pairs of words that mean something."""
        return frozenset(pairs_of(self.names))

    @classmethod
    def learn(cls, texts: Iterable[Sequence[str]], at_least: int = 1) -> Vocabulary:
        """The features that occur in `at_least` of `texts` (given as words)."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(features(text))
        return cls([ALWAYS, *sorted(name for name, count in counts.items() if count >= at_least and name != ALWAYS)])

    def __len__(self) -> int:
        return len(self.names)

    def encode(self, words: Sequence[str]) -> list[int]:
        """The numbers of the features of one text: of each of its words, and of each pair that means something.

        What two different words tell alike (a beginning, a concept) stands there twice, so that the score of a text is
        the sum of what its words tell (`scorer`). Never empty.
        """
        found = [0]
        for word in dict.fromkeys(words):
            found += self._numbers(word_features(word))
        for pair in dict.fromkeys(map(" ".join, zip(words, words[1:], strict=False))):
            if pair in self.pairs:
                found += self._numbers(pair_features(pair))
        return found

    def _numbers(self, names: Iterable[str]) -> list[int]:
        return [self.number[name] for name in names if name in self.number]


_SMALL_WORDS = frozenset(
    """a an and are at be by do doe for from have i in is it me my of on or so that the their them there they this to
    up was we what with you your la el de en un una y que le les et des o e ? ! .""".split()
)


def is_plain(name: str) -> bool:
    """Whether a word or pair, shown to people, says something: no marks, no small words alone."""
    return name != "" and name[0] != "_" and not _SMALL_WORDS.issuperset(name.split())


class Rows:
    """Encoded texts as a sparse matrix of ones in rows (compressed sparse row: `numbers`, `starts`)."""

    def __init__(self, encoded: Sequence[Iterable[int]]) -> None:
        lists = [list(row) for row in encoded]
        lengths = np.fromiter(map(len, lists), np.int64, len(lists))
        self.numbers: NDArray[np.int64] = np.fromiter((n for row in lists for n in row), np.int64, int(lengths.sum()))
        self.ends: NDArray[np.int64] = np.cumsum(lengths)
        self.starts: NDArray[np.int64] = self.ends - lengths

    def __len__(self) -> int:
        return len(self.starts)
