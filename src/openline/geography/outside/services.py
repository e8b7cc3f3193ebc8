"""The three services through geopy: how each is asked, and what its answers mean.

Formats: nominatim.org/release-docs/latest/api/Search; "findAddressCandidates" of Esri's World Geocoding Service;
geocoding.geo.census.gov/geocoder/Geocoding_Services_API.html, for which geopy has no class of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from geopy.geocoders import ArcGIS, Nominatim
from geopy.geocoders.base import Geocoder
from geopy.location import Location

from openline.geography.lines import METRES_PER_DEGREE
from openline.geography.outside.door import Door
from openline.geography.outside.settings import Settings
from openline.geography.place import Kind

Box = tuple[tuple[float, float], tuple[float, float]]
"""South-west and north-east corner, each (latitude, longitude)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a service found: the kind of place, its name, its point, the likely error in metres."""

    kind: Kind
    name: str
    lat: float
    lon: float
    precision_m: float


class Census(Geocoder):
    """The address geocoder of the US Census Bureau, in geopy's manner: addresses in the United States, free, no key."""

    def __init__(self, *, domain: str, **options: Any) -> None:
        super().__init__(**options)
        self.api = f"{self.scheme}://{domain}/geocoder/locations/onelineaddress"

    def geocode(self, query: str, *, timeout: float) -> Location | None:
        """The first match of an address in one line."""
        asked = {"address": query, "benchmark": "Public_AR_Current", "format": "json"}
        return self._call_geocoder(f"{self.api}?{urlencode(asked)}", self._first, timeout=timeout)

    def _first(self, answer: dict[str, Any]) -> Location | None:
        matches = answer["result"]["addressMatches"]
        if not matches:
            return None
        point = matches[0]["coordinates"]
        return Location(matches[0]["matchedAddress"], (point["y"], point["x"]), matches[0])


def ask(settings: Settings, box: Box, query: str) -> Found | None:
    """What the service makes of `query`, best first, within `box` where it can be told; None if it knows nothing.

    Raises geopy.exc.GeopyError, or KeyError and such for an answer in no known form.
    """
    return _ASK[settings.service](settings, box, query)


def _options(settings: Settings, **added: str) -> dict[str, Any]:
    """What every class of geopy takes; `added` are parameters that geopy does not know of."""
    url = urlsplit(settings.url)
    return {
        "scheme": url.scheme,
        "domain": url.netloc + url.path,
        "user_agent": settings.user_agent,
        "proxies": {},
        "adapter_factory": partial(Door, added=added),
    }


def _nominatim(settings: Settings, box: Box, query: str) -> Found | None:
    geocoder = Nominatim(**_options(settings, **({"key": settings.key} if settings.key else {})))
    found = geocoder.geocode(query, timeout=settings.seconds, viewbox=box, bounded=True, addressdetails=True)
    if found is None:
        return None
    raw, parts = found.raw, found.raw.get("address", {})
    south, north, west, east = map(float, raw["boundingbox"])
    flat = math.cos(math.radians(found.latitude))
    reach = math.hypot(north - south, (east - west) * flat) * METRES_PER_DEGREE / 2
    house = " ".join(filter(None, (parts.get("house_number", ""), parts.get("road", ""))))
    own = raw.get("name") or ""
    name = ", ".join(dict.fromkeys(part for part in (own, house) if part)) or found.address.split(", ")[0]
    kind = _nominatim_kind(raw, parts, own)
    return Found(kind, name, found.latitude, found.longitude, max(reach, 20.0))


def _nominatim_kind(raw: dict[str, Any], parts: dict[str, str], own: str) -> Kind:
    """OpenStreetMap's classes as our kinds: whole streets and whole areas are no points."""
    if raw.get("class") == "highway" and raw.get("type") not in ("bus_stop", "street_lamp", "traffic_signals"):
        return "street"
    if raw.get("class") in ("boundary", "place") and raw.get("type") != "house":
        return "area"
    return "landmark" if own else "address" if parts.get("house_number") else "landmark"


_ARCGIS_KINDS: dict[str, tuple[Kind, float]] = {
    "PointAddress": ("address", 15.0),
    "Subaddress": ("address", 15.0),
    "StreetAddress": ("address", 40.0),
    "StreetInt": ("intersection", 20.0),
    "StreetMidBlock": ("block", 80.0),
    "StreetBetween": ("block", 80.0),
    "POI": ("landmark", 100.0),
    "StreetName": ("street", 1000.0),
}
"""Esri's Addr_type; whatever else it knows (Locality, Postal, ...) is an area."""
_ARCGIS_LEAST_SCORE = 85.0


def _arcgis(settings: Settings, box: Box, query: str) -> Found | None:
    (south, west), (north, east) = box
    # Without a token of one's own, answers may be shown but not stored (Esri's terms): see docs/geography.md.
    paid = {"token": settings.key, "forStorage": "true"} if settings.key else {}
    geocoder = ArcGIS(**_options(settings, searchExtent=f"{west},{south},{east},{north}", **paid))
    found = geocoder.geocode(query, timeout=settings.seconds, out_fields=("Addr_type", "ShortLabel"))
    if found is None or found.raw.get("score", 0) < _ARCGIS_LEAST_SCORE:
        return None
    facts = found.raw["attributes"]
    kind, precision = _ARCGIS_KINDS.get(facts.get("Addr_type", ""), ("area", 1000.0))
    name = facts.get("ShortLabel") or found.address.split(",")[0]
    return Found(kind, name, found.latitude, found.longitude, precision)


def _census(settings: Settings, box: Box, query: str) -> Found | None:
    found = Census(**_options(settings)).geocode(query, timeout=settings.seconds)
    if found is None:
        return None
    # Interpolated along the street's range of numbers, as ours are.
    return Found("address", found.address.split(",")[0].title(), found.latitude, found.longitude, 60.0)


_ASK: dict[str, Callable[[Settings, Box, str], Found | None]] = {
    "nominatim": _nominatim,
    "arcgis": _arcgis,
    "census": _census,
}
