"""The board of a question hour: hosts take questions, answer them, set them aside, and never the same one twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from openline.care import actions
from openline.inbox.models import Conversation, Message
from openline.publishing.errors import NotPossible
from openline.publishing.models import Question, QuestionHour, QuestionState
from openline.records import log
from openline.records.models import Kind as RecordKind


@dataclass(frozen=True, slots=True)
class Figures:
    """How an hour went; `median_minutes` from the question to its answer, None without an answer."""

    questions: int
    answered: int
    set_aside: int
    median_minutes: float | None


def questions(hour: QuestionHour) -> QuerySet[Question]:
    """All of an hour in the hosts' order, with their messages, and when each was answered."""
    answers = Message.objects.filter(
        conversation=OuterRef("message__conversation"), direction="out", visibility="public",
        written_by__isnull=False, posted_at__gt=OuterRef("message__posted_at"),
    ).order_by("posted_at")  # fmt: skip
    found = hour.questions.filter(message__deleted_at=None).annotate(
        answered_at=Subquery(answers.values("posted_at")[:1]), answer=Subquery(answers.values("text")[:1])
    )
    found = found.select_related("message__conversation__identity", "message__account", "host")
    return found.order_by("order", "message__posted_at", "id")


def columns(hour: QuestionHour) -> list[tuple[str, str, list[Question]]]:
    """State, its name and its questions, column by column."""
    found = list(questions(hour))
    return [(state.value, str(state.label), [one for one in found if one.state == state]) for state in QuestionState]


def figures(hour: QuestionHour) -> Figures:
    """The numbers of an hour."""
    found = list(questions(hour))
    answered = [one for one in found if one.state == QuestionState.ANSWERED]
    spans: list[timedelta] = [one.answered_at - one.message.posted_at for one in answered if one.answered_at]  # type: ignore[attr-defined]
    minutes = round(median(span.total_seconds() for span in spans) / 60, 1) if spans else None
    aside = sum(one.state == QuestionState.SET_ASIDE for one in found)
    return Figures(len(found), len(answered), aside, minutes)


@transaction.atomic
def take(question_id: UUID, *, by: User) -> Question:
    """`by` answers this one. Raises NotPossible if somebody else does already."""
    question = _locked(question_id)
    if question.state == QuestionState.TAKEN and question.host != by:
        raise NotPossible(_("%(who)s answers this question already.") % {"who": question.host})
    if question.state not in (QuestionState.NEW, QuestionState.TAKEN):
        raise NotPossible(_("This question is no longer open. Load the page again."))
    return _move(question, QuestionState.TAKEN, by, host=by)


@transaction.atomic
def give_back(question_id: UUID, *, by: User) -> Question:
    """Somebody else may take it; also brings back what was set aside."""
    question = _locked(question_id)
    if question.state == QuestionState.ANSWERED:
        raise NotPossible(_("This question is answered already."))
    return _move(question, QuestionState.NEW, by, host=None)


@transaction.atomic
def set_aside(question_id: UUID, reason: str, *, by: User) -> Question:
    """Not answered in this hour, for a reason that a person gives."""
    question = _locked(question_id)
    if not reason.strip():
        raise NotPossible(_("Say why it is set aside."), "reason")
    if question.state == QuestionState.TAKEN and question.host != by:
        raise NotPossible(_("%(who)s answers this question already.") % {"who": question.host})
    if question.state == QuestionState.ANSWERED:
        raise NotPossible(_("This question is answered already."))
    return _move(question, QuestionState.SET_ASIDE, by, host=None, reason=reason.strip()[:300])


@transaction.atomic
def move(question_id: UUID, up: bool, *, by: User) -> None:
    """Change places with the neighbour in the same column."""
    hour_id = _one(question_id).hour_id
    hour = QuestionHour.objects.select_for_update().get(pk=hour_id)
    question = _locked(question_id)
    column = [one.pk for one in questions(hour) if one.state == question.state]
    place = column.index(question.pk)
    other = place + (-1 if up else 1)
    if 0 <= other < len(column):
        column[place], column[other] = column[other], column[place]
        for order, pk in enumerate(column):
            Question.objects.filter(pk=pk).update(order=order)


@transaction.atomic
def answer(question_id: UUID, text: str, *, by: User, client_id: UUID, because: str = "") -> Question:
    """Answer in the resident's own thread, as the inbox does. Raises NotPossible, PersonalFound."""
    question = take(question_id, by=by)
    conversation = Conversation.objects.select_related("account", "identity").get(pk=question.message.conversation_id)
    actions.answer(conversation, text, by=by, client_id=client_id, because=because)
    return _move(question, QuestionState.ANSWERED, by, host=by)


def _one(question_id: UUID) -> Question:
    found = Question.objects.filter(pk=question_id).first()
    if found is None:
        raise NotPossible(_("This question is no longer here. Load the page again."))
    return found


def _locked(question_id: UUID) -> Question:
    _one(question_id)
    return Question.objects.select_for_update(of=("self",)).select_related("host", "message").get(pk=question_id)


def _move(question: Question, state: QuestionState, by: User, *, host: User | None, reason: str = "") -> Question:
    question.state, question.host, question.reason = state, host, reason
    question.save(update_fields=["state", "host", "reason"])
    body = {"what": "question", "hour": question.hour_id, "question": question.pk, "state": state, "reason": reason}
    entry = log.Entry(RecordKind.DECIDED, by.get_username(), message_id=question.message_id, body=body)
    log.write([entry])
    return question
