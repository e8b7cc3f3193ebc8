"""Reading what the server sent: exactly what was asked for, or refused with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from openline.foundation.text import clean, shorten
from openline.language_model.question import KEYS, NO_SERVICE, Question
from openline.triage.assessment import INTENTS, URGENCIES
from openline.triage.personal_data import public_text

_LONGEST_REASON = 1000
_SHOWN_REASON = 300
_LONGEST_PLACE = 200
_MOST_TOKENS = 1_000_000


class OffSchema(Exception):
    """The answer is not what was asked for; the words say why, without the answer's own."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a chat completion holds: the model's words, and the tokens that the server counted (None: it did not)."""

    content: str
    tokens_in: int | None
    tokens_out: int | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A valid answer. `service` is a code of the catalogue or "", `place` stands in the post or is ""."""

    intent: str
    urgency: str
    service: str
    place: str
    reason: str


def completion(data: bytes) -> Completion:
    """The first choice of the chat completion in `data`. Without a usable one, `problem` says why."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        return Completion("", None, None, "The server sent no JSON.")
    body = body if isinstance(body, dict) else {}
    usage = body.get("usage")
    tokens_in, tokens_out = (_count(usage, name) for name in ("prompt_tokens", "completion_tokens"))
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, str) or not content.strip():
        declined = isinstance(message, dict) and message.get("refusal")
        problem = "The model declined to answer." if declined else "There is no message in the answer."
        return Completion("", tokens_in, tokens_out, problem)
    problem = "The answer was cut off: too few tokens." if choice.get("finish_reason") == "length" else ""
    return Completion(content, tokens_in, tokens_out, problem)


def _count(usage: Any, name: str) -> int | None:
    found = usage.get(name) if isinstance(usage, dict) else None
    return found if type(found) is int and 0 <= found <= _MOST_TOKENS else None


def read(content: str, question: Question) -> Answer:
    """The answer in `content`; raises OffSchema for anything that was not asked for."""
    try:
        found = orjson.loads(content)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        raise OffSchema("The answer is no JSON.") from None
    if not isinstance(found, dict) or set(found) != set(KEYS):
        raise OffSchema("The answer has not exactly the keys that were asked for.")
    if not all(isinstance(value, str) for value in found.values()):
        raise OffSchema("A value of the answer is no text.")
    codes = [*(service.code for service in question.services), NO_SERVICE]
    for key, allowed in (("intent", INTENTS), ("urgency", URGENCIES), ("service", codes)):
        if found[key] not in allowed:
            raise OffSchema(f"The answer names an unknown {key}.")
    if len(found["reason"]) > _LONGEST_REASON:
        raise OffSchema("The reason is far too long.")
    return Answer(
        found["intent"],
        found["urgency"],
        "" if found["service"] == NO_SERVICE else found["service"],
        _said(found["place"], question.post),
        # It may repeat whatever a stranger wrote: no links, handles or numbers to call.
        shorten(public_text(clean(found["reason"])), _SHOWN_REASON),
    )


def _said(place: str, post: str) -> str:
    """`place` if the post says these words; a place that nobody named is none."""
    words = " ".join(place.split())
    there = words.casefold() in " ".join(post.split()).casefold()
    return words if there and len(words) <= _LONGEST_PLACE and "removed]" not in words else ""
