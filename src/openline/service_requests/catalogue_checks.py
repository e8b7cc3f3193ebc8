"""What a service and its questions must be, wherever they come from: a screen, a city's files, another city's list."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from openline.service_requests.catalogue import Plain
from openline.service_requests.models import AttributeType, ServiceKind

UNITS = ("working", "calendar", "hours")
_LONGEST = {"first_answer_hours": 2_000, "promise_days": 3_650}
_CODE = re.compile(r"[^\s,;/?#]{1,60}")
_QUESTION_CODE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LISTS = (AttributeType.SINGLE, AttributeType.MULTI)
MOST_QUESTIONS, MOST_VALUES = 50, 300

Problems = dict[str, str]
"""What is wrong, by field; the field of a question is "question CODE"."""


def problems(service: Plain, departments: Collection[str]) -> Problems:
    """All that is wrong with a service; nothing if it can be saved."""
    found = _names(service) | _choices(service, departments) | _numbers(service) | _season(service)
    if len(service["attributes"]) > MOST_QUESTIONS:
        found["attributes"] = _("A service asks at most %(most)d questions.") % {"most": MOST_QUESTIONS}
    earlier: dict[str, Plain] = {}
    for question in service["attributes"]:
        if wrong := question_problem(question, earlier):
            found[f"question {question['code']}"] = wrong
        earlier[question["code"]] = question
    return found


def _names(service: Plain) -> Problems:
    found = {}
    if not _CODE.fullmatch(service["code"]):
        found["code"] = _("A code has 1 to 60 characters without spaces, commas, semicolons or slashes.")
    if not service["name"].strip() or len(service["name"]) > 200:
        found["name"] = _("Give a name of at most 200 characters.")
    if len(service["group"]) > 200:
        found["group"] = _("The name of a group has at most 200 characters.")
    if len(service["emergency_phone"]) > 60:
        found["emergency_phone"] = _("A telephone number has at most 60 characters.")
    return found


def _choices(service: Plain, departments: Collection[str]) -> Problems:
    found = {}
    if service["kind"] not in ServiceKind.values:
        found["kind"] = _("Choose one of: %(choices)s.") % {"choices": ", ".join(ServiceKind.values)}
    if service["promise_unit"] not in UNITS:
        found["promise_unit"] = _("Choose one of: %(choices)s.") % {"choices": ", ".join(UNITS)}
    if service["department"] and service["department"] not in departments:
        found["department"] = _("There is no department “%(code)s”.") % {"code": service["department"]}
    return found


def _numbers(service: Plain) -> Problems:
    found = {}
    for name, most in _LONGEST.items():
        value = service[name]
        if value is not None and not (isinstance(value, int) and 0 <= value <= most):
            found[name] = _("Give a whole number from 0 to %(most)d.") % {"most": most}
    return found


def _season(service: Plain) -> Problems:
    start, end = service["season_start"], service["season_end"]
    if bool(start) != bool(end):
        return {"season_end" if start else "season_start": _("A season has a first and a last day.")}
    found = {}
    for name in ("season_start", "season_end"):
        if service[name] and not _is_day(service[name]):
            found[name] = _("Write month and day as 11-15.")
    return found


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch("[0-9]{2}-[0-9]{2}", text)) and bool(date.fromisoformat(f"2024-{text}"))
    except ValueError:
        return False


def question_problem(question: Plain, earlier: dict[str, Plain]) -> str:
    """The first thing that is wrong with a question that stands after those in `earlier`; "" if nothing is."""
    if not _QUESTION_CODE.fullmatch(question["code"]):
        return _("The code of a question has letters, digits, “-” and “_” only, at most 60.")
    if question["code"] in earlier:
        return _("This service has another question with the code “%(code)s”.") % {"code": question["code"]}
    if not question["question"].strip() or len(question["question"]) > 500 or len(question["hint"]) > 500:
        return _("Write the question; question and hint have at most 500 characters each.")
    if question["datatype"] not in AttributeType.values:
        return _("Choose one of: %(choices)s.") % {"choices": ", ".join(AttributeType.values)}
    low, high = question["minimum"], question["maximum"]
    if low is not None and high is not None and low > high:
        return _("The least is more than the most.")
    return _values_problem(question) or _condition_problem(question, earlier)


def _values_problem(question: Plain) -> str:
    values: list[dict[str, Any]] = question["values"]
    if question["datatype"] not in _LISTS:
        return _("Only a list has values to choose from.") if values else ""
    keys = [str(value.get("key", "")) for value in values]
    if not keys or len(keys) > MOST_VALUES or not all(key.strip() and len(key) <= 100 for key in keys):
        return _("A list needs values: each a key and a name, at most %(most)d.") % {"most": MOST_VALUES}
    if len(set(keys)) < len(keys):
        return _("Two values of the list have the same key.")
    return ""


def _condition_problem(question: Plain, earlier: dict[str, Plain]) -> str:
    if not question["depends_on"]:
        return _("Choose the question on which it depends.") if question["depends_values"] else ""
    asked = earlier.get(question["depends_on"])
    if asked is None:
        return _("“%(code)s” is no question before this one.") % {"code": question["depends_on"]}
    if asked["datatype"] in _LISTS:
        known = {str(value["key"]) for value in asked["values"]}
        wrong = [value for value in question["depends_values"] if str(value) not in known]
        if wrong:
            return _("“%(wrong)s” is no answer to “%(code)s”.") % {"wrong": wrong[0], "code": asked["code"]}
    return ""
