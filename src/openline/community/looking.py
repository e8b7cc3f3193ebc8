"""A liaison went there and looked: everybody reads it on the request's page, and the department in a note.

"Gone" proposes to close the request; "still there" opens a closed one again, by the same action and within the same
limit as a resident's "not fixed".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.care.closing import NotFixed, not_fixed
from openline.community import liaisons, proposing
from openline.community.models import Found, Look, Member, ProposalKind
from openline.files import attaching
from openline.files.models import File
from openline.foundation.text import clean
from openline.service_requests import actions, publishing
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import FINISHED_STATES, Status

REOPENS_WITHIN = timedelta(days=30)
"""So long after closing "still there" opens it again; later it is a new problem."""
LONGEST = 500


class Saw(NamedTuple):
    """What was seen: a value of `Found`, words for everybody, and perhaps a picture."""

    found: str
    words: str = ""
    picture: File | None = None


@transaction.atomic
def look(request_id: UUID, saw: Saw, *, by: Member, form: UUID) -> Look:
    """Keep what a liaison saw and do what follows from it; the same form again changes nothing.

    Raises NotPossible for who is no liaison there, and for what is not possible any more.
    """
    request = actions.locked(request_id, None)
    liaison = liaisons.needed(by, request.areas if request.public else ())
    if before := Look.objects.filter(form=form).first():
        return before
    if saw.found not in Found.values:
        raise NotPossible(_("Choose what you saw."))
    _check(request, saw.found)
    words = publishing.of_request(request, clean(saw.words, LONGEST), by=None).text[:LONGEST]
    photo = attaching.from_liaison(request.pk, saw.picture) if saw.picture else None
    made = Look.objects.create(
        request=request, liaison=liaison, found=saw.found, words=words, photo=photo, form=form, at=timezone.now()
    )
    _follow_up(request, made)
    return made


def _check(request: ServiceRequest, found: str) -> None:
    if request.status == Status.DUPLICATE and request.duplicate_of:
        number = {"number": request.duplicate_of.number}
        raise NotPossible(_("This is the same as request %(number)s. Say there what you saw.") % number)
    if found == Found.STILL and is_too_late(request):
        raise NotPossible(_("This was closed more than 30 days ago. Please report it as a new problem."))


def is_too_late(request: ServiceRequest) -> bool:
    """Whether a finished request was closed so long ago that it is not opened again."""
    return request.closed_at is not None and request.closed_at < timezone.now() - REOPENS_WITHIN


def _follow_up(request: ServiceRequest, made: Look) -> None:
    """Tell the department, and do what follows: open it again, or propose to close it."""
    note = told(made)
    if made.found == Found.STILL and request.status in FINISHED_STATES:
        happened = not_fixed(request, note, public_text=str(_public(made)), actor="liaison")
        if happened in (NotFixed.REOPENED, NotFixed.DISPUTED):
            return
    actions.add_update(request.pk, by=None, note=note, actor="liaison")
    if made.found == Found.GONE and request.status not in FINISHED_STATES:
        proposing.propose(request, made.liaison, ProposalKind.CLOSE, made.words)


def told(made: Look) -> str:
    """What the department reads."""
    words = {"name": made.liaison.member.name, "found": made.get_found_display()}
    first = _("A neighborhood liaison (%(name)s) looked: %(found)s.") % words
    return f"{first} {made.words}".strip()


def _public(made: Look) -> str:
    return _("A neighborhood liaison looked: it is still there.")


def of_request(request: ServiceRequest) -> list[Look]:
    """What liaisons saw, newest first, for the public page; one query."""
    found = Look.objects.filter(request=request).select_related("photo").order_by("-at", "-id")
    return list(found[:20])


def last_looks(request_ids: Iterable[UUID]) -> dict[UUID, Look]:
    """The newest look at each request, in one query."""
    found = Look.objects.filter(request__in=list(request_ids)).order_by("request_id", "-at").distinct("request_id")
    return {one.request_id: one for one in found}
