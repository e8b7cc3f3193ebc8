"""Where streets meet by the data, as arrays: a city has ten thousands of corners."""

from __future__ import annotations

import numpy as np


class Meetings:
    """The corners of a city. `pairs` are two streets each, by index, the lower one first; `points` are lon and lat."""

    def __init__(self, pairs: np.ndarray, points: np.ndarray, streets: int) -> None:
        keys = pairs[:, 0].astype(np.int64) * streets + pairs[:, 1]
        order = np.argsort(keys, kind="stable")
        self._points, self._streets = points[order], streets
        self._keys, firsts = np.unique(keys[order], return_index=True)
        self._ends: list[int] = [*firsts[1:].tolist(), len(keys)]
        self._number = {key: number for number, key in enumerate(self._keys.tolist())}

    def between(self, one: int, two: int) -> list[tuple[float, float]]:
        """The points (lon, lat) where two streets meet."""
        number = self._number.get(min(one, two) * self._streets + max(one, two))
        if number is None:
            return []
        begin = self._ends[number - 1] if number else 0
        return [(lon, lat) for lon, lat in self._points[begin : self._ends[number]].tolist()]

    def streets_at(self, street: int) -> list[int]:
        """The streets that meet `street`, by index."""
        one, two = np.divmod(self._keys, self._streets)
        return [*one[two == street].tolist(), *two[one == street].tolist()]
