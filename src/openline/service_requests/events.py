"""Events of service requests. Published inside the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from openline.foundation.events import Event
from openline.service_requests.models import Service, ServiceRequest, Update


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened request, as far as those who tell about it or pass it on need to know."""

    id: UUID
    number: str
    service: Service
    department_name: str
    place_name: str
    due_at: datetime | None
    department_id: int


@dataclass(frozen=True, slots=True)
class RequestChanged:
    """A request moved to another state, was corrected, or got a public update.

    `what` is one of "status", "update", "service", "place", "answers", "department", "returned", "note",
    "joined" (closed: it is the same as `request.duplicate_of`), "separated" (it was not). `actor` is who did it, as
    in the records.
    """

    request: ServiceRequest
    update: Update
    what: str
    was_same_as: ServiceRequest | None = None
    actor: str = "openline"


changed: Event[RequestChanged] = Event("service request changed")

opened: Event[Sequence[Opened]] = Event("service requests opened")
"""All requests of one batch at once: a handler asks the database once, not once for each."""
