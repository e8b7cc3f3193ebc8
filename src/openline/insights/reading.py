"""Reading the counted figures: for everybody, without what is too small, or for staff as they are.

A page costs the same few queries however many requests there are: it reads some thousand counted numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.db.models import Q

from openline.community import moderation_rules
from openline.geography.models import Area
from openline.insights import periods
from openline.insights.definitions import BY_NAME, SMALL
from openline.insights.models import Counted, Figure
from openline.insights.periods import BEFORE, NOW, Period
from openline.service_requests.models import Department, Service

FEW: Literal["<5"] = "<5"
"""What stands instead of a count from 1 to 4, and of what rests on such a count."""
Value = float | Literal["<5"] | None
"""A number; FEW; or None where nothing was counted."""
GROUPS = ("service", "department", "area", "network", "rule")


@dataclass(slots=True)
class Row:
    """The figures of the city, or of one service, department, area, network or rule: in the period, before, and now."""

    code: str
    name: str
    small: int = SMALL
    period: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    now: dict[str, float] = field(default_factory=dict)

    def get(self, name: str) -> Value:
        """The figure of the period, or of now if it is one of what is open."""
        return self._of(self.now if name.startswith("open_") or name == "open" else self.period, name)

    def earlier(self, name: str) -> Value:
        """The figure in the same period before."""
        return self._of(self.before, name)

    def share_on_time(self, *, before: bool = False) -> Value:
        """Promises kept of those whose day came, in percent, rounded down: 100 only if all were kept."""
        found = self.before if before else self.period
        due = sum(found.get(name, 0) for name in ("on_time", "late", "overdue"))
        if 0 < due < self.small:
            return FEW
        return float(100 * found.get("on_time", 0) // due) if due else None

    @property
    def due(self) -> Value:
        """How many promises had their day in the period."""
        due = sum(self.period.get(name, 0) for name in ("on_time", "late", "overdue"))
        return FEW if 0 < due < self.small else due

    def _of(self, found: Mapping[str, float], name: str) -> Value:
        """A count that nobody had is 0; a median or mean of nothing is None."""
        rests_on = BY_NAME[name].rests_on
        count = found.get(rests_on or name, 0)
        if 0 < count < (SMALL if rests_on else self.small):
            return FEW
        return found.get(name) if rests_on else count


@dataclass(frozen=True, slots=True)
class Step:
    """A week or month, by its first day, of the whole city."""

    first: date
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of one period. `comparable`: the city was counted during the whole period before it too."""

    counted: Counted
    period: Period
    before: Period
    comparable: bool
    city: Row
    groups: dict[str, list[Row]]
    steps: list[Step]


def counted() -> Counted | None:
    """When it was counted last; None if never."""
    return Counted.objects.first()


def period_named(code: str, known: Counted) -> Period:
    """The period of that name; the first one for another name."""
    found = periods.chosen(known.today, known.since)
    return next((one for one in found if one.code == code), found[0])


def report(code: str, *, everything: bool = False) -> Report | None:
    """The figures of the period `code`; None if nothing was counted yet. With `everything`, small numbers too."""
    known = counted()
    if known is None:
        return None
    period = period_named(code, known)
    before, names = periods.before(period), _names()
    rows: dict[str, dict[str, Row]] = {by: {} for by in ("city", *GROUPS)}
    steps: dict[date, dict[str, int]] = {}
    wanted = Q(period__in=(period.code, before.code, NOW)) | Q(period=period.step, by="time")
    found = Figure.objects.filter(wanted, service="").values_list("period", "by", "code", "figure", "value")
    for when, by, of, figure, value in found:
        if by == "time":
            steps.setdefault(date.fromisoformat(of), {})[figure] = int(value)
        else:
            small = 0 if everything or by == "city" else SMALL
            row = rows[by].setdefault(of, Row(of, names[by].get(of, of), small))
            _part(row, when)[figure] = value
    city = rows.pop("city").get("", Row("", "", 0))
    groups = {by: _ordered(found.values(), by) for by, found in rows.items()}
    return Report(known, period, before, before.first >= known.since, city, groups, list(_within(steps, period)))


def _part(row: Row, when: str) -> dict[str, float]:
    return row.now if when == NOW else row.before if when.endswith(BEFORE) else row.period


def _names() -> dict[str, dict[str, str]]:
    """What services, departments and neighborhoods are called, by their codes."""
    return {
        "city": {},
        "network": {},
        "rule": dict(moderation_rules.choices()),
        "service": dict(Service.objects.values_list("code", "name")),
        "department": dict(Department.objects.values_list("code", "name")),
        "area": dict(Area.objects.filter(kind="neighborhood").values_list("code", "name")),
    }


def _ordered(rows: Iterable[Row], by: str) -> list[Row]:
    """The most asked first; what had nothing in the period and has nothing open is left out."""
    first = {"network": "heard", "rule": "hidden_by_rule"}.get(by, "opened")
    some = [row for row in rows if any(row.period.values()) or any(row.now.values())]
    return sorted(some, key=lambda row: (-row.period.get(first, 0), row.name))


def _within(steps: Mapping[date, Mapping[str, int]], period: Period) -> Iterator[Step]:
    """The weeks or months of the period in their order, those without anything too; the first may begin before it."""
    day = periods.step_of(period.first, period.step)
    while day <= period.last:
        yield Step(day, steps.get(day, {}).get("opened", 0), steps.get(day, {}).get("closed", 0))
        day = periods.next_step(day, period.step)


def headline() -> tuple[Row, Counted] | None:
    """The city in the last 30 days, in two queries; None if nothing was counted yet."""
    known = counted()
    if known is None:
        return None
    row = Row("", "", 0)
    wanted = Figure.objects.filter(period__in=(periods.FIRST, NOW), by="city")
    for when, figure, value in wanted.values_list("period", "figure", "value"):
        _part(row, when)[figure] = value
    return row, known


@dataclass(frozen=True, slots=True)
class OfArea:
    """One neighborhood in a period: its figures, and what was asked for there most often (service, how often)."""

    period: Period
    counted: Counted
    row: Row
    asked: list[tuple[str, Value]]


def of_area(code: str, period: str = "12-months", most: int = 10) -> OfArea | None:
    """The public figures of the neighborhood `code`, in three queries; None if nothing was counted yet.

    Small numbers are left out: of the services asked for, those with fewer than five come last, as FEW.
    """
    known = counted()
    if known is None:
        return None
    chosen = period_named(period, known)
    row, asked = Row(code, ""), dict[str, float]()
    wanted = Figure.objects.filter(period__in=(chosen.code, chosen.code + BEFORE, NOW), by="area", code=code)
    for when, service, figure, value in wanted.values_list("period", "service", "figure", "value"):
        if service:
            asked[service] = value
        else:
            _part(row, when)[figure] = value
    names = dict(Service.objects.filter(code__in=asked).values_list("code", "name"))
    top = sorted(asked.items(), key=lambda one: (-one[1], names.get(one[0], one[0])))[:most]
    found: list[tuple[str, Value]] = [(names.get(one, one), FEW if n < SMALL else n) for one, n in top]
    return OfArea(chosen, known, row, found)
