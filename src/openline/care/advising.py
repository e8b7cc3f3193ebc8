"""A second reader for the posts of which the local one is not sure: a language model, if the city has set one up.

Never on the way of a message: what is unsure is first shown to staff as it is, and asked about afterwards, by a job.
The answer stands beside the message as a suggestion. It can call for attention; it decides, files and says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from openline.care import places
from openline.care.acting import Done
from openline.care.decide import INTENT_CONFIDENT, KEEP_CONFIDENT, SERVICE_CONFIDENT, Act
from openline.care.understanding import catalogue
from openline.foundation.changes import conversations_changed
from openline.foundation.text import shorten
from openline.inbox.models import Attention, Conversation, Message, Status
from openline.language_model.answer import Answer
from openline.language_model.asking import Asked, ask
from openline.language_model.budget import NotNow, used
from openline.language_model.client import TROUBLE
from openline.language_model.masking import masked
from openline.language_model.models import Suggestion
from openline.language_model.question import Question
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import NotPossible
from openline.triage.assessment import Assessment

TASK = "openline.care.tasks.ask_language_model"
LAST = -10
"""Priority of these jobs: whatever else the queue holds goes first."""
_ASKS = ("request", "question")
_URGENT = {"urgent": Attention.URGENT, "emergency": Attention.EMERGENCY}

logger = structlog.get_logger("openline.care")


class TryAgain(Exception):
    """The server was in trouble; it may be over soon."""


def unsure(assessment: Assessment, act: Act) -> bool:
    """Whether the local reader abstained: not sure what is wanted, or which service a request is about."""
    if act == Act.LOOK:
        best = assessment.services[0].confidence if assessment.services else 0.0
        of_service = assessment.intent == "request" and best < SERVICE_CONFIDENT
        return of_service or assessment.intent_confidence < KEEP_CONFIDENT
    return act in (Act.KEEP, Act.ANSWER) and assessment.intent_confidence < INTENT_CONFIDENT


def ask_later(done: Sequence[Done]) -> None:
    """Queue a job, in the transaction of the messages, for each of which the local reader was not sure.

    Not more than the budget of calls still allows: a storm must not fill the queue with what will never be asked.
    """
    model = settings.LANGUAGE_MODEL
    if model is None:
        return
    jobs: list[JSONDict] = [
        {"message_id": str(item.kept.message_id)}
        for item in done
        if unsure(item.assessment, item.decision.act)
        and not item.kept.ours
        and (model.private or item.situation.visibility != "private")
    ]
    if jobs and (left := model.calls_a_day - used()[0]) > 0:
        app.configure_task(TASK, priority=LAST).batch_defer(*jobs[:left])


def advise(message_id: UUID, *, again: bool = False) -> str:
    """Ask about one message and keep what is suggested. Returns what became of it, in a word.

    With `again`, raises TryAgain where another try may help.
    """
    model = settings.LANGUAGE_MODEL
    message = Message.objects.select_related("conversation__identity", "assessment").get(pk=message_id)
    private = "private" in (message.visibility, message.conversation.visibility)
    if model is None or message.deleted_at or (private and not model.private):
        return "not asked"
    identity = message.conversation.identity
    post = masked(message.text, (identity.handle, identity.name))
    if not post:
        return "nothing to ask"
    try:
        asked = ask(model, Question(post, message.assessment.language, catalogue()), message)
    except NotNow as error:
        logger.info("language_model_not_asked", reason=str(error))
        return "not now"
    if again and asked.call.outcome in TROUBLE:
        raise TryAgain(asked.call.outcome)
    if asked.answer:
        _suggest(message, asked, asked.answer)
    return str(asked.call.outcome)


@transaction.atomic
def _suggest(message: Message, asked: Asked, answer: Answer) -> None:
    """Show staff the answer, and put it on the record."""
    names = {service.code: service.name for service in catalogue()}
    raised = _raise(message, answer)
    suggestion, _new = Suggestion.objects.update_or_create(
        message=message,
        defaults={
            "call": asked.call,
            "service": answer.service,
            "service_name": names.get(answer.service, ""),
            "intent": answer.intent,
            "urgency": answer.urgency,
            "place_words": answer.place,
            "place_name": _place_name(answer.place),
            "reason": answer.reason,
            "raised": raised,
            "at": timezone.now(),
        },
    )
    body = {
        "what": "suggested",
        "model": asked.call.model,
        "service": answer.service,
        "intent": answer.intent,
        "urgency": answer.urgency,
        "place": suggestion.place_name,
        "raised": raised,
    }
    entry = log.Entry(Kind.DECIDED, "openline", message.account_id, message.conversation_id, message.pk, body=body)
    log.write([entry])
    conversations_changed(message.conversation_id)


def _place_name(words: str) -> str:
    """What the city's own gazetteer makes of the words; "" if it knows no such place."""
    try:
        return str(places.resolve(words)["name"]) if words else ""
    except NotPossible:
        return ""


def _raise(message: Message, answer: Answer) -> bool:
    """Give the conversation the attention that the answer calls for, never less than it has. Whether it got more.

    What a person has called handled stays handled; so does what has moved on, unless it is urgent.
    """
    attention = _URGENT.get(answer.urgency, Attention.LOOK if answer.intent in _ASKS else Attention.NONE)
    standing = Q(why=shorten(message.assessment.decision_reason, 300))
    if attention >= Attention.URGENT:
        standing |= ~Q(status=Status.DONE)
    why = {
        Attention.EMERGENCY: "A language model takes this for an emergency.",
        Attention.URGENT: "A language model takes this for urgent.",
    }.get(attention, f"A language model takes this for a {answer.intent}.")
    lower = Conversation.objects.filter(pk=message.conversation_id, attention__lt=attention)
    return bool(lower.filter(standing).update(status=Status.OPEN, attention=attention, why=why))
