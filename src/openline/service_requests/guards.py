"""What a move to another state needs. Each guard says what is missing, in words for staff, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from openline.files.models import Attachment, Kind
from openline.service_requests.errors import NotPossible
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import CLOSING_OUTCOMES, REASONS, Outcome, Status, allowed


@dataclass(frozen=True, slots=True)
class Move:
    """What was asked for: the state, and what was given with it."""

    to: str
    outcome: str = ""
    reason: str = ""
    scheduled_for: date | None = None
    public_text: str = ""
    by_person: bool = True


Guard = Callable[[ServiceRequest, Move], str]
Instead = Callable[[ServiceRequest, Move], Move]


def what_follows(request: ServiceRequest, move: Move) -> Move:
    """What a possible `move` becomes: closing may first ask the resident. Raises NotPossible if it is not possible."""
    _check(request, move)
    for instead in INSTEAD:
        other = instead(request, move)
        if other != move:
            _check(request, other)
            return other
    return move


def _check(request: ServiceRequest, move: Move) -> None:
    if why := refusal(request, move):
        raise NotPossible(why)


def refusal(request: ServiceRequest, move: Move) -> str:
    """Why the move is not possible and what to do instead; empty if it is."""
    for guard in GUARDS:
        if words := guard(request, move):
            return words
    return ""


def _may_follow(request: ServiceRequest, move: Move) -> str:
    other_day = move.to == Status.SCHEDULED and move.scheduled_for not in (None, request.scheduled_for)
    if move.to in allowed(request.status) or (other_day and request.status == Status.SCHEDULED):
        return ""
    if move.to == Status.SCHEDULED == request.status:
        return _("It is planned already. Choose another day.")
    words = {"now": request.get_status_display(), "to": dict(Status.choices).get(move.to, move.to)}
    return _("A request that is “%(now)s” cannot become “%(to)s”.") % words


def _not_joined_by_hand(request: ServiceRequest, move: Move) -> str:
    if move.to == Status.DUPLICATE or move.outcome == Outcome.DUPLICATE:
        return _("Join it to the other request instead: then its reporters follow that one.")
    return ""


def _has_a_reason(request: ServiceRequest, move: Move) -> str:
    known = dict(REASONS.get(move.to, ()))
    if move.reason and move.reason not in known:
        return _("Choose a reason from the list.")
    needed = move.to in (Status.WAITING, Status.REFERRED, Status.REJECTED) and move.by_person
    return _("Say why: choose a reason from the list.") if needed and not move.reason else ""


def _has_an_outcome(request: ServiceRequest, move: Move) -> str:
    if move.to == Status.CLOSED and move.outcome not in CLOSING_OUTCOMES:
        kept = request.status == Status.RESOLVED and not move.outcome
        return "" if kept else _("Choose an outcome to close the request.")
    return ""


def _has_a_day(request: ServiceRequest, move: Move) -> str:
    if move.to == Status.SCHEDULED and move.scheduled_for and move.scheduled_for < today():
        return _("The day lies in the past. Choose today or later.")
    return ""


def _asks_something(request: ServiceRequest, move: Move) -> str:
    own_question = move.reason == "not_found"  # care asks it in the resident's language
    if move.to == Status.WAITING and move.by_person and not own_question and not move.public_text.strip():
        return _("Write what the resident is asked: they read it in their thread.")
    return ""


def _parts_are_finished(request: ServiceRequest, move: Move) -> str:
    if move.to not in (Status.RESOLVED, Status.CLOSED) or move.outcome == Outcome.WITHDRAWN:
        return ""
    numbers = request.parts.filter(closed_at=None).values_list("number", flat=True)[:5]
    return _("Parts of it are still open: %(numbers)s.") % {"numbers": ", ".join(numbers)} if numbers else ""


def _has_its_photo(request: ServiceRequest, move: Move) -> str:
    """Who did the work shows it, where the service asks for that; a partner's system and a rule have no photo."""
    outcome = move.outcome or (Outcome.DONE if move.to == Status.RESOLVED else "")
    ends = move.to in (Status.RESOLVED, Status.CLOSED) and outcome in (Outcome.DONE, Outcome.PARTLY_DONE)
    if not ends or not move.by_person or not request.service.after_photo:
        return ""
    after = Attachment.objects.filter(request_id=request.pk, kind=Kind.AFTER, removed_at=None, file__isnull=False)
    words = _("“%(service)s” is closed with a photo of the work done: add one and say that it shows “after”.")
    return "" if after.exists() else words % {"service": request.service.name}


GUARDS: list[Guard] = [
    _may_follow,
    _not_joined_by_hand,
    _has_a_reason,
    _has_an_outcome,
    _has_a_day,
    _asks_something,
    _parts_are_finished,
    _has_its_photo,
]
"""Asked in this order; a room above may add its own."""

INSTEAD: list[Instead] = []
"""A room above may turn one move into another: customer care asks before it closes (care/closing.py)."""
