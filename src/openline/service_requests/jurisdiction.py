"""The city's own facts, read once a minute."""

from __future__ import annotations

import time
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from openline.service_requests.models import Jurisdiction

_CACHE_SECONDS = 60
_cached: tuple[float, Jurisdiction] | None = None


def jurisdiction() -> Jurisdiction:
    """The city; an unnamed one before any city is loaded."""
    global _cached
    if _cached and time.monotonic() - _cached[0] < _CACHE_SECONDS:
        return _cached[1]
    found = Jurisdiction.objects.first()
    if found is None:
        return Jurisdiction(name="Your city", jurisdiction_id="city.example")
    _cached = (time.monotonic(), found)
    return found


def forget() -> None:
    """Read the city anew at the next use (after it was loaded or edited)."""
    global _cached
    _cached = None


def city_zone() -> tzinfo:
    """The city's time zone."""
    return ZoneInfo(jurisdiction().time_zone)


def local(moment: datetime) -> datetime:
    """`moment` in the city's zone."""
    return moment.astimezone(city_zone())
