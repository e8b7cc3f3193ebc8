"""The catalogue as files: services.csv, attributes.csv and examples.csv, read and written (docs/city.md)."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from typing import Any

from openline.cities.tables import Bad, Refused, Row, decimal, listed, one_of, table, whole_number, yes_or_no
from openline.service_requests import catalogue
from openline.service_requests.catalogue import Content, Plain
from openline.service_requests.catalogue_checks import UNITS, problems, question_problem
from openline.service_requests.models import AttributeType, ServiceKind

SERVICES, QUESTIONS, EXAMPLES = "services.csv", "attributes.csv", "examples.csv"
SERVICE_COLUMNS = tuple(name for name in catalogue.FIELDS if name not in ("examples", "active"))
QUESTION_COLUMNS = ("service_code", *(name for name in catalogue.QUESTION_FIELDS if name != "depends_values"),
                    "depends_values", "stops")  # fmt: skip
_LONGEST_PROMISE_DAYS, _LONGEST_ANSWER_HOURS = 3650, 2000


def read_catalogue(
    texts: dict[str, str], departments: Collection[str], refused: list[Refused], base: Content | None = None
) -> Content:
    """The services that the files name, whole: what a row does not say is as in `base`, else as usual.

    `texts`: the content of each file that is there, by its name. Without services.csv, questions and examples are
    those of services in `base`.
    """
    known = base or {}
    found: Content = {}
    if SERVICES in texts:
        read = table(texts[SERVICES], SERVICES, ("code", "name"), lambda row: _service(row, known, departments),
                     refused, key="code")  # fmt: skip
        found = {service["code"]: service for service in read}
    lookup = {**known, **found} if SERVICES not in texts else found
    for name, read_file in ((QUESTIONS, _questions), (EXAMPLES, _examples)):
        if name in texts:
            read_file(texts[name], lookup, found, refused)
    return found


def _service(row: Row, base: Content, departments: Collection[str]) -> Plain:
    given: dict[str, Any] = {name: row[name] for name in SERVICE_COLUMNS if name in row}
    for name, read in _READ.items():
        if name in row:
            given[name] = read(row, name)
    given["code"], given["name"] = row["code"][:60], row["name"][:200]
    service = catalogue.whole(given | {"active": True}, base.get(given["code"]))
    for column, text in problems(service | {"attributes": []}, departments).items():
        raise Bad(text if column != "department" else f"{text} Add it to departments.csv first.", column)
    return service


def _number(most: int, what: str) -> Any:
    return lambda row, name: whole_number(row, name, most, f"write a whole number of {what}.")


_READ: dict[str, Any] = {
    "keywords": listed,
    "kind": lambda row, name: one_of(row, name, tuple(ServiceKind.values)),
    "promise_unit": lambda row, name: one_of(row, name, UNITS),
    "promise_days": _number(_LONGEST_PROMISE_DAYS, "days"),
    "first_answer_hours": _number(_LONGEST_ANSWER_HOURS, "hours"),
    **{
        name: lambda row, name: yes_or_no(row, name, bool(catalogue.FIELDS[name]))
        for name in ("needs_place", "needs_photo", "needs_contact", "after_photo", "public")
    },
}
"""How the columns are read that are no plain text."""


def _questions(text: str, lookup: Content, found: Content, refused: list[Refused]) -> None:
    """Put the questions in place of those that the services named had."""
    fresh: dict[str, list[Plain]] = {}

    def question(row: Row) -> None:
        if row["service_code"] not in lookup:
            raise Bad(f"There is no service “{row['service_code']}”: add it to services.csv first.", "service_code")
        own = fresh.setdefault(row["service_code"], [])
        read = _question(row)
        if wrong := question_problem(read, {one["code"]: one for one in own}):
            raise Bad(wrong)
        own.append(read)

    table(text, QUESTIONS, ("service_code", "code", "question"), question, refused)
    for code, questions in fresh.items():
        found[code] = catalogue.whole({"attributes": sorted(questions, key=lambda q: q["order"])}, lookup[code])


def _question(row: Row) -> Plain:
    stops = dict(_pairs(row, "stops"))
    values = [
        {"key": key, "name": name or key} | ({"stop": stops.pop(key)} if key in stops else {})
        for key, name in _pairs(row, "values")
    ]
    if stops:
        raise Bad(f"“{next(iter(stops))}” is no key of the values.", "stops")
    return catalogue.QUESTION_FIELDS | {
        "code": row["code"],
        "order": whole_number(row, "order", 1000, "write a whole number.") or 0,
        "question": row["question"],
        "hint": row.get("hint", ""),
        "datatype": one_of(row, "datatype", tuple(AttributeType.values)),
        "variable": yes_or_no(row, "variable", True),
        "required": yes_or_no(row, "required", False),
        "public": yes_or_no(row, "public", False),
        "values": values,
        "minimum": decimal(row, "minimum"),
        "maximum": decimal(row, "maximum"),
        "depends_on": row.get("depends_on", ""),
        "depends_values": listed(row, "depends_values"),
    }


def _pairs(row: Row, column: str) -> list[tuple[str, str]]:
    """The parts of a cell such as "out=It is out; dim=It flickers"."""
    parts = [part.partition("=") for part in listed(row, column)]
    return [(key.strip(), text.strip()) for key, _equals, text in parts]


def _examples(text: str, lookup: Content, found: Content, refused: list[Refused]) -> None:
    """Put the examples in place of those that the services named had."""
    fresh: dict[str, list[str]] = {}

    def example(row: Row) -> None:
        if row["service_code"] not in lookup:
            raise Bad(f"There is no service “{row['service_code']}”: add it to services.csv first.", "service_code")
        fresh.setdefault(row["service_code"], []).append(row["text"])

    table(text, EXAMPLES, ("service_code", "text"), example, refused)
    for code, examples in fresh.items():
        found[code] = (found.get(code) or lookup[code]) | {"examples": examples}


def services_csv(services: Iterable[Plain]) -> str:
    """services.csv of the active services."""
    rows = [[_cell(service[name]) for name in SERVICE_COLUMNS] for service in services if service["active"]]
    return _csv(SERVICE_COLUMNS, rows)


def attributes_csv(services: Iterable[Plain]) -> str:
    """attributes.csv: the questions of the active services."""
    rows = []
    for service in (s for s in services if s["active"]):
        for question in service["attributes"]:
            cells = question | {
                "service_code": service["code"],
                "values": [f"{value['key']}={value['name']}" for value in question["values"]],
                "stops": [f"{v['key']}={v['stop']}" for v in question["values"] if v.get("stop")],
            }
            rows.append([_cell(cells[name]) for name in QUESTION_COLUMNS])
    return _csv(QUESTION_COLUMNS, rows)


def examples_csv(services: Iterable[Plain]) -> str:
    """examples.csv: what residents say of each active service."""
    rows = [[service["code"], text] for service in services if service["active"] for text in service["examples"]]
    return _csv(("service_code", "text"), rows)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(str(part).replace(";", ",") for part in value)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
