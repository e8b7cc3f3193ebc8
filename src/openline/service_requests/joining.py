"""Two requests about one problem: join them, undo it, or remember that they are different. A person decides.

Every decision is kept with the score and facts of the pair (`SameOrNot`), so that the next model learns from it.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.service_requests import deadlines
from openline.service_requests.actions import NotPossible, locked, save
from openline.service_requests.models import SameOrNot, ServiceRequest
from openline.service_requests.similar import sides_of
from openline.service_requests.states import FINISHED_STATES, Outcome, Status
from openline.triage.duplicates import facts, model


@transaction.atomic
def join(request_id: UUID, other_id: UUID, *, by: User | None) -> ServiceRequest:
    """Close a request as the same as `other`; its reporters follow that one. `by` is None if a resident said so."""
    request, other = _both(request_id, other_id)
    if request.duplicate_of_id or other.duplicate_of_id:
        raise NotPossible(_("One of the two is joined to another request already. Join to that one."))
    if request.status in FINISHED_STATES:
        raise NotPossible(_("Only an open request can be joined to another."))
    if other.status in FINISHED_STATES:
        raise NotPossible(_("Request %(number)s is closed. Open it again first.") % {"number": other.number})
    _keep(request, other, same=True, by=by)
    before, request.status, request.outcome = request.status, Status.DUPLICATE, Outcome.DUPLICATE
    request.closed_at, request.duplicate_of = timezone.now(), other
    request.status_note = _("Same problem as request %(number)s.") % {"number": other.number}
    return save(
        request,
        by,
        "joined",
        from_status=before,
        to_status=Status.DUPLICATE,
        outcome=Outcome.DUPLICATE,
        public_text=request.status_note,
    )


@transaction.atomic
def separate(request_id: UUID, *, by: User) -> ServiceRequest:
    """Undo a joining: the request is open again, and its reporters follow it alone."""
    request = locked(request_id, None)
    if request.duplicate_of is None:
        raise NotPossible(_("This request is not joined to another."))
    other, request.duplicate_of = request.duplicate_of, None
    _keep(request, other, same=False, by=by)
    request.status, request.outcome, request.closed_at, request.status_note = Status.REOPENED, "", None, ""
    deadlines.restart(request, timezone.now())
    return save(request, by, "separated", was_same_as=other, from_status=Status.DUPLICATE, to_status=Status.REOPENED)


@transaction.atomic
def keep_apart(request_id: UUID, other_id: UUID, *, by: User | None) -> None:
    """Remember that two requests are not about the same problem; they are not shown to each other again."""
    request, other = _both(request_id, other_id)
    _keep(request, other, same=False, by=by)


def _both(request_id: UUID, other_id: UUID) -> tuple[ServiceRequest, ServiceRequest]:
    """Both requests, locked in one order, so that two people who join them crosswise do not wait for each other."""
    if request_id == other_id:
        raise NotPossible(_("Choose another request."))
    found = {pk: locked(pk, None) for pk in sorted((request_id, other_id))}
    return found[request_id], found[other_id]


def _keep(request: ServiceRequest, other: ServiceRequest, *, same: bool, by: User | None) -> None:
    a, b = sides_of(request, other)
    SameOrNot.objects.create(
        request=request, other=other, same=same, score=model().score(a, b), facts=facts(a, b), by=by, at=timezone.now()
    )
