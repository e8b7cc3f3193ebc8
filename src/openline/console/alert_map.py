"""The city's outline with its neighborhoods, on which areas are chosen and corners drawn."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from openline.geography.models import Area
from openline.publishing.alerts.places import rings

_WIDTH = 600.0
_CACHE_SECONDS = 600.0
_cached: tuple[float, Outline | None] | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A picture of `width` by `height`; `west`, `north` and degrees per unit tell where a point of it lies.

    `shapes` are code, name and path of each neighborhood.
    """

    width: float
    height: float
    west: float
    north: float
    longitude_per_unit: float
    latitude_per_unit: float
    shapes: tuple[tuple[str, str, str], ...]


def outline() -> Outline | None:
    """The picture, made anew every ten minutes; None for a city without areas."""
    global _cached
    if _cached is None or time.monotonic() - _cached[0] > _CACHE_SECONDS:
        _cached = (time.monotonic(), _made())
    return _cached[1]


def _made() -> Outline | None:
    areas = [(area.code, area.name, rings(area.geometry)) for area in _shown()]
    points = [point for _code, _name, found in areas for ring in found for point in ring]
    if not points:
        return None
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    wide = (east - west) / _WIDTH
    high = wide * math.cos(math.radians((south + north) / 2))
    shapes = tuple((code, name, _path(found, west, north, wide, high)) for code, name, found in areas)
    return Outline(_WIDTH, round((north - south) / high, 1), west, north, wide, high, shapes)


def _shown() -> list[Area]:
    """Neighborhoods; where a city has none, whatever areas it has."""
    return list(Area.objects.filter(kind="neighborhood").order_by("name") or Area.objects.order_by("name")[:300])


def _path(found: list[list[tuple[float, float]]], west: float, north: float, wide: float, high: float) -> str:
    parts = [" ".join(f"{(x - west) / wide:.0f},{(north - y) / high:.0f}" for x, y in ring) for ring in found]
    return " ".join(f"M{part}Z" for part in parts)
