"""Reading parameters: each one checked, and all that is wrong told at once, with what to write instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from openline.foundation.text import clean
from openline.open311.formats import Problem

Value = TypeVar("Value")
_LONGEST = 5000
_MOST_VALUES = 200
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class Given:
    """The parameters of one request. Empty ones are absent ones (GeoReport v2). `faults` collects what is wrong."""

    def __init__(self, values: QueryDict) -> None:
        self.values = values
        self.faults: list[str] = []

    def fault(self, text: str) -> None:
        """Something is wrong: say what to do about it."""
        self.faults.append(text)

    def check(self) -> None:
        """Raises Problem with all faults, if there are any."""
        if self.faults:
            raise Problem(400, *self.faults)

    def text(self, name: str, limit: int = _LONGEST) -> str:
        """The text `name`; "" if absent, too long or with characters that cannot be."""
        value = (self.values.get(name) or "").strip()
        if "\x00" in value:
            self.fault(_("%(name)s holds a character that cannot be (NUL).") % {"name": name})
            return ""
        if len(value) > limit:
            self.fault(_("%(name)s is longer than %(limit)d characters.") % {"name": name, "limit": limit})
            return ""
        return clean(value, limit)

    def words(self, name: str) -> list[str]:
        """The values of a comma list."""
        values = [part.strip() for part in self.text(name).split(",") if part.strip()]
        if len(values) > _MOST_VALUES:
            self.fault(_("%(name)s names more than %(most)d values.") % {"name": name, "most": _MOST_VALUES})
            return []
        return values

    def number(self, name: str, low: float, high: float) -> float | None:
        """A decimal number from `low` to `high`."""
        value = self.read(name, number, _("Write a decimal number."))
        return self._between(name, value, low, high)

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`."""
        value = self._between(name, self.read(name, _whole, _("Write a whole number.")), low, high)
        return None if value is None else int(value)

    def moment(self, name: str) -> datetime | None:
        """A time; without a zone it is UTC."""
        return self.read(name, moment, _("Write ISO 8601 with zone, such as 2026-11-01T00:00:00Z."))

    def truth(self, name: str) -> bool:
        """Yes or no; no if absent."""
        return bool(self.read(name, _truth, _("Write true or false.")))

    def span(self, first: str, last: str) -> tuple[datetime | None, datetime | None]:
        """Two times of which the second follows the first by at most 90 days."""
        start, end = self.moment(first), self.moment(last)
        if start and end and not 0 <= (end - start).total_seconds() <= 90 * 86_400:
            self.fault(_("%(last)s must follow %(first)s by at most 90 days.") % {"first": first, "last": last})
        return start, end

    def read(self, name: str, read: Callable[[str], Value], advice: str) -> Value | None:
        """The parameter through `read`, which raises ValueError; None if absent or wrong."""
        text = self.text(name)
        if not text:
            return None
        try:
            return read(text)
        except (ValueError, OverflowError):
            self.fault(_("%(name)s “%(text)s” cannot be read.") % {"name": name, "text": text[:60]} + f" {advice}")
            return None

    def _between(self, name: str, value: float | None, low: float, high: float) -> float | None:
        if value is None or low <= value <= high:
            return value
        self.fault(_("%(name)s must be between %(low)g and %(high)g.") % {"name": name, "low": low, "high": high})
        return None


def number(text: str) -> float:
    """A finite decimal number. Raises ValueError."""
    value = float(text)
    if not math.isfinite(value) or not text.isascii() or "_" in text:
        raise ValueError
    return value


def moment(text: str) -> datetime:
    """A time of ISO 8601, in UTC if it names no zone. Raises ValueError."""
    found = datetime.fromisoformat(text.replace(" ", "+"))  # a + that was not escaped arrives as a space
    found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    if not 1970 <= found.year < 2200:
        raise ValueError
    return found


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError
    return _TRUTHS[text.lower()]


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise ValueError
    return int(text)
