"""On which days a series happens, and when its posts leave: RFC 5545 rules, areas, holidays, the city's clock."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr
from django.utils.translation import gettext as _

from openline.publishing.errors import NotPossible
from openline.publishing.models import OnHoliday
from openline.service_requests.calendars import Calendar, calendars

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS = frozenset(
    "FREQ INTERVAL UNTIL BYDAY BYMONTHDAY BYMONTH BYSETPOS BYYEARDAY BYWEEKNO WKST".split()  # of days alone
)
_LOOK = timedelta(days=366 * 5)
"""So far ahead the next dates are looked for."""


@dataclass(frozen=True, slots=True)
class Zone:
    """An area of a series with what is filled into its texts; `rule` "" is the rule of the series."""

    code: str = ""
    name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a series happens (`models.Series` says what the fields mean)."""

    rule: str
    starts_on: date
    at: time
    time_zone: str
    ends_on: date | None = None
    days_before: int = 0
    zones: tuple[Zone, ...] = (Zone(),)
    holidays: str = OnHoliday.KEEP


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One post of a series. `day` is the rule's, `on` the day after holidays moved it (None: it is left out)."""

    day: date
    zone: Zone
    on: date | None
    leave_at: datetime


def rule_of(text: str, starts_on: date) -> rrule:
    """The rule as dateutil knows it. Raises NotPossible on what is no rule of days."""
    parts = dict(part.partition("=")[::2] for part in text.strip().upper().removeprefix("RRULE:").split(";"))
    if parts.get("FREQ") not in _FREQUENCIES or not _PARTS.issuperset(parts):
        raise NotPossible(_("Write a rule of days, such as FREQ=WEEKLY;BYDAY=TU."), "rule")
    until = parts.get("UNTIL", "")
    if until:  # a day is meant, whatever hour it is written with
        parts["UNTIL"] = until[:8]
    line = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        found = rrulestr(line, dtstart=datetime.combine(starts_on, time()))
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise NotPossible(_("This rule cannot be read: %(error)s") % {"error": error}, "rule") from None
    assert isinstance(found, rrule)
    return found


def occurrences(rhythm: Rhythm, first: date, last: date) -> Iterator[Occurrence]:
    """All from `first` to `last` by the rule's days, in order of time; those that a holiday leaves out too."""
    calendar = calendars().standard
    found = [one for zone in rhythm.zones for one in _of_zone(rhythm, zone, first, last, calendar)]
    yield from sorted(found, key=lambda one: (one.leave_at, one.zone.name))


def coming(rhythm: Rhythm, count: int, now: datetime) -> list[Occurrence]:
    """The next `count` from `now` on."""
    first = now.astimezone(ZoneInfo(rhythm.time_zone)).date() - timedelta(days=7)
    span, found = timedelta(days=60), []
    while span < _LOOK:
        found = list(islice((one for one in occurrences(rhythm, first, first + span) if one.leave_at > now), count))
        if len(found) >= count:
            break
        span *= 2
    return found


def _of_zone(rhythm: Rhythm, zone: Zone, first: date, last: date, calendar: Calendar) -> Iterator[Occurrence]:
    end = min(last, rhythm.ends_on or last)
    rule = rule_of(zone.rule or rhythm.rule, rhythm.starts_on)
    for moment in rule.between(datetime.combine(first, time()), datetime.combine(end, time()), inc=True):
        day = moment.date()
        on = moved(day, rhythm.holidays, calendar)
        yield Occurrence(day, zone, on, leaves_at(rhythm, on or day))


def leaves_at(rhythm: Rhythm, on: date) -> datetime:
    """The moment on the city's clock; an hour that daylight saving leaves out is the next one."""
    local = datetime.combine(on - timedelta(days=rhythm.days_before), rhythm.at, ZoneInfo(rhythm.time_zone))
    return local.astimezone(UTC)


def moved(day: date, on_holiday: str, calendar: Calendar) -> date | None:
    """Where holidays move `day`; None where they leave it out."""
    if on_holiday == OnHoliday.SKIP:
        return None if calendar.is_holiday(day) else day
    if on_holiday == OnHoliday.NEXT and calendar.is_holiday(day):
        after = (day + timedelta(days=n) for n in range(1, 60))
        return next((one for one in after if calendar.is_working_day(one)), day)
    if on_holiday == OnHoliday.LATER:
        week = (day - timedelta(days=n) for n in range(day.weekday() + 1))
        return day + timedelta(days=1) if any(calendar.is_holiday(one) for one in week) else day
    return day


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with {name} filled in; what has no value stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), text)


def unfilled(text: str, values: Container[str]) -> list[str]:
    """The names in braces that have no value."""
    return [name for name in re.findall(r"\{(\w+)\}", text) if name not in values]
