"""From words to numbers: a vocabulary of words, word pairs, word beginnings, word endings and concepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from openline.triage.concepts import concepts_of_pair, concepts_of_word, known_pairs

ALWAYS = "*"
"""A feature that every text has: its weight is the bias of a class."""
_AFFIX = 4
_REMEMBERED_WORDS = 50_000


def word_features(word: str) -> tuple[str, ...]:
    """What one word tells: itself, its first and last letters (so forms of a word meet), its concepts."""
    found = [word, *("=" + concept for concept in concepts_of_word(word))]
    if len(word) > _AFFIX and word[0] != "_":
        found += [word[:_AFFIX] + "-", "-" + word[-_AFFIX:]]
    return tuple(found)


def pair_features(pair: str) -> tuple[str, ...]:
    """What two words in a row ("gas leak") tell."""
    return (pair, *("=" + concept for concept in concepts_of_pair(pair)))


def features(words: Sequence[str]) -> set[str]:
    """All features of a text given as words."""
    found = {ALWAYS}
    for word in words:
        found.update(word_features(word))
    for pair in map(" ".join, zip(words, words[1:], strict=False)):
        found.update(pair_features(pair))
    return found


class _Remembering(dict[str, tuple[int, ...]]):
    """The numbers of the features of a word, worked out once; forgets everything before it grows too large."""

    def __init__(self, numbers: Callable[[Iterable[str]], tuple[int, ...]]) -> None:
        self._numbers = numbers

    def __missing__(self, word: str) -> tuple[int, ...]:
        if len(self) >= _REMEMBERED_WORDS:
            self.clear()
        result = self[word] = self._numbers(word_features(word))
        return result


class Vocabulary:
    """The features a model knows, numbered; texts become sets of these numbers."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.number = {name: number for number, name in enumerate(self.names)}
        self._of_word = _Remembering(self._numbers)
        self._of_pair = self._pairs()
        self.is_plain = np.array([_is_plain(name) for name in self.names])

    @classmethod
    def learn(cls, texts: Iterable[Sequence[str]], at_least: int = 1) -> Vocabulary:
        """The features that occur in `at_least` of `texts` (given as words)."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(features(text))
        return cls([ALWAYS, *sorted(name for name, count in counts.items() if count >= at_least and name != ALWAYS)])

    def __len__(self) -> int:
        return len(self.names)

    def shown(self, number: int) -> str:
        """A feature as people read it."""
        name = self.names[number]
        if name.startswith("="):
            return f"words for {name[1:].replace('_', ' ')}"
        return name[:-1] + "…" if name.endswith("-") else "…" + name[1:] if name.startswith("-") else name

    def _pairs(self) -> dict[str, tuple[int, ...]]:
        """Pairs of words that mean something here: those in the vocabulary and those of a known concept."""
        known = [name for name in self.names if " " in name]
        return {pair: self._numbers(pair_features(pair)) for pair in (*known, *known_pairs())}

    def _numbers(self, names: Iterable[str]) -> tuple[int, ...]:
        return tuple(self.number[name] for name in names if name in self.number)

    def encode(self, words: Sequence[str]) -> set[int]:
        """The numbers of the features of one text, in no order; never empty."""
        pairs = map(self._of_pair.get, map(" ".join, zip(words, words[1:], strict=False)))
        return {0}.union(*map(self._of_word.__getitem__, words), *filter(None, pairs))


_SMALL_WORDS = frozenset(
    """a an and are at be by do doe for from have i in is it me my of on or so that the their them there they this to
    up was we what with you your la el de en un una y que le les et des o e ? ! .""".split()
)


def _is_plain(name: str) -> bool:
    """Whether a feature, shown to people, says something: no fragments, no small words alone."""
    if name[0] == "-" or name[-1] == "-" or name == ALWAYS:
        return False
    return not _SMALL_WORDS.issuperset(name.split())


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
