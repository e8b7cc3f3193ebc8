"""Places that a person types: resolved by the gazetteer, or refused with a word on what to try.

What the gazetteer does not know may be asked of an outside geocoder, if the city has set one up
(docs/geography.md): `look_outside`, before the form is carried out. What it found is then known here.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from openline.care.understanding import gazetteer
from openline.geography.finder import geocode
from openline.geography.outside.settings import Settings
from openline.geography.place import Place
from openline.language_model.masking import masked
from openline.service_requests.actions import NotPossible

_LONGEST = 300
_SHORTEST = 4


def resolve(text: str) -> dict[str, Any]:
    """The place that `text` names (kind, name, lat, lon, precision_m, areas); raises NotPossible with advice.

    `found_by` is the outside geocoder that found it, "" if the gazetteer did.
    """
    outside = settings.GEOCODER
    if here := _known_here(text):
        return as_dict(here) | {"found_by": ""}
    if outside is None or (place := _known_outside(outside, text)) is None:
        raise NotPossible(
            _(
                "No such place is known. Try an address, a block or a corner, such as"
                " “1400 block of S Broad St” or “13th and Market”."
            )
        )
    return as_dict(place) | {"found_by": outside.label}


def look_outside(text: str) -> Place | None:
    """Ask the outside geocoder for a place that the gazetteer does not know: `resolve` then knows its answer.

    Waits for the answer, within the time limit that is set. Not to be called within a transaction. Never raises.
    """
    from openline.geography.outside import asking

    streets, outside = gazetteer(), settings.GEOCODER
    words = may_leave(text)
    if streets is None or outside is None or not words or _known_here(text):
        return None
    found = asking.geocode(outside, streets, words)
    return found if found and _is_point(found) else None


def may_leave(text: str) -> str:
    """The words of a place if they may leave this machine; "" if they hold personal data: that is more than a place."""
    words = " ".join(masked(text[:_LONGEST]).split())
    return words if "removed]" not in words and sum(map(str.isalnum, words)) >= _SHORTEST else ""


def _known_here(text: str) -> Place | None:
    streets = gazetteer()
    place = geocode(streets, text.strip()[:_LONGEST]) if streets and text.strip() else None
    return place if place and _is_point(place) else None


def _known_outside(outside: Settings, text: str) -> Place | None:
    """What the outside geocoder answered before; it is not asked here."""
    from openline.geography.outside import asking

    streets = gazetteer()
    found = asking.remembered(outside, streets, may_leave(text)) if streets else None
    return found if found and _is_point(found) else None


def _is_point(place: Place) -> bool:
    return place.lat is not None and place.kind not in ("street", "area")


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
