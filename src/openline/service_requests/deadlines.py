"""Promises: when a request is due, counted in the city's working days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from openline.service_requests.jurisdiction import city_zone
from openline.service_requests.models import Holiday, Service

END_OF_WORK = time(17, 0)
_SATURDAY = 5


def holidays() -> frozenset[date]:
    """The days on which the city does not work."""
    return frozenset(Holiday.objects.values_list("date", flat=True))


def is_working_day(day: date, days_off: Collection[date]) -> bool:
    """Monday to Friday, unless it is a holiday."""
    return day.weekday() < _SATURDAY and day not in days_off


def due_at(service: Service, since: datetime, days_off: Collection[date]) -> datetime | None:
    """When a request for `service` made at `since` is due: 5 pm (city's zone) of the last promised day.

    None if the service promises nothing.
    """
    if service.promise_days is None:
        return None
    zone = city_zone()
    day = since.astimezone(zone).date()
    if service.promise_unit == "calendar":
        day += timedelta(days=service.promise_days)
    else:
        day = add_working_days(day, service.promise_days, days_off)
    return datetime.combine(day, END_OF_WORK, zone)


def add_working_days(day: date, count: int, days_off: Collection[date]) -> date:
    """The `count`-th working day after `day`; a count of 0 gives the next working day from `day` itself on."""
    remaining = count
    while remaining > 0 or not is_working_day(day, days_off):
        day += timedelta(days=1)
        if remaining > 0 and is_working_day(day, days_off):
            remaining -= 1
    return day
