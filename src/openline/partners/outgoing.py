"""What leaves the house: the public facts of a request, made when it is sent. The one place that decides it.

Of a request that is not public the partner gets the same facts, for the partner has to do the work; a webhook gets
nothing. Contacts of residents go only where the connector says so and the resident agreed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from openline.files import queries as files
from openline.partners.models import Connector
from openline.service_requests import public
from openline.service_requests.jurisdiction import jurisdiction, local
from openline.service_requests.models import Contact, ServiceRequest


@dataclass(frozen=True, slots=True)
class Facts:
    """A request as partners read it."""

    number: str
    service_code: str
    service_name: str
    department: str
    description: str
    place: str
    lat: float | None
    long: float | None
    urgency: str
    requested: datetime
    due: datetime | None
    page: str
    photos: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """The line by which the request is found again in somebody else's list."""
        return f"[{jurisdiction().name} {self.number}]"


def facts(request: ServiceRequest) -> Facts:
    """The public facts of `request`."""
    photos = files.public_photos([request.pk]).get(request.pk, []) if request.public else []
    return Facts(
        request.number,
        request.service.code,
        request.service.name,
        request.department.name,
        request.public_description,
        request.place_name,
        request.latitude,
        request.longitude,
        request.urgency,
        request.requested_at,
        request.due_at,
        f"{settings.PUBLIC_URL}/requests/{request.number}/",
        [files.address(photo) for photo in photos],
    )


def contact(connector: Connector, request: ServiceRequest) -> dict[str, str]:
    """The resident's contact in GeoReport's words, if the partner may have it; else nothing."""
    known = Contact.objects.filter(request=request, may_be_shared=True).first() if connector.share_contact else None
    if known is None:
        return {}
    first, _space, last = known.name.partition(" ")
    told = {"first_name": first, "last_name": last, "email": known.email, "phone": known.phone}
    return {name: value for name, value in told.items() if value}


def written(moment: datetime | None) -> str:
    """A time in the city's zone, ISO 8601; "" for none."""
    return local(moment).isoformat(timespec="seconds") if moment else ""


def event_data(request: ServiceRequest) -> dict[str, Any]:
    """A public request in the shape of Open311 (GeoReport v2), with the state in our own words beside it."""
    told = facts(request)
    state = {"status": request.status, "outcome": request.outcome, "status_note": request.status_note}
    return {
        "service_request_id": told.number,
        "status": "open" if public.is_open(request.status) else "closed",
        "status_notes": public.status_words(state),
        "detailed_status": request.status,
        "outcome": request.outcome,
        "service_code": told.service_code,
        "service_name": told.service_name,
        "description": told.description,
        "agency_responsible": told.department,
        "requested_datetime": written(told.requested),
        "updated_datetime": written(request.updated_at),
        "expected_datetime": written(told.due),
        "address": told.place,
        "lat": told.lat,
        "long": told.long,
        "media_url": told.photos[0] if told.photos else "",
        "url": told.page,
    }
