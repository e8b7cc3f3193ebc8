"""What a text's vector says of each label, added to what its words say: by learnt directions and by near lessons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from openline.triage.learning import minimise, row_weights
from openline.triage.linear import Arrays, Floats, calibrated, softmax
from openline.triage.sentences.neighbours import Neighbours, Numbers

_STRENGTH, _BALANCE, _ITERATIONS = 12.0, 0.5, 60
_WAVES, _WIDTH = 2000, 1.5
_SHARES = {1: (np.linspace(0.1, 2, 20),), 2: (np.linspace(0, 1, 5), np.linspace(0, 1.2, 7))}
"""The shares that are tried: of the learnt directions alone, or of these and of the neighbours."""
_TEMPERATURES = np.geomspace(0.2, 5, 41)


@dataclass(frozen=True, slots=True)
class SentenceHead:
    """What is learnt from the vectors of the sentence model with the checksum `model`.

    `weights`, of a kernel logistic regression, has a row per feature (see `_features`) and a column per label;
    `neighbours` are the lessons themselves, where they are reports. The scores of both, each times its share, are
    added to those of the linear model: a product of experts (Hinton 2002). `temperature` and `doubt` are those of the
    sum.
    """

    model: str
    labels: tuple[str, ...]
    weights: Floats
    neighbours: Neighbours | None = None
    shares: tuple[float, ...] = (0.0, 0.0)
    temperature: float = 1.0
    doubt: float = 0.0

    def scores(self, vectors: Floats) -> tuple[Floats, ...]:
        """By each expert a score per text and label; the larger, the likelier."""
        learnt = _features(vectors) @ self.weights
        return (learnt, self.neighbours.scores(vectors)) if self.neighbours else (learnt,)

    def together(self, scores: Floats, own: Sequence[Floats]) -> Floats:
        """The scores of the words with those of the whole sentences (see `scores`)."""
        return sum((np.float32(share) * one for share, one in zip(self.shares, own, strict=False)), scores)

    def only(self, kept: Sequence[int], labels: tuple[str, ...]) -> SentenceHead:
        """The head with these labels, whose numbers were `kept`."""
        neighbours = self.neighbours.only(set(kept)) if self.neighbours else None
        weights = np.ascontiguousarray(self.weights[:, list(kept)])
        return replace(self, labels=labels, weights=weights, neighbours=neighbours)

    def calibrated(self, together: Floats) -> Floats:
        """The probability of each label, row by row."""
        return calibrated(together, self.temperature, self.doubt)

    def to_arrays(self) -> Arrays:
        """All but the labels, which are those of the linear model."""
        arrays: Arrays = {
            "model": np.frombuffer(self.model.encode(), np.uint8),
            "weights": self.weights.astype(np.float16),
            "blend": np.array([*self.shares, self.temperature, self.doubt]),
        }
        return arrays | (self.neighbours.to_arrays() if self.neighbours else {})

    @classmethod
    def from_arrays(cls, arrays: Arrays, labels: tuple[str, ...]) -> SentenceHead:
        """What `to_arrays` described. Raises KeyError or ValueError for anything else."""
        weights = np.ascontiguousarray(arrays["weights"], np.float32)
        *shares, temperature, doubt = map(float, arrays["blend"])
        if weights.ndim != 2 or weights.shape[1] != len(labels):
            raise ValueError("The sentence model's weights do not fit the labels.")
        near = Neighbours.from_arrays(arrays, len(labels))
        return cls(arrays["model"].tobytes().decode(), labels, weights, near, tuple(shares), temperature, doubt)


def fit_head(
    model: str, vectors: Floats, labels: Sequence[str], weights: Sequence[float], reports: int = 0
) -> SentenceHead:
    """Learn from vectors with their labels; how much it counts is for `weighed` to say.

    The first so many are `reports`, the others a catalogue's phrases; without reports there are no neighbours.
    """
    names = tuple(sorted(set(labels)))
    wanted = np.searchsorted(np.array(names), np.array(labels))
    found = _directions(_features(vectors), wanted, row_weights(wanted, weights, _BALANCE), len(names))
    return SentenceHead(model, names, found, Neighbours.of(vectors, wanted, weights, reports) if reports else None)


def _directions(rows: Floats, wanted: Numbers, weight: Floats, labels: int) -> Floats:
    """The weights of a multinomial logistic regression: a row per feature, a column per label."""
    shape, every = (rows.shape[1], labels), np.arange(len(wanted))

    def loss(flat: Floats) -> tuple[float, Floats]:
        current = flat.reshape(shape)
        chances = softmax(rows @ current)
        error = -float(np.sum(weight * np.log(chances[every, wanted] + 1e-12), dtype=np.float64))
        chances[every, wanted] -= 1
        gradient = rows.T @ (chances * weight[:, None]) + current / np.float32(_STRENGTH)
        return error + float(flat @ flat) / (2 * _STRENGTH), gradient.ravel()

    return minimise(loss, np.zeros(shape[0] * shape[1], np.float32), _ITERATIONS).reshape(shape)


def weighed(head: SentenceHead, scores: Floats, own: Sequence[Floats], right: Sequence[str]) -> SentenceHead:
    """The head with the shares and temperature at which words and sentences together best explain the right labels,
    rare ones counting more, as they do when the models learn.

    `scores` (of the words) and `own` (of the head) are of texts that neither has learnt from.
    """
    columns = {label: column for column, label in enumerate(head.labels)}
    wanted = np.array([columns[label] for label in right])
    every, weight = np.arange(len(wanted)), row_weights(wanted, None, _BALANCE)

    def surprise(blend: tuple[float, ...]) -> float:
        *shares, temperature = blend
        together = replace(head, shares=tuple(shares)).together(scores, own)
        chances = softmax(together / np.float32(temperature))
        return -float((weight * np.log(chances[every, wanted] + 1e-9)).mean())

    tried = product(*(values.tolist() for values in (*_SHARES[len(own)], _TEMPERATURES)))
    *shares, temperature = min(tried, key=surprise)
    return replace(head, shares=tuple(shares), temperature=temperature)


def _features(vectors: Floats) -> Floats:
    """Waves whose products are about the Gaussian kernel of the vectors (Rahimi and Recht 2007, "Random features for
    large-scale kernel machines"): what is alike counts together, in whatever direction; and 1, for all texts."""
    turns, shifts = _waves(vectors.shape[1])
    waves = np.cos(vectors @ turns + shifts) * np.float32(np.sqrt(2 / _WAVES))
    return np.hstack([waves, np.ones((len(vectors), 1), np.float32)])


@lru_cache(4)
def _waves(dimensions: int) -> tuple[Floats, Floats]:
    """Directions and phases; the same everywhere, because NumPy promises that this old generator never changes."""
    chance = np.random.RandomState(0)
    turns = chance.normal(0, _WIDTH, (dimensions, _WAVES))
    return turns.astype(np.float32), chance.uniform(0, 2 * np.pi, _WAVES).astype(np.float32)
