"""A crew's round: the stops of a day in a good order, on a map drawn from the city's own streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from openline.care.understanding import gazetteer
from openline.files.models import Attachment
from openline.geography.finder import geocode
from openline.geography.lines import Point, metres
from openline.geography.rounds import length_of, visiting_order
from openline.geography.window import Window, borders, streets
from openline.service_requests.models import ServiceRequest
from openline.service_requests.questions import shown

MOST = 40
"""More stops than this are no day's work, and no map that one can read."""
_STOP = 0.027
"""The radius of a stop as a share of the picture."""
_SMALLEST = 60.0


@dataclass(slots=True)
class Stop:
    """One request on the way: its place in the order, metres from the stop before, and where the map shows it."""

    request: ServiceRequest
    position: int
    answers: list[tuple[str, str]]
    photos: Sequence[Attachment]
    from_last_m: float | None = None
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Start:
    """Where the round begins (degrees), and how that is called; `unknown` if words were typed that name no place."""

    point: Point | None = None
    name: str = ""
    unknown: bool = False


def start_of(typed: str, lat: str, lon: str) -> Start:
    """The start from an address that was typed, or from where the device says that it is."""
    if typed:
        city = gazetteer()
        found = geocode(city, typed) if city else None
        if found is None or found.lat is None or found.lon is None:
            return Start(unknown=True, name=typed)
        return Start((found.lon, found.lat), found.name)
    try:
        here = float(lon), float(lat)
    except ValueError:
        return Start()
    return Start(here) if abs(here[0]) <= 180 and abs(here[1]) <= 85 else Start()


def plan(requests: Sequence[ServiceRequest], start: Start, photos: dict[Any, list[Attachment]]) -> dict[str, Any]:
    """What the page of the round shows."""
    placed = [one for one in requests if one.latitude is not None and one.longitude is not None]
    points = [_point(one) for one in placed]
    order = visiting_order(points, start.point)
    stops = [_stop(placed[at], number, photos) for number, at in enumerate(order, 1)]
    way = ([start.point] if start.point else []) + [points[at] for at in order]
    for stop, before, here in zip(reversed(stops), reversed(way[:-1]), reversed(way), strict=False):
        stop.from_last_m = metres(before, here)
    placeless = [_stop(one, 0, photos) for one in requests if one not in placed]
    return {"stops": stops, "placeless": placeless, "way_m": length_of(way), **_picture(stops, way, start)}


def _point(request: ServiceRequest) -> Point:
    return float(request.longitude or 0), float(request.latitude or 0)


def _stop(request: ServiceRequest, position: int, photos: dict[Any, list[Attachment]]) -> Stop:
    asked = shown(request.service.attributes.all(), request.answers)
    return Stop(request, position, [(one.question, words) for one, words in asked], photos.get(request.pk, ()))


def _picture(stops: Sequence[Stop], way: Sequence[Point], start: Start) -> dict[str, Any]:
    """The map around all stops, and the way between them; nothing for a round without any."""
    if not stops:
        return {}
    west, east = min(x for x, _y in way), max(x for x, _y in way)
    south, north = min(y for _x, y in way), max(y for _x, y in way)
    window = Window.around(west, south, east, north)
    x, y = window.xy(np.array([at[1] for at in way]), np.array([at[0] for at in way]))
    line = [(round(a, 1), round(b, 1)) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    for stop, at in zip(reversed(stops), reversed(line), strict=False):  # the start, if there is one, stays over
        stop.x, stop.y = at
    city = gazetteer()
    lines, labels = streets(city, window) if city else ([], [])
    left, top, side = _frame(line)
    return {
        "frame": f"{left:.1f} {top:.1f} {side:.1f} {side:.1f}",
        "radius": side * _STOP,
        "streets": lines,
        "labels": labels,
        "borders": borders(city, window) if city else [],
        "line": " ".join(f"{a},{b}" for a, b in line),
        "begins": line[0] if start.point else None,
    }


def _frame(line: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Left, top and side of the square of the drawing that holds the whole way with room for the stops."""
    left, right = min(x for x, _y in line), max(x for x, _y in line)
    top, low = min(y for _x, y in line), max(y for _x, y in line)
    side = max(right - left, low - top, _SMALLEST) * (1 + 4 * _STOP)
    return (left + right - side) / 2, (top + low - side) / 2, side
