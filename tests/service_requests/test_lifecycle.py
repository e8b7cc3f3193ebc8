"""The life of a request: what a move needs, parts, links, people, mentions, and many at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openline.records.models import Record
from openline.service_requests import actions, assigning, bulk, linking, mentions, splitting
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import Assignment, Department, Service, ServiceRequest, Team, Update
from openline.service_requests.opening import NewRequest, open_request, open_requests
from openline.service_requests.splitting import Part

pytestmark = pytest.mark.usefixtures("philadelphia")
PLACE = {"kind": "address", "name": "1234 S BROAD ST", "lat": 39.93, "lon": -75.16, "precision_m": 20.0, "areas": []}


@pytest.fixture
def ana(db: None, django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ana")


@pytest.fixture
def ben(db: None, django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ben.s")


def named(name: str) -> Service:
    return Service.objects.select_related("department").get(name=name)


@pytest.fixture
def request_(philadelphia: None) -> ServiceRequest:
    return open_request(NewRequest(named("Street Defect"), "hole", "hole", "test", PLACE))


@pytest.mark.parametrize(
    ("to", "given", "says"),
    [
        ("waiting", {"public_text": "Which corner?"}, "reason"),
        ("waiting", {"reason": "place"}, "what the resident is asked"),
        ("waiting", {"reason": "moon", "public_text": "?"}, "from the list"),
        ("referred", {}, "reason"),
        ("rejected", {}, "reason"),
        ("duplicate", {}, "Join it"),
        ("closed", {}, "outcome"),
        ("closed", {"outcome": "duplicate"}, "Join it"),
        ("closed", {"outcome": "moon"}, "outcome"),
        ("scheduled", {"scheduled_for": -1}, "past"),
        ("moon", {}, "cannot become"),
        ("reopened", {}, "cannot become"),
    ],
)
def test_a_move_says_what_it_lacks_and_changes_nothing(
    request_: ServiceRequest, ana: Any, to: str, given: dict[str, Any], says: str
) -> None:
    if "scheduled_for" in given:
        given = {"scheduled_for": today() + timedelta(days=given["scheduled_for"])}
    with pytest.raises(NotPossible, match=says):
        actions.move(request_.pk, to, by=ana, **given)
    again = ServiceRequest.objects.get(pk=request_.pk)
    assert (again.status, again.version) == ("received", request_.version)


def test_resolved_is_confirmed_or_opened_again(request_: ServiceRequest, ana: Any) -> None:
    resolved = actions.move(request_.pk, "resolved", by=ana, public_text="Filled.")
    assert resolved.outcome == "done" and resolved.closed_at
    closed = actions.move(request_.pk, "closed", by=None)
    assert closed.outcome == "done" and closed.closed_at == resolved.closed_at  # the work was done then, not now
    again = actions.move(request_.pk, "reopened", by=None, reason="not_fixed")
    assert again.closed_at is None and again.outcome == "" and again.reason == "not_fixed"


def test_a_planned_day_stands_until_the_request_moves_on(request_: ServiceRequest, ana: Any) -> None:
    day = today() + timedelta(days=3)
    assert actions.move(request_.pk, "scheduled", by=ana, scheduled_for=day).scheduled_for == day
    assert actions.move(request_.pk, "in_progress", by=ana).scheduled_for is None


def test_parts_go_their_own_ways_and_the_whole_waits_for_them(request_: ServiceRequest, ana: Any) -> None:
    parts = splitting.split(
        request_.pk, [Part(named("Street Defect"), "fill it"), Part(named("Street Trees"), "cut the roots")], by=ana
    )
    assert [part.department for part in parts] == [named("Street Defect").department, named("Street Trees").department]
    assert {part.place_name for part in parts} == {"1234 S BROAD ST"} and not any(part.public for part in parts)
    with pytest.raises(NotPossible, match=parts[0].number):
        actions.move(request_.pk, "closed", by=ana, outcome="done")
    with pytest.raises(NotPossible, match="part already"):
        splitting.split(parts[0].pk, [Part(named("Street Trees"), "x")], by=ana)
    for part in parts:
        assert not request_.updates.filter(note__startswith="All parts").exists()
        actions.move(part.pk, "closed", by=ana, outcome="done")
    assert request_.updates.filter(note__startswith="All parts").count() == 1
    assert actions.move(request_.pk, "closed", by=ana, outcome="done").closed_at


@pytest.mark.parametrize(("parts", "says"), [(0, "at least one"), (11, "at most"), (1, "what is to be done")])
def test_a_split_that_makes_no_sense_is_refused(request_: ServiceRequest, ana: Any, parts: int, says: str) -> None:
    text = "" if parts == 1 else "x"
    with pytest.raises(NotPossible, match=says):
        splitting.split(request_.pk, [Part(named("Street Trees"), text)] * parts, by=ana)
    assert ServiceRequest.objects.count() == 1


def test_a_link_is_seen_from_both_sides_and_made_once(request_: ServiceRequest, ana: Any) -> None:
    other = open_request(NewRequest(named("Street Trees"), "", "", "test"))
    linking.link(request_, other, by=ana)
    linking.link(other, request_, by=ana)
    assert list(linking.linked(request_)) == [other] and list(linking.linked(other)) == [request_]
    assert Record.objects.filter(request_id=request_.pk, body__what="linked").count() == 1
    linking.unlink(other, request_, by=ana)
    assert not linking.linked(request_)
    with pytest.raises(NotPossible):
        linking.link(request_, request_, by=ana)


def test_a_request_is_given_to_who_works_for_its_department(request_: ServiceRequest, ana: Any, ben: Any) -> None:
    with pytest.raises(NotPossible, match="does not work for"):
        assigning.give(request_.pk, person=ben, by=ana)
    crew = Team.objects.create(code="c1", name="Crew 1", department=request_.department)
    crew.members.add(ben)
    given = assigning.give(request_.pk, team=crew, person=ben, by=ana)
    assert (given.team, given.assigned_to) == (crew, ben) and assigning.colleagues(given) == [ben]
    assert Assignment.objects.get(request=request_, person=ben).team == crew
    elsewhere = Team.objects.create(code="w", name="W", department=Department.objects.get(code="water"))
    with pytest.raises(NotPossible, match="another department"):
        assigning.give(request_.pk, team=elsewhere, by=ana)
    actions.move(request_.pk, "closed", by=ana, outcome="done")
    with pytest.raises(NotPossible, match="finished"):
        assigning.give(request_.pk, by=ana)


def test_colleagues_named_in_a_note_find_it(request_: ServiceRequest, ana: Any, ben: Any) -> None:
    actions.add_update(request_.pk, by=ana, note="@Ben.S, please look. Mail to x@ana.example, and @nobody.")
    assert [update.request for update in ben.mentions.all()] == [request_] and not ana.mentions.exists()
    assert list(mentions.requests_of(ben)) == [request_]


def many(count: int) -> list[UUID]:
    service = named("Street Defect")
    return [item.id for item in open_requests([NewRequest(service, "", "", "test") for _ in range(count)])]


def test_many_are_closed_at_once_and_it_can_be_taken_back(ana: Any) -> None:
    ids = many(5)
    actions.move(ids[0], "closed", by=ana, outcome="done")
    done = bulk.change(ids, "move", {"to": "closed", "outcome": "done", "public_text": "All filled."}, by=ana)
    assert len(done.before) == 4 and len(done.skipped) == 1 and "cannot become" in done.skipped[0]["why"]
    assert ServiceRequest.objects.filter(status="closed").count() == 5
    actions.add_update(ids[1], by=ana, note="seen")  # changed since: stays
    left = bulk.undo(done.pk, by=ana)
    assert len(left) == 1 and ServiceRequest.objects.filter(status="reopened", closed_at=None).count() == 3
    with pytest.raises(NotPossible, match="already"):
        bulk.undo(done.pk, by=ana)


def test_handing_over_many_is_put_back_exactly(ana: Any) -> None:
    ids = many(3)
    before = list(ServiceRequest.objects.order_by("pk").values("status", "department_id", "routing_reason", "due_at"))
    done = bulk.change(ids, "department", {"department": "water", "reason": "A main."}, by=ana)
    assert ServiceRequest.objects.filter(department__code="water").count() == 3
    assert bulk.undo(done.pk, by=ana) == []
    after = list(ServiceRequest.objects.order_by("pk").values("status", "department_id", "routing_reason", "due_at"))
    assert before == after and Update.objects.filter(note="Taken back.").count() == 3


def test_what_cannot_be_done_with_many_is_said(ana: Any) -> None:
    ids = many(2)
    with pytest.raises(NotPossible, match="at least one"):
        bulk.change([], "move", {"to": "accepted"}, by=ana)
    with pytest.raises(NotPossible, match="Nothing was changed"):
        bulk.change(ids, "move", {"to": "received"}, by=ana)
    said = bulk.change(ids, "update", {"note": "seen"}, by=ana)
    with pytest.raises(NotPossible, match="cannot be taken back"):
        bulk.undo(said.pk, by=ana)
