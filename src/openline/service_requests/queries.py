"""Reading service requests: the staff's list, page by page, and one request with its history."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openline.foundation.keyset import after
from openline.service_requests import mentions
from openline.service_requests.models import Department, Service, ServiceRequest, Update
from openline.service_requests.states import OPEN_STATES

PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_PROMISE = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to. `status` is a state, "open" for all that are not closed, or "" for every one."""

    status: str = "open"
    department: str = ""
    service: str = ""
    overdue: bool = False
    search: str = ""
    mine: str = ""
    order: str = ""


NUMBER = re.compile(r"\d\d-\d{4,9}")
"""What the number of a request looks like."""
MINE = (("", _("Everybody's")), ("me", _("Given to me")), ("team", _("My teams'")), ("mentions", _("Mentions me")))
"""Whose requests the list shows."""
ORDERS = (("", _("Newest first")), ("due", _("Promised soonest first")))
"""In which order."""


def mine(visible: QuerySet[ServiceRequest], which: str, user: User) -> QuerySet[ServiceRequest]:
    """Of the `visible` requests those of `user`: a key of `MINE`; an unknown one finds nothing."""
    if not which:
        return visible
    own = {
        "me": Q(assigned_to=user),
        "team": Q(team__in=user.teams.all()),
        "mentions": Q(pk__in=mentions.requests_of(user)),
    }
    return visible.filter(own.get(which, Q(pk__in=[])))


def page(visible: QuerySet[ServiceRequest], wanted: Filter, before: str = "") -> tuple[list[ServiceRequest], str]:
    """One page in the wanted order after the key `before` ("" for the first); and the next page's key ("" if none)."""
    found, key = narrowed(visible, wanted).select_related("service", "department"), _read_key(before)
    if wanted.order == "due":
        found = by_due(found.filter(_due_after(key)) if key else found)
    else:
        found = (found.filter(after(("requested_at", "id"), key)) if key else found).order_by("-requested_at", "-id")
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], key_of(rows[PAGE - 1], wanted.order) if len(rows) > PAGE else ""


def by_due(found: QuerySet[ServiceRequest]) -> QuerySet[ServiceRequest]:
    """What was promised soonest first, then what has no promise; for open ones the order of an index."""
    return found.order_by(F("due_at").asc(nulls_last=True), "id")


def _due_after(key: tuple[datetime, UUID]) -> Q:
    """What follows a row in the order of `by_due`."""
    due, pk = key
    if due == _NO_PROMISE:
        return Q(due_at=None, pk__gt=pk)
    return Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk) | Q(due_at=None)


def narrowed(visible: QuerySet[ServiceRequest], wanted: Filter) -> QuerySet[ServiceRequest]:
    """`visible` with the filter applied; an unknown code finds nothing rather than everything."""
    found = visible
    if NUMBER.fullmatch(wanted.search):  # who looks for a number wants that one, whatever else is chosen
        return found.filter(number=wanted.search)
    if wanted.status == "open":
        found = found.filter(closed_at=None)
    elif wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.department:
        found = found.filter(department__code=wanted.department)
    if wanted.service:
        found = found.filter(service__code=wanted.service)
    if wanted.overdue:
        found = found.filter(closed_at=None, paused_at=None, due_at__lt=timezone.now())
    if wanted.search:
        found = found.filter(Q(number=wanted.search) | Q(place_name__icontains=wanted.search))
    return found


def key_of(request: ServiceRequest, order: str = "") -> str:
    """The place of `request` in the list of that order, for paging."""
    moment = (request.due_at or _NO_PROMISE) if order == "due" else request.requested_at
    return f"{(moment - _EPOCH) // timedelta(microseconds=1)}.{request.pk.hex}"


def _read_key(text: str) -> tuple[datetime, UUID] | None:
    """The key in `text`; None for one that was not made by `key_of`."""
    try:
        moment, pk = text.split(".")
        return _EPOCH + timedelta(microseconds=int(moment)), UUID(pk)
    except (ValueError, OverflowError):
        return None


def with_history(requests: QuerySet[ServiceRequest]) -> QuerySet[ServiceRequest]:
    """`requests` with service, department and history (newest first) in a fixed number of queries."""
    history = Update.objects.select_related("by").order_by("-at", "-id")
    related = requests.select_related("service", "department", "team", "assigned_to", "duplicate_of")
    return related.prefetch_related(Prefetch("updates", history), "service__attributes")


def services_to_choose() -> QuerySet[Service]:
    """The services under which a request can be filed."""
    return Service.objects.filter(active=True, kind="request").order_by("group", "name")


def service_named(text: str) -> Service | None:
    """The active service with this code or name (whatever the case); None if there is none or more than one."""
    active = Service.objects.filter(active=True)
    found = list(active.filter(code=text)[:1]) or list(active.filter(name__iexact=text)[:2])
    return found[0] if len(found) == 1 else None


def departments() -> QuerySet[Department]:
    """All departments by name."""
    return Department.objects.order_by("name")


def is_overdue(request: ServiceRequest) -> bool:
    """True if an open request is past its promise, and the clock does not stand still."""
    waits = request.paused_at is not None or request.status not in OPEN_STATES
    return bool(request.due_at and not waits and request.due_at < timezone.now())
