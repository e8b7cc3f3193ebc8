"""`/requests/map.json`: what a map shows of the public requests, as counts for squares or, near by, each request.

GeoJSON (RFC 7946). `bbox` is west,south,east,north in degrees (the whole city, if not given), `zoom` 0 to 22, `status`
open, closed or both. From zoom 16 on requests stand there one by one, at most 1,000.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openline.foundation import tags
from openline.foundation.bulk import query
from openline.service_requests import map_cells, public
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.map_cells import Box, Cell

SECONDS = 30
"""So long an answer may be kept."""
EACH_FROM = 16
MOST = 1000
_WORLD: Box = (-180.0, -85.0, 180.0, 85.0)
_STAMP = "SELECT at FROM service_requests_mapstate UNION ALL SELECT NULL LIMIT 1"


@require_safe
def clusters(request: HttpRequest) -> HttpResponse:
    """The map's content; 304 if the browser has it, 400 with what is wrong."""
    try:
        box, zoom, status = _asked(request)
    except ValueError as error:
        return _answer({"error": str(error)}, 400)
    if zoom >= EACH_FROM:
        return _kept(request, orjson.dumps(_each(box, status)))
    counted = query(_STAMP)[0][0]
    tag = f'"{hashlib.sha1(repr((box, zoom, status, counted)).encode(), usedforsecurity=False).hexdigest()}"'
    if tags.has(request, tag):
        return _with_headers(HttpResponse(status=304), tag)
    content = _collection([found for cell in map_cells.cells(box, zoom) if (found := _cell(cell, status))])
    content["counted_at"] = counted
    return _with_headers(_answer(content), tag)


def _asked(request: HttpRequest) -> tuple[Box, int, str]:
    """The parameters; raises ValueError in words for the sender."""
    status = request.GET.get("status", "open")
    if status not in ("open", "closed", "both"):
        raise ValueError(_("status is open, closed or both."))
    zoom = request.GET.get("zoom", str(jurisdiction().zoom))
    if not (zoom.isascii() and zoom.isdigit() and int(zoom[:3]) <= 22):
        raise ValueError(_("zoom is a whole number from 0 to 22."))
    return _box(request.GET.get("bbox", "")), int(zoom), status


def _box(text: str) -> Box:
    if not text:
        bounds = jurisdiction().bounds
        return tuple(map(float, bounds)) if len(bounds) == 4 else _WORLD  # type: ignore[return-value]
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError
    except ValueError:
        raise ValueError(_("bbox is west,south,east,north in degrees.")) from None
    return west, south, east, north


def _cell(cell: Cell, status: str) -> dict[str, Any] | None:
    count = {"open": cell.open, "closed": cell.closed, "both": cell.open + cell.closed}[status]
    if not count:
        return None
    return _feature(cell.longitude, cell.latitude, {"count": count, "open": cell.open, "closed": cell.closed})


def _each(box: Box, status: str) -> dict[str, Any]:
    """The requests themselves, newest first."""
    west, south, east, north = box
    found = public.requests().filter(latitude__range=(south, north), longitude__range=(west, east))
    if status != "both":
        found = found.filter(closed_at__isnull=status == "open")
    rows = public.newest_first(found).values_list(
        "number", "service__name", "status", "closed_at", "latitude", "longitude"
    )[:MOST]
    return _collection([
        _feature(lon, lat, {"number": number, "service": service, "status": state, "is_open": closed is None})
        for number, service, state, closed, lat, lon in rows
        if lat is not None and lon is not None
    ])  # fmt: skip


def _feature(lon: float, lat: float, facts: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "geometry": point, "properties": facts}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _answer(content: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(content), status=status, content_type="application/geo+json")


def _kept(request: HttpRequest, content: bytes) -> HttpResponse:
    tag = f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"'
    if tags.has(request, tag):
        return _with_headers(HttpResponse(status=304), tag)
    return _with_headers(HttpResponse(content, content_type="application/geo+json"), tag)


def _with_headers(answer: HttpResponse, tag: str) -> HttpResponse:
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={SECONDS}"
    return answer
