"""Scores of many texts by several linear models at once.

A linear model adds up what the words and pairs of a text tell. So each word's share, for every label of every model,
is one row of a table, worked out when the word is first seen; a text is then no more than a sum of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from sys import intern
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from openline.triage.features import ALWAYS, is_plain, pair_features, pairs_of, word_features
from openline.triage.linear import Floats, LinearModel

_REMEMBERED = 40_000
"""Words remembered before the table starts anew: some 12 MB with 70 labels."""
_FIRST = 4096
_AT_ONCE = 1000


class _Shares:
    """For each feature that any of the models knows: what it adds to each label, then to each model's squared norm."""

    def __init__(self, models: Sequence[LinearModel]) -> None:
        names = dict.fromkeys(chain.from_iterable(model.vocabulary.names for model in models))
        self.number = {name: number for number, name in enumerate(names)}
        self.labels = [len(model.labels) for model in models]
        self.values = np.zeros((len(names), sum(self.labels) + len(models)), np.float32)
        for model, begin, norm in zip(models, self.begins, self.norms, strict=True):
            at = np.array([self.number[name] for name in model.vocabulary.names])
            self.values[at, begin : begin + len(model.labels)] = model.idf[:, None] * model.weights
            self.values[at, norm] = model.idf**2

    @property
    def begins(self) -> list[int]:
        """For each model the column of its first label."""
        return [0, *np.cumsum(self.labels[:-1]).tolist()]

    @property
    def norms(self) -> range:
        """For each model the column of its squared norm."""
        return range(sum(self.labels), sum(self.labels) + len(self.labels))

    def known(self, features: Sequence[str]) -> list[int]:
        """The numbers of those features that any model knows."""
        return [number for name in features if (number := self.number.get(name)) is not None]

    def of(self, features: Sequence[str]) -> Floats | None:
        """The sum over features; None if no model knows any of them."""
        known = self.known(features)
        return self.values[known].sum(axis=0, dtype=np.float32) if known else None

    def each(self, known: Sequence[list[int]]) -> Floats:
        """The sums over lists of numbers, none of them empty; some at a time, which needs less memory."""
        sums = np.empty((len(known), self.values.shape[1]), np.float32)
        for start in range(0, len(known), _AT_ONCE):
            some = known[start : start + _AT_ONCE]
            ends = np.cumsum([len(numbers) for numbers in some])
            values = self.values[list(chain.from_iterable(some))]
            np.add.reduceat(values, [0, *ends[:-1]], axis=0, out=sums[start : start + len(some)])
        return sums


class _Table(dict[str, int]):
    """The shares of the words seen so far: word or pair to row. Row 0 is every text's, row 1 of words unknown, then
    come those of the `pairs`; these rows, `first`, stand in every table of a scorer."""

    def __init__(self, shares: _Shares, first: Floats, pairs: Sequence[str]) -> None:
        self._shares, self._lock = shares, Lock()
        self.names = ["", "", *pairs]
        self.rows = np.zeros((max(_FIRST, 2 * len(first)), first.shape[1]), np.float32)
        self.rows[: len(first)] = first
        self.plain = np.zeros(len(self.rows), np.bool_)
        self.plain[: len(first)] = list(map(is_plain, self.names))
        self.pairs = {tuple(map(intern, pair.split(" "))): row for row, pair in enumerate(pairs, 2)}

    def __missing__(self, word: str) -> int:
        with self._lock:
            known = self.get(word)
            if known is None:
                share = self._shares.of(word_features(word))
                known = self[word] = 1 if share is None else self._add(word, share)
        return known

    def _add(self, name: str, share: Floats) -> int:
        """A new row. Readers hold on to the old array until they are done: rows never change once they are named."""
        number = len(self.names)
        if number == len(self.rows):
            self.rows = np.vstack([self.rows, np.zeros_like(self.rows)])
            self.plain = np.append(self.plain, np.zeros_like(self.plain))
        self.rows[number] = share
        self.plain[number] = is_plain(name)
        self.names.append(name)
        return number

    def encode(self, words: Sequence[str]) -> list[int]:
        """The rows of one text."""
        rows = map(self.__getitem__, dict.fromkeys(words))
        pairs = map(self.pairs.get, zip(words, words[1:], strict=False))
        return [0, *rows, *dict.fromkeys(filter(None, pairs))]


class Scorer:
    """Scores texts, given as words, by each of `models`; threads may share it."""

    def __init__(self, models: Sequence[LinearModel]) -> None:
        self._shares = _Shares(models)
        pairs = dict.fromkeys(chain.from_iterable(pairs_of(model.vocabulary.names) for model in models))
        known = {pair: numbers for pair in pairs if (numbers := self._shares.known(pair_features(pair)))}
        self._pairs = [*known]
        always = self._shares.each([self._shares.known([ALWAYS])])
        first = np.vstack([always, np.zeros_like(always), self._shares.each([*known.values()])])
        self._table = _Table(self._shares, first, self._pairs)

    def _anew(self) -> _Table:
        """A table that has seen no words."""
        return _Table(self._shares, self._table.rows[: len(self._pairs) + 2], self._pairs)

    def column(self, model: int, label: int) -> int:
        """Where the label of this number of the model of this number stands, for `Scores.deciding`."""
        return self._shares.begins[model] + label

    def scores(self, texts: Sequence[Sequence[str]]) -> Scores:
        """The scores of each text by each model."""
        table = self._table
        if len(table) > _REMEMBERED:
            self._table = self._anew()
        return Scores(self._shares, table, [table.encode(text) for text in texts])


class Scores:
    """What the models say of some texts, and why."""

    def __init__(self, shares: _Shares, table: _Table, encoded: list[list[int]]) -> None:
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        self._shares, self._table = shares, table
        self._numbers = np.fromiter(chain.from_iterable(encoded), np.int64, int(lengths.sum()))
        self._starts = np.cumsum(lengths) - lengths
        self._owners = np.repeat(np.arange(len(lengths)), lengths)
        self._told = table.rows.take(self._numbers, axis=0)
        self._sums = np.add.reduceat(self._told, self._starts, axis=0)

    def by(self, model: int) -> Floats:
        """The scores by the model of this number: a row per text, a column per label."""
        begin = self._shares.begins[model]
        norm = np.sqrt(self._sums[:, self._shares.norms[model]])
        scores = self._sums[:, begin : begin + self._shares.labels[model]] / norm[:, None]
        return scores.astype(np.float32, copy=False)

    def deciding(self, columns: NDArray[np.int64], most: int = 3) -> list[list[str]]:
        """For each text the words that spoke most for the label in the given column, best first."""
        told = self._told[np.arange(len(self._owners)), columns[self._owners]]
        told = np.where(self._table.plain[self._numbers], told, 0)
        words: list[list[str]] = [[] for _ in self._starts]
        for _ in range(most):
            places = self._largest(told)
            for owner, number in zip(self._owners[places].tolist(), self._numbers[places].tolist(), strict=True):
                words[owner].append(self._table.names[number])
            told[places] = 0
        return words

    def _largest(self, told: Floats) -> NDArray[np.int64]:
        """For each text where the first of its largest shares stands; nowhere if it has none above zero."""
        largest = np.maximum.reduceat(told, self._starts)[self._owners]
        places = np.flatnonzero((told == largest) & (told > 0))
        return places[np.flatnonzero(np.diff(self._owners[places], prepend=-1))]
