"""Where a request is: from lat and long, address_string or address_id, or a fault that says what to send instead."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from openline.care.places import as_dict
from openline.care.understanding import gazetteer
from openline.foundation.text import shorten
from openline.geography.finder import geocode
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import metres
from openline.geography.place import Place
from openline.open311.parameters import Given
from openline.service_requests.jurisdiction import jurisdiction

_SURE = 0.75
"""From this confidence on a place is acted on without asking (docs/geography.md)."""
_SAME_PLACE_M = 150.0
"""An address this near to lat and long is their name."""
_MOST_NAMED = 5


def place_of(given: Given) -> dict[str, Any] | None:
    """The place (kind, name, lat, lon, precision_m, areas); None if there is none, or it is among the faults."""
    city = gazetteer()
    if given.text("lat") or given.text("long"):
        found = _at_point(given, city)
    elif name := given.text("address_id", 300):
        found = _by_id(given, city, name)
    elif line := given.text("address_string", 300):
        found = _by_address(given, city, line)
    else:
        return None
    return as_dict(found) if found else None


def _at_point(given: Given, city: Gazetteer | None) -> Place | None:
    lat, lon = given.number("lat", -90, 90), given.number("long", -180, 180)
    if lat is None or lon is None:
        if not (given.text("lat") and given.text("long")):
            given.fault(_("lat and long go together.") + _other_name(given))
        return None
    if city is None:
        return _without_gazetteer(given, lat, lon)
    found = city.describe(lat, lon)
    if found is None:
        given.fault(_("lat and long lie outside of %(city)s.") % {"city": jurisdiction().name})
        return None
    line = given.text("address_string", 300)
    named = geocode(city, line) if line else None
    if named and _is_at(named, lat, lon):
        return Place(named.kind, named.name, lat, lon, 1.0, (0, 0), found.precision_m, found.areas)
    return found


def _other_name(given: Given) -> str:
    """Which usual name of the longitude was sent in place of the standard's."""
    other = next((name for name in ("lon", "lng", "longitude") if given.text(name)), "")
    return " " + _("The longitude is called long, not %(other)s.") % {"other": other} if other else ""


def _is_at(place: Place, lat: float, lon: float) -> bool:
    """Whether a place that was named is surely the one at the point."""
    if place.lat is None or place.lon is None or place.kind in ("street", "area") or place.confidence < _SURE:
        return False
    return metres((place.lon, place.lat), (lon, lat)) <= _SAME_PLACE_M


def _without_gazetteer(given: Given, lat: float, lon: float) -> Place | None:
    """A city without streets and areas: inside its bounds (west, south, east, north), if it has any."""
    bounds = jurisdiction().bounds
    if len(bounds) == 4 and not (bounds[0] <= lon <= bounds[2] and bounds[1] <= lat <= bounds[3]):
        given.fault(_("lat and long lie outside of %(city)s.") % {"city": jurisdiction().name})
        return None
    return Place("coordinates", f"{lat:.5f}, {lon:.5f}", lat, lon, 1.0, (0, 0), 20.0)


def _by_id(given: Given, city: Gazetteer | None, name: str) -> Place | None:
    """Our ids of places are their names as answers give them: of a block, a corner, an address, a landmark."""
    found = geocode(city, name) if city else None
    if found is None or found.name.casefold() != name.casefold() or found.kind in ("street", "area"):
        given.fault(_("address_id was not found. Send the address_id of an answer, or lat and long."))
        return None
    return found


def _by_address(given: Given, city: Gazetteer | None, line: str) -> Place | None:
    found = geocode(city, line) if city else None
    if found is None or found.lat is None:
        given.fault(_("address_string was not found in the city. Send lat and long, or a full address or corner."))
    elif found.kind in ("street", "area"):
        given.fault(
            _("address_string names all of %(place)s. Send a house number, a block or a corner, or lat and long.")
            % {"place": found.name}
        )
    elif found.confidence < _SURE:
        given.fault(_ambiguous(found))
    else:
        return found
    return None


def _ambiguous(found: Place) -> str:
    names = list(dict.fromkeys(place.name for place in (found, *found.alternatives)))[:_MOST_NAMED]
    if len(names) == 1:
        return _("address_string is not sure: did you mean %(place)s? Then send that, or lat and long.") % {
            "place": names[0]
        }
    return _("address_string can mean several places: %(places)s. Send one of them, or lat and long.") % {
        "places": shorten("; ".join(names), 400)
    }
