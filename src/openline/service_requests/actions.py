"""Changing a service request: one function for each thing that a person or a rule can do with it.

Every action locks the request, checks its `version` (so that two people who save at once notice
each other), writes the history and the record, and publishes `events.changed`, all in one transaction.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.changes import request_changed
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import deadlines, events, mentions, owning, publishing, templates
from openline.service_requests.errors import Conflict, NotPossible
from openline.service_requests.guards import Move, what_follows
from openline.service_requests.models import Department, Service, ServiceRequest, Update
from openline.service_requests.states import FINISHED_STATES, Outcome, Status

__all__ = [
    "Conflict",
    "NotPossible",
    "add_update",
    "correct_department",
    "correct_place",
    "correct_service",
    "locked",
    "move",
    "save",
]


@transaction.atomic
def move(
    request_id: UUID,
    to: str,
    *,
    by: User | None,
    outcome: str = "",
    reason: str = "",
    scheduled_for: date | None = None,
    public_text: str = "",
    because: str = "",
    note: str = "",
    version: int | None = None,
    actor: str = "",
) -> ServiceRequest:
    """Move a request to the state `to`, if `guards.py` has nothing against it; raises NotPossible otherwise.

    Closing needs an `outcome`, waiting, referring and rejecting a `reason` of `states.REASONS`; `public_text` is told
    to the residents (for a closing without one, the template's text), `scheduled_for` is the day of a planned one.
    `by` is None if a rule or a resident moves it, or another system: then `actor` says in the records which.
    `because`: why personal data in the text is to be published (see `publishing`); it is kept with the note.
    Closing may ask the resident first: look at the state that comes back.
    """
    request = locked(request_id, version)
    asked = what_follows(request, Move(to, outcome, reason, scheduled_for, public_text, by is not None))
    to, outcome, reason = asked.to, asked.outcome, asked.reason
    public = templates.settle(request, asked, by=by, because=because)
    before = request.status
    _set_state(request, to, outcome, reason, public.text)
    _run_the_clock(request, to)
    request.scheduled_for = scheduled_for if to == Status.SCHEDULED else None
    if to == Status.REOPENED:
        request.duplicate_of = None
        request.reopened += 1
        deadlines.restart(request, timezone.now())
    return save(
        request,
        by,
        "status",
        from_status=before,
        to_status=to,
        outcome=request.outcome,
        reason=reason,
        public_text=public.text,
        note=_together(note, public.kept),
        actor=actor,
    )


def _run_the_clock(request: ServiceRequest, to: str) -> None:
    if to == Status.WAITING:
        deadlines.pause(request, timezone.now())
    else:
        deadlines.go_on(request, timezone.now())


def _set_state(request: ServiceRequest, to: str, outcome: str, reason: str, public_text: str) -> None:
    was_finished = request.closed_at
    if to == Status.RESOLVED:
        request.outcome = outcome or Outcome.DONE
    elif not (to == Status.CLOSED and request.status == Status.RESOLVED and not outcome):
        request.outcome = outcome if to == Status.CLOSED else ""
    request.status, request.reason = to, reason
    request.closed_at = (was_finished or timezone.now()) if to in FINISHED_STATES else None
    request.status_note = public_text


@transaction.atomic
def correct_service(request_id: UUID, service: Service, *, by: User, version: int | None = None) -> ServiceRequest:
    """Put another service in place of a wrong one: owner and deadline follow."""
    request = locked(request_id, version)
    if service.pk == request.service_id:
        return request
    if service.kind != "request":
        raise NotPossible(
            _("“%(service)s” belongs to somebody else: refer the resident instead.") % {"service": service.name}
        )
    before, request.service, request.public = request.service.name, service, service.public
    owning.follow_service(request, by)
    request.first_answer_due_at, request.due_at = deadlines.promise(service, request.requested_at)
    return save(request, by, "service", note=f"{before} → {service.name}")


@transaction.atomic
def correct_place(
    request_id: UUID, place: dict[str, Any], *, by: User | None, version: int | None = None
) -> ServiceRequest:
    """Put the request at another `place` (kind, name, lat, lon, precision_m, areas); its owner may follow."""
    request = locked(request_id, version)
    before, facts = request.place_name, owning.facts(request)
    request.place_kind, request.place_name = place["kind"], place["name"][:300]
    request.latitude, request.longitude = place["lat"], place["lon"]
    request.precision_m, request.areas = place.get("precision_m"), place.get("areas", [])
    owning.follow_facts(request, facts, by)
    return save(request, by, "place", note=f"{before or '?'} → {request.place_name}")


@transaction.atomic
def correct_department(
    request_id: UUID, department: Department, *, by: User, reason: str, version: int | None = None
) -> ServiceRequest:
    """Hand the request to another department, with the reason why the first was wrong."""
    request = locked(request_id, version)
    before = request.department.name
    owning.hand_over(request, department, by, reason)
    return save(request, by, "department", note=f"{before} → {department.name}: {reason}")


@transaction.atomic
def add_update(
    request_id: UUID, *, by: User | None, public_text: str = "", because: str = "", note: str = "", actor: str = ""
) -> ServiceRequest:
    """Add a public update (told to the residents) or an internal note; `because` and `actor` as in `move`."""
    if not public_text.strip() and not note.strip():
        raise NotPossible(_("Write something first."))
    request = locked(request_id, None)
    public = publishing.of_request(request, public_text, by=by, because=because)
    what = "update" if public_text.strip() else "note"
    return save(request, by, what, public_text=public.text, note=_together(note, public.kept), actor=actor)


def _together(*notes: str) -> str:
    return "\n".join(note for note in notes if note.strip())


def locked(request_id: UUID, version: int | None) -> ServiceRequest:
    """The request, locked for this transaction; Conflict if it is not at `version` any more."""
    request = (
        ServiceRequest.objects.select_for_update(of=("self",))
        .select_related("service", "department")
        .get(pk=request_id)
    )
    if version is not None and request.version != version:
        raise Conflict(_("Somebody else changed this request meanwhile. Look at the change, then try again."))
    return request


def save(
    request: ServiceRequest,
    by: User | None,
    what: str,
    *,
    was_same_as: ServiceRequest | None = None,
    actor: str = "",
    **history: str,
) -> ServiceRequest:
    """Write the changed request with its history and record, and tell the subscribers."""
    request.version += 1
    request.updated_at = timezone.now()
    if by and request.first_answered_at is None and (history.get("public_text") or request.status in FINISHED_STATES):
        request.first_answered_at = request.updated_at
    request.save()
    update = Update.objects.create(request=request, at=request.updated_at, by=by, **history)
    mentions.keep(update)
    actor = by.get_username() if by else actor or "openline"
    log.write(
        [
            log.Entry(
                Kind.CHANGED,
                actor,
                request_id=request.pk,
                body={"what": what, "number": request.number, **{k: v for k, v in history.items() if v}},
            )
        ]
    )
    events.changed.publish(events.RequestChanged(request, update, what, was_same_as, actor))
    request_changed(request.pk)
    return request
