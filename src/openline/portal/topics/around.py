"""What neighbors and liaisons have to do with a request, for its public page: a fixed number of queries."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from openline.community import gatherings, helping, liaisons, looking, members, proposing, topics
from openline.portal.contact import guard
from openline.service_requests import public
from openline.service_requests.models import ServiceRequest


def of_request(found: ServiceRequest, request: HttpRequest) -> dict[str, Any]:
    """What liaisons saw and asked, what is organized there, who helps, and what the reader may do."""
    member = members.current(request)
    return {
        "looks": looking.of_request(found),
        "asked": proposing.asked(found),
        "events": list(gatherings.to_come(topics.public().filter(request=found))[:5]),
        "helpers": helping.count(found),
        "own_help": helping.own(found, member),
        "offers": helping.seen_by(found, member),
        "member": member,
        "liaison_here": bool(member and liaisons.areas_of(member) & set(found.areas)),
        "stamp": guard.stamp() if member else "",
        "helps_open": public.is_open(found.status),
    }
