"""A window on the map: a square of the Web Mercator plane, what lies in it, and the city drawn in it by ourselves.

The city's own streets and the borders of its areas are all there is: no tile server learns who looks at what.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from openline.geography.gazetteer import Gazetteer
from openline.geography.picture import Label, label_of

SIZE = 400
"""Width and height of the picture, in units of the drawing."""
STREETS_FROM = 15
"""From this zoom on streets are drawn; farther away the borders of neighborhoods."""
NAMES_FROM = 17
NEAREST, FARTHEST = 19, 8
_TILE = 256.0
_NORTHMOST = 85.0
_METRES_PER_UNIT = 156_543.0
"""At the equator at zoom 0."""


@dataclass(frozen=True, slots=True)
class Window:
    """A square of `SIZE` units around a point (degrees), at a zoom of the usual web maps."""

    lat: float
    lon: float
    zoom: int

    @classmethod
    def of(cls, lat: float, lon: float, zoom: int) -> Window:
        """The window, with each value brought into what a map can show."""
        lat, lon = max(-_NORTHMOST, min(_NORTHMOST, lat)), max(-180.0, min(180.0, lon))
        return cls(round(lat, 6), round(lon, 6), max(FARTHEST, min(NEAREST, zoom)))

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float) -> Window:
        """The nearest window that holds the whole box."""
        for zoom in range(NEAREST, FARTHEST, -1):
            window = cls.of((south + north) / 2, (west + east) / 2, zoom)
            left, low, right, high = window.box
            if left <= west and low <= south and right >= east and high >= north:
                return window
        return window.nearer(-1)

    @property
    def _scale(self) -> float:
        return float(_TILE * 2.0**self.zoom)

    def xy(self, lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points lie in the drawing, from its upper left corner."""
        middle = np.arcsinh(np.tan(np.radians(self.lat)))
        x = (lon - self.lon) / 360 * self._scale + SIZE / 2
        y = (middle - np.arcsinh(np.tan(np.radians(lat)))) / (2 * math.pi) * self._scale + SIZE / 2
        return x, y

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a point of the drawing."""
        middle = math.asinh(math.tan(math.radians(self.lat)))
        north = middle - (y - SIZE / 2) / self._scale * 2 * math.pi
        return math.degrees(math.atan(math.sinh(north))), self.lon + (x - SIZE / 2) / self._scale * 360

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        north, west = self.at(0, 0)
        south, east = self.at(SIZE, SIZE)
        return west, south, east, north

    def moved(self, x: float, y: float) -> Window:
        """The window that many of its own widths to the east and to the south."""
        return self.of(*self.at(SIZE * (0.5 + x), SIZE * (0.5 + y)), self.zoom)

    def nearer(self, steps: int = 1) -> Window:
        """The same middle, nearer; farther with a negative number."""
        return replace(self, zoom=max(FARTHEST, min(NEAREST, self.zoom + steps)))


def streets(gazetteer: Gazetteer, window: Window) -> tuple[list[str], list[Label]]:
    """The streets in the window as polylines ("x,y x,y"), none from too far away, and their names from near by."""
    if window.zoom < STREETS_FROM:
        return [], []
    reach = SIZE / 2 * _METRES_PER_UNIT * math.cos(math.radians(window.lat)) / 2**window.zoom
    lines, labels = [], {}
    for segment in gazetteer.segments_near(window.lat, window.lon, reach * 1.2):
        line = np.array(gazetteer.table.line(segment))
        lines.append(_path(window, line))
        name = gazetteer.table.street_of(segment).display if window.zoom >= NAMES_FROM else ""
        if name and name not in labels and (label := label_of(name, *window.xy(line[:, 1], line[:, 0]), SIZE)):
            labels[name] = label
    return lines, list(labels.values())


def borders(gazetteer: Gazetteer, window: Window, kind: str = "neighborhood") -> list[str]:
    """The borders of the areas of a kind that touch the window, each as points ("x,y x,y")."""
    west, south, east, north = window.box
    found = []
    for ring in gazetteer.areas.rings(kind):
        low, high = ring.min(axis=0), ring.max(axis=0)
        if low[0] <= east and high[0] >= west and low[1] <= north and high[1] >= south:
            found.append(_path(window, ring))
    return found


def outline(gazetteer: Gazetteer, window: Window, code: str) -> str:
    """The borders of one area as a path of SVG; its holes are cut out by the rule "evenodd"."""
    return "".join(f"M{_path(window, ring)}Z" for ring in gazetteer.areas.rings_of(code))


def around_area(gazetteer: Gazetteer, code: str) -> Window | None:
    """The nearest window that holds the whole area; None if nobody knows its borders."""
    rings = gazetteer.areas.rings_of(code)
    if not rings:
        return None
    points = np.concatenate(rings)
    return Window.around(*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


def _path(window: Window, line: np.ndarray) -> str:
    """A line in whole units, without points that fall on the one before."""
    x, y = window.xy(line[:, 1], line[:, 0])
    points = np.column_stack([x, y]).round().astype(int)
    kept = np.append([True], (np.diff(points, axis=0) != 0).any(axis=1))
    return " ".join(f"{a},{b}" for a, b in points[kept].tolist())
