"""`/requests/map/`: where the requests are, drawn on the server from the city's own streets.

Every step is a link, so it works without JavaScript, by keys and in a screen reader, weighs some kilobytes, and the
address in the browser is one to share. What is near together is one number; near by, each request leads to its page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openline.care.understanding import gazetteer
from openline.foundation.text import clean
from openline.geography.finder import geocode
from openline.geography.window import NEAREST, SIZE, Window, borders, streets
from openline.service_requests import map_cells, public
from openline.service_requests.jurisdiction import jurisdiction

EACH_FROM = 16
"""From this zoom on the requests themselves are shown, as in `map_view`."""
MOST = 300
LISTED = 12
APART = 32.0
"""Closer than this many units two marks would be one target for a finger: they become a number."""
_STATES = ("open", "closed", "both")


@dataclass(slots=True)
class Mark:
    """What is shown at a point of the drawing: one request by its number, or how many there are."""

    x: float
    y: float
    count: int
    number: str = ""
    words: str = ""
    link: str = ""

    @property
    def radius(self) -> float:
        """Larger for more, never smaller than a finger needs."""
        return round(min(15 + 3 * math.log10(self.count), 24), 1)


@require_safe
def city_map(request: HttpRequest) -> HttpResponse:
    """The map around a point or an address, with the newest requests in it as a list."""
    status = request.GET.get("status", "open")
    status = status if status in _STATES else "open"
    typed = clean(request.GET.get("at", ""), 200)
    window, unknown = _window(request, typed)
    city, marks = gazetteer(), _marks(window, status)
    lines, labels = streets(city, window) if city else ([], [])
    context: dict[str, Any] = {
        "size": SIZE,
        "window": window,
        "status": status,
        "typed": typed,
        "unknown": unknown,
        "borders": borders(city, window) if city else [],
        "streets": lines,
        "labels": labels,
        "marks": marks,
        "steps": _steps(window, status),
        "here": address(window, status),
        "states": [(one, name, address(window, one)) for one, name in zip(_STATES, _state_names(), strict=True)],
        "rows": public.rows(public.newest_first(_in(window, status))[:LISTED]),
        "near": window.zoom >= EACH_FROM,
        "place": f"{window.lat:.5f}, {window.lon:.5f}",
    }
    return render(request, "portal/map.html", context)


def _window(request: HttpRequest, typed: str) -> tuple[Window, bool]:
    """The window asked for, the whole city without one; and whether an address was typed that nobody knows."""
    city = jurisdiction()
    found = geocode(streets_of, typed) if typed and (streets_of := gazetteer()) else None
    if found and found.lat is not None and found.lon is not None:
        return Window.of(found.lat, found.lon, 13 if found.kind == "area" else 17), False
    lat, lon = _number(request, "lat"), _number(request, "lon")
    zoom = _number(request, "zoom")
    if lat is None or lon is None:
        if len(city.bounds) == 4:
            return Window.around(*map(float, city.bounds)), bool(typed)
        lat, lon, zoom = city.center_latitude, city.center_longitude, city.zoom - 1
    return Window.of(lat, lon, int(zoom if zoom is not None else 15)), bool(typed)


def _number(request: HttpRequest, name: str) -> float | None:
    try:
        value = float(request.GET.get(name, ""))
    except ValueError:
        return None
    return value if abs(value) < 1000 else None


def address(window: Window, status: str) -> str:
    """The query of a window: the same place has always the same address."""
    chosen = {"lat": f"{window.lat:.5f}", "lon": f"{window.lon:.5f}", "zoom": window.zoom}
    return "?" + urlencode(chosen | ({"status": status} if status != "open" else {}))


def _steps(window: Window, status: str) -> list[tuple[str, str, str]]:
    """Ways on from here: sign, words and address."""
    ways = [
        ("+", _("Closer"), window.nearer()),
        ("−", _("Farther"), window.nearer(-1)),
        ("↑", _("North"), window.moved(0, -0.5)),
        ("↓", _("South"), window.moved(0, 0.5)),
        ("←", _("West"), window.moved(-0.5, 0)),
        ("→", _("East"), window.moved(0.5, 0)),
    ]
    return [(sign, words, address(to, status)) for sign, words, to in ways]


def _state_names() -> tuple[str, str, str]:
    return _("Open"), _("Closed"), _("Both")


def _in(window: Window, status: str) -> Any:
    west, south, east, north = window.box
    found = public.requests().filter(latitude__range=(south, north), longitude__range=(west, east))
    return found if status == "both" else found.filter(closed_at__isnull=status == "open")


def _marks(window: Window, status: str) -> list[Mark]:
    """What stands on the map: numbers from afar, single requests near by; what would overlap is one number."""
    single = each(window, _single(window, status)) if window.zoom >= EACH_FROM else _counted(window, status)
    return together(single, window, status)


def together(single: list[Mark], window: Window, status: str) -> list[Mark]:
    """`single`, but those that would overlap as one number; each says where it leads."""
    marks: list[Mark] = []
    for one in single:
        near = next((m for m in marks if abs(m.x - one.x) < APART and abs(m.y - one.y) < APART), None)
        if near is None:
            marks.append(one)
        else:
            near.count, near.number = near.count + one.count, ""
    inside = [one for one in marks if 0 <= one.x <= SIZE and 0 <= one.y <= SIZE]
    for one in inside:
        _explain(one, window, status)
    return inside


def _single(window: Window, status: str) -> list[dict[str, Any]]:
    names = ("number", "service__name", "place_name", "latitude", "longitude")
    return list(public.newest_first(_in(window, status)).values(*names)[:MOST])


def _counted(window: Window, status: str) -> list[Mark]:
    cells = map_cells.cells(window.box, window.zoom)
    counts = [{"open": c.open, "closed": c.closed, "both": c.open + c.closed}[status] for c in cells]
    x, y = window.xy(np.array([c.latitude for c in cells]), np.array([c.longitude for c in cells]))
    marks = [Mark(*where) for where in zip(x.tolist(), y.tolist(), counts, strict=True) if where[2]]
    return sorted(marks, key=lambda one: -one.count)


def each(window: Window, rows: Sequence[Mapping[str, Any]]) -> list[Mark]:
    """A mark for each of `rows`, which have a place."""
    x, y = window.xy(np.array([row["latitude"] for row in rows]), np.array([row["longitude"] for row in rows]))
    return [
        Mark(a, b, 1, row["number"], ", ".join(filter(None, [row["service__name"], row["place_name"]])))
        for a, b, row in zip(x.tolist(), y.tolist(), rows, strict=True)
    ]


def _explain(mark: Mark, window: Window, status: str) -> None:
    """Where the mark leads: nearer to what it counts; from the nearest, to the list below."""
    mark.x, mark.y = round(mark.x, 1), round(mark.y, 1)
    if not mark.number:
        mark.words = _("%(number)d requests: look closer") % {"number": mark.count}
        closer = Window.of(*window.at(mark.x, mark.y), window.zoom + 2)
        mark.link = address(closer, status) if window.zoom < NEAREST else "#listed"
