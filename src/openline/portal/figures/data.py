"""The same figures for programs: one number a row, as CSV and JSON, with a schema."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson
from django.utils import translation

from openline.exports.writing import cell
from openline.insights.definitions import FIGURES, VERSION
from openline.insights.reading import FEW, Report, Row

FIELDS = (
    ("period", "string", "30-days, 90-days, 12-months or a year; with -before at its end the same period before; now"
                         " for what is open at the moment of counting."),
    ("from", "date", "The first day of the period, in the city's time zone."),
    ("to", "date", "The last day, included; of now the day of counting."),
    ("by", "string", "city, service, department, area (a neighborhood), network, rule, week or month."),
    ("code", "string", "Code of the service, department, area, network or rule; the first day of the week or month."),
    ("name", "string", "Its name; empty for the city, networks, weeks and months."),
    ("figure", "string", "What was counted: see figures."),
    ("value", "number", f"The number. {FEW}: there are some, but fewer than five (or it rests on fewer)."),
)  # fmt: skip
NAMES = tuple(name for name, _kind, _meaning in FIELDS)


def rows(report: Report) -> Iterator[tuple[Any, ...]]:
    """Every public number of a report, in the order of `FIELDS`."""
    for by, of in [("city", [report.city]), *report.groups.items()]:
        for row in of:
            yield from _of(report, by, row)
    for step in report.steps:
        for figure, value in (("opened", step.opened), ("closed", step.closed)):
            span = (report.period.code, report.period.first, report.period.last)
            yield (*span, report.period.step, step.first.isoformat(), "", figure, value)


def _of(report: Report, by: str, row: Row) -> Iterator[tuple[Any, ...]]:
    today = report.counted.today
    spans = [(report.period.code, report.period.first, report.period.last)]
    if report.comparable:
        spans.append((report.before.code, report.before.first, report.before.last))
    name = "" if row.name == row.code else row.name
    for span, known, read in zip(spans, (row.period, row.before), (row.get, row.earlier), strict=False):
        for one in FIGURES:
            if one.name in known:
                yield (*span, by, row.code, name, one.name, _plain(read(one.name)))
    for one in FIGURES:
        if one.name in row.now:
            yield ("now", today, today, by, row.code, name, one.name, _plain(row.get(one.name)))


def _plain(value: Any) -> Any:
    """Counts as whole numbers, means to a hundredth."""
    if not isinstance(value, float):
        return value
    return int(value) if value.is_integer() else round(value, 2)


def as_csv(report: Report) -> bytes:
    """RFC 4180 in UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(NAMES)
    writer.writerows([cell(value) for value in row] for row in rows(report))
    return out.getvalue().encode()


def as_json(report: Report) -> bytes:
    """An object with the version, when it was counted, and the same rows."""
    found = [dict(zip(NAMES, row, strict=True)) for row in rows(report)]
    return orjson.dumps({"version": VERSION, "counted_at": report.counted.at, "figures": found})


def schema() -> dict[str, Any]:
    """The fields as a JSON Table Schema (Frictionless Data), and what each figure means."""
    with translation.override("en"):
        return {
            "version": VERSION,
            "fields": [{"name": name, "type": kind, "description": meaning} for name, kind, meaning in FIELDS],
            "primaryKey": ["period", "by", "code", "figure"],
            "missingValues": ["", FEW],
            "figures": [
                {"name": one.name, "unit": one.unit, "title": str(one.title), "description": str(one.how)}
                | ({"rests_on": one.rests_on} if one.rests_on else {})
                for one in FIGURES
            ],
        }
