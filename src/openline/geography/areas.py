"""Named polygons: which of them contain a point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from openline.geography.lines import METRES_PER_DEGREE
from openline.geography.records import AreaShape

_BAND_DEGREES = 0.001
"""Height of the bands of latitude into which the polygons' edges are sorted (some 110 m)."""

_BORDER_DEGREES = 0.0004
_STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""Streets along the city's border lie a few metres outside the simplified outlines: look this far inwards."""


class Areas:
    """The areas of a city. Even-odd rule over all edges of an area, looked up by bands of latitude."""

    def __init__(self, table: list[list[Any]], arrays: dict[str, np.ndarray]) -> None:
        self.table = table
        rings, offsets = arrays["rings"], arrays["ring_offsets"]
        owners = np.repeat(arrays["ring_area"], np.diff(offsets))
        after = np.arange(1, len(rings) + 1)
        if len(offsets) > 1:
            after[offsets[1:] - 1] = offsets[:-1]
        self._from, self._owners = rings, owners
        self._offsets, self._ring_area = offsets, arrays["ring_area"]
        self._to = rings[after] if len(rings) else rings
        self._bands = self._sorted_into_bands()
        self._centres: dict[int, tuple[float, float, float]] = {}

    def _sorted_into_bands(self) -> dict[int, tuple[np.ndarray, ...]]:
        """Edges that touch each band of latitude: lower and upper end, longitude at the equator, slope, owner."""
        low, high = np.minimum(self._from[:, 1], self._to[:, 1]), np.maximum(self._from[:, 1], self._to[:, 1])
        first = np.floor(low / _BAND_DEGREES).astype(int)
        times = np.floor(high / _BAND_DEGREES).astype(int) - first + 1
        edges = np.repeat(np.arange(len(low)), times)
        bands = np.repeat(first - np.cumsum(times) + times, times) + np.arange(len(edges))
        edges = edges[np.argsort(bands, kind="stable")]
        rise = self._to[:, 1] - self._from[:, 1]
        slope = np.divide(self._to[:, 0] - self._from[:, 0], rise, out=np.zeros_like(rise), where=rise != 0)
        columns = (low, high, self._from[:, 0] - slope * self._from[:, 1], slope, self._owners)
        names, starts = np.unique(np.sort(bands), return_index=True)
        parts = [np.split(column[edges], starts[1:]) for column in columns]
        return {name: tuple(part[i] for part in parts) for i, name in enumerate(names.tolist())}

    def rings(self, kind: str) -> list[np.ndarray]:
        """The borders of all areas of a kind, each as rows of longitude and latitude."""
        return [ring for number, area in enumerate(self.table) if area[2] == kind for ring in self._rings_of(number)]

    def rings_of(self, code: str) -> list[np.ndarray]:
        """The borders of the area with that code; none if there is none."""
        return next((self._rings_of(number) for number, area in enumerate(self.table) if area[0] == code), [])

    def _rings_of(self, number: int) -> list[np.ndarray]:
        rings = np.flatnonzero(self._ring_area == number).tolist()
        return [self._from[self._offsets[one] : self._offsets[one + 1]] for one in rings]

    def indexes_at(self, lat: float, lon: float) -> list[int]:
        """The areas that contain the point, as indexes into `table`; on the very border, those a few steps inside."""
        found = self._containing(lat, lon)
        for north, east in _STEPS if not found else ():
            found = found or self._containing(lat + north * _BORDER_DEGREES, lon + east * _BORDER_DEGREES)
        return found

    def _containing(self, lat: float, lon: float) -> list[int]:
        band = self._bands.get(math.floor(lat / _BAND_DEGREES))
        if band is None:
            return []
        low, high, base, slope, owners = band
        within: set[int] = set()
        for area in owners[(low <= lat) & (lat < high) & (base + slope * lat > lon)].tolist():
            within ^= {area}  # in and out again
        return sorted(within)

    def at(self, lat: float, lon: float) -> tuple[str, ...]:
        """Codes of the areas that contain the point."""
        return tuple(self.table[i][0] for i in self.indexes_at(lat, lon))

    def codes_of(self, name: str) -> set[str]:
        """Codes of the areas that bear this name, or as another name."""
        return {code for code, own, _, aliases in self.table if name == own or name in aliases}

    def neighborhood(self, codes: Sequence[str]) -> str:
        """The name of the neighbourhood among areas given by their codes; "" if there is none."""
        return next((row[1] for row in self.table if row[0] in codes and row[2] == "neighborhood"), "")

    def centre(self, area: int) -> tuple[float, float, float]:
        """Mean of the area's outline (longitude, latitude), and half the diagonal of its box in metres."""
        if area not in self._centres:
            self._centres[area] = self._centre(area)
        return self._centres[area]

    def _centre(self, area: int) -> tuple[float, float, float]:
        points = self._from[self._owners == area]
        west, south = points.min(axis=0).tolist()
        east, north = points.max(axis=0).tolist()
        lon, lat = self._centroid(area)
        reach = math.hypot((east - west) * math.cos(math.radians(lat)), north - south) * METRES_PER_DEGREE / 2
        return lon, lat, reach

    def _centroid(self, area: int) -> tuple[float, float]:
        """Centre of gravity of the polygon (shoelace formula)."""
        mine = self._owners == area
        origin = self._from[mine][0]
        one, two = self._from[mine] - origin, self._to[mine] - origin
        cross = one[:, 0] * two[:, 1] - two[:, 0] * one[:, 1]
        total = float(cross.sum())
        if not total:
            return float(origin[0]), float(origin[1])
        lon, lat = ((one + two) * cross[:, None]).sum(axis=0) / (3 * total) + origin
        return float(lon), float(lat)


def outlines(shapes: Sequence[AreaShape]) -> dict[str, np.ndarray]:
    """The polygons of `shapes` as flat arrays: points, where each ring begins, whose ring it is."""
    points: list[tuple[float, float]] = []
    offsets, owners = [0], []
    for index, shape in enumerate(shapes):
        for ring in _rings(shape.geometry):
            points += ring
            offsets.append(len(points))
            owners.append(index)
    return {
        "rings": np.array(points, np.float64).reshape(-1, 2),
        "ring_offsets": np.array(offsets, np.int32),
        "ring_area": np.array(owners, np.int32),
    }


def _rings(geometry: dict[str, Any]) -> list[list[tuple[float, float]]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(float(p[0]), float(p[1])) for p in ring] for polygon in polygons for ring in polygon if len(ring)]
