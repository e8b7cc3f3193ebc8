"""A linear classifier over sparse features: scores, calibrated probabilities, and the words that decided."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openline.triage.features import Rows, Vocabulary

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Multinomial logistic regression on normalised tf-idf features (term presence).

    `weights` has a row per feature and a column per label, `idf` a value per feature; `temperature` divides
    the scores so that probabilities are honest (Guo et al. 2017, "On calibration of modern neural networks").
    """

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    idf: Floats
    weights: Floats
    temperature: float = 1.0

    def scores(self, rows: Rows) -> Floats:
        """A score per row and label; the larger, the likelier."""
        return product(rows, self.idf, self.weights)

    def probabilities(self, rows: Rows) -> Floats:
        """The probability of each label for each row."""
        return softmax(self.scores(rows) / self.temperature)

    def raw(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The scores of each text, given as words."""
        return self.scores(Rows([self.vocabulary.encode(words) for words in texts]))

    def read(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The probability of each label for each text, given as words."""
        return softmax(self.raw(texts) / self.temperature)

    def deciding(self, rows: Rows, labels: NDArray[np.int64], most: int = 3) -> list[list[str]]:
        """For each row the words that spoke most for the label with the given number, best first."""
        owners = np.repeat(np.arange(len(rows)), rows.ends - rows.starts)
        told = self.idf[rows.numbers] * self.weights[rows.numbers, labels[owners]]
        told[~self.vocabulary.is_plain[rows.numbers]] = 0
        order = np.lexsort((-told, owners))
        result = []
        for start, end in zip(rows.starts.tolist(), rows.ends.tolist(), strict=True):
            best = order[start : min(end, start + most)]
            result.append([self.vocabulary.shown(n) for n in rows.numbers[best[told[best] > 0]].tolist()])
        return result

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """The model as arrays that `numpy.savez` can keep without pickling."""
        return {
            "labels": _packed(self.labels),
            "names": _packed(self.vocabulary.names),
            "idf": self.idf.astype(np.float16),
            "weights": self.weights.astype(np.float16),
            "temperature": np.array(self.temperature),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.generic]]) -> LinearModel:
        """The model that `to_arrays` described. Raises KeyError or ValueError for anything else."""
        return cls(
            labels=_unpacked(arrays["labels"]),
            vocabulary=Vocabulary(_unpacked(arrays["names"])),
            idf=np.ascontiguousarray(arrays["idf"], np.float32),
            weights=np.ascontiguousarray(arrays["weights"], np.float32),
            temperature=float(arrays["temperature"]),
        )

    def to_bytes(self) -> bytes:
        """The model as one compressed file."""
        file = io.BytesIO()
        np.savez_compressed(file, **self.to_arrays())  # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> LinearModel:
        """The model that `to_bytes` made."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls.from_arrays({name: arrays[name] for name in arrays.files})


def product(rows: Rows, idf: Floats, weights: Floats) -> Floats:
    """Normalised tf-idf rows times `weights`."""
    values = idf[rows.numbers]
    norms = np.sqrt(np.add.reduceat(values * values, rows.starts))
    summed = np.add.reduceat(weights[rows.numbers] * values[:, None], rows.starts, axis=0)
    return (summed / norms[:, None]).astype(np.float32, copy=False)


def softmax(scores: Floats) -> Floats:
    """Scores to probabilities, row by row."""
    result: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    result /= result.sum(axis=1, keepdims=True)
    return result


def _packed(names: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(names).encode(), np.uint8)


def _unpacked(array: NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(array.tobytes().decode().split("\n"))
