"""One report, several pieces of work: parts for other departments, while one thread talks to the resident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from openline.service_requests import events
from openline.service_requests.actions import NotPossible, locked, save
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_requests
from openline.service_requests.states import FINISHED_STATES

MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of work: its service, and what is to be done in words for the department."""

    service: Service
    text: str


@transaction.atomic
def split(request_id: UUID, parts: Sequence[Part], *, by: User, version: int | None = None) -> list[ServiceRequest]:
    """Open a part for each of `parts` at the same place. The whole stays open until all of them are finished.

    Residents follow the whole only; parts are not public. Raises NotPossible for a part of a part, for too many, or
    for a request that is finished.
    """
    whole = locked(request_id, version)
    if why := _refusal(whole, parts):
        raise NotPossible(why)
    place = _place(whole)
    new = [
        NewRequest(part.service, part.text, "", whole.source, place, whole.urgency, actor=by.get_username())
        for part in parts
    ]
    opened = [item.id for item in open_requests(new)]
    ServiceRequest.objects.filter(pk__in=opened).update(parent=whole, public=False)
    made = list(ServiceRequest.objects.filter(pk__in=opened).order_by("number"))
    save(whole, by, "split", note=_("Parts: %(numbers)s") % {"numbers": ", ".join(part.number for part in made)})
    return made


def _refusal(whole: ServiceRequest, parts: Sequence[Part]) -> str:
    if whole.parent_id:
        return _("This is a part already. Split the whole instead.")
    if whole.status in FINISHED_STATES:
        return _("This request is finished. Open it again first.")
    if not parts:
        return _("Choose at least one service.")
    if whole.parts.count() + len(parts) > MOST_PARTS:
        return _("A request has at most %(most)d parts.") % {"most": MOST_PARTS}
    if any(not part.text.strip() for part in parts):
        return _("Say for each part what is to be done.")
    if any(part.service.kind != "request" for part in parts):
        return _("Choose a service of the city for each part.")
    return ""


def _place(request: ServiceRequest) -> dict[str, object] | None:
    if not request.place_name:
        return None
    return {
        "kind": request.place_kind,
        "name": request.place_name,
        "lat": request.latitude,
        "lon": request.longitude,
        "precision_m": request.precision_m,
        "areas": request.areas,
    }


@events.changed.subscribe
def note_the_last_part(change: events.RequestChanged) -> None:
    """When the last part is finished, the whole says so: then somebody can close it and tell the resident."""
    part = change.request
    if part.parent_id is None or change.update.to_status not in FINISHED_STATES:
        return
    whole = locked(part.parent_id, None)
    if whole.status not in FINISHED_STATES and not whole.parts.filter(closed_at=None).exists():
        save(whole, None, "parts_done", note=_("All parts are finished: close this request and tell the resident."))
