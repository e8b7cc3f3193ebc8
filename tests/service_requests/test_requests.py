"""Service requests: numbers, owners, deadlines, the state machine, and the history of it all."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openline.records.models import Record
from openline.service_requests import actions, events, states
from openline.service_requests.actions import Conflict, NotPossible
from openline.service_requests.models import Department, Service, ServiceRequest, Update
from openline.service_requests.opening import NewRequest, open_request, open_requests

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def agent(db: None, django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ana")


@pytest.fixture
def request_(philadelphia: None) -> ServiceRequest:
    return open_request(NewRequest(Service.objects.get(name="Street Defect"), "hole", "hole", "test"))


def test_numbers_are_unique_and_in_order() -> None:
    service = Service.objects.get(name="Street Defect")
    opened = open_requests([NewRequest(service, "", "", "test") for _ in range(50)])
    numbers = [o.number for o in opened]
    assert len(set(numbers)) == 50 and numbers == sorted(numbers)


def test_opening_many_costs_as_many_queries_as_opening_one() -> None:
    service = Service.objects.select_related("department").get(name="Street Defect")
    counts = []
    open_requests([NewRequest(service, "", "", "test")])  # from here on the process knows rules and calendars
    for size in (1, 100):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            open_requests([NewRequest(service, "", "", "test") for _ in range(size)])
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_nothing_is_ever_without_an_owner() -> None:
    service = Service.objects.create(code="X", name="Orphan", kind="request")
    request = open_request(NewRequest(service, "", "", "test"))
    assert request.department.fallback
    assert "fallback" in request.routing_reason


def test_every_state_is_declared_and_reachable() -> None:
    assert set(states.TRANSITIONS) == set(states.Status.values)
    reachable = {s for targets in states.TRANSITIONS.values() for s in targets} | {"received"}
    assert reachable == set(states.Status.values)


def test_closing_needs_an_outcome_and_reopening_counts(request_: ServiceRequest, agent: Any) -> None:
    with pytest.raises(NotPossible, match="outcome"):
        actions.move(request_.pk, "closed", by=agent)
    actions.move(request_.pk, "closed", by=agent, outcome="done")
    with pytest.raises(NotPossible):
        actions.move(request_.pk, "in_progress", by=agent)
    again = actions.move(request_.pk, "reopened", by=None)
    assert again.reopened == 1 and again.closed_at is None and again.outcome == ""
    assert [u.to_status for u in Update.objects.filter(request=request_).order_by("at")] == [
        "received",
        "closed",
        "reopened",
    ]


def test_who_comes_second_is_told(request_: ServiceRequest, agent: Any) -> None:
    actions.move(request_.pk, "accepted", by=agent, version=request_.version)
    with pytest.raises(Conflict):
        actions.move(request_.pk, "closed", by=agent, outcome="done", version=request_.version)
    request_.refresh_from_db()
    assert request_.status == "accepted"


def test_another_service_brings_its_owner_and_deadline(request_: ServiceRequest, agent: Any) -> None:
    other = Service.objects.get(name="Graffiti Removal")
    changed = actions.correct_service(request_.pk, other, by=agent)
    assert changed.department == other.department
    assert changed.due_at != request_.due_at


def test_what_belongs_to_somebody_else_is_no_service_of_a_request(request_: ServiceRequest, agent: Any) -> None:
    with pytest.raises(NotPossible):
        actions.correct_service(request_.pk, Service.objects.filter(kind="referral").first(), by=agent)


def test_a_department_is_changed_with_a_reason(request_: ServiceRequest, agent: Any) -> None:
    water = Department.objects.get(code="water")
    changed = actions.correct_department(request_.pk, water, by=agent, reason="It is a water trench.")
    assert changed.department == water and changed.routing_reason == "It is a water trench."


def test_an_empty_update_is_refused(request_: ServiceRequest, agent: Any) -> None:
    with pytest.raises(NotPossible):
        actions.add_update(request_.pk, by=agent, public_text="  ")


def test_every_change_is_recorded_and_told(
    request_: ServiceRequest, agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(events.changed, "_handlers", [lambda change: told.append(change.what)])
    actions.move(request_.pk, "accepted", by=agent)
    actions.add_update(request_.pk, by=agent, note="a note")
    assert told == ["status", "note"]
    assert Record.objects.filter(request_id=request_.pk).count() == 3
