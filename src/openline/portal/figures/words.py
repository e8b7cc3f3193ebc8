"""Counted numbers as people say them, in the reader's language."""

from __future__ import annotations

from datetime import date

from django.utils import formats, numberformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.insights.periods import Period
from openline.insights.reading import FEW, Value

NOTHING = "–"
_HOUR, _TWO_DAYS = 60, 2 * 24 * 60
"""In minutes; from two days on days are said."""


def number(value: Value) -> str:
    """A count: "1,234", "fewer than 5", or a dash where there is nothing."""
    if value == FEW:
        return _("fewer than 5")
    return NOTHING if value is None else _grouped(int(value))


def _grouped(value: int) -> str:
    """With the language's own mark between thousands, where Django's format has it but leaves it out (Arabic) too."""
    mark = formats.get_format("THOUSAND_SEPARATOR")
    return numberformat.format(value, ".", grouping=3, thousand_sep=mark, force_grouping=True)


def percent(value: Value) -> str:
    """A share in percent."""
    return f"{int(value)}%" if isinstance(value, float | int) else number(value)


def mean(value: Value) -> str:
    """A mean of answers, to a tenth."""
    return formats.number_format(value, 1) if isinstance(value, float | int) else number(value)


def working_days(value: Value) -> str:
    """Working days; 0 is the same day."""
    if not isinstance(value, float | int):
        return number(value)
    if value == 0:
        return _("the same day")
    return ngettext("%(n)s working day", "%(n)s working days", int(value)) % {"n": number(value)}


def days(value: Value) -> str:
    """Calendar days."""
    if not isinstance(value, float | int):
        return number(value)
    return ngettext("%(n)s day", "%(n)s days", int(value)) % {"n": number(value)}


def minutes(value: Value) -> str:
    """A time in minutes, hours or days, whichever says it best."""
    if not isinstance(value, float | int):
        return number(value)
    whole = max(1, round(value))
    if whole < _HOUR:
        return ngettext("%(n)s minute", "%(n)s minutes", whole) % {"n": number(whole)}
    if whole < _TWO_DAYS:
        hours = round(whole / 60)
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": number(hours)}
    return days(float(round(whole / (24 * 60))))


def change(now: Value, earlier: Value) -> str:
    """By how much a count rose or fell, such as "+7%"; "" where that cannot be said."""
    if not isinstance(now, float | int) or not isinstance(earlier, float | int) or not earlier:
        return ""
    percent = round(100 * (now - earlier) / earlier)
    return f"{percent:+d}%".replace("-", "\N{MINUS SIGN}") if percent else _("about the same")


def period_name(period: Period) -> str:
    """What a period is called where one is chosen."""
    if period.year:
        return str(period.year)
    return {"30-days": _("Last 30 days"), "90-days": _("Last 90 days")}.get(period.code, _("Last 12 months"))


def day(value: date) -> str:
    """A day with its year."""
    return formats.date_format(value, "DATE_FORMAT")


def step_name(first: date, step: str) -> str:
    """A month by its name, a week by its Monday."""
    # Translators: a month with its year, and a day without, in the letters of Django's template filter "date".
    return formats.date_format(first, "YEAR_MONTH_FORMAT" if step == "month" else "MONTH_DAY_FORMAT")
