"""What an evaluation finds: figures with goals, tables, charts and examples, by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openline.evaluation.metrics import interval


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its 95 % interval and its goal. `at_most`: the goal is not to be passed."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    goal: float | None = None
    at_most: bool = False
    unit: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.at_most else self.value >= self.goal


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its heading."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | int | float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A line through points (both 0 to 1). `diagonal`: what it would ideally be."""

    title: str
    across: str
    up: str
    points: Sequence[tuple[float, float]]
    diagonal: bool = False

    @property
    def path(self) -> str:
        """The points in the coordinates of a picture of 100 by 100."""
        return " ".join(f"{100 * x:.1f},{100 - 100 * y:.1f}" for x, y in self.points)


@dataclass(slots=True)
class Part:
    """One part of the report. `skipped` says why there is nothing."""

    key: str
    title: str
    note: str = ""
    skipped: str = ""
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    examples: list[tuple[str, str]] = field(default_factory=list)

    def measure(
        self, name: str, rows: int, of: Callable[[NDArray[np.int64]], float], goal: float | None = None, **more: Any
    ) -> None:
        """Add the figure that `of` gives for all row numbers, with its interval."""
        low, high = interval(of, rows)
        self.figures.append(Figure(name, of(np.arange(rows)), low, high, goal, **more))

    def to_json(self) -> dict[str, Any]:
        """The part as plain data."""
        plain = asdict(self)
        for figure, data in zip(self.figures, plain["figures"], strict=True):
            data["reached"] = figure.reached
        return plain
