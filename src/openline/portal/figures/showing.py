"""What the page of figures shows: headlines, charts, and the table behind each chart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from openline.channels.registry import channels
from openline.foundation import chart
from openline.insights import periods, reading
from openline.insights.definitions import AGES, BY_NAME, FIGURES, NOT_YET, SMALL
from openline.insights.reading import Report, Row, Value
from openline.portal.figures import words

MOST_BARS = 10


@dataclass(frozen=True, slots=True)
class Headline:
    """One number with its title, more words below, and what it was before ("" if it cannot be compared)."""

    title: str
    value: str
    more: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart: its name, how long it is (of 100), and its number in words."""

    name: str
    long: str
    value: str


@dataclass(frozen=True, slots=True)
class Part:
    """A chart with its table: `columns` are the table's heads, each row has its name and its cells."""

    id: str
    title: str
    says: str
    columns: list[str]
    rows: list[tuple[str, list[str]]]
    bars: list[Bar] = field(default_factory=list)
    first: str = ""


def context(report: Report) -> dict[str, Any]:
    """Everything that the page shows of a report."""
    choices = periods.chosen(report.counted.today, report.counted.since)
    return {
        "report": report,
        "choices": [(one.code, words.period_name(one), one.code == report.period.code) for one in choices],
        "name": words.period_name(report.period),
        "span": _span(report.period),
        "before_span": _span(report.before) if report.comparable else "",
        "since": words.day(report.counted.since),
        "headlines": headlines(report),
        "over_time": over_time(report),
        "parts": [_grouped(report, by) for by in ("service", "area", "department")],
        "promises": [_promises(report, by) for by in ("department", "service")],
        "backlog": _backlog(report.city),
        "networks": _networks(report),
        "afterwards": _afterwards(report),
        "rules": _rules(report),
        "not_yet": list(NOT_YET.values()),
        "definitions": [one for one in FIGURES if one.name not in AGES],
        "small": SMALL,
        "chart_width": chart.WIDTH,
        "chart_height": chart.HEIGHT,
    }


def _span(period: periods.Period) -> str:
    return _("%(first)s to %(last)s") % {"first": words.day(period.first), "last": words.day(period.last)}


def _title(name: str) -> str:
    return str(BY_NAME[name].title)


def headlines(report: Report) -> list[Headline]:
    """The numbers at the top."""
    city, may = report.city, report.comparable
    on_time, due = city.share_on_time(), words.number(city.due)
    answer, heard = city.get("answer_minutes"), city.get("heard")
    return [
        _counted(city, "opened", may),
        _counted(city, "closed", may),
        Headline(_("Promises kept"), words.percent(on_time), _("of %(n)s whose day came") % {"n": due},
                 _before(words.percent(city.share_on_time(before=True))) if may else ""),
        Headline(_title("half_days"), words.working_days(city.get("half_days")),
                 _("9 of 10 within: %(days)s") % {"days": words.working_days(city.get("most_days"))},
                 _before(words.working_days(city.earlier("half_days"))) if may else ""),
        Headline(_title("answer_minutes"), words.minutes(answer), "" if heard else _("no conversation in this period"),
                 _before(words.minutes(city.earlier("answer_minutes"))) if may and heard else ""),
        Headline(_title("open"), words.number(city.get("open")),
                 _("%(n)s past their promise") % {"n": words.number(city.get("open_overdue"))}),
    ]  # fmt: skip


def short() -> list[Headline]:
    """Three numbers of the last 30 days for the home page, in two queries; none if nothing was counted yet."""
    found = reading.headline()
    if found is None:
        return []
    city, _known = found
    kept = words.percent(city.share_on_time())
    of = _("of %(n)s whose day came") % {"n": words.number(city.due)}
    return [_counted(city, "opened", False), _counted(city, "closed", False), Headline(_("Promises kept"), kept, of)]


def _counted(city: Row, name: str, may: bool) -> Headline:
    now, earlier = city.get(name), city.earlier(name)
    change = words.change(now, earlier)
    before = _before(f"{words.number(earlier)} ({change})" if change else words.number(earlier))
    return Headline(_title(name), words.number(now), "", before if may else "")


def _before(text: str) -> str:
    return _("Before: %(value)s") % {"value": text}


def over_time(report: Report) -> dict[str, Any]:
    """Opened and closed by week or month: pairs of bars, and the same numbers."""
    step = report.period.step
    names = [(words.step_name(one.first, step), one.opened, one.closed) for one in report.steps]
    return {
        "title": _("Reported and closed by month") if step == "month" else _("Reported and closed by week"),
        "head": _("Month") if step == "month" else _("Week of"),
        "pairs": chart.pairs(names),
        "most": words.number(float(max((max(a, b) for _name, a, b in names), default=0))),
        "rows": [(name, [words.number(float(a)), words.number(float(b))]) for name, a, b in names],
    }


def _bars(rows: list[tuple[str, Value, str]]) -> list[Bar]:
    """The longest first, without those that are no number."""
    numbers = [(name, float(value), said) for name, value, said in rows if isinstance(value, float | int)]
    most = max((value for _name, value, _said in numbers), default=0)
    return [Bar(name, chart.share(value, most), said) for name, value, said in numbers[:MOST_BARS]]


def _grouped(report: Report, by: str) -> Part:
    rows = report.groups[by]
    titles = {
        "service": (_("What was asked most"), _("Service")),
        "area": (_("By neighborhood"), _("Neighborhood")),
        "department": (_("By department"), _("Department")),
    }
    names = ("opened", "closed")
    columns = [*map(_title, names), _("Before"), _("Promises due"), _("Kept"), *map(_title, ("half_days", "most_days",
               "reopened", "open"))]  # fmt: skip
    cells = [(row.name, _cells(row, report.comparable)) for row in rows]
    bars = _bars([(row.name, row.get("opened"), words.number(row.get("opened"))) for row in rows])
    title, first = titles[by]
    return Part(by, title, _("Requests reported, the most first."), columns, cells, bars, first)


def _cells(row: Row, may: bool) -> list[str]:
    return [
        words.number(row.get("opened")),
        words.number(row.get("closed")),
        words.number(row.earlier("opened")) if may else words.NOTHING,
        words.number(row.due),
        words.percent(row.share_on_time()),
        words.working_days(row.get("half_days")),
        words.working_days(row.get("most_days")),
        words.number(row.get("reopened")),
        words.number(row.get("open")),
    ]


def _promises(report: Report, by: str) -> Part:
    """Promises kept, those with the most due first."""
    rows = [row for row in report.groups[by] if row.due]
    rows.sort(key=lambda row: (-(row.due if isinstance(row.due, float | int) else 0), row.name))
    columns = [_("Promises due"), *map(_title, ("on_time", "late", "overdue")), _("Kept"), _("Kept before")]
    cells = [(row.name, _kept_cells(row, report.comparable)) for row in rows]
    kept = [(row.name, row.share_on_time()) for row in rows[:MOST_BARS]]
    bars = [Bar(name, f"{share:.1f}", words.percent(share)) for name, share in kept if isinstance(share, float)]
    first, title = (_("Department"), _("By department")) if by == "department" else (_("Service"), _("By service"))
    says = _("Of the promises whose day came, so many were kept. The most promises first.")
    return Part(f"promises-{by}", title, says, columns, cells, bars, first)


def _kept_cells(row: Row, may: bool) -> list[str]:
    return [
        words.number(row.due),
        *(words.number(row.get(name)) for name in ("on_time", "late", "overdue")),
        words.percent(row.share_on_time()),
        words.percent(row.share_on_time(before=True)) if may else words.NOTHING,
    ]


def _backlog(city: Row) -> Part:
    ages = [(_title(name), city.get(name), words.number(city.get(name))) for name in AGES]
    says = _("Half of what is open is at most this old: %(days)s. Waiting for the resident: %(n)s.") % {
        "days": words.days(city.get("open_half_days")),
        "n": words.number(city.get("open_waiting")),
    }
    rows = [(name, [said]) for name, _value, said in ages]
    return Part(
        "backlog", _("What is open now, and how old it is"), says, [_title("open")], rows, _bars(ages), _("Age")
    )


def _networks(report: Report) -> Part:
    known = channels()
    rows = [(known[row.code].label if row.code in known else row.code, row) for row in report.groups["network"]]
    names = ("heard", "answered", "answer_minutes", "answered_by_person", "person_minutes")
    cells = [(label, [_time_or_number(row, name) for name in names]) for label, row in rows]
    bars = _bars([(label, row.get("heard"), words.number(row.get("heard"))) for label, row in rows])
    says = _("Conversations that residents began, by network; the table says how soon they were answered.")
    return Part("networks", _("How soon we answer"), says, list(map(_title, names)), cells, bars, _("Network"))


def _rules(report: Report) -> Part:
    """Comments of our own discussions hidden, by the published rule."""
    rows = [(row.name, row.get("hidden_by_rule")) for row in report.groups["rule"]]
    said = [(name, value, words.number(value)) for name, value in rows]
    title, says = _title("hidden_by_rule"), _("Comments in our own discussions, by the rule that staff named.")
    return Part(
        "rules", title, says, [_title("hidden")], [(name, [text]) for name, _n, text in said], _bars(said), _("Rule")
    )


def _time_or_number(row: Row, name: str) -> str:
    value = row.get(name)
    return words.minutes(value) if name.endswith("_minutes") else words.number(value)


def _afterwards(report: Report) -> list[Headline]:
    """Opened again, what residents say, comments hidden, what was no request of its own."""
    city, may = report.city, report.comparable
    said, fixed = city.get("said"), city.get("said_fixed")
    rated = _("from 1 to 5, by %(n)s answers") % {"n": words.number(city.get("rated"))}
    none = _("nobody has answered yet")
    return [
        _counted(city, "reopened", may),
        Headline(_title("satisfaction"), words.mean(city.get("satisfaction")), rated if city.get("rated") else none),
        Headline(_title("said_fixed"), words.number(fixed) if said else words.NOTHING,
                 _("of %(n)s who said") % {"n": words.number(said)} if said else none),
        _counted(city, "joined", may),
        _counted(city, "rejected", may),
        _counted(city, "hidden", may),
        Headline(_title("appealed"), words.number(city.get("appealed")),
                 _("%(n)s shown again") % {"n": words.number(city.get("shown_again"))}),
    ]  # fmt: skip
