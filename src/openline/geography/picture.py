"""A small map of the streets around a point, drawn by us from the gazetteer: no tile server is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import METRES_PER_DEGREE


@dataclass(frozen=True, slots=True)
class Label:
    """A street's name at a point of the picture (pixels), turned by `angle` degrees."""

    text: str
    x: float
    y: float
    angle: float


@dataclass(frozen=True, slots=True)
class StreetMap:
    """Polylines ("x,y x,y") and labels in a square of `size` pixels; the point is its middle."""

    size: int
    lines: tuple[str, ...]
    labels: tuple[Label, ...]


def street_map(gazetteer: Gazetteer, lat: float, lon: float, reach_m: float = 280.0, size: int = 400) -> StreetMap:
    """The streets within `reach_m` metres of the point."""
    scale = size / 2 / reach_m
    east = METRES_PER_DEGREE * math.cos(math.radians(lat)) * scale
    north = METRES_PER_DEGREE * scale
    lines, labels, named = [], [], set()
    for segment in gazetteer.segments_near(lat, lon, reach_m * 1.6):
        line = np.array(gazetteer.table.line(segment))
        x = (line[:, 0] - lon) * east + size / 2
        y = (lat - line[:, 1]) * north + size / 2
        lines.append(" ".join(f"{a:.0f},{b:.0f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)))
        street = gazetteer.table.street_of(segment)
        label = label_of(street.display, x, y, size)
        if label and street.display not in named:
            named.add(street.display)
            labels.append(label)
    return StreetMap(size, tuple(lines), tuple(labels))


def label_of(text: str, x: np.ndarray, y: np.ndarray, size: int) -> Label | None:
    """A label along the segment's chord, if it is long enough and well inside the picture."""
    middle_x, middle_y = float(x[0] + x[-1]) / 2, float(y[0] + y[-1]) / 2
    length = math.hypot(float(x[-1] - x[0]), float(y[-1] - y[0]))
    inside = all(size * 0.12 < v < size * 0.88 for v in (middle_x, middle_y))
    if not inside or length < 45 or math.hypot(middle_x - size / 2, middle_y - size / 2) < 30:
        return None
    angle = math.degrees(math.atan2(float(y[-1] - y[0]), float(x[-1] - x[0])))
    if abs(angle) > 90:
        angle += 180 if angle < 0 else -180
    return Label(text, round(middle_x, 1), round(middle_y, 1), round(angle, 1))
