"""Neighborhoods as people choose them."""

from __future__ import annotations

from openline.care.understanding import gazetteer
from openline.geography.finder import geocode
from openline.geography.models import Area

KIND = "neighborhood"
"""The kind of areas that members live in, and for which liaisons speak."""


def names() -> dict[str, str]:
    """The names of all neighborhoods by code, in the order of their names."""
    return dict(Area.objects.filter(kind=KIND).order_by("name").values_list("code", "name"))


def area_of(address: str) -> str:
    """The code of the neighborhood in which a street address lies; "" if it is not found."""
    city = gazetteer()
    found = geocode(city, address) if city else None
    if city is None or found is None or found.lat is None or found.lon is None:
        return ""
    kinds = {row[0]: row[2] for row in city.areas.table}
    return next((code for code in city.areas.at(found.lat, found.lon) if kinds.get(code) == KIND), "")


def name_of(code: str) -> str:
    """The name of an area; "" if there is none of that code."""
    return Area.objects.filter(code=code).values_list("name", flat=True).first() or ""
