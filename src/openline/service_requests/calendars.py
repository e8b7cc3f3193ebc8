"""Working time: when the city and its departments work, and counting in their days and hours.

A `Calendar` is plain arithmetic on the city's wall clock: a working day is one with hours that is no holiday. Public
holidays come from the `holidays` library, the city's own days from its files and screens (`models.Holiday`).
"""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from django.db.models import Q

from openline.service_requests.jurisdiction import city_zone
from openline.service_requests.models import Holiday, WorkingCalendar

if TYPE_CHECKING:
    import holidays

Span = tuple[time, time]
_CACHE_SECONDS = 60
_LONGEST_DAYS = 4000
"""A calendar without any working day must not be searched for ever."""
OFFICE_HOURS: Mapping[int, tuple[Span, ...]] = dict.fromkeys(range(5), ((time(8, 30), time(17, 0)),))
"""Monday to Friday: what counts where a city has not said when it works."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works. `hours` by weekday (0 is Monday); `off` and `on` are days that are not as their weekday."""

    zone: tzinfo
    hours: Mapping[int, tuple[Span, ...]] = field(default_factory=lambda: OFFICE_HOURS)
    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    country: str = ""
    subdivision: str = ""

    def is_working_day(self, day: date) -> bool:
        """True for a day with hours that is no holiday."""
        return bool(self.hours.get(day.weekday())) and not self.is_holiday(day)

    def add_days(self, since: datetime, days: int) -> datetime:
        """The end of work of the `days`-th working day after `since`; of 0, of that day itself or the next one."""
        day = since.astimezone(self.zone).date()
        left = days
        for _step in range(_LONGEST_DAYS):
            if left <= 0 and self.is_working_day(day):
                break
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        return self.end_of(day)

    def add_hours(self, since: datetime, hours: float) -> datetime:
        """The moment at which `hours` working hours have passed since `since` (aware)."""
        left = timedelta(hours=hours)
        last = since
        for start, end in self._spans(since):
            begin = max(start, since)
            if end - begin >= left:
                return begin + left
            left -= end - begin
            last = end
        return last + left

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two aware moments; nothing if `end` is not after `start`."""
        total = timedelta()
        for begin, stop in self._spans(start):
            if begin >= end:
                break
            total += max(timedelta(), min(stop, end) - max(begin, start))
        return total

    def end_of(self, day: date) -> datetime:
        """The end of work of `day`; 5 pm if nobody works then."""
        spans = self.hours.get(day.weekday()) or ((time(8, 30), time(17, 0)),)
        return datetime.combine(day, spans[-1][1], self.zone)

    def _spans(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of work that end after `since`, as moments in UTC: differences are then real time."""
        day = since.astimezone(self.zone).date()
        for _step in range(_LONGEST_DAYS):
            if self.is_working_day(day):
                for start, end in self.hours[day.weekday()]:
                    stop = datetime.combine(day, end, self.zone)
                    if stop > since:
                        yield _real(datetime.combine(day, start, self.zone)), _real(stop)
            day += timedelta(days=1)

    def is_holiday(self, day: date) -> bool:
        """True for a public holiday or a free day of the city's own, on whatever weekday."""
        if day in self.on:
            return False
        return day in self.off or day in _public_holidays(self.country, self.subdivision)


def _real(moment: datetime) -> datetime:
    """Two moments of one zone are subtracted by the wall clock in Python; in UTC by the time that really passed."""
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Calendars:
    """All calendars of the city, read together: the standard one, and those of departments by their id."""

    standard: Calendar
    by_id: Mapping[int, Calendar]

    def of(self, calendar_id: int | None) -> Calendar:
        """The calendar of a department (`Department.calendar_id`); the standard one if it has none."""
        return self.by_id.get(calendar_id, self.standard) if calendar_id else self.standard


def holiday_names(first: date, last: date) -> dict[date, str]:
    """What the free days from `first` to `last` are called, by the standard calendar."""
    standard = WorkingCalendar.objects.filter(standard=True).first()
    public = _public_holidays(standard.country, standard.subdivision) if standard else frozenset[date]()
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found = {day: str(public[day]) for day in span if day in public} if isinstance(public, dict) else {}
    own = Holiday.objects.filter(date__range=(first, last)).filter(Q(calendar=None) | Q(calendar=standard))
    for day in own:
        if day.works:
            found.pop(day.date, None)
        else:
            found[day.date] = day.name or found.get(day.date, "")
    return found


_cached: tuple[float, Calendars] | None = None


def calendars() -> Calendars:
    """The city's calendars, read once a minute."""
    global _cached
    if _cached and clock.monotonic() - _cached[0] < _CACHE_SECONDS:
        return _cached[1]
    found = _read()
    _cached = (clock.monotonic(), found)
    return found


def forget() -> None:
    """Read them anew at the next use (after they were edited)."""
    global _cached
    _cached = None


def _read() -> Calendars:
    days = list(Holiday.objects.all())
    made = {row.pk: (row, _calendar(row, days)) for row in WorkingCalendar.objects.all()}
    standard = next((calendar for row, calendar in made.values() if row.standard), None)
    own = [day for day in days if day.calendar_id is None]
    fallback = Calendar(
        city_zone(),
        off=frozenset(day.date for day in own if not day.works),
        on=frozenset(day.date for day in own if day.works),
    )
    return Calendars(standard or fallback, {pk: calendar for pk, (_row, calendar) in made.items()})


def _calendar(row: WorkingCalendar, days: list[Holiday]) -> Calendar:
    own = [day for day in days if day.calendar_id in (None, row.pk)]
    return Calendar(
        city_zone(),
        read_hours(row.hours),
        frozenset(day.date for day in own if not day.works),
        frozenset(day.date for day in own if day.works),
        row.country,
        row.subdivision,
    )


def read_hours(given: Mapping[str, list[list[str]]]) -> dict[int, tuple[Span, ...]]:
    """Hours as they are stored, by weekday. Raises ValueError for what is no time, overlaps or runs backwards."""
    hours: dict[int, tuple[Span, ...]] = {}
    for day, spans in given.items():
        read = tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans)
        flat = [moment for span in read for moment in span]
        if any(one >= following for one, following in zip(flat, flat[1:], strict=False)):
            raise ValueError(f"hours of day {day} overlap or run backwards")
        if read:
            hours[int(day)] = read
    return hours


def is_known(country: str, subdivision: str) -> bool:
    """True if the library knows the public holidays of this country (and part of it)."""
    import holidays  # all calendars of the world: 4 MB, and not at the start

    known = holidays.list_supported_countries()
    return country in known and (not subdivision or subdivision in known[country])


_PUBLIC: dict[tuple[str, str], holidays.HolidayBase] = {}


def _public_holidays(country: str, subdivision: str) -> holidays.HolidayBase | frozenset[date]:
    """The public holidays of a country (and part of it); the library adds the years as they are asked for."""
    if not country:
        return frozenset()
    key = (country, subdivision)
    if key not in _PUBLIC:
        import holidays

        _PUBLIC[key] = holidays.country_holidays(country, subdiv=subdivision or None)
    return _PUBLIC[key]
