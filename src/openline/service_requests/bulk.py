"""One change of many requests at once, that can be taken back.

Each request is changed by the same action as alone, in a savepoint of its own: what is not possible for one is
skipped with the reason and does not stop the others. What was said to residents stays said: taking back a closing
opens the request again, and they are told so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.records import log
from openline.records.models import Kind
from openline.service_requests import actions
from openline.service_requests.actions import Conflict, NotPossible, locked, save
from openline.service_requests.models import BulkChange, Department, Service, ServiceRequest
from openline.service_requests.publishing import PersonalFound
from openline.service_requests.states import FINISHED_STATES, Status

MOST = 500
_KEPT = (
    "status", "reason", "outcome", "status_note", "closed_at", "scheduled_for", "due_at", "paused_at",
    "department_id", "team_id", "assigned_to_id", "service_id", "public", "routing_reason",
)  # fmt: skip
"""What is remembered of each request, so that it can be put back."""
_TIMES: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("closed_at", "due_at", "paused_at"), datetime.fromisoformat),
    "scheduled_for": date.fromisoformat,
}

Change = Callable[[UUID, dict[str, str], User], ServiceRequest]


def _move(pk: UUID, asked: dict[str, str], by: User) -> ServiceRequest:
    return actions.move(
        pk, asked["to"], by=by, outcome=asked.get("outcome", ""), reason=asked.get("reason", ""),
        public_text=asked.get("public_text", ""), because=asked.get("because", ""), note=asked.get("note", "")
    )  # fmt: skip


def _department(pk: UUID, asked: dict[str, str], by: User) -> ServiceRequest:
    to = Department.objects.get(code=asked["department"])
    return actions.correct_department(pk, to, by=by, reason=asked.get("reason") or _("Changed with others"))


def _service(pk: UUID, asked: dict[str, str], by: User) -> ServiceRequest:
    return actions.correct_service(pk, Service.objects.get(code=asked["service"]), by=by)


def _update(pk: UUID, asked: dict[str, str], by: User) -> ServiceRequest:
    return actions.add_update(
        pk, by=by, public_text=asked.get("public_text", ""), because=asked.get("because", ""),
        note=asked.get("note", "")
    )  # fmt: skip


CHANGES: dict[str, Change] = {"move": _move, "department": _department, "service": _service, "update": _update}


@transaction.atomic
def change(ids: Sequence[UUID], what: str, asked: dict[str, str], *, by: User) -> BulkChange:
    """Do `what` (a key of `CHANGES`) with each of `ids`, as far as possible; says what was skipped and why.

    Raises NotPossible for none, for more than 500, or if nothing could be changed.
    """
    if not ids:
        raise NotPossible(_("Choose at least one request."))
    if len(ids) > MOST:
        raise NotPossible(_("At most %(most)d requests at once.") % {"most": MOST})
    done = BulkChange(what=what, asked=asked, by=by, at=timezone.now())
    for pk in sorted(set(ids)):  # in one order, so that two such changes do not wait for each other
        before = locked(pk, None)
        kept = {name: getattr(before, name) for name in _KEPT}
        try:
            with transaction.atomic():
                after = CHANGES[what](pk, asked, by)
        except PersonalFound:
            raise  # the text is the same for all: the person looks at it first
        except NotPossible as error:
            done.skipped.append({"number": before.number, "why": str(error)})
            continue
        if after.version != before.version:
            done.before.append({"id": str(pk), "version": after.version, "was": _plain(kept)})
    if not done.before:
        raise NotPossible(_nothing(done))
    done.save()
    _record("changed many", done, by, len(done.before))
    return done


@transaction.atomic
def undo(change_id: UUID, *, by: User) -> list[dict[str, str]]:
    """Take a change back, request by request; those that were changed since stay, and are returned with the reason."""
    done = BulkChange.objects.select_for_update().get(pk=change_id)
    if done.undone_at:
        raise NotPossible(_("This was taken back already."))
    if done.what == "update":
        raise NotPossible(_("What was said cannot be taken back: write another update."))
    left = []
    for item in done.before:
        try:
            with transaction.atomic():
                _put_back(UUID(item["id"]), item["version"], item["was"], by)
        except Conflict:
            number = ServiceRequest.objects.values_list("number", flat=True).get(pk=item["id"])
            left.append({"number": number, "why": _("Somebody changed it since.")})
    done.undone_at = timezone.now()
    done.save(update_fields=["undone_at"])
    _record("took back", done, by, len(done.before) - len(left))
    return left


def _put_back(pk: UUID, version: int, was: dict[str, Any], by: User) -> None:
    request = locked(pk, version)
    before = request.status
    for name, value in was.items():
        setattr(request, name, _TIMES[name](value) if name in _TIMES and value else value)
    if before in FINISHED_STATES and request.status not in FINISHED_STATES:
        request.reopened += 1
    if before == request.status:
        save(request, by, "undone", note=_("Taken back."))
        return
    request.status = _told_as(before, request.status)
    save(request, by, "status", from_status=before, to_status=request.status, note=_("Taken back."))


def _told_as(before: str, was: str) -> str:
    """The state after taking back: no finished request becomes open but by being reopened."""
    return Status.REOPENED if before in FINISHED_STATES and was not in FINISHED_STATES else was


def _plain(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in kept.items()}


def _nothing(done: BulkChange) -> str:
    first = done.skipped[0]["why"] if done.skipped else _("They are so already.")
    return _("Nothing was changed. %(why)s") % {"why": first}


def _record(what: str, done: BulkChange, by: User, count: int) -> None:
    body = {"what": what, "change": str(done.pk), "of": done.what, "asked": done.asked, "requests": count}
    log.write([log.Entry(Kind.CHANGED, by.get_username(), body=body)])
