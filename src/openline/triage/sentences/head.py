"""What a text's vector says of each label, added to what its words say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from openline.triage.learning import minimise, row_weights
from openline.triage.linear import Arrays, Floats, calibrated, softmax

_STRENGTH, _BALANCE, _ITERATIONS = 12.0, 0.5, 60
_WAVES, _WIDTH = 2000, 1.5
_SHARES, _TEMPERATURES = np.linspace(0.1, 2, 20), np.geomspace(0.2, 5, 41)


@dataclass(frozen=True, slots=True)
class SentenceHead:
    """Kernel logistic regression on the vectors of the sentence model with the checksum `model`.

    `weights` has a row per feature (see `_features`) and a column per label. Its scores, times `share`, are added to
    those of the linear model: a product of experts (Hinton 2002). `temperature` and `doubt` are those of the sum.
    """

    model: str
    labels: tuple[str, ...]
    weights: Floats
    share: float = 0.0
    temperature: float = 1.0
    doubt: float = 0.0

    def scores(self, vectors: Floats) -> Floats:
        """A score per text and label; the larger, the likelier."""
        return _features(vectors) @ self.weights

    def together(self, scores: Floats, vectors: Floats) -> Floats:
        """The scores of the words with those of the whole sentences."""
        return scores + np.float32(self.share) * self.scores(vectors)

    def calibrated(self, together: Floats) -> Floats:
        """The probability of each label, row by row."""
        return calibrated(together, self.temperature, self.doubt)

    def to_arrays(self) -> Arrays:
        """All but the labels, which are those of the linear model."""
        return {
            "model": np.frombuffer(self.model.encode(), np.uint8),
            "weights": self.weights.astype(np.float16),
            "blend": np.array([self.share, self.temperature, self.doubt]),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays, labels: tuple[str, ...]) -> SentenceHead:
        """What `to_arrays` described. Raises KeyError or ValueError for anything else."""
        weights = np.ascontiguousarray(arrays["weights"], np.float32)
        if weights.ndim != 2 or weights.shape[1] != len(labels):
            raise ValueError("The sentence model's weights do not fit the labels.")
        return cls(arrays["model"].tobytes().decode(), labels, weights, *map(float, arrays["blend"]))


def fit_head(model: str, vectors: Floats, labels: Sequence[str], weights: Sequence[float]) -> SentenceHead:
    """Learn from vectors with their labels; how much it counts is for `weighed` to say."""
    names = tuple(sorted(set(labels)))
    wanted = np.searchsorted(np.array(names), np.array(labels))
    weight, rows = row_weights(wanted, weights, _BALANCE), _features(vectors)
    shape, every = (rows.shape[1], len(names)), np.arange(len(wanted))

    def loss(flat: Floats) -> tuple[float, Floats]:
        current = flat.reshape(shape)
        chances = softmax(rows @ current)
        error = -float(np.sum(weight * np.log(chances[every, wanted] + 1e-12), dtype=np.float64))
        chances[every, wanted] -= 1
        gradient = rows.T @ (chances * weight[:, None]) + current / np.float32(_STRENGTH)
        return error + float(flat @ flat) / (2 * _STRENGTH), gradient.ravel()

    found = minimise(loss, np.zeros(shape[0] * shape[1], np.float32), _ITERATIONS)
    return SentenceHead(model, names, found.reshape(shape))


def weighed(head: SentenceHead, scores: Floats, own: Floats, right: Sequence[str]) -> SentenceHead:
    """The head with the share and temperature at which words and sentences together best explain the right labels.

    `scores` (of the words) and `own` (of the head) are of texts that neither has learnt from.
    """
    columns = {label: column for column, label in enumerate(head.labels)}
    wanted = np.array([columns[label] for label in right])
    every = np.arange(len(wanted))

    def surprise(share: float, temperature: float) -> float:
        chances = calibrated(scores + np.float32(share) * own, temperature, doubt=0)
        return -float(np.log(chances[every, wanted] + 1e-9).mean())

    pairs = [(float(share), float(t)) for share in _SHARES for t in _TEMPERATURES]
    share, temperature = min(pairs, key=lambda pair: surprise(*pair))
    return replace(head, share=share, temperature=temperature)


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
