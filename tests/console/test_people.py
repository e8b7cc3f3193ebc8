"""Accounts of staff on the console: made, changed, switched off; nobody locks the city out."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from openline.console import people
from openline.inbox.models import Conversation
from openline.records.models import Record
from openline.service_requests import assigning
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from tests.console import world

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]
STAFF = "/console/staff/"


def post(client: Client, address: str, **fields: object) -> str:
    """Send a form; the page that answers."""
    return client.post(address, {"client_id": str(uuid4()), **fields}, follow=True).content.decode()


def of(user: User, deed: str = "") -> str:
    """The address of an account."""
    return f"{STAFF}{user.pk}/{deed}"


@pytest.mark.parametrize("role", ["agent", "supervisor", "crew", "communications", "official"])
def test_only_administrators_see_and_change_accounts(login: Login, staff: dict[str, User], role: str) -> None:
    client = login(role)
    form = {"client_id": str(uuid4()), "what": "off"}
    assert client.get(STAFF).status_code == client.post(of(staff["agent"], "act/"), form).status_code == 403
    assert User.objects.get(username="agent").is_active


def test_somebody_new_signs_in_with_the_password_that_is_shown_once(login: Login) -> None:
    streets, client = world.department(), login("administrator")
    page = post(client, f"{STAFF}new/", username="ana.ruiz", first_name="Ana", roles=["crew"], departments=[streets.pk])
    found = re.search(r"<code>([0-9a-f-]+)</code>", page)
    assert found and "shown this once" in page
    ana = User.objects.get(username="ana.ruiz")
    assert ana.check_password(found[1]) and list(ana.departments.all()) == [streets]
    assert Client().login(username="ana.ruiz", password=found[1])
    assert not any(found[1] in str(one.body) for one in Record.objects.all())
    assert "ana.ruiz" in client.get(STAFF).content.decode()
    assert found[1] not in client.get(of(ana)).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "AGENT", "roles": ["crew"]}, "Somebody has this user name already."),
        ({"username": "two words", "roles": ["crew"]}, "valid username"),
        ({"username": "x" * 151, "roles": ["crew"]}, "150"),
        ({"username": "ana", "email": "Agent@city.example", "roles": ["crew"]}, "Somebody has this address already."),
        ({"username": "ana", "roles": ["king"]}, "not one of the available choices"),
        ({"username": "ana"}, "Choose at least one."),
        ({"username": "ana", "email": "no address", "roles": ["crew"]}, "valid email"),
    ],
)
def test_wrong_input_makes_nobody(login: Login, fields: dict[str, object], said: str) -> None:
    before = User.objects.count()
    assert said in post(login("administrator"), f"{STAFF}new/", **fields)
    assert User.objects.count() == before


def test_who_left_is_out_at_once_and_what_lay_with_them_goes_back(login: Login, staff: dict[str, User]) -> None:
    crew, boss = staff["crew"], staff["administrator"]
    talk = world.conversation("Maria Santos", "How do I get a permit?")
    request = world.request_from(talk)
    world.department().members.add(crew)
    Conversation.objects.update(assigned_to=crew)
    assigning.give(request.pk, by=boss, person=crew)
    session = login("crew")
    assert session.get("/console/requests/").status_code == 200
    page = post(login("administrator"), of(crew, "act/"), what="off")
    assert "crew is switched off. 2 things that lay with them went back." in page
    assert session.get("/console/requests/").status_code == 302
    assert Conversation.objects.get().assigned_to is None
    assert ServiceRequest.objects.get(pk=request.pk).assigned_to is None
    post(login("administrator"), of(crew, "act/"), what="on")
    assert User.objects.get(username="crew").is_active


def test_nobody_locks_the_city_out(login: Login, staff: dict[str, User]) -> None:
    boss = staff["administrator"]
    client = login("administrator")
    assert "You cannot switch yourself off." in post(client, of(boss, "act/"), what="off")
    page = post(client, of(boss), first_name="Changed", roles=["agent"])
    assert "Nobody could administer Openline any more." in page
    boss.refresh_from_db()
    assert boss.is_active and boss.first_name == "Demo" and boss.groups.get().name == "administrator"
    with pytest.raises(NotPossible):
        people.switch_off(boss, by="root")


def test_a_new_password_ends_the_sessions_of_the_old_one(login: Login, staff: dict[str, User]) -> None:
    agent, session = staff["agent"], login("agent")
    page = post(login("administrator"), of(agent, "act/"), what="password")
    found = re.search(r"<code>([0-9a-f-]+)</code>", page)
    assert found and User.objects.get(pk=agent.pk).check_password(found[1])
    assert session.get("/console/").status_code == 302


def test_an_unknown_deed_does_nothing(login: Login, staff: dict[str, User]) -> None:
    assert "The form is not complete." in post(login("administrator"), of(staff["agent"], "act/"), what="promote")
    assert login("administrator").get(f"{STAFF}999999/").status_code == 404
