"""Duplicates: pairs that staff confirmed against pairs near each other that they did not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np

from openline.evaluation.findings import Part
from openline.evaluation.metrics import Floats, Truths, area_under_roc, recall_at_precision
from openline.evaluation.sets import rows_of
from openline.triage.duplicates import Side, metres, model

_LEFT_OUT = "Sidewalk Not Shoveled"
"""Nearly all pairs of this service are negative: it would give the answer away."""
_SAFE_M = 15.0


def duplicates(data: Path) -> Part:
    """How well true pairs are told from false ones; the model's figures were learnt on four fifths of these."""
    part = Part("duplicates", "Duplicates: are two reports the same problem?")
    part.note = "False pairs begin at 15 m by the way they were drawn: so pairs of 15 m and more are told apart."
    pairs = [(*pair, True) for pair in _pairs(data, "boston_duplicate_pairs_dev.csv", "child_{}", "parent_{}")]
    pairs += [(*pair, False) for pair in _pairs(data, "boston_hard_negative_pairs_dev.csv", "{}_a", "{}_b")]
    if not pairs:
        part.skipped = "no confirmed pairs here"
        return part
    score = np.array([model().score(one, other) for one, other, _ in pairs])
    right = np.array([pair[2] for pair in pairs])
    far = np.array([(metres(one, other) or 0) >= _SAFE_M for one, other, _ in pairs])
    _told_apart(part, "all", score, right, (0.93, 0.72))
    _told_apart(part, "15 m and more", score[far], right[far], (None, None))
    return part


def _told_apart(part: Part, name: str, score: Floats, right: Truths, goals: tuple[float | None, float | None]) -> None:
    part.measure(f"{name}: area under ROC", len(right), lambda at: area_under_roc(score[at], right[at]), goals[0])
    part.measure(
        f"{name}: recall at precision .95",
        len(right),
        lambda at: recall_at_precision(score[at], right[at], 0.95),
        goals[1],
    )


def _pairs(data: Path, name: str, one: str, other: str) -> list[tuple[Side, Side]]:
    return [
        (_report(row, one), _report(row, other))
        for row in rows_of(data / "dedupe" / name)
        if _LEFT_OUT not in (row.get("service"), row.get("child_service"))
    ]


def _report(row: dict[str, str], of: str) -> Side:
    service = row.get(of.format("service")) or row.get("service") or ""
    at = datetime.fromisoformat(row[of.format("requested")])
    return Side(row[of.format("text")], service, float(row[of.format("lat")]), float(row[of.format("lon")]), at)
