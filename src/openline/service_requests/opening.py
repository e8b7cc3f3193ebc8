"""Opening service requests, one or many in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils import timezone

from openline.foundation.bulk import append_rows, query
from openline.foundation.ids import uuid7
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import deadlines, events, owning, routing
from openline.service_requests.events import Opened
from openline.service_requests.jurisdiction import local
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.rules import Case
from openline.service_requests.states import Status


@dataclass(slots=True)
class NewRequest:
    """What is needed to open a request. `place` is a dict with kind, name, lat, lon, precision_m, areas, or None.

    `public_text` must already be free of personal data. `answers` are typed (`questions.validate`). `actor` is who
    opens it: "openline", "open311" or a user name.
    """

    service: Service
    description: str
    public_text: str
    source: str
    place: dict[str, Any] | None = None
    urgency: str = "routine"
    requested_at: datetime | None = None
    actor: str = "openline"
    answers: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid7)


_REQUEST = (
    "id",
    "number",
    "service_id",
    "department_id",
    "team_id",
    "assigned_to_id",
    "status",
    "outcome",
    "status_note",
    "urgency",
    "description",
    "public_description",
    "answers",
    "public",
    "place_kind",
    "place_name",
    "latitude",
    "longitude",
    "precision_m",
    "areas",
    "source",
    "routing_reason",
    "requested_at",
    "updated_at",
    "due_at",
    "first_answer_due_at",
    "reopened",
    "version",
)
_UPDATE = ("id", "request_id", "at", "from_status", "to_status", "outcome", "public_text", "note")


def open_requests(new: Sequence[NewRequest]) -> list[Opened]:
    """Open all of `new` in the caller's transaction, with numbers, owners, deadlines, history and records."""
    if not new:
        return []
    now = timezone.now()
    numbers = _numbers(len(new), now)
    promised = {
        service.pk: deadlines.promise(service, now)
        for service in {item.service.pk: item.service for item in new}.values()
    }
    rules = routing.in_use()
    opened, rows, updates, entries, assignments = [], [], [], [], []
    for item, number in zip(new, numbers, strict=True):
        at = item.requested_at or now
        place = item.place or {}
        owner = rules.route(item.service, _case(rules, item, at))
        first_answer_due, due = promised[item.service.pk]
        rows.append(
            (
                item.id,
                number,
                item.service.pk,
                owner.department.pk,
                owner.team_id,
                owner.person_id,
                Status.RECEIVED,
                "",
                "",
                item.urgency,
                item.description,
                item.public_text,
                orjson.dumps(item.answers).decode() if item.answers else "{}",
                item.service.public,
                place.get("kind", ""),
                place.get("name", "")[:300],
                place.get("lat"),
                place.get("lon"),
                place.get("precision_m"),
                orjson.dumps(place.get("areas", [])).decode(),
                item.source,
                owner.reason[:300],
                at,
                now,
                due,
                first_answer_due,
                0,
                1,
            )
        )
        assignments.append(owning.row(item.id, owner, now))
        updates.append((uuid7(), item.id, now, "", Status.RECEIVED, "", "", ""))
        entries.append(
            log.Entry(
                Kind.CHANGED,
                item.actor,
                request_id=item.id,
                at=now,
                body={
                    "what": "opened",
                    "number": number,
                    "service": item.service.code,
                    "department": owner.department.code,
                    "place": place.get("name", ""),
                    "routing": owner.reason,
                },
            )
        )
        names = owner.department.name, place.get("name", "")
        opened.append(Opened(item.id, number, item.service, *names, due, owner.department.pk))
    append_rows("service_requests_servicerequest", _REQUEST, rows)
    append_rows("service_requests_update", _UPDATE, updates)
    append_rows("service_requests_assignment", owning.COLUMNS, assignments)
    log.write(entries)
    events.opened.publish(opened)
    return opened


def _case(rules: routing.Rules, item: NewRequest, at: datetime) -> Case:
    """What the rules look at in a request that is about to be opened."""
    areas = (item.place or {}).get("areas", [])
    return rules.case(item.service, at, areas=areas, answers=item.answers, urgency=item.urgency, source=item.source)


@transaction.atomic
def open_request(new: NewRequest) -> ServiceRequest:
    """Open one request and return it whole."""
    return ServiceRequest.objects.get(pk=open_requests([new])[0].id)


def _numbers(count: int, now: datetime) -> list[str]:
    """`count` new request numbers: the city's year and a running number, such as 26-001234."""
    year = local(now).strftime("%y")
    rows = query("SELECT nextval('service_request_number') FROM generate_series(1, %s)", [count])
    return [f"{year}-{number:06d}" for (number,) in rows]


def skip_numbers(backup_at: datetime) -> int:
    """After a restore leave out the numbers that were given since the backup: residents hold them and their addresses.

    Ten times as many as in as long a time before it, at least 1,000; how many is returned.
    """
    lost = timezone.now() - backup_at
    before = ServiceRequest.objects.filter(requested_at__gt=backup_at - lost, requested_at__lte=backup_at).count()
    skipped = max(1000, 10 * before)
    query("SELECT setval('service_request_number', nextval('service_request_number') + %s)", [skipped])
    return skipped
