"""A reliability diagram as figures for inline SVG: how often answers of a confidence are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

SIZE = 200
"""Width and height of the field in its own units."""
_LARGEST = 12


@dataclass(frozen=True, slots=True)
class Point:
    """A tenth of the answers: where it stands (from the top left), how large, and its figures for the table."""

    x: str
    y: str
    radius: str
    rows: int
    confidence: float
    accuracy: float


def points(bins: Sequence[dict[str, Any]]) -> list[Point]:
    """The points of a diagram from the bins of a training's `Measures`; the area of a point tells its rows."""
    most = max((one["rows"] for one in bins), default=1)
    return [
        Point(
            f"{SIZE * one['confidence']:.1f}",
            f"{SIZE * (1 - one['accuracy']):.1f}",
            f"{max(3.0, _LARGEST * sqrt(one['rows'] / most)):.1f}",
            one["rows"],
            one["confidence"],
            one["accuracy"],
        )
        for one in bins
    ]
