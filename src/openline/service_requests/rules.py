"""One routing rule: on which requests it holds, and to whom it sends them. Pure.

A rule is kept as a plain object in `RoutingVersion.rules`; whatever it leaves out holds for every request:

- `id`: short and fixed; `name`: what people call it, once in a version
- `services`, `groups`: codes of services, names of groups; one of either is enough
- `areas`: codes of areas, one of which the request lies in
- `answers`: {code of a question: values}; every question named must have one of its values as answer
- `weekdays`: 0 (Monday) to 6; `hours`: ["17:00", "08:00"], the second excluded, perhaps over midnight; both of the
  moment of the report in the city's zone
- `urgency`, `sources`: one of these
- `department`: a code, always; `team`: a code; `person`: a user name
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django.utils.translation import gettext as _

from openline.foundation.text import clean

NAME_LIMIT = 100
_MOST = 500
"""Codes in one condition."""
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_LISTS = ("services", "groups", "areas", "urgency", "sources")


class BadRule(Exception):
    """Why a rule cannot be kept: the field that is to blame, and what to do about it."""

    def __init__(self, field_name: str, text: str) -> None:
        super().__init__(text)
        self.field = field_name


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at: a request, or one that is about to be opened. `moment` is in the city's zone."""

    service: str
    group: str
    moment: datetime
    areas: Sequence[str] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    urgency: str = "routine"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, checked; see the module for its fields."""

    id: str
    name: str
    department: str
    team: str = ""
    person: str = ""
    services: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    answers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    weekdays: frozenset[int] = frozenset()
    hours: tuple[time, time] | None = None
    urgency: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()

    def holds(self, case: Case) -> bool:
        """True if the rule decides `case`."""
        return (
            (not (self.services or self.groups) or case.service in self.services or case.group in self.groups)
            and (not self.areas or not self.areas.isdisjoint(case.areas))
            and (not self.urgency or case.urgency in self.urgency)
            and (not self.sources or case.source in self.sources)
            and (not self.weekdays or case.moment.weekday() in self.weekdays)
            and (self.hours is None or _between(case.moment.time(), *self.hours))
            and all(_answered(case.answers.get(code), values) for code, values in self.answers.items())
        )

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Rule:
        """The rule that `plain` describes; raises BadRule."""
        name = clean(plain.get("name"), NAME_LIMIT)
        if not name:
            raise BadRule("name", _("Give the rule a name."))
        if not clean(plain.get("department"), 60):
            raise BadRule("department", _("Choose the department to which the rule sends requests."))
        lists = {key: frozenset(_texts(plain, key)) for key in _LISTS}
        return cls(
            id=clean(plain.get("id"), 20),
            name=name,
            department=clean(plain.get("department"), 60),
            team=clean(plain.get("team"), 60),
            person=clean(plain.get("person"), 150),
            answers=_answers(plain.get("answers") or {}),
            weekdays=_weekdays(plain.get("weekdays") or []),
            hours=_hours(plain.get("hours")),
            **lists,
        )

    def plain(self) -> dict[str, Any]:
        """The rule as it is kept: without what it leaves out, in an order that does not change."""
        kept: dict[str, Any] = {key: getattr(self, key) for key in ("id", "name", "department", "team", "person")}
        kept |= {key: sorted(getattr(self, key)) for key in (*_LISTS, "weekdays")}
        kept["answers"] = {code: sorted(values) for code, values in sorted(self.answers.items())}
        kept["hours"] = [f"{hour:%H:%M}" for hour in self.hours or ()]
        return {key: value for key, value in kept.items() if value}


def _between(hour: time, start: time, end: time) -> bool:
    return start <= hour < end if start < end else hour >= start or hour < end


def _answered(answer: Any, values: frozenset[str]) -> bool:
    given = answer if isinstance(answer, list) else [answer]
    return any(str(one) in values for one in given)


def _texts(plain: Mapping[str, Any], key: str) -> list[str]:
    given = plain.get(key) or []
    if not isinstance(given, list | tuple) or len(given) > _MOST:
        raise BadRule(key, _("This must be a list of at most %(most)d.") % {"most": _MOST})
    return [text for text in (clean(value, 200) for value in given) if text]


def _answers(given: Any) -> dict[str, frozenset[str]]:
    if not isinstance(given, Mapping) or not all(isinstance(values, list | tuple) for values in given.values()):
        raise BadRule("answers", _("Write each question with the answers that count."))
    found = {clean(code, 60): frozenset(str(v) for v in values if str(v)) for code, values in given.items()}
    if "" in found or not all(found.values()):
        raise BadRule("answers", _("Write each question with at least one answer that counts."))
    return found


def _weekdays(given: Any) -> frozenset[int]:
    if not isinstance(given, list | tuple) or not all(day in range(7) for day in given):
        raise BadRule("weekdays", _("Weekdays are numbers from 0 (Monday) to 6."))
    return frozenset(int(day) for day in given)


def _hours(given: Any) -> tuple[time, time] | None:
    if not given:
        return None
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(_HOUR.fullmatch(str(h)) for h in given):
        raise BadRule("hours", _("Give both hours, such as 17:00 and 08:00."))
    start, end = (time.fromisoformat(str(hour)) for hour in given)
    if start == end:
        raise BadRule("hours", _("The two hours are the same. Leave both empty for the whole day."))
    return start, end
