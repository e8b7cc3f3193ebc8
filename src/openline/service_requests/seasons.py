"""The season of a service: from when to when in the year it is offered ("11-15" to "04-01", both included)."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q
from django.utils import formats
from django.utils.translation import gettext as _

from openline.service_requests.jurisdiction import today
from openline.service_requests.models import Service

OUT_OF_SEASON = "out_of_season"
"""What stands in the place of a service's kind while the city does not offer it."""


def in_season(service: Service, day: date | None = None) -> bool:
    """True if the service is offered on `day` (today, if not given)."""
    return within(service.season_start, service.season_end, day or today())


def within(start: str, end: str, day: date) -> bool:
    """True if `day` is in the season from `start` to `end`; always, if there is none."""
    now = f"{day:%m-%d}"
    return not start or (start <= now <= end if start <= end else now >= start or now <= end)


def offered(day: date | None = None) -> Q:
    """The services that are in season on `day`, as a condition for a query."""
    now = f"{day or today():%m-%d}"
    began, not_over = Q(season_start__lte=now), Q(season_end__gte=now)
    over_new_year = Q(season_start__gt=F("season_end"))
    return Q(season_start="") | (~over_new_year & began & not_over) | (over_new_year & (began | not_over))


def when(service: Service) -> str:
    """The season in words; "" if the service is offered all year."""
    if not service.season_start:
        return ""
    return _("from %(start)s to %(end)s") % {"start": _day(service.season_start), "end": _day(service.season_end)}


def _day(month_and_day: str) -> str:
    return formats.date_format(date.fromisoformat(f"2024-{month_and_day}"), "MONTH_DAY_FORMAT")  # 2024: a leap year
