"""Routing, teams and misroutes on screens: a draft, its trial, going live, conflicts, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from openline.records.models import Record
from openline.service_requests import returning, routing, routing_versions
from openline.service_requests.models import RoutingVersion, Team
from tests.console import world

pytestmark = pytest.mark.django_db


def post(client: Client, page: str, /, *args: Any, **fields: Any) -> Any:
    return client.post(reverse(f"console:{page}", args=args), {"client_id": uuid4(), "stamp": stamp(), **fields})


def get(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(f"console:{name}", args=args))
    assert answer.status_code == 200
    return str(answer.content.decode())


def stamp() -> str:
    return routing_versions.stamp(routing_versions.draft())


@pytest.fixture
def supervisor(login: Callable[[str], Client]) -> Client:
    return login("supervisor")


def draft(client: Client, *names: str, **fields: Any) -> list[str]:
    """A draft with rules of these names, by the form; their ids."""
    world.department("water", "Water Department")
    post(client, "routing_begin")
    for name in names:
        assert post(client, "routing_new", name=name, department="water", **fields).status_code == 302
    found = routing_versions.draft()
    assert found
    return [rule["id"] for rule in found.rules]


def test_from_draft_over_trial_to_in_use_and_back(supervisor: Client) -> None:
    made = world.request_from(world.conversation("Maria Santos", "hole"))
    draft(
        supervisor,
        "Holes",
        services="SR-ST01",
        weekdays=["0", "1", "2", "3", "4", "5", "6"],
        answers="size: big, wide\ndepth: 1",
    )
    kept = routing_versions.draft()
    assert kept and kept.rules[0]["answers"] == {"depth": ["1"], "size": ["big", "wide"]}
    post(supervisor, "routing_rule", kept.rules[0]["id"], name="Holes", department="water", services="SR-ST01")
    page = get(supervisor, "routing_trial")
    assert "would go to somebody else" in page and made.number in page and "Water Department" in page
    assert post(supervisor, "routing_live").status_code == 422, "a word why is asked for"
    post(supervisor, "routing_live", note="Holes are water's now")
    live = routing_versions.in_use()
    assert live and live.note == "Holes are water's now" and Record.objects.filter(body__what="routing live").exists()
    assert routing.route(made.service).rule == "Holes"
    draft(supervisor, "Other")
    post(supervisor, "routing_live", note="Other")
    assert post(supervisor, "routing_back", live.number).status_code == 422
    post(supervisor, "routing_back", live.number, sure="1")
    page = get(supervisor, "routing")
    assert f"Version {live.number} again" in page and "Holes" in get(supervisor, "routing_version", live.number)


def test_rules_are_moved_and_deleted_by_buttons(supervisor: Client) -> None:
    ids = draft(supervisor, "A", "B", "C")
    post(supervisor, "routing_move", ids[2], what="up")
    post(supervisor, "routing_move", ids[0], what="down")
    post(supervisor, "routing_move", ids[1], what="remove")
    found = routing_versions.draft()
    assert found and [rule["name"] for rule in found.rules] == ["C", "A"]
    post(supervisor, "routing_discard")
    assert routing_versions.draft() is None


def test_who_changes_a_draft_that_somebody_else_changed_is_told_and_loses_nothing(supervisor: Client) -> None:
    draft(supervisor, "A")
    answer = post(supervisor, "routing_new", name="My rule", department="water", stamp="old")
    page = answer.content.decode()
    assert answer.status_code == 422 and "Somebody else changed the draft" in page and 'value="My rule"' in page
    assert post(supervisor, "routing_move", "x", what="up", stamp="old").status_code == 422


def test_faults_stand_beside_the_fields(supervisor: Client) -> None:
    draft(supervisor)
    yard = Team.objects.create(code="yard", name="Yard", department=world.department())
    page = post(supervisor, "routing_new", name="", department="water").content.decode()
    assert "This field is required." in page
    page = post(supervisor, "routing_new", name="A", department="water", team=yard.code).content.decode()
    assert "This team belongs to another department." in page
    page = post(supervisor, "routing_new", name="A", department="water", hour_from="08:00").content.decode()
    assert "Give both hours" in page


def test_a_rule_whose_person_left_warns_and_keeps_the_name_to_be_seen(supervisor: Client, staff: Any) -> None:
    ids = draft(supervisor, "A", person="crew")
    User.objects.filter(username="crew").update(is_active=False)
    assert "works here no more" in get(supervisor, "routing")
    assert "crew (gone)" in get(supervisor, "routing_rule", ids[0])


def test_a_team_is_made_with_its_members(supervisor: Client, staff: dict[str, User]) -> None:
    place = world.department()
    post(supervisor, "team_new", code="north", name="North yard", department=place.pk, members=[staff["crew"].pk])
    made = Team.objects.get(code="north")
    assert list(made.members.all()) == [staff["crew"]] and "North yard" in get(supervisor, "teams")
    post(supervisor, "team", "north", code="north", name="Yard N", department=place.pk)
    made.refresh_from_db()
    assert made.name == "Yard N" and not made.members.exists()
    answer = post(supervisor, "team_new", code="north", name="Again", department=place.pk)
    assert answer.status_code == 422 and "already exists" in answer.content.decode()


def test_the_misroute_rate_is_shown(supervisor: Client, staff: dict[str, User]) -> None:
    made = world.request_from(world.conversation("Maria Santos", "hole"))
    world.request_from(world.conversation("Lee Nguyen", "hole"))
    returning.give_back(made.pk, "wrong_place", by=staff["agent"])
    page = get(supervisor, "misroutes")
    assert "1 of 2 requests (50%)" in page and "Outside our area: 1" in page


PAGES = ["routing", "routing_trial", "teams", "team_new", "misroutes"]
FORMS: list[tuple[str, list[Any]]] = [
    ("routing_begin", []),
    ("routing_move", ["x"]),
    ("routing_live", []),
    ("routing_discard", []),
    ("routing_back", [1]),
]


@pytest.mark.parametrize("role", ["agent", "crew", "communications", "official"])
def test_only_who_may_sees_and_changes_it(login: Callable[[str], Client], role: str) -> None:
    client = login(role)
    assert [client.get(reverse(f"console:{name}")).status_code for name in PAGES] == [403] * len(PAGES)
    assert [post(client, name, *args).status_code for name, args in FORMS] == [403] * len(FORMS)
    assert not RoutingVersion.objects.exists()
