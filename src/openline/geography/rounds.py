"""A good order in which to visit points: nearest next, then without crossings.

Not the shortest way, which would need the streets themselves, but one that nobody who drives it would call silly: each
crossing of the way with itself is taken out (2-opt; G. A. Croes, Operations Research 6, 1958).
"""

from __future__ import annotations

from collections.abc import Sequence

from openline.geography.lines import Point, metres

_MOST_PASSES = 20


def visiting_order(points: Sequence[Point], start: Point | None = None) -> list[int]:
    """The places in `points` (longitude, latitude) of the stops, one after another.

    Without a `start` the first point is visited first. The work grows with the square of the number of points: meant
    for a day's list, not for thousands.
    """
    if not points:
        return []
    known = [*points] if start is None else [start, *points]
    apart = [[metres(a, b) for b in known] for a in known]
    order = _uncrossed(_nearest_next(apart), apart)
    return order if start is None else [stop - 1 for stop in order[1:]]


def nearest_next(points: Sequence[Point]) -> list[int]:
    """The same from the first point, going to the nearest that is left each time, whatever crosses."""
    return _nearest_next([[metres(a, b) for b in points] for a in points]) if points else []


def length_of(points: Sequence[Point]) -> float:
    """Metres from the first point to the last, as the crow flies."""
    return sum(metres(a, b) for a, b in zip(points, points[1:], strict=False))


def _nearest_next(apart: Sequence[Sequence[float]]) -> list[int]:
    order, left = [0], set(range(1, len(apart)))
    while left:
        order.append(min(left, key=lambda stop: (apart[order[-1]][stop], stop)))
        left.remove(order[-1])
    return order


def _uncrossed(order: list[int], apart: Sequence[Sequence[float]]) -> list[int]:
    """Turn stretches around as long as that makes the way shorter; the first stop stays."""
    for _pass in range(_MOST_PASSES):
        if not sum(_turned(order, i, j, apart) for i in range(1, len(order) - 1) for j in range(i + 1, len(order))):
            break
    return order


def _turned(order: list[int], i: int, j: int, apart: Sequence[Sequence[float]]) -> bool:
    """Turn the stops from `i` to `j` around if that is shorter; the way ends at the last stop."""
    before, first, last = order[i - 1], order[i], order[j]
    after = order[j + 1] if j + 1 < len(order) else None
    now = apart[before][first] + (apart[last][after] if after is not None else 0)
    then = apart[before][last] + (apart[first][after] if after is not None else 0)
    if then >= now - 1e-6:
        return False
    order[i : j + 1] = order[i : j + 1][::-1]
    return True
