"""Make src/openline/triage/data/duplicates.json: the figures by which two reports are compared.

    python tools/train_duplicates.py [--write]

Learns from pairs that a city's staff confirmed (OPENLINE_SHARED, ../shared), of which nothing but the figures is kept.
One fifth of the pairs, by case, is looked at only for the report. Needs nothing but NumPy.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openline.triage.duplicates import Report, features
from openline.triage.learning import minimise

ROOT = Path(__file__).resolve().parents[1]
PAIRS = Path(os.environ.get("OPENLINE_SHARED", ROOT.parent / "shared")) / "data" / "dedupe"
FILE = ROOT / "src" / "openline" / "triage" / "data" / "duplicates.json"
LEFT_OUT = "Sidewalk Not Shoveled"
"""Nearly all pairs of this service are negative: it would give the answer away."""
PRECISION = 0.95

Floats = NDArray[np.float64]


def pairs() -> Iterator[tuple[str, Report, Report, bool]]:
    """Case, two reports, and whether staff closed one as a duplicate of the other."""
    for name, one, other, same in (
        ("boston_duplicate_pairs_dev.csv", "child_{}", "parent_{}", True),
        ("boston_hard_negative_pairs_dev.csv", "{}_a", "{}_b", False),
    ):
        with (PAIRS / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if LEFT_OUT not in (row.get("service"), row.get("child_service")):
                    case = min(row[one.format("id")], row[other.format("id")])
                    yield case, _report(row, one), _report(row, other), same


def _report(row: dict[str, str], of: str) -> Report:
    at = datetime.fromisoformat(row[of.format("requested")])
    return Report(row[of.format("text")], "", float(row[of.format("lat")]), float(row[of.format("lon")]), at)


def fit(values: Floats, same: NDArray[np.bool_], strength: float = 10.0) -> Floats:
    """Logistic regression with L2 penalty on features of deviation 1; weights, then the constant.

    Nearer, sooner and more alike never count against: where the pairs at hand say so (staff's false pairs are never
    under 15 m), it is an accident of how they were drawn. So weights are squares, which cannot be negative.
    """
    rows = np.hstack([values, np.ones((len(values), 1))])

    def loss(roots: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        weights = _squared(roots)
        chance = 1 / (1 + np.exp(-rows @ weights))
        penalty = float(weights[:-1] @ weights[:-1]) / (2 * strength)
        error = -float(np.log(np.where(same, chance, 1 - chance) + 1e-9).sum()) + penalty
        slope = rows.T @ (chance - same) + np.append(weights[:-1], 0) / strength
        slope[:-1] *= 2 * roots[:-1]
        return error, slope.astype(np.float32)

    return _squared(minimise(loss, np.full(rows.shape[1], 0.5, np.float32), 500).astype(float))


def _squared(roots: NDArray[np.floating]) -> Floats:
    return np.append(roots[:-1] ** 2, roots[-1])


def area(score: Floats, same: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: how often a true pair scores above a false one (Mann and Whitney 1947)."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    true = int(same.sum())
    return float((rank[same].sum() - true * (true + 1) / 2) / (true * (len(same) - true)))


def threshold(score: Floats, same: NDArray[np.bool_]) -> tuple[float, float]:
    """The lowest score from which `PRECISION` of the pairs are true, and the share of true pairs above it."""
    order = np.argsort(-score)
    right = np.cumsum(same[order])
    good = np.flatnonzero(right / np.arange(1, len(order) + 1) >= PRECISION)
    return (float(score[order[good[-1]]]), float(right[good[-1]] / same.sum())) if len(good) else (1.0, 0.0)


def main() -> None:
    """Train, cross-validate, report; write with --write."""
    found = list(pairs())
    names = list(features(found[0][1], found[0][2]))
    values = np.array([list(features(one, other).values()) for _, one, other, _ in found], float)
    same = np.array([pair[3] for pair in found])
    part = np.array([zlib.crc32(case.encode()) % 5 for case, *_ in found])
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = (values - mean) / spread
    once, score = part == 0, np.zeros(len(same))
    for fold in range(1, 5):
        others = ~once & (part != fold)
        score[part == fold] = _scores(scaled[part == fold], fit(scaled[others], same[others]))
    weights = fit(scaled[~once], same[~once])
    score[once] = _scores(scaled[once], weights)
    near = values[:, names.index("within_15_m")] > 0
    for title, rows in (("cross-validated", ~once), ("looked at once", once)):
        _print(title, score[rows], same[rows])
        _print(f"{title}, 15 m and more", score[rows & ~near], same[rows & ~near])
    at_once = threshold(score[~once], same[~once])[0]
    said, true = score[once] >= at_once, same[once]
    print(f"from {at_once:.3f} on, looked at once: precision {true[said].mean():.3f}, recall {said[true].mean():.3f}")
    if "--write" in sys.argv:
        figures = {name: weights[n] / spread[n] for n, name in enumerate(names)}
        constant = weights[-1] - sum(weights[n] * mean[n] / spread[n] for n in range(len(names)))
        figures |= {f"{name}: unknown": values[~same, n].mean() for n, name in enumerate(names)}
        figures |= {"constant": constant, "same": at_once}
        FILE.write_text(json.dumps({name: round(float(value), 5) for name, value in figures.items()}, indent=1) + "\n")


def _scores(values: Floats, weights: Floats) -> Floats:
    scores: Floats = 1 / (1 + np.exp(-(values @ weights[:-1] + weights[-1])))
    return scores


def _print(title: str, score: Floats, same: NDArray[np.bool_]) -> None:
    recall = threshold(score, same)[1]
    print(f"{title:34} pairs {len(same)} true {same.sum()} AUC {area(score, same):.3f} recall at .95 {recall:.3f}")


if __name__ == "__main__":
    main()
