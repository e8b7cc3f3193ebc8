"""Times as forms give them: of the city's clock, without a zone."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from openline.publishing.errors import NotPossible
from openline.service_requests.jurisdiction import Skipped, by_the_clock, local

FIRST_YEAR = 2000
YEARS_AHEAD = 10
"""Nothing of a city's plan is further away."""


def moment(text: str, field: str = "at") -> datetime | None:
    """The time in a field of the type `datetime-local`, "" is None. Raises NotPossible for what is none.

    Of an hour that comes twice, as the clocks are put back, it is the first; where it is shown its zone stands there.
    """
    if not text.strip():
        return None
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise NotPossible(_("This is not a date with a time."), field)
    _check_year(found.year, field)
    return found if timezone.is_aware(found) else _in_the_city(found, field)


def _in_the_city(found: datetime, field: str) -> datetime:
    """By the city's clock. Raises NotPossible in the hour that it skips, as the clocks are put forward."""
    try:
        return by_the_clock(found)
    except Skipped as error:
        words = _("On this day the clocks are put forward: there is no %(typed)s. Choose %(shown)s, or another time.")
        raise NotPossible(words % {"typed": f"{found:%H:%M}", "shown": f"{error.shown:%H:%M}"}, field) from None


def day(text: str, field: str = "day") -> date:
    """The day in a field of the type `date`. Raises NotPossible for what is none."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise NotPossible(_("Choose a day."), field) from None
    _check_year(found.year, field)
    return found


def _check_year(year: int, field: str) -> None:
    """Refuse a slip such as 20261 or 0026: the database would keep what no page can show afterwards."""
    if not FIRST_YEAR <= year <= timezone.now().year + YEARS_AHEAD:
        raise NotPossible(_("Look at the year again: %(year)d cannot be meant.") % {"year": year}, field)


def for_field(at: datetime | None) -> str:
    """`at` as such a field wants it."""
    return local(at).strftime("%Y-%m-%dT%H:%M") if at else ""
