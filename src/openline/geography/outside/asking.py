"""Asking an outside geocoder for a place that the city's own gazetteer does not know.

The same shape as `finder.geocode`, with a ceiling on the confidence: what a stranger found, a person confirms.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import timedelta

import structlog
from django.utils import timezone
from geopy.exc import GeopyError

from openline.geography.gazetteer import Gazetteer
from openline.geography.models import OutsideAnswer
from openline.geography.outside import memory
from openline.geography.outside.memory import Outcome
from openline.geography.outside.services import Found, ask
from openline.geography.outside.settings import Settings
from openline.geography.place import Place
from openline.geography.text import name_keys

CONFIDENCE = 0.7
"""Below what is filed without asking (0.75), whatever the service says of itself."""
_WEAK = 0.4
_LONGEST = 150
"""A place is named in fewer characters; more are not sent."""
_STRANGE = (GeopyError, KeyError, TypeError, ValueError, IndexError, AttributeError)
"""Troubles of the service, and answers in no known form."""

logger = structlog.get_logger("openline.geography")


def geocode(settings: Settings, gazetteer: Gazetteer, line: str, *, wait: float = 1.5) -> Place | None:
    """The place in this city that `line`, which holds nothing else, names; None if the service knows none or fails.

    Remembered questions are not asked again. `wait`: how many seconds the turn to ask may be away. Never raises for
    anything that the service does. Not to be called within a transaction: the turns of others wait for it.
    """
    query = _normal(line)
    if not query or len(query) > _LONGEST:
        return None
    kept = memory.known(settings.service, query)
    if kept is None:
        kept = memory.turn(settings.service, query, timedelta(seconds=wait))
        if kept is None:
            return None
        _complete(settings, gazetteer, kept)
    return _place(gazetteer, kept)


def remembered(settings: Settings, gazetteer: Gazetteer, line: str) -> Place | None:
    """The same from memory alone."""
    query = _normal(line)
    kept = memory.known(settings.service, query) if query else None
    return _place(gazetteer, kept) if kept else None


def check(settings: Settings, gazetteer: Gazetteer) -> str:
    """What is wrong with the service, in words; "" if it answers. Asks for the city itself."""
    try:
        ask(settings, gazetteer.box(), settings.city)
    except _STRANGE as error:
        return _words(error)
    return ""


def _complete(settings: Settings, gazetteer: Gazetteer, row: OutsideAnswer) -> None:
    """Ask when it is our turn, and keep what comes back."""
    time.sleep(max(0.0, (row.asked_at - timezone.now()).total_seconds()))
    try:
        found = ask(settings, gazetteer.box(), _whole(settings, row.query))
    except _STRANGE as error:
        logger.warning("outside_geocoder_failed", service=settings.service, reason=_words(error))
        row.outcome = Outcome.FAILED
    else:
        row.outcome = Outcome.FOUND if found else Outcome.NOTHING
        row.answer, row.name = (asdict(found), found.name[:300]) if found else (None, "")
    row.save(update_fields=["outcome", "answer", "name"])


def _normal(line: str) -> str:
    return " ".join(line.split()).casefold()


def _whole(settings: Settings, query: str) -> str:
    """The question with the city behind it, unless it names the city."""
    city = name_keys(settings.city)[:1]
    return query if city and city[0] in name_keys(query) else f"{query}, {settings.city}"


def _words(error: Exception) -> str:
    """What went wrong; geopy's words hold no question."""
    return str(error)[:200] if isinstance(error, GeopyError) else "Its answer has no known form."


def _place(gazetteer: Gazetteer, kept: OutsideAnswer) -> Place | None:
    """What was found, if it lies in the city."""
    if kept.outcome != Outcome.FOUND or not kept.answer:
        return None
    found = Found(**kept.answer)
    if not gazetteer.inside(found.lat, found.lon):
        return None
    confidence = _WEAK if found.kind in ("street", "area") else CONFIDENCE
    areas = gazetteer.areas.at(found.lat, found.lon)
    return Place(found.kind, found.name, found.lat, found.lon, confidence, (0, 0), round(found.precision_m), areas)
