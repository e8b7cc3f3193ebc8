"""Closing that residents accept: ask before it is closed as "not found", ask after it is done whether it is fixed.

- "Could not find it" asks the resident first, once: the request waits, its clock stands still.
- Done, partly done, checked: the request is resolved, and everybody who reported it is asked whether that is so.
- The first "yes" closes it. A "no" opens it again, once, with somebody else; the next one goes to the supervisors.
- How it was is asked once for each request, of who said "yes".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from openline.care import surveys, texts
from openline.care.decide import Act
from openline.care.models import Report
from openline.care.places import as_dict
from openline.foundation.text import shorten
from openline.service_requests import actions, assigning
from openline.service_requests.guards import Move
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import FINISHED_STATES, Outcome, Status

if TYPE_CHECKING:
    from openline.care.acting import Done

ASKED_AFTER = (Outcome.DONE, Outcome.PARTLY_DONE, Outcome.NO_ACTION_NEEDED)
"""Outcomes of which the resident is asked whether it is so."""
Said = tuple[str, str]
"""What is said to who answered, and its purpose (see `speaking.Saying`)."""


def ask_first(request: ServiceRequest, move: Move) -> Move:
    """What closing becomes where there is a resident to ask (a rule of `guards.INSTEAD`)."""
    if move.to != Status.CLOSED or request.status in FINISHED_STATES:
        return move
    asks_before = move.outcome == Outcome.NOT_FOUND and request.status != Status.WAITING
    if move.outcome not in ASKED_AFTER and not asks_before:
        return move
    if not Report.objects.filter(request=request).exists():
        return move
    if asks_before:
        return move if _was_asked(request) else replace(move, to=Status.WAITING, outcome="", reason="not_found")
    return replace(move, to=Status.RESOLVED)


def _was_asked(request: ServiceRequest) -> bool:
    """True if the resident was asked where it is since the request was opened, or opened again."""
    steps = request.updates.filter(to_status__in=(Status.WAITING, Status.REOPENED)).order_by("-at", "-id")
    for status, reason in steps.values_list("to_status", "reason"):
        if status == Status.REOPENED:
            return False
        if reason == "not_found":
            return True
    return False


def carry_out(done: Sequence[Done]) -> dict[UUID, Said]:
    """Do what residents' answers to our questions ask for; what is said to each, by message.

    Others may have answered meanwhile, in this very batch too: then the request is left as it is.
    """
    said: dict[UUID, Said] = {}
    for item in done:
        act = _ACTS.get(item.decision.act)
        if act and item.situation.request_id:
            with texts.speaking(item.assessment.language):
                words = act(item, actions.locked(item.situation.request_id, None))
            if words:
                said[item.kept.message_id] = words
    return said


class NotFixed(StrEnum):
    """What came of somebody's word that a finished request is not fixed."""

    OPEN_ALREADY = "open_already"
    REOPENED = "reopened"
    DISPUTED = "disputed"
    TOLD_BEFORE = "told_before"


def not_fixed(request: ServiceRequest, words: str, *, public_text: str = "", actor: str = "") -> NotFixed:
    """Somebody who may say so says that it is not fixed: it is opened again, once; the next time goes to supervisors.

    `request` is locked. `words` are for staff; `public_text` is told to who reported it.
    """
    survey = surveys.of(request)
    if request.status not in FINISHED_STATES:  # somebody else said so before
        return NotFixed.OPEN_ALREADY
    if survey.opened_again:
        return _dispute_once(request, words)
    closer = _closer(request)
    request = actions.move(
        request.pk, Status.REOPENED, by=None, reason="not_fixed", note=words, public_text=public_text, actor=actor
    )
    surveys.answered(survey, False, opened_again=True)
    assigning.give_to_another(request.pk, than=closer)
    return NotFixed.REOPENED


def _closer(request: ServiceRequest) -> int | None:
    """Who finished the request last; None if it was no person."""
    finished = request.updates.filter(to_status__in=FINISHED_STATES, by__isnull=False)
    return finished.order_by("-at", "-id").values_list("by_id", flat=True).first()


def _dispute_once(request: ServiceRequest, words: str) -> NotFixed:
    survey = surveys.of(request)
    if survey.disputed:
        return NotFixed.TOLD_BEFORE
    surveys.answered(survey, False, disputed=True)
    assigning.tell_supervisors(request.pk, f"The resident says again that it is not fixed: {words}")
    return NotFixed.DISPUTED


def _reopen(item: Done, request: ServiceRequest) -> Said | None:
    return _said_of(not_fixed(request, _words(item)), item, request)


def _dispute(item: Done, request: ServiceRequest) -> Said | None:
    return _said_of(_dispute_once(request, _words(item)), item, request)


def _said_of(what: NotFixed, item: Done, request: ServiceRequest) -> Said | None:
    if what == NotFixed.TOLD_BEFORE:
        return None
    if what == NotFixed.DISPUTED:
        return texts.disputed(request.number), f"disputed:{request.pk}"
    return texts.reopened(request), f"reopened:{item.kept.message_id}"


def _confirm(item: Done, request: ServiceRequest) -> Said | None:
    if request.status != Status.RESOLVED:
        return None
    request = actions.move(request.pk, Status.CLOSED, by=None, note=_words(item))
    survey = surveys.answered(surveys.of(request), True)
    link = surveys.ask(survey, item.kept.conversation_id)
    return texts.confirmed(request.number, link), f"confirmed:{item.kept.message_id}"


def _rate(item: Done, request: ServiceRequest) -> None:
    survey = surveys.of(request)
    if survey.conversation_id == item.kept.conversation_id:
        surveys.rate(survey, item.decision.rating)


def _resume(item: Done, request: ServiceRequest) -> Said | None:
    if request.status != Status.WAITING:
        return None
    actions.move(request.pk, Status.IN_PROGRESS, by=None, note=_words(item))
    place = item.decision.place
    if place and place.name != request.place_name:
        actions.correct_place(request.pk, as_dict(place), by=None)
        return None  # the news of the place says it
    return texts.resumed(request.number), f"resumed:{item.kept.message_id}"


def _words(item: Done) -> str:
    return shorten(item.kept.incoming.text, 500)


_ACTS: dict[Act, Callable[[Done, ServiceRequest], Said | None]] = {
    Act.REOPEN: _reopen,
    Act.DISPUTE: _dispute,
    Act.CONFIRM: _confirm,
    Act.RATE: _rate,
    Act.RESUME: _resume,
}


def asked(request: ServiceRequest) -> None:
    """Remember that the residents were asked whether it is fixed: again after each closing, in the one survey."""
    if not Report.objects.filter(request=request).exists():
        return
    survey = surveys.of(request)
    survey.asked_at = survey.asked_at or timezone.now()
    survey.fixed = survey.fixed_at = None
    survey.save(update_fields=["asked_at", "fixed", "fixed_at"])
