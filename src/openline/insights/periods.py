"""The periods that can be chosen, in days of the city, and for each the same period before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

BEFORE = "-before"
NOW = "now"
"""The period of what is open at this moment."""
FIRST = "30-days"
"""What is shown to who has not chosen."""
YEARS = 10
"""So many calendar years can be chosen, the newest."""


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    code: str
    first: date
    last: date

    @property
    def year(self) -> int | None:
        """The calendar year that it is; None for the last days or months."""
        return int(self.code) if self.code.isdigit() else None

    @property
    def step(self) -> str:
        """What a chart of it is divided into: "week" or "month"."""
        return "week" if self.code in ("30-days", "90-days") else "month"


def chosen(today: date, since: date) -> list[Period]:
    """All that can be chosen: the last days and months with today, then the years since `since`, newest first."""
    year = _years_before(today, 1) + timedelta(days=1)
    years = range(today.year, max(since.year, today.year - YEARS + 1) - 1, -1)
    return [
        Period("30-days", today - timedelta(days=29), today),
        Period("90-days", today - timedelta(days=89), today),
        Period("12-months", year, today),
        *(Period(str(n), date(n, 1, 1), min(today, date(n, 12, 31))) for n in years),
    ]


def before(period: Period) -> Period:
    """The same period before: as many days, or the same part of the year before."""
    code = period.code + BEFORE
    if period.year or period.code == "12-months":
        return Period(code, _years_before(period.first, 1), _years_before(period.last, 1))
    days = period.last - period.first + timedelta(days=1)
    return Period(code, period.first - days, period.last - days)


def _years_before(day: date, years: int) -> date:
    """The same day some years before; February 28 for a leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def step_of(day: date, step: str) -> date:
    """The first day of the week (Monday) or month of `day`."""
    return day.replace(day=1) if step == "month" else day - timedelta(days=day.weekday())


def next_step(first: date, step: str) -> date:
    """The first day of the week or month after the one that begins on `first`."""
    return step_of(first + timedelta(days=31 if step == "month" else 7), step)
