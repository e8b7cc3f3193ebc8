"""Places that a person types: resolved by the gazetteer, or refused with a word on what to try."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from openline.care.understanding import gazetteer
from openline.geography.finder import geocode
from openline.geography.place import Place
from openline.service_requests.actions import NotPossible


def resolve(text: str) -> dict[str, Any]:
    """The place that `text` names (kind, name, lat, lon, precision_m, areas); raises NotPossible with advice."""
    streets = gazetteer()
    place = geocode(streets, text.strip()[:300]) if streets and text.strip() else None
    if place is None or place.lat is None or place.kind in ("street", "area"):
        raise NotPossible(
            _(
                "No such place is known. Try an address, a block or a corner, such as"
                " “1400 block of S Broad St” or “13th and Market”."
            )
        )
    return as_dict(place)


def as_dict(place: Place) -> dict[str, Any]:
    """The place as it is kept with a request."""
    return {
        "kind": place.kind,
        "name": place.name,
        "lat": place.lat,
        "lon": place.lon,
        "precision_m": place.precision_m,
        "areas": list(place.areas),
    }
