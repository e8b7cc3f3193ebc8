"""Routing: rules in order, versions, the trial, returns and the misroute rate; nothing is ever without an owner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from openline.service_requests import actions, assigning, returning, routing, routing_versions
from openline.service_requests.errors import Conflict, NotPossible
from openline.service_requests.models import Assignment, Department, RoutingVersion, Service, ServiceRequest, Team
from openline.service_requests.opening import NewRequest, open_request, open_requests
from openline.service_requests.routing_trial import trial
from openline.service_requests.rules import BadRule, Case, Rule

pytestmark = pytest.mark.usefixtures("philadelphia")
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=ZoneInfo("America/New_York"))  # a Friday


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana")


@pytest.fixture
def yard(db: None) -> Team:
    return Team.objects.create(code="north", name="North yard", department=Department.objects.get(code="streets"))


@pytest.fixture
def hole(db: None) -> Service:
    return Service.objects.get(name="Street Defect")


def live(by: User, *rules: dict[str, Any]) -> RoutingVersion:
    """Rules by way of a draft."""
    version = routing_versions.begin(by)
    for rule in list(version.rules):
        routing_versions.remove(rule["id"], by, routing_versions.stamp(routing_versions.draft()))
    for rule in rules:
        routing_versions.put(rule, by, routing_versions.stamp(routing_versions.draft()))
    return routing_versions.go_live(by, "test", routing_versions.stamp(routing_versions.draft()))


def rule(name: str = "R", department: str = "streets", **more: Any) -> Rule:
    return Rule.read({"name": name, "department": department, **more})


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"services": ["SR-ST01"]}, True),
        ({"services": ["SR-XX"]}, False),
        ({"services": ["SR-XX"], "groups": ["Streets"]}, True),
        ({"areas": ["zip-19104", "zip-19107"]}, True),
        ({"areas": ["zip-19104"]}, False),
        ({"answers": {"size": ["big"]}}, True),
        ({"answers": {"size": ["small"]}}, False),
        ({"answers": {"size": ["big"], "depth": ["1"]}}, False),
        ({"answers": {"seen": ["b"]}}, True),
        ({"weekdays": [4]}, True),
        ({"weekdays": [5, 6]}, False),
        ({"hours": ["08:00", "17:00"]}, True),
        ({"hours": ["17:00", "08:00"]}, False),
        ({"hours": ["11:59", "11:58"]}, True),
        ({"urgency": ["urgent"]}, False),
        ({"sources": ["phone"]}, True),
        ({"sources": ["phone"], "urgency": ["urgent"]}, False),
    ],
)
def test_a_rule_holds_if_all_its_conditions_do(conditions: dict[str, Any], holds: bool) -> None:
    case = Case("SR-ST01", "Streets", NOON, ["zip-19107"], {"size": "big", "seen": ["a", "b"]}, source="phone")
    assert rule(**conditions).holds(case) is holds


@pytest.mark.parametrize(
    ("plain", "field"),
    [
        ({"name": " "}, "name"),
        ({"department": ""}, "department"),
        ({"services": "SR-ST01"}, "services"),
        ({"weekdays": [7]}, "weekdays"),
        ({"hours": ["08:00"]}, "hours"),
        ({"hours": ["8", "17"]}, "hours"),
        ({"hours": ["08:00", "08:00"]}, "hours"),
        ({"answers": ["size"]}, "answers"),
        ({"answers": {"size": []}}, "answers"),
    ],
)
def test_a_bad_rule_says_what_is_wrong(plain: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRule) as refused:
        Rule.read({"name": "R", "department": "streets"} | plain)
    assert refused.value.field == field


codes = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3, unique=True)


@given(codes, codes, st.sets(st.integers(0, 6)), st.tuples(st.times(), st.times()), st.datetimes())
def test_a_rule_is_kept_whole(services: list[str], areas: list[str], days: set[int], hours: Any, at: datetime) -> None:
    start, end = (f"{hour:%H:%M}" for hour in hours)
    plain = {"name": "R", "department": "d", "services": services, "areas": areas, "weekdays": sorted(days)}
    made = Rule.read(plain | ({"hours": [start, end]} if start != end else {}))
    assert Rule.read(made.plain()) == made
    case = Case("a", "", at, ["b"])
    opposite = Rule.read(made.plain() | {"hours": [end, start]}) if start != end else None
    if opposite and made.holds(case):
        assert not opposite.holds(case), "the hours of a rule and the rest of the day have nothing in common"


def test_the_first_rule_that_holds_wins_and_the_request_says_why(ana: User, hole: Service, yard: Team) -> None:
    version = live(
        ana,
        {"name": "Center City", "department": "streets", "team": "north", "areas": ["zip-19107"]},
        {"name": "Rest", "department": "water", "services": [hole.code]},
    )
    place = {"kind": "address", "name": "x", "lat": 39.95, "lon": -75.16, "areas": ["zip-19107"]}
    center, rest = open_requests([NewRequest(hole, "", "", "test", place=place), NewRequest(hole, "", "", "test")])
    first = ServiceRequest.objects.get(pk=center.id)
    assert first.team == yard and first.department.code == "streets"
    assert first.routing_reason == f"Rule “Center City” (routing {version.number}): Streets Department, North yard."
    kept = Assignment.objects.get(request=first)
    assert (kept.rule, kept.version, kept.team, kept.by) == ("Center City", version.number, yard, None)
    assert ServiceRequest.objects.get(pk=rest.id).department.code == "water"


def test_without_a_rule_the_service_decides_and_else_the_tray(ana: User, hole: Service) -> None:
    live(ana, {"name": "Other", "department": "water", "services": ["SR-XX"]})
    assert open_request(NewRequest(hole, "", "", "test")).department == hole.department
    orphan = Service.objects.create(code="X", name="Orphan", kind="request")
    lost = open_request(NewRequest(orphan, "", "", "test"))
    assert lost.department.fallback and lost.assignments.get().rule == ""


def test_many_cost_one_question_about_the_rules(ana: User, hole: Service) -> None:
    live(ana, *[{"name": str(n), "department": "water", "areas": [f"a{n}"]} for n in range(50)])
    open_request(NewRequest(hole, "", "", "test"))
    with CaptureQueriesContext(connection) as captured:
        open_requests([NewRequest(hole, "", "", "test") for _ in range(200)])
    about = [q["sql"] for q in captured if "routingversion" in q["sql"]]
    assert len(about) == 1 and not any("auth_user" in q["sql"] for q in captured if q["sql"] not in about)


def test_a_person_or_team_that_is_gone_is_said_and_the_department_gets_it(ana: User, hole: Service, yard: Team) -> None:
    bo = User.objects.create_user("bo")
    live(ana, {"name": "Bo", "department": "streets", "team": "north", "person": "bo"})
    assert open_request(NewRequest(hole, "", "", "test")).assigned_to == bo
    bo.is_active = False
    bo.save()
    request = open_request(NewRequest(hole, "", "", "test"))
    assert request.assigned_to is None and request.team == yard
    assert "“bo” works here no more: requests go to the team." in request.routing_reason
    yard.department = Department.objects.get(code="water")
    yard.save()
    request = open_request(NewRequest(hole, "", "", "test"))
    assert (request.department.code, request.team) == ("streets", None)
    warnings = routing.in_use().warnings
    assert len(warnings) == 1 and len(next(iter(warnings.values()))) == 2


def test_changed_rules_hold_at_once(ana: User, hole: Service) -> None:
    live(ana, {"name": "A", "department": "water"})
    assert routing.route(hole).department.code == "water"
    live(ana, {"name": "A", "department": "parks"})
    assert routing.route(hole).department.code == "parks"
    Department.objects.filter(code="parks").update(name="Parks")
    assert routing.route(hole).department.name == "Parks"


def test_an_earlier_version_comes_back_as_a_new_one(ana: User, hole: Service) -> None:
    first = live(ana, {"name": "A", "department": "water"})
    second = live(ana, {"name": "B", "department": "parks"})
    again = routing_versions.bring_back(first.number, ana)
    assert again.number == second.number + 1 and routing.route(hole).department.code == "water"
    assert RoutingVersion.objects.get(pk=second.pk).state == "retired"
    with pytest.raises(NotPossible):
        routing_versions.bring_back(again.number, ana)


def test_two_people_on_one_draft_notice_each_other(ana: User) -> None:
    seen = routing_versions.stamp(routing_versions.begin(ana))
    routing_versions.put({"name": "A", "department": "water"}, ana, seen)
    with pytest.raises(Conflict):
        routing_versions.put({"name": "B", "department": "parks"}, ana, seen)
    draft = routing_versions.draft()
    assert draft and [r["name"] for r in draft.rules] == ["A"]


def test_a_draft_decides_nothing_and_is_refused_with_an_unknown_department(ana: User, hole: Service) -> None:
    seen = routing_versions.stamp(routing_versions.begin(ana))
    routing_versions.put({"name": "A", "department": "nobody"}, ana, seen)
    assert routing.route(hole).department == hole.department
    with pytest.raises(NotPossible, match="“?A"):
        routing_versions.go_live(ana, "why", routing_versions.stamp(routing_versions.draft()))


def test_rules_are_moved_and_have_one_name_each(ana: User) -> None:
    routing_versions.begin(ana)
    for name in "ABC":
        routing_versions.put(
            {"name": name, "department": "water"}, ana, routing_versions.stamp(routing_versions.draft())
        )
    draft = routing_versions.draft()
    assert draft
    routing_versions.move(draft.rules[2]["id"], -1, ana, routing_versions.stamp(draft))
    draft = routing_versions.draft()
    assert draft and [r["name"] for r in draft.rules] == ["A", "C", "B"]
    with pytest.raises(NotPossible):
        routing_versions.put({"name": "A", "department": "water"}, ana, routing_versions.stamp(draft))


def test_the_trial_says_what_would_move(ana: User, hole: Service) -> None:
    here = {"kind": "address", "name": "x", "lat": 39.95, "lon": -75.16, "areas": ["zip-19107"]}
    open_requests([NewRequest(hole, "", "", "test", place=here if n < 7 else None) for n in range(10)])
    old = NewRequest(hole, "", "", "test", place=here, requested_at=timezone.now() - timedelta(days=40))
    open_requests([old])
    before = routing.in_use()
    routing_versions.begin(ana)
    routing_versions.put(
        {"name": "A", "department": "water", "areas": ["zip-19107"]},
        ana,
        routing_versions.stamp(routing_versions.draft()),
    )
    with CaptureQueriesContext(connection) as captured:
        found = trial(before, routing_versions.read(routing_versions.draft()))
    assert (found.moved, found.hits) == (7, {"A": 7}) and found.tried >= 10
    assert [(m.before.department.code, m.after.department.code, m.count) for m in found.moves] == [
        ("streets", "water", 7)
    ]
    assert len(found.moves[0].examples) == 5 and len(captured) < 10


def test_a_corrected_place_moves_what_the_rules_chose_but_not_what_a_person_did(ana: User, hole: Service) -> None:
    live(ana, {"name": "A", "department": "water", "areas": ["zip-19107"]})
    there = {"kind": "address", "name": "y", "lat": 39.95, "lon": -75.16, "areas": ["zip-19107"]}
    by_rule, by_hand = (open_request(NewRequest(hole, "", "", "test")) for _ in range(2))
    assert actions.correct_place(by_rule.pk, there, by=ana).department.code == "water"
    actions.correct_department(by_hand.pk, Department.objects.get(code="parks"), by=ana, reason="tree roots")
    assert actions.correct_place(by_hand.pk, there, by=ana).department.code == "parks"
    assert [a.department.code for a in by_rule.assignments.order_by("at")] == ["streets", "water"]
    given = open_request(NewRequest(hole, "", "", "test"))
    assigning.give(given.pk, by=ana)
    moved = actions.correct_place(given.pk, there, by=ana)
    assert moved.department.code == "water", "who works on it within the department is no hand-over"


def test_a_finished_request_keeps_its_owner(ana: User, hole: Service) -> None:
    request = open_request(NewRequest(hole, "", "", "test"))
    actions.move(request.pk, "closed", by=ana, outcome="done")
    graffiti = Service.objects.get(name="Graffiti Removal")
    assert actions.correct_service(request.pk, graffiti, by=ana).department == hole.department


def test_a_department_gives_a_request_back(ana: User, hole: Service) -> None:
    request = open_request(NewRequest(hole, "", "", "test"))
    back = returning.give_back(request.pk, "wrong_department", by=ana, note="A private lot.")
    assert back.department.fallback and "Another department's work. A private lot." in back.routing_reason
    first, second = request.assignments.order_by("at", "id")
    assert (first.returned_reason, first.returned_note) == ("wrong_department", "A private lot.")
    assert first.returned_by == ana
    assert second.department.fallback and second.by == ana and second.returned_at is None
    water = Department.objects.get(code="water")
    assert returning.give_back(request.pk, "not_enough", by=ana, to=water).department == water
    for reason, to in (("because", None), ("not_city", water)):
        with pytest.raises(NotPossible):
            returning.give_back(request.pk, reason, by=ana, to=to)


def test_the_misroute_rate_counts_returned_and_handed_over_once(ana: User, hole: Service) -> None:
    made = open_requests([NewRequest(hole, "", "", "test") for _ in range(10)])
    parks = Department.objects.get(code="parks")
    returning.give_back(made[0].id, "wrong_department", by=ana)
    returning.give_back(made[1].id, "wrong_place", by=ana, to=parks)
    actions.correct_department(made[2].id, parks, by=ana, reason="tree")
    late = Assignment.objects.filter(request_id=made[3].id)
    late.update(at=timezone.now() - timedelta(days=20))
    returning.give_back(made[3].id, "wrong_place", by=ana)
    row = next(row for row in returning.misroutes() if row.code == hole.code)
    assert (row.routed, row.returned, row.handed_over, row.rate) == (10, 2, 1, 0.3)
    assert row.reasons == {"wrong_department": 1, "wrong_place": 1}


def test_weekdays_and_hours_are_the_city_s(ana: User, hole: Service) -> None:
    live(ana, {"name": "Night", "department": "water", "hours": ["22:00", "06:00"], "weekdays": [4]})
    friday_night = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)  # Friday, 23:00 in Philadelphia
    assert routing.route(hole, friday_night).rule == "Night"
    assert routing.route(hole, friday_night + timedelta(hours=2)).rule == ""
