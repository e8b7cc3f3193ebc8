"""Bars and curves as figures for inline SVG; the page has the same figures as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 120
"""The field in its own units."""
_GAP = 0.2


@dataclass(frozen=True, slots=True)
class Bar:
    """One value: its rectangle from the top left, its label and the value for the table."""

    x: str
    y: str
    width: str
    height: str
    label: str
    value: int


def bars(values: Sequence[tuple[str, int]]) -> list[Bar]:
    """A bar for each (label, value), the highest as high as the field."""
    most = max((value for _label, value in values), default=0) or 1
    step = WIDTH / max(1, len(values))
    found = []
    for n, (label, value) in enumerate(values):
        height = HEIGHT * value / most
        found.append(
            Bar(
                f"{n * step + step * _GAP / 2:.1f}",
                f"{HEIGHT - height:.1f}",
                f"{step * (1 - _GAP):.1f}",
                f"{height:.1f}",
                label,
                value,
            )
        )
    return found


def curve(points: Sequence[tuple[float, int]], longest: float, most: int) -> str:
    """The steps of a number over time as the `points` of a polyline: (time, value), times up to `longest`."""
    if not points:
        return ""
    found, before = [], 0
    for at, value in points:
        x = WIDTH * at / (longest or 1)
        found += [(x, before), (x, value)]
        before = value
    found.append((WIDTH, before))
    return " ".join(f"{x:.1f},{HEIGHT - HEIGHT * value / (most or 1):.1f}" for x, value in found)


def pairs(values: Sequence[tuple[str, int, int]]) -> list[tuple[Bar, Bar]]:
    """Two bars side by side for each (label, one value, the other), all by one measure."""
    both = bars([one for label, first, second in values for one in ((label, first), (label, second))])
    return list(zip(both[::2], both[1::2], strict=True))


def share(value: float, most: float) -> str:
    """How long a bar of `value` is of 100, beside the longest one of `most`."""
    return f"{100 * value / most:.1f}" if most else "0"
