"""The catalogue as plain data: what screens, files, versions and imports all read and write.

A service is a dict with `FIELDS`, the department as its code, and `attributes`: its questions as dicts with
`QUESTION_FIELDS`, in order. The whole catalogue is a dict of these by code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from openline.service_requests.models import Service, ServiceAttribute

FIELDS: dict[str, Any] = {
    "code": "",
    "name": "",
    "group": "",
    "description": "",
    "keywords": [],
    "examples": [],
    "kind": "request",
    "department": "",
    "first_answer_hours": None,
    "promise_days": None,
    "promise_unit": "working",
    "needs_place": True,
    "needs_photo": False,
    "needs_contact": False,
    "after_photo": False,
    "public": True,
    "active": True,
    "season_start": "",
    "season_end": "",
    "emergency_phone": "",
    "referral_text": "",
}
"""The fields of a service with what they are if nothing is said, in the order in which they are shown."""

QUESTION_FIELDS: dict[str, Any] = {
    "code": "",
    "order": 0,
    "question": "",
    "hint": "",
    "datatype": "string",
    "variable": True,
    "required": False,
    "public": False,
    "values": [],
    "minimum": None,
    "maximum": None,
    "depends_on": "",
    "depends_values": [],
}
"""The fields of a question with what they are if nothing is said."""

Plain = dict[str, Any]
Content = dict[str, Plain]


def plain(service: Service, questions: Iterable[ServiceAttribute]) -> Plain:
    """A service with its questions as plain data."""
    facts = {name: getattr(service, name) for name in FIELDS if name != "department"}
    facts["department"] = service.department.code if service.department else ""
    facts["attributes"] = [{name: getattr(q, name) for name in QUESTION_FIELDS} for q in questions]
    return facts


def content() -> Content:
    """The whole catalogue by code, retired services too, in two queries."""
    services = Service.objects.select_related("department").prefetch_related("attributes").order_by("code")
    return {service.code: plain(service, service.attributes.all()) for service in services}


def of_service(code: str) -> Plain | None:
    """One service, or None."""
    found = Service.objects.select_related("department").filter(code=code).first()
    return plain(found, found.attributes.all()) if found else None


def whole(given: Plain, base: Plain | None = None) -> Plain:
    """`given` with what it leaves out taken from `base`, else from the defaults; questions numbered in their order."""
    known: Plain = base or FIELDS | {"attributes": []}
    facts: Plain = {name: given.get(name, known[name]) for name in (*FIELDS, "attributes")}
    questions = [QUESTION_FIELDS | question for question in facts["attributes"]]
    facts["attributes"] = [question | {"order": place} for place, question in enumerate(questions, 1)]
    return facts


def stamp(service: Plain | None) -> str:
    """What a service is, in short: changes when anything of it does."""
    return hashlib.sha256(orjson.dumps(service, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16] if service else ""
