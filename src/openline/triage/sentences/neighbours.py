"""The lessons nearest to a text in meaning: each speaks for its label, the louder the nearer it is."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openline.triage.learning import row_weights
from openline.triage.linear import Arrays, Floats

_NARROW, _BALANCE, _NOTHING = 20.0, 0.5, 1e-5
_OF_A_CATALOGUE = 0.03
"""A catalogue's phrases are no reports: so much one counts beside a report that lies as near."""
_LIGHTEST = 0.003
"""Phrases that count less, those of services with many reports, are not kept."""
_MOST = 12_000
"""So many lessons are kept, at most: some 18 MB and 2 ms a text."""
_LARGEST = 127
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Lessons as vectors, label by label: a kernel estimate of how dense each label's lessons lie around a text
    (Nadaraya 1964; Watson 1964), with the kernel of von Mises and Fisher.

    `vectors` has a row per lesson, `weights` says how much it counts, `counts` how many rows each label has, in the
    order of the labels.
    """

    vectors: Floats
    weights: Floats
    counts: Numbers

    @classmethod
    def of(cls, vectors: Floats, wanted: Numbers, weights: Sequence[float], reports: int) -> Neighbours:
        """Keep lessons: of each its label's number and weight; after the first `reports` come a catalogue's phrases.

        Of very many lessons those of the commonest labels are thinned out.
        """
        given = np.array(weights, float)
        given[reports:] *= _OF_A_CATALOGUE
        heavy = given >= _LIGHTEST
        heavy |= ~np.isin(wanted, wanted[heavy])  # every label keeps a lesson
        weight = row_weights(wanted, given.tolist(), _BALANCE)
        rows = [np.flatnonzero(heavy & (wanted == label)) for label in range(int(wanted.max()) + 1)]
        counts = _thinned([len(of_one) for of_one in rows])
        spread = [np.linspace(0, len(of_one) - 1, many).astype(int) for of_one, many in zip(rows, counts, strict=True)]
        order = np.concatenate([of_one[at] for of_one, at in zip(rows, spread, strict=True)])
        more = np.repeat(np.array(list(map(len, rows))) / counts, counts)
        return cls(vectors[order], (weight[order] * more).astype(np.float32), np.array(counts))

    def scores(self, vectors: Floats) -> Floats:
        """For each text and label the logarithm of how dense the label's lessons lie around it."""
        alike = np.exp(np.float32(_NARROW) * (vectors @ self.vectors.T - 1)) * self.weights
        starts = np.cumsum(self.counts) - self.counts
        found: Floats = np.log(np.add.reduceat(alike, starts, axis=1) + np.float32(_NOTHING))
        return found

    def only(self, labels: Container[int]) -> Neighbours:
        """Those of the labels with these numbers."""
        kept = np.array([number in labels for number in range(len(self.counts))])
        rows = np.repeat(kept, self.counts)
        return Neighbours(self.vectors[rows], self.weights[rows], self.counts[kept])

    def to_arrays(self) -> Arrays:
        """Vectors in steps of a byte: what is lost is less than what the sentence model itself rounds."""
        step = float(np.abs(self.vectors).max()) / _LARGEST or 1.0
        return {
            "near": np.round(self.vectors / step).astype(np.int8),
            "near_step": np.array(step),
            "near_weights": self.weights,
            "near_counts": self.counts,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays, labels: int) -> Neighbours | None:
        """What `to_arrays` described, or None if there is nothing of it. Raises ValueError for anything else."""
        if "near" not in arrays:
            return None
        vectors = arrays["near"].astype(np.float32) * np.float32(arrays["near_step"])
        weights, counts = np.asarray(arrays["near_weights"], np.float32), np.asarray(arrays["near_counts"], np.int64)
        if len(counts) != labels or counts.min() < 1 or not counts.sum() == len(vectors) == len(weights):
            raise ValueError("The kept lessons do not fit the labels.")
        return cls(vectors, weights, counts)


def _thinned(counts: Sequence[int]) -> list[int]:
    """How many of each label may be kept, so that all together are not too many."""
    most = max(counts)
    while most > 1 and sum(min(count, most) for count in counts) > _MOST:
        most = most * 9 // 10
    return [min(count, most) for count in counts]
