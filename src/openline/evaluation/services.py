"""Service: from the catalogue alone, and learnt from history; with calibration and the curve of risk and coverage."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from openline.evaluation.findings import Chart, Figure, Part, Table
from openline.evaluation.metrics import accuracy_at, per_class, risk_coverage
from openline.evaluation.sets import Labelled
from openline.evaluation.understanding import classes, confusion, mistakes
from openline.triage.assessment import RankedService
from openline.triage.catalogue import ServiceInfo
from openline.triage.report import Measures, measure
from openline.triage.sentences.encoder import Encoder
from openline.triage.service_model import ServiceModel
from openline.triage.training import train

FOLDS = 5
_POINTS = 40
WITH_SENTENCES = "with the sentence model: "
Ranking = Sequence[tuple[RankedService, ...]]
Goals = tuple[float | None, ...]
"""For the first, the first three, macro-F1, the surer half."""
_COLD: Goals = (0.62, 0.82, None, None)
_TRAINED: Goals = (0.80, 0.95, 0.68, 0.95)


def cold(catalogue: Sequence[ServiceInfo], rows: Sequence[Labelled], encoder: Encoder | None = None) -> Part:
    """What the catalogue's own words are worth; with a sentence model, what that adds."""
    part = Part("service_cold", "Service, from the catalogue alone")
    if not rows:
        part.skipped = "no reports labelled with their service"
        return part
    model, texts = ServiceModel.from_catalogue(catalogue, encoder), [row.text for row in rows]
    _measured(part, rows, replace(model, encoder=None).rank(texts), _COLD)
    if encoder:
        _figures(part, rows, model.rank(texts), _COLD, WITH_SENTENCES)
    return part


def trained(
    catalogue: Sequence[ServiceInfo], rows: Sequence[Labelled], folds: int = FOLDS, encoder: Encoder | None = None
) -> Part:
    """What history adds: each fold is ranked by a model that has learnt from the others (grouped by text)."""
    part = Part("service_trained", "Service, learnt from history")
    part.note = f"Cross-validated: {folds} of {FOLDS} folds, the same text never in two."
    if not rows:
        part.skipped = "no reports labelled with their service"
        return part
    fold = np.array([zlib.crc32(" ".join(row.text.lower().split()).encode()) % FOLDS for row in rows])
    seen: list[Labelled] = []
    ranked: list[tuple[RankedService, ...]] = []
    with_sentences: list[tuple[RankedService, ...]] = []
    for number in range(folds):
        mine = [row for row, of in zip(rows, fold, strict=True) if of == number]
        others = [(row.text, row.service) for row, of in zip(rows, fold, strict=True) if of != number]
        try:
            model, _ = train(others, catalogue, encoder=encoder)
        except ValueError as error:
            part.skipped = str(error)
            return part
        seen += mine
        ranked += replace(model, encoder=None).rank([row.text for row in mine])
        with_sentences += model.rank([row.text for row in mine]) if encoder else []
    _measured(part, seen, ranked, _TRAINED)
    if encoder:
        _figures(part, seen, with_sentences, _TRAINED, WITH_SENTENCES)
    return part


def _measured(part: Part, rows: Sequence[Labelled], ranked: Ranking, goals: Goals) -> None:
    """All that is to be said of a ranking."""
    right = [row.service for row in rows]
    said, hit, sure, calibration = _figures(part, rows, ranked, goals)
    shares, accuracy = risk_coverage(sure, hit)
    at = np.linspace(0, len(rows) - 1, min(len(rows), _POINTS)).astype(int)
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


def _figures(
    part: Part, rows: Sequence[Labelled], ranked: Ranking, goals: Goals, whose: str = ""
) -> tuple[list[str], NDArray[np.bool_], NDArray[np.float64], Measures]:
    """Add the figures of a ranking; its first choices, whether each is right, how sure it is, its calibration."""
    right = [row.service for row in rows]
    said = [best[0].name if best else "" for best in ranked]
    hit = np.array([name == real for name, real in zip(said, right, strict=True)])
    three = np.array([real in [s.name for s in best] for best, real in zip(ranked, right, strict=True)])
    sure = np.array([best[0].confidence if best else 0.0 for best in ranked])
    many = len(rows)
    part.measure(f"{whose}right service first", many, lambda at: float(hit[at].mean()), goals[0])
    part.measure(f"{whose}right service among three", many, lambda at: float(three[at].mean()), goals[1])
    part.measure(f"{whose}macro-F1", many, lambda at: _macro(right, said, at), goals[2])
    part.measure(f"{whose}accuracy on the surer half", many, lambda at: accuracy_at(0.5, sure[at], hit[at]), goals[3])
    calibration = measure(["yes"], sure[:, None].astype(np.float32), ["yes" if h else "no" for h in hit])
    part.figures.append(Figure(f"{whose}calibration error", calibration.calibration_error, goal=0.05, at_most=True))
    return said, hit, sure, calibration


def _macro(right: Sequence[str], said: Sequence[str], at: NDArray[np.int64]) -> float:
    """Mean F1 over the services that really occur."""
    rows = per_class([right[n] for n in at], [said[n] for n in at])
    return float(np.mean([row.f1 for row in rows if row.rows]))
