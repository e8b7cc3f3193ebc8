"""The map of a liaison's list: the area's requests in the city's own streets and borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from openline.care.understanding import gazetteer
from openline.geography.window import NEAREST, SIZE, Window, borders, streets
from openline.portal.city_map import APART, Mark

_MARGIN = 0.0008
"""Degrees around the outermost requests."""


def drawn(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """What the template of the map needs; None where no row has a point or no city is loaded."""
    placed, city = [row for row in rows if row["latitude"] is not None], gazetteer()
    if not placed or city is None:
        return None
    lat = np.array([row["latitude"] for row in placed])
    lon = np.array([row["longitude"] for row in placed])
    window = Window.around(lon.min() - _MARGIN, lat.min() - _MARGIN, lon.max() + _MARGIN, lat.max() + _MARGIN)
    window = window if window.zoom < NEAREST else window.nearer(-1)
    lines, labels = streets(city, window)
    x, y = window.xy(lat, lon)
    return {
        "size": SIZE,
        "borders": borders(city, window),
        "streets": lines,
        "labels": labels,
        "marks": _marks(placed, x.tolist(), y.tolist()),
    }


def _marks(rows: Sequence[dict[str, Any]], x: list[float], y: list[float]) -> list[Mark]:
    """One mark for each request; those that a finger could not tell apart are one number that leads to the list."""
    marks: list[Mark] = []
    for row, a, b in zip(rows, x, y, strict=True):
        near = next((one for one in marks if abs(one.x - a) < APART and abs(one.y - b) < APART), None)
        if near:
            near.count, near.number, near.link = near.count + 1, "", "#list"
            near.words = f"{near.words}; {row['number']} {row['service__name']}"[:200]
            continue
        words = ", ".join(filter(None, [row["number"], row["service__name"], row["place_name"]]))
        marks.append(Mark(round(a, 1), round(b, 1), 1, row["number"], words))
    return marks
