"""Service: from the catalogue alone, and learnt from history; with calibration and the curve of risk and coverage."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openline.evaluation.findings import Chart, Figure, Part, Table
from openline.evaluation.metrics import accuracy_at, per_class, risk_coverage
from openline.evaluation.sets import Labelled
from openline.evaluation.understanding import classes, confusion, mistakes
from openline.triage.assessment import RankedService
from openline.triage.catalogue import ServiceInfo
from openline.triage.report import measure
from openline.triage.service_model import ServiceModel
from openline.triage.training import train

FOLDS = 5
_POINTS = 40
Ranking = Sequence[tuple[RankedService, ...]]


def cold(catalogue: Sequence[ServiceInfo], rows: Sequence[Labelled]) -> Part:
    """What the catalogue's own words are worth."""
    part = Part("service_cold", "Service, from the catalogue alone")
    if not rows:
        part.skipped = "no reports labelled with their service"
        return part
    _measured(
        part, rows, ServiceModel.from_catalogue(catalogue).rank([row.text for row in rows]), (0.62, 0.82, None, None)
    )
    return part


def trained(catalogue: Sequence[ServiceInfo], rows: Sequence[Labelled], folds: int = FOLDS) -> Part:
    """What history adds: each fold is ranked by a model that has learnt from the others (grouped by text)."""
    part = Part("service_trained", "Service, learnt from history")
    part.note = f"Cross-validated: {folds} of {FOLDS} folds, the same text never in two."
    if not rows:
        part.skipped = "no reports labelled with their service"
        return part
    fold = np.array([zlib.crc32(" ".join(row.text.lower().split()).encode()) % FOLDS for row in rows])
    seen: list[Labelled] = []
    ranked: list[tuple[RankedService, ...]] = []
    for number in range(folds):
        mine = [row for row, of in zip(rows, fold, strict=True) if of == number]
        others = [(row.text, row.service) for row, of in zip(rows, fold, strict=True) if of != number]
        try:
            model, _ = train(others, catalogue)
        except ValueError as error:
            part.skipped = str(error)
            return part
        seen += mine
        ranked += model.rank([row.text for row in mine])
    _measured(part, seen, ranked, (0.80, 0.95, 0.68, 0.95))
    return part


def _measured(part: Part, rows: Sequence[Labelled], ranked: Ranking, goals: tuple[float | None, ...]) -> None:
    """All that is to be said of a ranking; `goals` for the first, the first three, macro-F1, the surer half."""
    right = [row.service for row in rows]
    said = [best[0].name if best else "" for best in ranked]
    hit = np.array([name == real for name, real in zip(said, right, strict=True)])
    three = np.array([real in [s.name for s in best] for best, real in zip(ranked, right, strict=True)])
    sure = np.array([best[0].confidence if best else 0.0 for best in ranked])
    many = len(rows)
    part.measure("right service first", many, lambda at: float(hit[at].mean()), goals[0])
    part.measure("right service among three", many, lambda at: float(three[at].mean()), goals[1])
    part.measure("macro-F1", many, lambda at: _macro(right, said, at), goals[2])
    part.measure("accuracy on the surer half", many, lambda at: accuracy_at(0.5, sure[at], hit[at]), goals[3])
    calibration = measure(["yes"], sure[:, None].astype(np.float32), ["yes" if h else "no" for h in hit])
    part.figures.append(Figure("calibration error", calibration.calibration_error, goal=0.05, at_most=True))
    shares, accuracy = risk_coverage(sure, hit)
    at = np.linspace(0, many - 1, min(many, _POINTS)).astype(int)
    part.charts = [
        Chart("Reliability: confidence, and how often it is right", "confidence", "right",
              [(b.confidence, b.accuracy) for b in calibration.bins], diagonal=True),
        Chart("Risk and coverage: share answered, and how often right", "answered", "right",
              list(zip(shares[at].tolist(), accuracy[at].tolist(), strict=True))),
    ]  # fmt: skip
    part.tables = [
        Table("Reliability", ("confidence", "answers", "right"),
              [(f"{b.confidence:.2f}", b.rows, f"{b.accuracy:.0%}") for b in calibration.bins]),
        Table("Coverage", ("share answered", "accuracy"),
              [(f"{c:.0%}", f"{accuracy_at(c, sure, hit):.1%}") for c in (0.3, 0.5, 0.7, 0.9, 1.0)]),
        classes("Services", [row for row in per_class(right, said) if row.rows]),
        confusion("Services: real by row, first choice by column", right, said),
    ]  # fmt: skip
    part.examples = mistakes(rows, right, said, sure.tolist())


def _macro(right: Sequence[str], said: Sequence[str], at: NDArray[np.int64]) -> float:
    """Mean F1 over the services that really occur."""
    rows = per_class([right[n] for n in at], [said[n] for n in at])
    return float(np.mean([row.f1 for row in rows if row.rows]))
