"""How well a model ranks services on rows that it has not seen, and how to say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from openline.triage.linear import Floats

SURE = 0.7
"""Confidence from which an answer counts as sure."""
_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies in one tenth: how many, how confident and how often right on average."""

    rows: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service: how often it occurs, and how well it is found (0 to 1)."""

    code: str
    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of one model on `rows` held-back rows; all but the counts are shares from 0 to 1.

    `calibration_error` is the expected calibration error: the mean distance between confidence and accuracy.
    """

    rows: int
    top1: float
    top3: float
    macro_f1: float
    calibration_error: float
    sure_share: float
    sure_accuracy: float
    bins: tuple[Bin, ...]
    services: tuple[ServiceRow, ...]


def measure(labels: Sequence[str], chances: Floats, wanted: Sequence[str]) -> Measures:
    """Compare probabilities (a row per text, a column per label) with the right labels.

    Raises ValueError without rows.
    """
    if not wanted:
        raise ValueError("There is nothing to measure.")
    names, right = np.array(labels), np.array(wanted)
    best = np.argsort(-chances, axis=1, kind="stable")[:, :3]
    chosen, confidence = names[best[:, 0]], chances.max(axis=1)
    hit, sure = chosen == right, confidence >= SURE
    services = tuple(_service(code, chosen, right) for code in sorted(set(wanted)))
    bins = _bins(confidence, hit)
    return Measures(
        rows=len(right),
        top1=float(hit.mean()),
        top3=float((names[best] == right[:, None]).any(axis=1).mean()),
        macro_f1=float(np.mean([service.f1 for service in services])),
        calibration_error=sum(b.rows * abs(b.confidence - b.accuracy) for b in bins) / len(right),
        sure_share=float(sure.mean()),
        sure_accuracy=float(hit[sure].mean()) if sure.any() else 0.0,
        bins=bins,
        services=services,
    )


def _service(code: str, chosen: np.ndarray, right: np.ndarray) -> ServiceRow:
    found, real = chosen == code, right == code
    both = int((found & real).sum())
    precision, recall = both / max(1, int(found.sum())), both / max(1, int(real.sum()))
    f1 = 2 * both / (int(found.sum()) + int(real.sum()))
    return ServiceRow(code, int(real.sum()), precision, recall, f1)


def _bins(confidence: np.ndarray, hit: np.ndarray) -> tuple[Bin, ...]:
    """Answers by tenths of confidence; empty tenths are left out."""
    tenth = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    chosen = [tenth == number for number in range(_BINS)]
    return tuple(Bin(int(c.sum()), float(confidence[c].mean()), float(hit[c].mean())) for c in chosen if c.any())


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What training brought: the new model against the champion, the model of the catalogue alone.

    `learnt` rows taught the new model; both are measured on the same held-back rows. `problems` say which rows
    could not be used and why. `names` gives the services' names by code. `words_alone`: the new model without its
    sentence model, where it has one.
    """

    learnt: int
    trained: Measures
    champion: Measures
    names: Mapping[str, str]
    problems: Sequence[str]
    words_alone: Measures | None = None

    @property
    def better(self) -> bool:
        """Whether the new model may be used: more services right first, and rare ones not given up for it."""
        gains = self.trained.top1 - self.champion.top1, self.trained.macro_f1 - self.champion.macro_f1
        return gains[0] > 0 and gains[1] > -0.02

    def figures(self) -> dict[str, Any]:
        """The report as plain data, to be kept with the training."""
        return {
            "learnt": self.learnt,
            "refused": len(self.problems),
            "better": self.better,
            "trained": asdict(self.trained),
            "champion": asdict(self.champion),
        }

    def to_text(self) -> str:
        """The report for people, in plain text."""
        verdict = "better than" if self.better else "not better than"
        parts = [
            f"Learnt from {self.learnt} rows, measured on {self.trained.rows} others: "
            f"the new model is {verdict} the catalogue alone.",
            self._comparison(),
            self._sentences(),
            self._calibration(),
            self._services(),
            self._refused(),
        ]
        return "\n\n".join(filter(None, parts))

    def _comparison(self) -> str:
        lines = [f"{'':34}{'new model':>12}{'catalogue':>12}"]
        for title, name in (
            ("right service first", "top1"),
            ("right service among three", "top3"),
            ("mean over services (macro-F1)", "macro_f1"),
            ("calibration error", "calibration_error"),
            (f"answers at confidence {SURE} or more", "sure_share"),
            ("... and of these right", "sure_accuracy"),
        ):
            new, old = getattr(self.trained, name), getattr(self.champion, name)
            lines.append(f"{title:34}{new:12.1%}{old:12.1%}")
        return "\n".join(lines)

    def _sentences(self) -> str:
        if self.words_alone is None:
            return ""
        alone = self.words_alone
        return (
            "The new model judges whole sentences too. By words alone it would find the right service first in "
            f"{alone.top1:.1%}, among three in {alone.top3:.1%}, macro-F1 {alone.macro_f1:.1%}."
        )

    def _calibration(self) -> str:
        lines = [f"{'confidence of the new model':34}{'answers':>12}{'right':>12}"]
        lines += [f"{bin.confidence:34.2f}{bin.rows:12}{bin.accuracy:12.1%}" for bin in self.trained.bins]
        return "\n".join(lines)

    def _services(self) -> str:
        lines = [f"{'service':44}{'rows':>6}{'precision':>11}{'recall':>9}{'F1':>7}"]
        for row in sorted(self.trained.services, key=lambda row: -row.rows):
            name = self.names.get(row.code, row.code)[:42]
            lines.append(f"{name:44}{row.rows:6}{row.precision:11.0%}{row.recall:9.0%}{row.f1:7.2f}")
        return "\n".join(lines)

    def _refused(self) -> str:
        if not self.problems:
            return ""
        shown = list(self.problems[:20])
        more = [f"... and {len(self.problems) - 20} more"] if len(self.problems) > 20 else []
        return "\n".join([f"{len(self.problems)} rows were not used:", *shown, *more])
