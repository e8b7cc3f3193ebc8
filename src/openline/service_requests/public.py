"""What the public may see of a request: the one place that decides it, for the portal and Open311 alike.

Never the resident's name, handle or own words: only `public_description`, from which personal data
was removed. Requests of a service that is not public appear in no list.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from openline.foundation.keyset import after
from openline.service_requests import questions
from openline.service_requests.jurisdiction import public_numbers
from openline.service_requests.models import AttributeType, ServiceRequest, Update
from openline.service_requests.states import OPEN_STATES, Outcome, Status
from openline.triage.personal_data import public_text

FIELDS = (
    "id",
    "number",
    "status",
    "outcome",
    "status_note",
    "public_description",
    "place_kind",
    "place_name",
    "latitude",
    "longitude",
    "areas",
    "source",
    "requested_at",
    "updated_at",
    "due_at",
    "closed_at",
    "service__code",
    "service__name",
    "department__name",
)


def requests() -> QuerySet[ServiceRequest]:
    """All requests that everybody may see."""
    return ServiceRequest.objects.filter(public=True)


def newest_first(found: QuerySet[ServiceRequest], key: tuple[datetime, str] | None = None) -> QuerySet[ServiceRequest]:
    """`found` in the order of every public list; with the `key` of a row, only what follows it."""
    ordered = found.order_by("-requested_at", "-number")
    return ordered.filter(after(("requested_at", "number"), key)) if key else ordered


def key_of(row: dict[str, Any]) -> str:
    """The place of a row in the list, for paging."""
    return f"{row['requested_at'].isoformat()}~{row['number']}"


def read_key(text: str) -> tuple[datetime, str]:
    """The key that `key_of` wrote; raises ValueError for anything else."""
    when, number = text.replace(" ", "+").split("~", 1)  # a + that was not escaped arrives as a space
    moment = datetime.fromisoformat(when)
    if moment.tzinfo is None or not 1970 <= moment.year < 2200 or "\x00" in number:
        raise ValueError
    return moment, number[:20]


def rows(found: QuerySet[ServiceRequest], *more: str) -> list[dict[str, Any]]:
    """The public fields of `found`, in one query; of `more`, the caller shows only what may be shown."""
    return list(found.values(*FIELDS, *more))


def public_updates() -> QuerySet[Update]:
    """The part of a request's history that everybody may see: moves and public words, no notes, no names."""
    return Update.objects.filter(~Q(to_status="") | ~Q(public_text="")).order_by("at", "id")


def with_updates(found: QuerySet[ServiceRequest]) -> QuerySet[ServiceRequest]:
    """`found` with its public history as `history`."""
    return found.select_related("service", "department", "duplicate_of").prefetch_related(
        Prefetch("updates", public_updates(), to_attr="history")
    )


def answers(request: ServiceRequest) -> list[tuple[str, str]]:
    """The questions that everybody may see, answered; what was typed freely is without personal data."""
    known = questions.shown(request.service.attributes.all(), request.answers, public_only=True)
    free = (AttributeType.STRING, AttributeType.TEXT)
    return [(q.question, public_text(words, public_numbers()) if q.datatype in free else words) for q, words in known]


def status_words(row: dict[str, Any]) -> str:
    """The state in words, with the outcome and the last public word."""
    words = [str(Status(row["status"]).label)]
    if row["outcome"]:
        words.append(str(Outcome(row["outcome"]).label))
    text = ": ".join(words) + "."
    return f"{text} {row['status_note']}".strip()


def is_open(status: str) -> bool:
    """Open311 knows two states only."""
    return status in OPEN_STATES
