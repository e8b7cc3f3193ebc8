"""Measures of quality: pure functions over labels, scores and chances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
SEED = 311
_DRAWS = 400


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class: how many rows really are of it, and how well it is found (0 to 1)."""

    name: str
    rows: int
    precision: float
    recall: float
    f1: float


def per_class(right: Sequence[str], said: Sequence[str]) -> list[ClassRow]:
    """Precision, recall and F1 of every class that occurs, the most frequent first."""
    pairs, real, found = Counter(zip(right, said, strict=True)), Counter(right), Counter(said)
    rows = []
    for name in sorted(real | found, key=lambda name: (-real[name], name)):
        both = pairs[name, name]
        precision, recall = both / max(1, found[name]), both / max(1, real[name])
        rows.append(ClassRow(name, real[name], precision, recall, 2 * both / (real[name] + found[name])))
    return rows


def f1(right: Truths, said: Truths) -> float:
    """The harmonic mean of precision and recall of a yes-or-no answer."""
    return 2 * float((right & said).sum()) / max(1, int(right.sum() + said.sum()))


def share(found: Truths, among: Truths) -> float:
    """The share of `among` that was `found`; 0 if there is none."""
    return float((found & among).sum()) / max(1, int(among.sum()))


def area_under_roc(score: Floats, right: Truths) -> float:
    """How often a true row scores above a false one, ties half (Mann and Whitney 1947). 0.5 if one kind is missing."""
    true = int(right.sum())
    if not 0 < true < len(right):
        return 0.5
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((rank[right].sum() - true * (true + 1) / 2) / (true * (len(right) - true)))


def recall_at_precision(score: Floats, right: Truths, precision: float) -> float:
    """The largest share of true rows above any score above which `precision` of the rows are true."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(right[order])
    good = hits[hits / np.arange(1, len(order) + 1) >= precision]
    return float(good.max() / max(1, right.sum())) if len(good) else 0.0


def risk_coverage(confidence: Floats, hit: Truths) -> tuple[Floats, Floats]:
    """Share of rows answered, and accuracy on these, the most confident first (Geifman and El-Yaniv 2017)."""
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    return answered / len(order), np.cumsum(hit[order]) / answered


def accuracy_at(coverage: float, confidence: Floats, hit: Truths) -> float:
    """Accuracy on that share of rows on which the confidence is highest."""
    shares, accuracy = risk_coverage(confidence, hit)
    return float(accuracy[max(0, int(np.searchsorted(shares, coverage, "right")) - 1)])


def interval(measure: Callable[[NDArray[np.int64]], float], rows: int, draws: int = _DRAWS) -> tuple[float, float]:
    """The 95 % interval of a measure of row numbers by the percentile bootstrap (Efron 1979), with a fixed seed."""
    if not rows:
        return 0.0, 0.0
    chance = np.random.default_rng(SEED)
    found = [measure(chance.integers(0, rows, rows)) for _ in range(draws)]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
