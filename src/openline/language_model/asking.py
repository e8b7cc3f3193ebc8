"""Asking the language model about one post: budget, call, answer, all on the record."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import orjson

from openline.inbox.models import Message
from openline.language_model import budget
from openline.language_model.answer import Answer, Completion, OffSchema, completion, read
from openline.language_model.client import Outcome, Reply, exchange
from openline.language_model.dialect import Dialect, dialect_of, remember
from openline.language_model.models import Call
from openline.language_model.question import Question
from openline.language_model.settings import Settings

_NOTHING = Completion("", None, None)


@dataclass(frozen=True, slots=True)
class Asked:
    """The last call that was made for a question, and its answer if there is a valid one."""

    call: Call
    answer: Answer | None


def ask(settings: Settings, question: Question, message: Message | None = None) -> Asked:
    """Ask once; a server that refuses a part of the question by name is asked again without it.

    Raises budget.NotNow if no call may be made. `message` is what the call was made for.
    """
    dialect = dialect_of(settings)
    asked, refusal = _once(settings, dialect, question, message)
    while refusal and (other := dialect.after(refusal)):
        dialect = other
        asked, refusal = _once(settings, dialect, question, message)
    if not refusal:
        remember(settings, dialect)
    return asked


def _once(settings: Settings, dialect: Dialect, question: Question, message: Message | None) -> tuple[Asked, str]:
    """One call, and the server's words if it refused."""
    body = dialect.body(settings, question)
    call = budget.reserve(settings, len(orjson.dumps(body)), message)
    began = time.monotonic()
    reply = exchange(settings, "/chat/completions", body)
    said, answer = _NOTHING, None
    if reply.outcome == Outcome.ANSWERED:
        said = completion(reply.data)
        answer, reply = _read(said, question, reply)
    budget.close(settings, call, reply, said, began)
    # Some servers refuse what they do not know with a 500.
    refused = reply.outcome in (Outcome.REFUSED, Outcome.BROKEN)
    return Asked(call, answer), reply.detail if refused else ""


def _read(said: Completion, question: Question, reply: Reply) -> tuple[Answer | None, Reply]:
    """The answer; without a valid one, why it is refused."""
    try:
        if said.problem:
            raise OffSchema(said.problem)
        return read(said.content, question), reply
    except OffSchema as error:
        return None, replace(reply, outcome=Outcome.OFF_SCHEMA, detail=str(error))
