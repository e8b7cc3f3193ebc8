"""The questions of a service: which of them are to be asked, and what is made of the answers. Pure.

Answers come from forms and from GeoReport's `attribute[CODE]`: a text, or several for a list of which some are
chosen. What is kept is plain data for JSON, by the question's code:

- number: int or float; its `minimum` and `maximum` bound the value
- datetime: ISO 8601 with zone (the city's, if none was given); bounds are days from now (maximum 0: not in the future)
- string and text: a text; bounds are its length in characters
- singlevaluelist: the key; multivaluelist: the keys in the order of the list, bounds are how many

A question may depend only on one that stands before it, so a circle of questions is never asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.text import clean
from openline.service_requests.jurisdiction import city_zone
from openline.service_requests.models import AttributeType, ServiceAttribute

STRING_LIMIT = 500
TEXT_LIMIT = 4_000
"""Characters of a short and of a long text; GeoReport v2 gives a description 4,000."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an answer cannot be taken: the question's code, and what to do about it in words."""

    code: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Stop(Fault):
    """The answer `key` ends the form: `text` says who helps instead. No request is to be opened."""

    key: str


class _Bad(Exception):
    """An answer that breaks a rule of its question."""


def validate(
    attributes: Iterable[ServiceAttribute],
    given: Mapping[str, Any],
    *,
    partial: bool = False,
    now: datetime | None = None,
    zone: tzinfo | None = None,
) -> tuple[dict[str, Any], dict[str, Fault]]:
    """The typed answers to the questions that are asked, and what is wrong, both by the question's code.

    Answers to questions that are not asked, and unknown codes, are dropped. A chosen value with a "stop" is a
    `Stop` among the faults, and nothing after it is asked. `partial`: what is required may be left out. `zone` is
    the city's if not given.
    """
    answers: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    clock = now or timezone.now()
    for question in in_order(attributes):
        if not question.variable or not is_asked(question, answers):
            continue
        value = given.get(question.code)
        if partial and not _as_list(value):
            continue
        try:
            answer = _read(question, value, clock, zone)
        except _Bad as error:
            faults[question.code] = Fault(question.code, str(error))
            continue
        if answer is not None:
            answers[question.code] = answer
        if stop := _stop(question, answer):
            faults[question.code] = stop
            break
    return answers, faults


def stop_in(faults: Mapping[str, Fault]) -> Stop | None:
    """The stop among the faults of `validate`, if an answer ended the form."""
    return next((fault for fault in faults.values() if isinstance(fault, Stop)), None)


def in_order(attributes: Iterable[ServiceAttribute]) -> list[ServiceAttribute]:
    """The questions as they are asked."""
    return sorted(attributes, key=lambda question: (question.order, question.pk or 0))


def asked(attributes: Iterable[ServiceAttribute], answers: Mapping[str, Any]) -> list[ServiceAttribute]:
    """The questions (and the texts between them) to show, in order, given the answers so far, typed or as sent."""
    counted: dict[str, Any] = {}
    shown = []
    for question in in_order(attributes):
        if not is_asked(question, counted):
            continue
        shown.append(question)
        if question.variable and question.code in answers:
            counted[question.code] = answers[question.code]
            if _stop(question, counted[question.code]):
                break
    return shown


def is_asked(question: ServiceAttribute, answers: Mapping[str, Any]) -> bool:
    """True if the answer to the question on which it depends is one of those wanted (any, if none is named)."""
    if not question.depends_on:
        return True
    chosen = _chosen(answers.get(question.depends_on))
    return bool(chosen & set(map(str, question.depends_values)) if question.depends_values else chosen)


def missing(attributes: Iterable[ServiceAttribute], answers: Mapping[str, Any]) -> list[ServiceAttribute]:
    """The required questions that are asked and have no answer yet."""
    open_ones = asked(attributes, answers)
    return [q for q in open_ones if q.required and q.variable and q.code not in answers]


def shown(
    attributes: Iterable[ServiceAttribute], answers: Mapping[str, Any], *, public_only: bool = False
) -> list[tuple[ServiceAttribute, str]]:
    """Each answered question with its answer in words; with `public_only` those alone that everybody may read."""
    known = [q for q in in_order(attributes) if q.code in answers and (q.public or not public_only)]
    return [(question, in_words(question, answers[question.code])) for question in known]


def in_words(question: ServiceAttribute, answer: Any) -> str:
    """An answer as people read it: the names of a list's keys, a date in the city's zone."""
    if question.datatype in (AttributeType.SINGLE, AttributeType.MULTI):
        names = {str(value["key"]): str(value["name"]) for value in question.values}
        return ", ".join(names.get(key, key) for key in _as_list(answer))
    if question.datatype == AttributeType.DATETIME:
        try:
            return datetime.fromisoformat(str(answer)).astimezone(city_zone()).strftime("%Y-%m-%d %H:%M")
        except ValueError:
            return str(answer)
    return str(answer)


def _read(question: ServiceAttribute, value: Any, now: datetime, zone: tzinfo | None) -> Any:
    """The typed answer; None if there is none. Raises _Bad for one that breaks a rule."""
    texts = _as_list(value)
    if not texts:
        if question.required:
            raise _Bad(_("Please answer this question."))
        return None
    if question.datatype == AttributeType.MULTI:
        return _keys(question, texts)
    if len(texts) > 1:
        raise _Bad(_("Give one answer only."))
    if question.datatype == AttributeType.SINGLE:
        return _keys(question, texts)[0]
    if question.datatype == AttributeType.NUMBER:
        return _number(question, texts[0])
    if question.datatype == AttributeType.DATETIME:
        return _moment(question, texts[0], now, zone)
    return _text(question, texts[0])


def _as_list(value: Any) -> list[str]:
    """What was sent as texts without empty ones; nothing for what is no answer at all."""
    several: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    texts = [clean(v if isinstance(v, str) else str(v)) for v in several if isinstance(v, str | int | float)]
    return [text for text in texts if text]


def _chosen(value: Any) -> set[str]:
    return set(_as_list(value))


def _keys(question: ServiceAttribute, texts: list[str]) -> list[str]:
    known = [str(value["key"]) for value in question.values]
    if wrong := [text for text in texts if text not in known]:
        raise _Bad(
            _("“%(wrong)s” is not one of the choices: %(known)s.")
            % {"wrong": wrong[0][:60], "known": ", ".join(known[:30])}
        )
    keys = [key for key in known if key in texts]
    if question.datatype == AttributeType.MULTI:
        _within(question, len(keys), _("Choose at least %(limit)s."), _("Choose at most %(limit)s."))
    return keys


def _number(question: ServiceAttribute, text: str) -> int | float:
    if not _NUMBER.fullmatch(text):
        raise _Bad(_("“%(text)s” is not a number. Write it as 12 or 12.5.") % {"text": text[:60]})
    number = float(text) if "." in text else int(text)
    _within(question, number, _("The number must be at least %(limit)s."), _("The number must be at most %(limit)s."))
    return number


def _moment(question: ServiceAttribute, text: str, now: datetime, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromisoformat(text)
        if not 1900 <= moment.year <= 2200:
            raise ValueError
    except ValueError:
        raise _Bad(
            _("“%(text)s” is not a date. Write it as 2026-11-27 or 2026-11-27T14:30.") % {"text": text[:60]}
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone or city_zone())
    if question.minimum is not None and moment < now + timedelta(days=question.minimum):
        raise _Bad(_("That is too early for this question."))
    if question.maximum is not None and moment > now + timedelta(days=question.maximum):
        raise _Bad(_("That is too late for this question."))
    return moment.isoformat()


def _text(question: ServiceAttribute, text: str) -> str:
    limit = STRING_LIMIT if question.datatype == AttributeType.STRING else TEXT_LIMIT
    if len(text) > limit:
        raise _Bad(_("Write at most %(limit)s characters.") % {"limit": limit})
    _within(question, len(text), _("Write at least %(limit)s characters."), _("Write at most %(limit)s characters."))
    return text


def _within(question: ServiceAttribute, size: float, too_small: str, too_large: str) -> None:
    """Raises _Bad in the words given if `size` is outside the question's bounds."""
    if question.minimum is not None and size < question.minimum:
        raise _Bad(too_small % {"limit": f"{question.minimum:g}"})
    if question.maximum is not None and size > question.maximum:
        raise _Bad(too_large % {"limit": f"{question.maximum:g}"})


def _stop(question: ServiceAttribute, answer: Any) -> Stop | None:
    """The stop of the first chosen value that has one."""
    if question.datatype not in (AttributeType.SINGLE, AttributeType.MULTI):
        return None
    chosen = _chosen(answer)
    for value in question.values:
        if value.get("stop") and str(value["key"]) in chosen:
            return Stop(question.code, str(value["stop"]), str(value["key"]))
    return None
