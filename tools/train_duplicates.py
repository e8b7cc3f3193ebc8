"""Make src/openline/triage/data/duplicates.json: coefficients only, from Boston's confirmed duplicates.

    python tools/train_duplicates.py ../shared/data/dedupe            # cross-validation, then write
    python tools/train_duplicates.py ../shared/data/dedupe --final    # also look at the 20 % set aside

Pairs are grouped by case, so that no case is learnt from and judged on. "Sidewalk Not Shoveled" is left out: it is
almost always a negative there, and the service would give the answer away.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zlib import crc32

import numpy as np
import orjson

from openline.triage.duplicates import DATA, FILE, LEARNT_HOURS, LEARNT_METRES, Side, beyond, facts, hours, metres

LEFT_OUT = "Sidewalk Not Shoveled"
FOLDS, SET_ASIDE = 5, 0.2
STRENGTHS = (1.0, 3.0, 10.0, 30.0)
PRECISION = 0.95
Pair = tuple[Side, Side, int, str, str]


def pairs_of(folder: Path) -> Iterator[Pair]:
    """Every usable pair: two reports, 1 if they are the same, and the ids of the two cases."""
    files = (
        ("boston_duplicate_pairs_dev.csv", 1, ("child", "parent"), "{}_service", "{1}_{0}"),
        ("boston_hard_negative_pairs_dev.csv", 0, ("a", "b"), "service", "{0}_{1}"),
    )
    for name, same, ends, service, order in files:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                sides = [side_of(row, end, service.format(end), order) for end in ends]
                if row.get("clean_flag", "1") == "1" and LEFT_OUT not in (sides[0].service, sides[1].service):
                    ids = [row[order.format("id", end)] for end in ends]
                    yield sides[0], sides[1], same, ids[0], ids[1]


def side_of(row: dict[str, str], end: str, service: str, order: str) -> Side:
    """One report of a row."""
    text, lat, lon, at = (row[order.format(name, end)] for name in ("text", "lat", "lon", "requested"))
    return Side(text, row[service], float(lat), float(lon), datetime.fromisoformat(at))


def groups_of(pairs: list[Pair]) -> list[str]:
    """A name for each pair's group: pairs that share a case, directly or through others, have the same."""
    parent: dict[str, str] = {}

    def root(case: str) -> str:
        while parent.setdefault(case, case) != case:
            case = parent[case]
        return case

    for _, _, _, one, two in pairs:
        parent[root(one)] = root(two)
    return [root(pair[3]) for pair in pairs]


def fit(x: np.ndarray, y: np.ndarray, strength: float) -> np.ndarray:
    """Coefficients for features and bias (the last): logistic regression with a penalty, by Newton's method."""
    mean, spread = x.mean(0), x.std(0)
    spread[spread == 0] = 1
    z = np.hstack([(x - mean) / spread, np.ones((len(x), 1))])
    penalty = np.full(z.shape[1], strength)
    penalty[-1] = 0
    w = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ w))
        slope = z.T @ (p - y) + penalty * w
        step = np.linalg.solve((z * (p * (1 - p))[:, None]).T @ z + np.diag(penalty), slope)
        w -= step
        if np.abs(step).max() < 1e-6:
            break
    scaled = w[:-1] / spread
    return np.append(scaled, w[-1] - scaled @ mean)


def predict(x: np.ndarray, w: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Probabilities; `lost` is what the logit loses beyond what was learnt."""
    return 1 / (1 + np.exp(-(x @ w[:-1] + w[-1] - lost)))


def comparable(pairs: list[Pair]) -> np.ndarray:
    """The pairs within the distance and time in which there are negatives: only from these may be learnt."""
    return np.array([(metres(a, b) or 0) <= LEARNT_METRES and (hours(a, b) or 0) <= LEARNT_HOURS for a, b, *_ in pairs])


def auc(y: np.ndarray, p: np.ndarray) -> float:
    """Area under the ROC curve (ties count a half)."""
    values, inverse = np.unique(p, return_inverse=True)
    counts = np.bincount(inverse)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    ones = y.sum()
    return float((ranks[y == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(y) - ones)))


def recall_at(y: np.ndarray, p: np.ndarray, precision: float = PRECISION) -> tuple[float, float]:
    """The greatest recall at this precision, and the threshold for it."""
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(y[order])
    good = np.flatnonzero(hits / np.arange(1, len(y) + 1) >= precision)
    return (float(hits[good[-1]] / y.sum()), float(p[order][good[-1]])) if len(good) else (0.0, 1.0)


def calibration_error(y: np.ndarray, p: np.ndarray) -> float:
    """Expected calibration error in ten bins."""
    bins = np.minimum((p * 10).astype(int), 9)
    return float(sum(abs(y[bins == b].mean() - p[bins == b].mean()) * (bins == b).mean() for b in set(bins)))


def report(name: str, y: np.ndarray, p: np.ndarray, apart: np.ndarray, threshold: float | None = None) -> None:
    """Print the figures for all pairs and for those at least 15 m apart."""
    for part, mask in (("all", apart >= 0), (">= 15 m", apart >= 15)):
        recall, at = recall_at(y[mask], p[mask])
        line = f"{name:10} {part:8} n {mask.sum():5} AUC {auc(y[mask], p[mask]):.4f} recall at P .95 {recall:.3f}"
        line += f" (from {at:.3f}) calibration error {calibration_error(y[mask], p[mask]):.3f}"
        if threshold is not None:
            said = p[mask] >= threshold
            line += f" | at {threshold:.3f}: P {y[mask][said].mean():.3f} R {said[y[mask] == 1].mean():.3f}"
        print(line)


def cross_validated(
    x: np.ndarray, y: np.ndarray, lost: np.ndarray, lessons: np.ndarray, folds: np.ndarray, strength: float
) -> np.ndarray:
    """For each pair the probability from a model that saw none of its cases; `lessons` marks what may be learnt."""
    p = np.zeros(len(y))
    for fold in range(FOLDS):
        judged, learnt = folds == fold, (folds != fold) & lessons
        p[judged] = predict(x[judged], fit(x[learnt], y[learnt], strength), lost[judged])
    return p


def main() -> None:
    """Train, report, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--final", action="store_true")
    options = parser.parse_args()
    pairs = list(pairs_of(options.folder))
    hashed = np.array([crc32(group.encode()) for group in groups_of(pairs)])
    aside = hashed % 1000 < SET_ASIDE * 1000
    facts(*pairs[0][:2])  # loads what is loaded once
    began = time.perf_counter()
    found = [facts(a, b) for a, b, *_ in pairs]
    print(f"{len(pairs)} pairs, {(time.perf_counter() - began) / len(pairs) * 1e6:.0f} us a pair")
    names = list(found[0])
    x = np.array([[row[name] for name in names] for row in found])
    y = np.array([pair[2] for pair in pairs], float)
    apart = np.array([metres(a, b) or 0.0 for a, b, *_ in pairs])
    lost = np.array([beyond(a, b) for a, b, *_ in pairs])
    lessons = comparable(pairs)
    folds = hashed[~aside] // 1000 % FOLDS
    tried = {s: cross_validated(x[~aside], y[~aside], lost[~aside], lessons[~aside], folds, s) for s in STRENGTHS}
    best = max(tried, key=lambda s: auc(y[~aside], tried[s]))
    print(f"penalty {best:g}; AUC by penalty {[round(auc(y[~aside], p), 4) for p in tried.values()]}")
    threshold = recall_at(y[~aside], tried[best])[1]
    report("cross-val", y[~aside], tried[best], apart[~aside])
    report("comparable", y[~aside & lessons], tried[best][lessons[~aside]], apart[~aside & lessons])
    w = fit(x[~aside & lessons], y[~aside & lessons], best)
    if options.final:
        report("set aside", y[aside], predict(x[aside], w, lost[aside]), apart[aside], threshold)
    written = {
        "threshold": round(threshold, 4),
        "bias": round(float(w[-1]), 5),
        "weights": {name: round(float(value), 5) for name, value in zip(names, w, strict=False)},
    }
    (DATA / FILE).write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
