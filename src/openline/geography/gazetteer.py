"""The gazetteer of a city: streets with address ranges and lines, corners, landmarks, areas.

Compiled once (`openline city load`, `tools/build_philadelphia.py`), read by every process in well under a second.
Immutable once built; safe for threads.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from openline.geography import archive, compiling
from openline.geography.areas import Areas
from openline.geography.lines import METRES_PER_DEGREE
from openline.geography.meetings import Meetings
from openline.geography.names import Names
from openline.geography.nearest import Nearest
from openline.geography.place import Place
from openline.geography.records import AreaShape, Corner, Landmark, Segment
from openline.geography.streets import StreetTable
from openline.geography.text import name_keys

__all__ = ["AreaShape", "Corner", "Gazetteer", "Landmark", "Segment"]

_CROSSING_M = 35.0
"""Streets whose lines come this near each other meet there, although they share no corner in the data."""
_CELL_DEGREES, _COLUMN = 0.0006, 1_000_000
"""Cells are wider than `_CROSSING_M` in any city up to 58 degrees of latitude."""
_AT_CORNER_M = 25.0
_LANDMARK_M, _LARGE_M = 150.0, 700.0
_LARGE = frozenset(("large park", "airport"))
"""Kinds of landmarks that are as wide as a neighbourhood."""
_NEAR_STREET_M = 400.0


class Gazetteer:
    """Looks up addresses, blocks, corners, landmarks and areas."""

    def __init__(self, data: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        self._data, self._arrays = data, arrays
        self.table = StreetTable(data["streets"], arrays)
        self.streets = self.table.streets
        self.names = Names(self.streets, data)
        self.areas = Areas(data["areas"], arrays)
        self._meetings = Meetings(arrays["corner_streets"], arrays["corner_points"], len(self.streets))
        self._boxes: list[list[float]] = self._extents().tolist()
        self._cells: dict[int, tuple[frozenset[int], frozenset[int]]] = {}
        self._kinds: dict[str, list[int]] = {}
        self._directions = {street.pre for street in self.streets} - {""}
        self.nearest = Nearest(arrays["points"], arrays["offsets"], arrays["corner_points"])

    @classmethod
    def compile(
        cls,
        segments: Iterable[Segment],
        corners: Iterable[Corner] = (),
        landmarks: Iterable[Landmark] = (),
        areas: Iterable[AreaShape] = (),
        aliases: Iterable[tuple[str, str]] = (),
        *,
        home: Iterable[str] = (),
        elsewhere: Iterable[str] = (),
    ) -> Gazetteer:
        """Build from a city's open data.

        `aliases` are pairs of (other name, name of the street). `home` are names of the city and its state,
        `elsewhere` names of neighbouring places: a text about one of those is not about this city.
        """
        return cls(*compiling.tables(segments, corners, landmarks, areas, aliases, home, elsewhere))

    def to_bytes(self) -> bytes:
        """The gazetteer as one compressed file. Points are kept to a metre."""
        return archive.pack(self._data, self._arrays)

    @classmethod
    def from_bytes(cls, content: bytes) -> Gazetteer:
        """Read what `to_bytes` wrote; raises ValueError if it is something else."""
        return cls(*archive.unpack(content))

    def has_direction(self, direction: str) -> bool:
        """Whether any street of the city carries this direction."""
        return direction in self._directions

    def known_corners(self, one: int, two: int) -> list[tuple[float, float]]:
        """The points (lon, lat) where two streets meet by the data."""
        return self._meetings.between(one, two)

    def streets_at(self, street: int) -> list[int]:
        """The streets that meet `street` by the data, by index."""
        return self._meetings.streets_at(street)

    def landmark_names(self) -> list[str]:
        """The names of all landmarks."""
        return [name for name, _kind, _aliases in self._data["landmarks"]]

    def of_kind(self, word: str) -> list[int]:
        """The landmarks, by index, with this word in their names: "library"."""
        if word not in self._kinds:
            self._kinds[word] = [i for i, name in enumerate(self.landmark_names()) if word in name_keys(name)]
        return self._kinds[word]

    def crossing(self, one: int, two: int) -> list[tuple[float, float]]:
        """Where the lines of two streets come within a few metres of each other, although the data knows no corner."""
        west, south, east, north = self._boxes[one]
        other = self._boxes[two]
        if west > other[2] or south > other[3] or other[0] > east or other[1] > north:
            return []
        if self._cells_of(one)[0].isdisjoint(self._cells_of(two)[1]):
            return []
        first, second = self._vertices(one), self._vertices(two)
        scale = np.array([math.cos(math.radians(float(first[0, 1]))), 1.0]) * METRES_PER_DEGREE
        away = np.hypot(*np.moveaxis((first[:, None] - second[None]) * scale, 2, 0))
        i, j = np.unravel_index(int(away.argmin()), away.shape)
        lon, lat = ((first[i] + second[j]) / 2).tolist()
        return [(lon, lat)] if away[i, j] <= _CROSSING_M else []

    def _cells_of(self, street: int) -> tuple[frozenset[int], frozenset[int]]:
        """The cells of a grid in which the street has points, and these with all cells around them."""
        found = self._cells.get(street)
        if found is None:
            columns, rows = np.floor(self._vertices(street) / _CELL_DEGREES).astype(np.int64).T
            own = np.unique(columns * _COLUMN + rows)
            around = (own[:, None] + [c * _COLUMN + r for c in (-1, 0, 1) for r in (-1, 0, 1)]).ravel()
            found = self._cells[street] = frozenset(own.tolist()), frozenset(around.tolist())
        return found

    def _extents(self) -> np.ndarray:
        """West, south, east, north of each street, with a margin."""
        starts = self._arrays["offsets"][[street.first for street in self.streets]]
        points, margin = self._arrays["points"], 0.0005
        if not len(starts):
            return np.zeros((0, 4))
        low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
        return np.hstack([low - margin, high + margin])

    def _vertices(self, street: int) -> np.ndarray:
        mine, offsets = self.streets[street], self._arrays["offsets"]
        return self._arrays["points"][offsets[mine.first] : offsets[mine.last]]

    def segments_near(self, lat: float, lon: float, reach_m: float) -> list[int]:
        """The segments with a point in the box of `reach_m` metres to each side."""
        points, north = self._arrays["points"], reach_m / METRES_PER_DEGREE
        east = north / math.cos(math.radians(lat))
        near = np.flatnonzero((np.abs(points[:, 0] - lon) < east) & (np.abs(points[:, 1] - lat) < north))
        return np.unique(np.searchsorted(self._arrays["offsets"], near, side="right") - 1).tolist()

    def landmark(self, index: int) -> tuple[str, float, float, float]:
        """Name, longitude, latitude and likely error in metres of a landmark."""
        lon, lat = self._arrays["landmark_points"][index].tolist()
        name, kind, _aliases = self._data["landmarks"][index]
        return name, lon, lat, _LARGE_M if kind in _LARGE else _LANDMARK_M

    def area(self, index: int, keys: tuple[str, ...]) -> tuple[str, float, float, float]:
        """The name by which an area is called, longitude and latitude of its middle, and its reach in metres."""
        _code, name, _kind, aliases = self.areas.table[index]
        called = next((alias for alias in aliases if name_keys(alias) == keys), name)
        return called, *self.areas.centre(index)

    def inside(self, lat: float, lon: float) -> bool:
        """Is the point in the city? By the areas where there are any, else by the streets' extent."""
        if self.areas.table:
            return bool(self.areas.indexes_at(lat, lon))
        points = self._arrays["points"]
        if not len(points):
            return False
        (west, south), (east, north) = points.min(axis=0) - 0.01, points.max(axis=0) + 0.01
        return bool(west <= lon <= east and south <= lat <= north)

    def box(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """South-west and north-east corner of the streets' extent, each (latitude, longitude)."""
        points = self._arrays["points"]
        (west, south), (east, north) = (points.min(axis=0) - 0.01).tolist(), (points.max(axis=0) + 0.01).tolist()
        return (south, west), (north, east)

    def describe(self, lat: float, lon: float) -> Place | None:
        """The place at a point, named by the nearest corner or block; None outside the city."""
        if not (math.isfinite(lat) and math.isfinite(lon)) or not self.inside(lat, lon):
            return None
        return Place("coordinates", self._nearest_name(lat, lon), lat, lon, 0.9, (0, 0), 20.0, self.areas.at(lat, lon))

    def _nearest_name(self, lat: float, lon: float) -> str:
        """The corner, else the block of the nearest segment, else the coordinates themselves."""
        segment, away = self.nearest.segment(lat, lon, _NEAR_STREET_M)
        if away > _NEAR_STREET_M:
            return f"{lat:.5f}, {lon:.5f}"
        corner = self.nearest.corner(lat, lon, _AT_CORNER_M)
        if corner is not None:
            one, two = self._arrays["corner_streets"][corner].tolist()
            return f"{self.streets[one].display} & {self.streets[two].display}"
        street = self.table.street_of(segment)
        numbers = [n for n in self._arrays["ranges"][segment].tolist() if n]
        return f"{min(numbers) // 100 * 100} block of {street.display}" if numbers else street.display
