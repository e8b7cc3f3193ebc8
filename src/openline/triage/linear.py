"""A linear classifier over sparse features: scores, calibrated probabilities, and the words that decided."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openline.triage.features import Rows, Vocabulary

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Multinomial logistic regression on normalised tf-idf features (each word of a text once).

    `weights` has a row per feature and a column per label, `idf` a value per feature; `temperature` divides
    the scores so that probabilities are honest (Guo et al. 2017, "On calibration of modern neural networks"), and
    `doubt` is the share of probability that is spread over all labels: the lessons themselves are wrong that often.
    """

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    idf: Floats
    weights: Floats
    temperature: float = 1.0
    doubt: float = 0.0

    def scores(self, rows: Rows) -> Floats:
        """A score per row and label; the larger, the likelier."""
        return product(rows, self.idf, self.weights)

    def calibrated(self, scores: Floats) -> Floats:
        """The probability of each label from its score, row by row."""
        return calibrated(scores, self.temperature, self.doubt)

    def raw(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The scores of each text, given as words."""
        return self.scores(Rows([self.vocabulary.encode(words) for words in texts]))

    def read(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The probability of each label for each text, given as words."""
        return self.calibrated(self.raw(texts))

    def only(self, kept: Sequence[int], labels: tuple[str, ...]) -> LinearModel:
        """The model with these labels, whose numbers were `kept`."""
        return replace(self, labels=labels, weights=np.ascontiguousarray(self.weights[:, list(kept)]))

    def to_arrays(self) -> Arrays:
        """The model as arrays that `numpy.savez` can keep without pickling."""
        return {
            "labels": _packed(self.labels),
            "names": _packed(self.vocabulary.names),
            "idf": self.idf.astype(np.float16),
            "weights": self.weights.astype(np.float16),
            "calibration": np.array([self.temperature, self.doubt]),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> LinearModel:
        """The model that `to_arrays` described. Raises KeyError or ValueError for anything else."""
        return cls(
            labels=_unpacked(arrays["labels"]),
            vocabulary=Vocabulary(_unpacked(arrays["names"])),
            idf=np.ascontiguousarray(arrays["idf"], np.float32),
            weights=np.ascontiguousarray(arrays["weights"], np.float32),
            temperature=float(arrays["calibration"][0]),
            doubt=float(arrays["calibration"][1]),
        )

    def to_bytes(self) -> bytes:
        """The model as one compressed file."""
        return pack({"": self.to_arrays()})

    @classmethod
    def from_bytes(cls, data: bytes) -> LinearModel:
        """The model that `to_bytes` made."""
        return cls.from_arrays(unpack(data)[""])

    def without_weights(self) -> LinearModel:
        """Labels and calibration alone: all that is needed where a `Scorer` makes the scores."""
        nothing = np.zeros((0, len(self.labels)), np.float32)
        return replace(self, vocabulary=Vocabulary(()), idf=np.zeros(0, np.float32), weights=nothing)


def pack(parts: Mapping[str, Arrays]) -> bytes:
    """Models, as arrays by name, as one compressed file."""
    file = io.BytesIO()
    arrays = {f"{name}/{key}": array for name, part in parts.items() for key, array in part.items()}
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def unpack(data: bytes) -> dict[str, Arrays]:
    """The arrays that `pack` put into one file. Raises ValueError or OSError for anything else."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        parts: dict[str, Arrays] = {}
        for key in file.files:
            name, _, array = key.rpartition("/")
            parts.setdefault(name, {})[array] = file[key]
    return parts


def product(rows: Rows, idf: Floats, weights: Floats) -> Floats:
    """Normalised tf-idf rows times `weights`."""
    values = idf[rows.numbers]
    norms = np.sqrt(np.add.reduceat(values * values, rows.starts))
    summed = np.add.reduceat(weights[rows.numbers] * values[:, None], rows.starts, axis=0)
    return (summed / norms[:, None]).astype(np.float32, copy=False)


def calibrated(scores: Floats, temperature: float, doubt: float) -> Floats:
    """Scores to honest probabilities, row by row (see `LinearModel`)."""
    return softmax(scores / np.float32(temperature)) * (1 - doubt) + doubt / scores.shape[1]


def softmax(scores: Floats) -> Floats:
    """Scores to probabilities, row by row."""
    result: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    result /= result.sum(axis=1, keepdims=True)
    return result


def _packed(names: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(names).encode(), np.uint8)


def _unpacked(array: NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(array.tobytes().decode().split("\n"))
