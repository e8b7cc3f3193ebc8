"""Which line or corner of the city is nearest to a point."""

from __future__ import annotations

import math

import numpy as np

from openline.geography.lines import METRES_PER_DEGREE

Columns = tuple[np.ndarray, np.ndarray]


class Nearest:
    """The segments' lines and the corners, so laid out that only what is near is measured."""

    def __init__(self, points: np.ndarray, offsets: np.ndarray, corners: np.ndarray) -> None:
        self._points, self._offsets = points, offsets
        self._corners: Columns = _columns(corners)
        lows, highs = (choose(points[:-1], points[1:]) for choose in (np.minimum, np.maximum))
        self._lows, self._highs = _columns(lows), _columns(highs)
        self._joints = np.zeros(max(0, len(points) - 1), bool)  # from one segment's end to the next one's start
        self._joints[offsets[1:-1] - 1] = True

    def segment(self, lat: float, lon: float, within_m: float) -> tuple[int, float]:
        """The segment whose line passes nearest, and how far away in metres; (0, infinity) if none is that near."""
        east, north = _reach(lat, within_m)
        (west, south), (east_end, north_end) = self._lows, self._highs
        near = np.flatnonzero(
            (west < lon + east) & (east_end > lon - east) & (south < lat + north) & (north_end > lat - north)
        )
        near = near[~self._joints[near]]
        if not len(near):
            return 0, math.inf
        scale = np.array([math.cos(math.radians(lat)), 1.0]) * METRES_PER_DEGREE
        one = (self._points[near] - (lon, lat)) * scale
        step = (self._points[near + 1] - self._points[near]) * scale
        share = np.clip(-(one * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-9), 0.0, 1.0)
        away = np.hypot(*(one + share[:, None] * step).T)
        best = int(away.argmin())
        return int(np.searchsorted(self._offsets, near[best], side="right")) - 1, float(away[best])

    def corner(self, lat: float, lon: float, within_m: float) -> int | None:
        """The index of the nearest corner; None if none is that near."""
        east, north = _reach(lat, within_m)
        lons, lats = self._corners
        near = np.flatnonzero((np.abs(lons - lon) < east) & (np.abs(lats - lat) < north))
        if not len(near):
            return None
        away = np.hypot((lons[near] - lon) * north / east, lats[near] - lat) * METRES_PER_DEGREE
        best = int(away.argmin())
        return int(near[best]) if away[best] <= within_m else None


def _columns(points: np.ndarray) -> Columns:
    """Longitudes and latitudes, each in a row of memory of its own: four times as fast to compare."""
    return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def _reach(lat: float, metres: float) -> tuple[float, float]:
    """So many metres in degrees, eastwards and northwards."""
    north = metres / METRES_PER_DEGREE
    return north / max(0.01, math.cos(math.radians(lat))), north
