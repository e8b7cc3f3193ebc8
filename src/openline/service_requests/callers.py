"""Requests that staff take in for somebody who calls, comes by or writes a letter: opened, or added to an open one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.foundation.changes import request_changed
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import NotPossible, locked
from openline.service_requests.models import Caller, Contact, Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_requests
from openline.service_requests.publishing import without_sender
from openline.service_requests.states import FINISHED_STATES

SOURCES = (
    ("phone", gettext_lazy("Telephone")),
    ("visit", gettext_lazy("Came by")),
    ("letter", gettext_lazy("Letter")),
    ("email", gettext_lazy("E-mail")),
    ("radio", gettext_lazy("Radio of a crew")),
    ("meeting", gettext_lazy("Meeting or round")),
    ("other_office", gettext_lazy("Another office")),
)
"""The ways on which people reach staff: a closed list, so that they can be counted and routed by."""

LIAISON = "liaison"
"""The source of what a neighborhood liaison reports for neighbors."""


def source_name(source: str) -> str:
    """How a request reached the city, for people: a way of `SOURCES`, a liaison, or the network's name."""
    known = dict(SOURCES) | {LIAISON: gettext_lazy("Neighborhood liaison")}
    return str(known.get(source, source.replace("_", " ").title()))


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody told a member of staff, and how to reach them: personal data but for `source`."""

    said: str
    source: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    consent: bool = False

    @property
    def reachable(self) -> bool:
        """Whether there is a way back to the person."""
        return bool(self.email or self.phone)


@transaction.atomic
def open_for(
    told: Told, service: Service, place: dict[str, Any] | None, answers: dict[str, Any], *, urgency: str, id: UUID,
    by: User,
) -> str:  # fmt: skip
    """Open a request for who told of it; its number. Raises NotPossible if the service needs what is not there."""
    if service.needs_place and place is None:
        raise NotPossible(_("This service needs a place: give an address, a block or a corner."))
    if service.needs_contact and not told.reachable:
        raise NotPossible(_("This service needs a way to reach the person: take a telephone number or e-mail."))
    new = NewRequest(
        service, told.said, without_sender(told.said, told.name), told.source, place=place, urgency=urgency,
        actor=by.get_username(), answers=answers, id=id,
    )  # fmt: skip
    [opened] = open_requests([new])
    if told.name or told.reachable:
        Contact.objects.create(
            request_id=id, name=told.name, email=told.email, phone=told.phone, language=told.language,
            consent=told.consent,
        )  # fmt: skip
    request_changed(id)
    return opened.number


@transaction.atomic
def follow(told: Told, request_id: UUID, *, by: User) -> None:
    """Add who called to an open request about the same problem. Raises NotPossible if it is finished."""
    request = locked(request_id, None)
    if request.status in FINISHED_STATES:
        raise NotPossible(_("Request %(number)s is closed. Open a new one.") % {"number": request.number})
    Caller.objects.create(
        request=request, source=told.source, said=told.said, name=told.name, email=told.email, phone=told.phone,
        language=told.language, consent=told.consent, at=timezone.now(), by=by,
    )  # fmt: skip
    body = {"what": "caller added", "number": request.number, "source": told.source}
    log.write([log.Entry(Kind.CHANGED, by.get_username(), request_id=request.pk, body=body)])
    request_changed(request.pk)


def to_call(request: ServiceRequest) -> Sequence[Contact | Caller]:
    """Who is to be told by staff themselves, also those of requests joined to this one; for staff only."""
    same = [request.pk, *ServiceRequest.objects.filter(duplicate_of=request).values_list("pk", flat=True)]
    contacts = Contact.objects.filter(request__in=same).exclude(name="", email="", phone="")
    return [*contacts, *Caller.objects.filter(request__in=same)]
