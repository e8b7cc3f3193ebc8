"""Giving a request to its owner, and remembering who got it, when, and by which rule.

When the facts of an open request are put right, it is routed again:

- another service always is: what has to be done is another thing;
- another place, or other answers, only if the rules now give another owner than they did before, and nobody handed the
  request over to its department by hand: a person's decision is not undone by a rule.

A finished request keeps its owner: that department did the work.
"""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from openline.foundation.ids import uuid7
from openline.service_requests import routing
from openline.service_requests.models import Assignment, Department, ServiceRequest
from openline.service_requests.routing import Route
from openline.service_requests.rules import Case

COLUMNS = ("id", "request_id", "department_id", "team_id", "person_id", "version", "rule", "reason", "at",
           "returned_reason", "returned_note")  # fmt: skip
"""The columns of `row`, for COPY."""


def row(request_id: UUID, route: Route, at: datetime) -> tuple[Any, ...]:
    """The assignment of a request that the rules just routed, as a row for COPY."""
    return (uuid7(), request_id, route.department.pk, route.team_id, route.person_id, route.version,
            route.rule[:120], route.reason[:300], at, "", "")  # fmt: skip


def assign(request: ServiceRequest, route: Route, by: User | None) -> None:
    """Give the locked `request` to the owner of `route` and write the assignment; the caller saves the request.

    Within one department the person stays whom the route does not replace.
    """
    stays = route.department.pk == request.department_id
    request.team_id = route.team_id
    request.assigned_to_id = route.person_id or (request.assigned_to_id if stays else None)
    request.department, request.routing_reason = route.department, route.reason[:300]
    Assignment.objects.create(
        request=request,
        department=route.department,
        team_id=request.team_id,
        person_id=request.assigned_to_id,
        version=route.version,
        rule=route.rule[:120],
        reason=route.reason[:300],
        at=timezone.now(),
        by=by,
    )


def hand_over(request: ServiceRequest, department: Department, by: User, reason: str) -> None:
    """A person gives the locked `request` to another department, with the reason in words."""
    assign(request, Route(department, reason), by)


def facts(request: ServiceRequest) -> Case:
    """What the rules look at in `request`: to be taken before it is changed."""
    return routing.in_use().case_of(request)


def follow_service(request: ServiceRequest, by: User) -> None:
    """Route the locked `request` again after its service was changed."""
    if request.closed_at is None:
        rules = routing.in_use()
        assign(request, rules.route(request.service, rules.case_of(request)), by)


def follow_facts(request: ServiceRequest, before: Case, by: User | None) -> bool:
    """Route the locked `request` again if its new facts call for another owner than `before`; True if it moved."""
    if request.closed_at is not None:
        return False
    rules = routing.in_use()
    route = rules.route(request.service, rules.case_of(request))
    if route.owner == rules.route(request.service, before).owner or _handed_over(request):
        return False
    assign(request, route, by)
    return True


def _handed_over(request: ServiceRequest) -> bool:
    """True if a person, not a rule, brought the request to its present department."""
    history = request.assignments.order_by("-at", "-id").values_list("department_id", "by_id", "version")
    here = list(takewhile(lambda row: row[0] == request.department_id, history))
    return bool(here) and here[-1][1] is not None and here[-1][2] is None
