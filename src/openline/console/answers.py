"""The questions of a request's service on the console: what to show, what was typed, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from openline.foundation.text import clean
from openline.service_requests.models import AttributeType, ServiceAttribute, ServiceRequest
from openline.service_requests.questions import Fault, Stop, asked, in_words, stop_in, validate

PREFIX = "answer-"
"""Before a question's code in the names of the fields."""
_MOST = 300


@dataclass(frozen=True, slots=True)
class Field:
    """A question as a form shows it: `words` the answer that is saved, `value` and `chosen` what the field holds."""

    question: ServiceAttribute
    words: str = ""
    value: str = ""
    chosen: frozenset[str] = field(default_factory=frozenset)
    fault: str = ""


def given(posted: QueryDict) -> dict[str, list[str]]:
    """The answers of a form, by code."""
    names = [name for name in list(posted)[:_MOST] if name.startswith(PREFIX)]
    return {name.removeprefix(PREFIX): [clean(text) for text in posted.getlist(name)[:_MOST]] for name in names}


def fields(request: ServiceRequest, posted: QueryDict | None = None) -> list[Field]:
    """The questions that are asked, with the answers that are saved; with `posted`, what was typed and its faults."""
    questions = list(request.service.attributes.all())
    return fields_of(questions, request.answers, given(posted) if posted is not None else None)


def fields_of(
    questions: Sequence[ServiceAttribute], answers: Mapping[str, Any], typed: Mapping[str, list[str]] | None
) -> list[Field]:
    """The same for `questions` with the saved `answers`."""
    faults = validate(questions, typed, partial=True)[1] if typed is not None else {}
    made = []
    for question in asked(questions, answers if typed is None else typed):
        saved = answers.get(question.code)
        now = saved if typed is None else typed.get(question.code, [])
        texts = [str(one) for one in (now if isinstance(now, list) else [now]) if one not in (None, "")]
        fault = faults.get(question.code)
        made.append(
            Field(
                question,
                in_words(question, saved) if saved is not None else "",
                _value(question, texts),
                frozenset(texts),
                "" if fault is None or isinstance(fault, Stop) else str(fault),
            )
        )
    return made


def faults_of(questions: Sequence[ServiceAttribute], posted: QueryDict) -> dict[str, Fault]:
    """What is wrong with what was typed so far."""
    return validate(questions, given(posted), partial=True)[1]


def _value(question: ServiceAttribute, texts: list[str]) -> str:
    """What stands in a text field; a time as the browser's field wants it, without its zone."""
    value = texts[0] if texts else ""
    return value[:16] if question.datatype == AttributeType.DATETIME else value


def stopped(request: ServiceRequest) -> Stop | None:
    """The stop among the saved answers: who helps instead."""
    return stop_in(validate(request.service.attributes.all(), request.answers, partial=True)[1])
