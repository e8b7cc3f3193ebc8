"""How sure it is that an article answers: a conditional logit (McFadden 1974) over the candidates and "none".

The weights come from `openline knowledge learn`, which learns them on questions with the slug of their article and
writes `data/confidence.json`. A number of them, never a resident's word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from openline.knowledge.matching import FEATURES, Asked, Row

Floats = NDArray[np.float64]
NONE_FEATURES = ("always", "unknown", "words", "few_words", "best_words", "best_phrase")
"""What speaks for it that no article answers."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: a weight for each feature of an article, and for each of "none".

    `scale` and `shift` make the chance of the best article honest (Platt 1999).
    """

    article: tuple[float, ...]
    none: tuple[float, ...]
    scale: float = 1.0
    shift: float = 0.0

    def chances(self, asked: Asked, rows: Mapping[int, Row]) -> dict[int, float]:
        """The chance of each article to be the one that answers, 0 to 1; together at most 1."""
        if not rows:
            return {}
        table = np.array(list(rows.values()))
        scores = np.append(table @ np.array(self.article), none_row(asked, table) @ np.array(self.none))
        grown = np.exp(scores - scores.max())
        return dict(zip(rows, honest(grown[:-1] / grown.sum(), self.scale, self.shift).tolist(), strict=True))


def honest(chances: Floats, scale: float, shift: float) -> Floats:
    """Chances with their odds corrected."""
    kept = np.clip(chances, 1e-9, 1 - 1e-9)
    return np.asarray(1 / (1 + np.exp(-(scale * np.log(kept / (1 - kept)) + shift))))


def correction(chances: Floats, right: NDArray[np.bool_], rounds: int = 50) -> tuple[float, float]:
    """Scale and shift under which `chances` are likeliest to say how often they are right (Newton's method)."""
    kept = np.clip(chances, 1e-9, 1 - 1e-9)
    odds = np.stack([np.log(kept / (1 - kept)), np.ones(len(kept))], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(rounds):
        said = 1 / (1 + np.exp(-(odds @ found)))
        slope = odds.T @ (said - right) + 0.1 * (found - [1.0, 0.0])
        bend = (odds * (said * (1 - said))[:, None]).T @ odds + 0.1 * np.eye(2)
        found = found - np.linalg.solve(bend, slope)
    return float(found[0]), float(found[1])


def none_row(asked: Asked, table: Floats) -> Floats:
    """The features of "none" for a question, given those of its candidates."""
    count = len(asked.roots)
    return np.array(
        [1.0, 1.0 - asked.known, min(count, 12) / 6, float(count <= 1), table[:, 0].max(), table[:, 2].max()]
    )


@dataclass(frozen=True, slots=True)
class Example:
    """A question to learn from: the figures of its candidates, those of "none", and which candidates are right."""

    table: Floats
    none: Floats
    right: tuple[int, ...]


def learn(examples: Sequence[Example], rounds: int = 400, hold: float = 0.02) -> Weights:
    """The weights under which the right candidates (or "none") are likeliest; `hold` keeps them small (L2)."""
    articles, none = np.zeros(len(FEATURES)), np.zeros(len(NONE_FEATURES))
    weights = np.concatenate([articles, none])
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    tables = [_stacked(example) for example in examples]
    for step in range(1, rounds + 1):
        slope = sum((_slope(weights, *table) for table in tables), np.zeros_like(weights)) / len(tables)
        slope += hold * weights / len(tables) ** 0.5
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2  # Adam (Kingma and Ba 2015)
        weights -= 0.1 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return Weights(tuple(weights[: len(FEATURES)].tolist()), tuple(weights[len(FEATURES) :].tolist()))


def _stacked(example: Example) -> tuple[Floats, NDArray[np.bool_]]:
    """One row for each candidate and one for "none", and which of them are right."""
    count = len(example.table)
    stacked = np.zeros((count + 1, len(FEATURES) + len(NONE_FEATURES)))
    stacked[:count, : len(FEATURES)] = example.table
    stacked[count, len(FEATURES) :] = example.none
    right = np.zeros(count + 1, np.bool_)
    right[list(example.right) or [count]] = True
    return stacked, right


def _slope(weights: Floats, stacked: Floats, right: NDArray[np.bool_]) -> Floats:
    """The gradient of the negative log-likelihood of one example."""
    scores = stacked @ weights
    grown = np.exp(scores - scores.max())
    wanted = np.where(right, grown, 0.0)
    return np.asarray((grown / grown.sum() - wanted / wanted.sum()) @ stacked)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What `openline knowledge learn` wrote: the weights, and from which confidence on an answer may go by itself."""

    weights: Weights
    threshold: float


@cache
def learnt(with_meaning: bool) -> Learnt:
    """What was learnt for machines with or without a sentence model."""
    text = (files("openline.knowledge") / "data" / "confidence.json").read_text(encoding="utf-8")
    data = json.loads(text)["with_sentence_model" if with_meaning else "words_alone"]
    return Learnt(
        Weights(tuple(data["article"]), tuple(data["none"]), data["scale"], data["shift"]), float(data["threshold"])
    )


def weights(with_meaning: bool) -> Weights:
    """The weights for machines with or without a sentence model."""
    return learnt(with_meaning).weights


def threshold(with_meaning: bool) -> float:
    """From this confidence on, at most one automatic answer in a hundred was wrong on questions not learnt from."""
    return learnt(with_meaning).threshold
