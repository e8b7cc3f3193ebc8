"""The catalogue as GeoReport v2 JSON: what another city's Open311 server answers, and ours for others to take.

One document: `{"services": [...], "service_definitions": [{"service_code", "attributes": [...]}]}`, the entries as in
GET Service List and GET Service Definition. Read are also a bare list of services, as servers send it, and the lists of
services under the names of their groups.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from openline.cities.tables import Bad, Refused
from openline.foundation.text import clean
from openline.service_requests import catalogue
from openline.service_requests.catalogue import Content, Plain
from openline.service_requests.catalogue_checks import problems, question_problem

NAME = "services.json"
_TEXTS = {"service_name": "name", "description": "description", "group": "group"}


def read_georeport(text: str, departments: Collection[str], refused: list[Refused], base: Content) -> Content:
    """The services of the document, whole: what it does not say is as in `base`, else as usual.

    What cannot be taken is noted in `refused`; the line is the number of the entry in its list.
    """
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        refused.append(Refused(NAME, getattr(error, "lineno", 0), f"Not readable as JSON: {error}."))
        return {}
    services, definitions = _parts(document)
    found: Content = {}
    _each(services, refused, lambda raw: _add(found, _service(raw, base, departments)))
    _each(definitions, refused, lambda raw: _define(found, raw, base))
    if not found and not refused:
        refused.append(Refused(NAME, 0, "There is no list of services in this document."))
    return found


def _each(entries: list[Any], refused: list[Refused], read: Callable[[Any], None]) -> None:
    """Read each entry, and note why one is refused."""
    for number, raw in enumerate(entries, 1):
        try:
            read(raw)
        except Bad as error:
            refused.append(Refused(NAME, number, str(error), error.column))


def _parts(document: Any) -> tuple[list[Any], list[Any]]:
    """The services and the definitions in any of the shapes that are read."""
    if isinstance(document, list):
        return document, []
    if not isinstance(document, dict):
        return [], []
    if isinstance(document.get("services"), list):
        definitions = document.get("service_definitions") or []
        return document["services"], definitions if isinstance(definitions, list) else []
    return list(_grouped(document)), []


def _grouped(document: dict[str, Any]) -> Iterator[Any]:
    for group, services in document.items():
        for service in services if isinstance(services, list) else []:
            yield {"group": group, **service} if isinstance(service, dict) else service


def _service(raw: Any, base: Content, departments: Collection[str]) -> Plain:
    if not isinstance(raw, dict) or not str(raw.get("service_code") or "").strip():
        raise Bad("An entry needs a service_code.", "service_code")
    code = clean(str(raw["service_code"]), 60)
    given: dict[str, Any] = {ours: clean(raw[theirs]) for theirs, ours in _TEXTS.items() if theirs in raw}
    if "keywords" in raw:
        given["keywords"] = [word for word in (clean(part) for part in str(raw["keywords"] or "").split(",")) if word]
    service = catalogue.whole(given | {"code": code, "active": True}, base.get(code))
    for column, text in problems(service | {"attributes": []}, departments).items():
        raise Bad(text, column)
    return service


def _add(found: Content, service: Plain) -> None:
    if service["code"] in found:
        raise Bad(f"“{service['code']}” stands here twice.", "service_code")
    found[service["code"]] = service


def _define(found: Content, raw: Any, base: Content) -> None:
    """Put the questions of a definition in place of those that the service had."""
    code = str(raw.get("service_code", "")) if isinstance(raw, dict) else ""
    service = found.get(code) or base.get(code)
    if service is None:
        raise Bad(f"There is no service “{code}”.", "service_code")
    known = {question["code"]: question for question in service["attributes"]}
    questions: list[Plain] = []
    for attribute in _ordered(raw.get("attributes")):
        question = _question(attribute, known)
        if wrong := question_problem(question, {one["code"]: one for one in questions}):
            raise Bad(f"{question['code']}: {wrong}", "attributes")
        questions.append(question)
    found[code] = catalogue.whole({"attributes": questions}, service)


def _ordered(attributes: Any) -> list[dict[str, Any]]:
    if not isinstance(attributes, list) or not all(isinstance(one, dict) for one in attributes):
        raise Bad("“attributes” must be a list of objects.", "attributes")
    return sorted(attributes, key=lambda one: _order(one.get("order")))


def _order(value: Any) -> int:
    return int(value) if str(value or "").isdigit() else 0


def _question(raw: dict[str, Any], known: dict[str, Plain]) -> Plain:
    code = clean(str(raw.get("code") or ""), 60)
    was = known.get(code, catalogue.QUESTION_FIELDS)
    stops = {value["key"]: value["stop"] for value in was["values"] if value.get("stop")}
    values = [
        {"key": clean(str(value.get("key", ""))), "name": clean(str(value.get("name", "")))}
        for value in raw.get("values") or []
        if isinstance(value, dict)
    ]
    return was | {
        "code": code,
        "question": clean(str(raw.get("description") or "")) or code,
        "hint": clean(str(raw.get("datatype_description") or "")),
        "datatype": str(raw.get("datatype") or "string").lower(),
        "variable": _truth(raw.get("variable"), True),
        "required": _truth(raw.get("required"), False),
        "values": [value | ({"stop": stops[value["key"]]} if value["key"] in stops else {}) for value in values],
    }


def _truth(value: Any, default: bool) -> bool:
    """A truth as servers write it: true, "true", 1."""
    return str(value).lower() in ("true", "1", "yes") if value is not None else default


def written(services: Iterable[Plain]) -> dict[str, Any]:
    """The document of the services that the city offers in public."""
    shown = [s for s in services if s["active"] and s["public"] and s["kind"] == "request"]
    return {
        "services": [_listed(service) for service in shown],
        "service_definitions": [
            {"service_code": s["code"], "attributes": [_attribute(q) for q in s["attributes"]]}
            for s in shown
            if s["attributes"]
        ],
    }


def _listed(service: Plain) -> dict[str, Any]:
    return {
        "service_code": service["code"],
        "service_name": service["name"],
        "description": service["description"],
        "metadata": bool(service["attributes"]),
        "type": "realtime",
        "keywords": ",".join(service["keywords"]),
        "group": service["group"],
    }


def _attribute(question: Plain) -> dict[str, Any]:
    return {
        "variable": question["variable"],
        "code": question["code"],
        "datatype": question["datatype"],
        "required": question["required"],
        "datatype_description": question["hint"],
        "order": question["order"],
        "description": question["question"],
        "values": [{"key": value["key"], "name": value["name"]} for value in question["values"]],
    }
