"""Lengths and points on lines of (longitude, latitude). Flat-earth arithmetic: exact enough within a city."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Point = Sequence[float]
METRES_PER_DEGREE = 111_320.0


def metres(a: Point, b: Point) -> float:
    """Distance of two points (longitude, latitude) in metres."""
    return math.hypot((a[0] - b[0]) * math.cos(math.radians(a[1])), a[1] - b[1]) * METRES_PER_DEGREE


def length_m(line: Sequence[Point]) -> float:
    """Length of a line in metres."""
    return sum(metres(a, b) for a, b in zip(line, line[1:], strict=False))


def along(line: Sequence[Point], share: float) -> tuple[float, float]:
    """The point at `share` (0 to 1) of the line's length."""
    return _along(line, _steps(line), share)


def _steps(line: Sequence[Point]) -> list[float]:
    return [metres(a, b) for a, b in zip(line, line[1:], strict=False)]


def _along(line: Sequence[Point], steps: Sequence[float], share: float) -> tuple[float, float]:
    goal = min(1.0, max(0.0, share)) * sum(steps)
    for i, step in enumerate(steps):
        if step and goal <= step:
            part, a, b = goal / step, line[i], line[i + 1]
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
        goal -= step
    return line[-1][0], line[-1][1]


def beside(line: Sequence[Point], share: float, left_m: float) -> tuple[float, float]:
    """The point `left_m` metres to the left of the line (to the right if negative), at `share` of its length."""
    steps = _steps(line)
    lon, lat = _along(line, steps, share)
    before, after = _along(line, steps, share - 0.05), _along(line, steps, share + 0.05)
    flat = math.cos(math.radians(lat))
    east, north = (after[0] - before[0]) * flat, after[1] - before[1]
    length = math.hypot(east, north)
    if not length:
        return lon, lat
    step = left_m / METRES_PER_DEGREE / length
    return lon - north * step / flat, lat + east * step


def middle_of(points: Iterable[Point]) -> tuple[float, float]:
    """The mean of some points."""
    listed = list(points)
    return sum(p[0] for p in listed) / len(listed), sum(p[1] for p in listed) / len(listed)


def far_apart(points: Iterable[Point], limit_m: float) -> bool:
    """Whether any point lies further than `limit_m` from the first: then they are not the same place."""
    listed = list(points)
    return any(metres(listed[0], other) > limit_m for other in listed[1:])
