"""The counts for the map: public requests in squares of the Web Mercator grid, at ten levels (decision 0016).

One aggregate over all public requests, at most once a minute and only if something changed. Reading asks for one level
within a box: a few hundred rows, however many requests there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from openline.foundation.bulk import query
from openline.service_requests.models import ServiceRequest
from openline.service_requests.models.map import MapState

COARSEST, FINEST = 8, 17
"""At the finest level a square has 230 m in Philadelphia; nearer than that a map shows the requests themselves."""
FINER = 4
"""A map of zoom z is drawn from squares of level z + 4: some 16 to a tile of 256 pixels each way."""
_NORTHMOST = 85.0511287798
_LOCK = 7016
_REFRESH = f"""
INSERT INTO service_requests_mapcell (level, x, y, open, closed, latitude, longitude)
WITH finest AS (
  SELECT floor((longitude + 180) / 360 * {2**FINEST})::int AS x,
         floor((1 - asinh(tan(radians(latitude))) / pi()) / 2 * {2**FINEST})::int AS y,
         count(*) FILTER (WHERE closed_at IS NULL) AS open, count(closed_at) AS closed,
         sum(latitude) AS latitude, sum(longitude) AS longitude
  FROM service_requests_servicerequest
  WHERE public AND latitude BETWEEN -{_NORTHMOST} AND {_NORTHMOST} AND longitude BETWEEN -180 AND 179.999999
  GROUP BY 1, 2)
SELECT level, x >> ({FINEST} - level), y >> ({FINEST} - level), sum(open), sum(closed),
       sum(latitude) / sum(open + closed), sum(longitude) / sum(open + closed)
FROM finest CROSS JOIN generate_series({COARSEST}, {FINEST}) AS level GROUP BY 1, 2, 3
"""  # noqa: S608
_IN_BOX = """
SELECT open, closed, latitude, longitude FROM service_requests_mapcell
WHERE level = %s AND x BETWEEN %s AND %s AND y BETWEEN %s AND %s
"""
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many requests are open and closed around a point."""

    open: int
    closed: int
    latitude: float
    longitude: float


@transaction.atomic
def refresh() -> bool:
    """Count anew if anything changed since the last time; False if nothing did, or somebody else is counting."""
    if not query("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])[0][0]:
        return False
    newest = ServiceRequest.objects.order_by("-updated_at").values_list("updated_at", flat=True).first()
    [(size,)] = query("SELECT last_value FROM service_request_number")
    known = MapState.objects.first()
    if known and (known.newest, known.requests) == (newest, size):
        return False
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM service_requests_mapcell")
        cursor.execute(_REFRESH)
    MapState.objects.update_or_create(pk=1, defaults={"newest": newest, "requests": size, "at": timezone.now()})
    return True


def counted_at() -> datetime | None:
    """When the cells were counted; None if never."""
    return MapState.objects.values_list("at", flat=True).first()


def cells(box: Box, zoom: int) -> list[Cell]:
    """The squares of a map of `zoom` within `box`, those cut by its edge too."""
    level = max(COARSEST, min(FINEST, zoom + FINER))
    west, south, east, north = box
    (left, top), (right, bottom) = _tile(west, north, level), _tile(east, south, level)
    return [Cell(*row) for row in query(_IN_BOX, [level, left, right, top, bottom])]


def _tile(lon: float, lat: float, level: int) -> tuple[int, int]:
    """The square in which a point lies (OpenStreetMap wiki, "Slippy map tilenames")."""
    lat, most = math.radians(max(-_NORTHMOST, min(_NORTHMOST, lat))), 2**level
    x, y = (lon + 180) / 360 * most, (1 - math.asinh(math.tan(lat)) / math.pi) / 2 * most
    return min(most - 1, max(0, math.floor(x))), min(most - 1, max(0, math.floor(y)))
