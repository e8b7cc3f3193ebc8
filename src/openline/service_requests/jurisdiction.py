"""The city's own facts, read once a minute."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone

from openline.service_requests.models import Department, Jurisdiction, Service

_CACHE_SECONDS = 60
_SHORTEST = 6
"""Digits of an area code and an exchange: a shorter beginning would make too many people's numbers public."""
_cached: tuple[float, Jurisdiction] | None = None
_cached_numbers: tuple[float, tuple[str, ...]] | None = None


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


def public_numbers() -> tuple[str, ...]:
    """The digits with which telephone numbers begin that the city itself publishes: nobody's personal data.

    The exchanges of its offices (`office_numbers`), its departments' and the catalogue's emergency numbers.
    """
    global _cached_numbers
    if _cached_numbers and time.monotonic() - _cached_numbers[0] < _CACHE_SECONDS:
        return _cached_numbers[1]
    written = [*jurisdiction().office_numbers, *Department.objects.values_list("phone", flat=True)]
    written += Service.objects.exclude(emergency_phone="").values_list("emergency_phone", flat=True)
    digits = {_national(re.sub(r"\D", "", number)) for number in written}
    numbers = tuple(sorted(number for number in digits if len(number) >= _SHORTEST))
    _cached_numbers = (time.monotonic(), numbers)
    return numbers


def _national(digits: str) -> str:
    """A number without the country's own 1 (North American Numbering Plan)."""
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits


def forget() -> None:
    """Read the city anew at the next use (after it was loaded or edited)."""
    global _cached, _cached_numbers
    _cached = _cached_numbers = None


def city_zone() -> tzinfo:
    """The city's time zone."""
    return ZoneInfo(jurisdiction().time_zone)


def today() -> date:
    """The day that it is in the city."""
    return local(timezone.now()).date()


def local(moment: datetime) -> datetime:
    """`moment` in the city's zone."""
    return moment.astimezone(city_zone())


class Skipped(ValueError):
    """A time of day that the clocks skip, as they are put forward; `shown` is what they show then."""

    def __init__(self, shown: datetime) -> None:
        super().__init__(f"the clocks show {shown:%H:%M} then")
        self.shown = shown


def by_the_clock(written: datetime) -> datetime:
    """The moment at which the city's clocks show `written`, which has no zone; of an hour that comes twice the first.

    Raises Skipped.
    """
    at = written.replace(tzinfo=city_zone())
    shown = local(at.astimezone(UTC))
    if shown.replace(tzinfo=None, fold=0) != written:
        raise Skipped(shown)
    return at


def zone_if_twice(moment: datetime) -> str:
    """The short name of the zone at a time of day that comes twice, as the clocks are put back; "" at all others."""
    shown = local(moment)
    twice = shown.replace(fold=0).utcoffset() != shown.replace(fold=1).utcoffset()
    return shown.tzname() or "" if twice else ""
