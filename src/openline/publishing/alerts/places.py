"""Where an alert holds: areas of the city, a place that the gazetteer knows, or corners that a person drew."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from openline.care.understanding import gazetteer
from openline.geography.finder import geocode
from openline.geography.models import Area
from openline.publishing.errors import NotPossible

Point = tuple[float, float]
AROUND_M = 250.0
"""An address or a corner stands for this far around it."""
MOST_POINTS = 100
_METRES_PER_DEGREE = 111_320.0
_PAIR = re.compile(r"(-?\d{1,3}\.\d+)\s*,\s*(-?\d{1,3}\.\d+)")


@dataclass(frozen=True, slots=True)
class Where:
    """The place in words, codes of areas, and a ring of longitude and latitude pairs (None: the areas, or all)."""

    words: str
    areas: tuple[str, ...] = ()
    polygon: tuple[Point, ...] | None = None


def where(named: str, codes: Sequence[str], drawn: str, city: str) -> Where:
    """What a form says of the place: what is drawn counts before what is named; nothing at all is the whole city.

    Raises NotPossible for an area that is not there, or corners that make no shape.
    """
    areas = list(Area.objects.filter(code__in=codes).order_by("name"))
    if len(areas) < len(set(codes)):
        raise NotPossible(_("One of the areas is not there any more. Choose again."), "areas")
    polygon, named = _drawn(drawn), named.strip()
    if polygon is None and named and not areas:
        found = _named(named)
        polygon, areas = found.polygon, list(Area.objects.filter(code__in=found.areas).order_by("name"))
    said = named or ", ".join(area.name for area in areas) or city
    return Where(said[:300], tuple(area.code for area in areas), polygon)


def _named(named: str) -> Where:
    """A place in words, with what the gazetteer knows of it; words alone where it knows nothing."""
    streets = gazetteer()
    place = geocode(streets, named) if streets else None
    if place is None or place.lat is None or place.lon is None:
        return Where(named)
    if place.kind == "area":
        codes = Area.objects.filter(name__iexact=place.name).values_list("code", flat=True)[:1]
        return Where(named, tuple(codes))
    if place.kind == "street":
        return Where(named)
    return Where(named, (), around(place.lon, place.lat))


def around(longitude: float, latitude: float, metres: float = AROUND_M) -> tuple[Point, ...]:
    """A ring of sixteen corners about a point."""
    high = metres / _METRES_PER_DEGREE
    wide = high / math.cos(math.radians(latitude))
    turns = [2 * math.pi * n / 16 for n in range(17)]
    ring = [(round(longitude + wide * math.cos(a), 5), round(latitude + high * math.sin(a), 5)) for a in turns]
    return (*ring[:-1], ring[0])


def _drawn(text: str) -> tuple[Point, ...] | None:
    """The corners "latitude,longitude latitude,longitude ..." as CAP writes them; None for none."""
    if not text.strip():
        return None
    ring = [(float(longitude), float(latitude)) for latitude, longitude in _PAIR.findall(text)[:MOST_POINTS]]
    if any(abs(latitude) > 90 or abs(longitude) > 180 for longitude, latitude in ring) or len(set(ring)) < 3:
        raise NotPossible(_("Give at least three corners, each as latitude,longitude."), "drawn")
    return (*ring, ring[0]) if ring[0] != ring[-1] else tuple(ring)


def corners(polygon: Sequence[Sequence[float]] | None) -> str:
    """A ring as a form and CAP write it: latitude before longitude."""
    return " ".join(f"{latitude:g},{longitude:g}" for longitude, latitude in polygon or ())


def rings(geometry: dict[str, Any]) -> list[list[Point]]:
    """The outlines of an area, simplified to some ten metres so that they can be sent."""
    from shapely.geometry import shape

    found = shape(geometry).simplify(0.0001)
    parts = list(found.geoms) if hasattr(found, "geoms") else [found]
    return [[(round(x, 5), round(y, 5)) for x, y in part.exterior.coords] for part in parts]
