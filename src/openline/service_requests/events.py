"""Events of service requests. Published inside the transaction of the change."""

from __future__ import annotations

from dataclasses import dataclass

from openline.foundation.events import Event
from openline.service_requests.models import ServiceRequest, Update


@dataclass(frozen=True, slots=True)
class RequestChanged:
    """A request moved to another state, was corrected, or got a public update.

    `what` is one of "status", "update", "service", "place", "answers", "department", "returned", "note",
    "added" (a resident's words),
    "joined" (closed: it is the same as `request.duplicate_of`), "separated" (it was not).
    """

    request: ServiceRequest
    update: Update
    what: str
    was_same_as: ServiceRequest | None = None


changed: Event[RequestChanged] = Event("service request changed")
