"""Who may do what: the whole matrix, role by role and page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from openline.console import permissions
from openline.inbox.models import Conversation
from openline.outbox.models import State
from tests.console import world

pytestmark = pytest.mark.django_db
EVERYBODY = set(permissions.ROLES)
DESK = {"agent", "supervisor", "administrator"}

MATRIX = {
    "inbox": DESK | {"communications", "official", "records"},
    "see_private": DESK | {"records"},
    "records": {"records", "administrator"},
    "answer": DESK | {"communications"},
    "triage": DESK,
    "requests": EVERYBODY,
    "see_all_requests": DESK | {"records"},
    "see_department_requests": {"crew"},
    "see_public_requests": {"communications", "official"},
    "move_request": DESK | {"crew"},
    "deliveries": DESK,
    "retry": {"supervisor", "administrator"},
    "see_refused": {"supervisor", "administrator"},
    "see_originals": {"supervisor", "administrator"},
    "figures": {"supervisor", "administrator"},
    "calendars": {"administrator"},
    "learning": {"supervisor", "administrator"},
    "catalogue": {"supervisor", "administrator"},
    "routing": {"supervisor", "administrator"},
    "templates": {"supervisor", "administrator"},
    "partners": {"supervisor", "administrator"},
    "see_articles": DESK | {"communications", "records"},
    "knowledge": {"communications", "supervisor", "administrator"},
    "publish": {"communications", "supervisor", "administrator"},
    "approve": {"communications", "supervisor", "official", "administrator"},
    "crisis": {"communications", "supervisor", "administrator"},
    "moderate_topics": DESK,
    "appoint_liaisons": {"supervisor", "administrator"},
    "administer": {"administrator"},
}


def test_the_matrix_is_what_the_city_was_promised(staff: dict[str, User]) -> None:
    found = {what: {role for role, user in staff.items() if permissions.allowed(user, what)} for what in MATRIX}
    assert found == MATRIX
    assert set(MATRIX) == permissions.CAPABILITIES


def test_who_has_no_role_may_nothing(staff: dict[str, User]) -> None:
    nobody = User.objects.create_user("nobody")
    assert permissions.capabilities(nobody) == permissions.capabilities(AnonymousUser()) == frozenset()


def test_an_inactive_person_may_nothing(staff: dict[str, User]) -> None:
    staff["administrator"].is_active = False
    assert permissions.capabilities(staff["administrator"]) == frozenset()


def test_two_roles_add_up(staff: dict[str, User]) -> None:
    crew = User.objects.get(username="crew")
    crew.groups.add(*staff["communications"].groups.all())
    assert permissions.allowed(crew, "answer") and permissions.allowed(crew, "move_request")


def test_a_misspelt_capability_is_an_error_not_a_refusal(staff: dict[str, User]) -> None:
    with pytest.raises(LookupError):
        permissions.allowed(staff["administrator"], "anwser")


GET = [
    "inbox",
    "parts",
    "requests",
    "unsent",
    "refused",
    "find_place",
    "learnt",
    "templates",
    "template",
    "satisfaction",
    "submissions",
    "api_keys",
    "posts",
    "facts",
    "gaps",
    "answer_figures",
]
POST = [
    ("answer", "uuid"),
    ("done", "uuid"),
    ("assign", "uuid"),
    ("open_request", "uuid"),
    ("move", "number"),
    ("close", "number"),
    ("update", "number"),
    ("service", "number"),
    ("place", "number"),
    ("department", "number"),
    ("learn", "none"),
    ("unlearn", "none"),
    ("retry", "uuid"),
    ("cancel", "uuid"),
    ("retry_account", "uuid"),
    ("gap", "uuid"),
]
ARGUMENT: dict[str, list[Any]] = {"uuid": [uuid4()], "number": ["26-999999"], "none": []}


@pytest.mark.parametrize("name", GET)
def test_every_page_asks_for_a_login(client: Client, name: str) -> None:
    answer = client.get(reverse(f"console:{name}"))
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(("name", "kind"), POST)
def test_every_form_asks_for_a_login_and_a_role(client: Client, staff: dict[str, User], name: str, kind: str) -> None:
    address = reverse(f"console:{name}", args=ARGUMENT[kind])
    assert client.post(address).status_code == 302
    client.force_login(staff["official"])
    assert client.post(address).status_code == 403
    assert client.get(address).status_code == 405


@pytest.mark.parametrize(("name", "kind"), POST)
def test_every_form_asks_for_the_csrf_token(staff: dict[str, User], name: str, kind: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff["administrator"])
    assert client.post(reverse(f"console:{name}", args=ARGUMENT[kind])).status_code == 403


def test_the_refusal_says_whom_to_ask(client: Client, staff: dict[str, User]) -> None:
    client.force_login(User.objects.create_user("newcomer"))
    answer = client.get(reverse("console:inbox"))
    assert answer.status_code == 403 and b"administrator@city.example" in answer.content


def test_a_part_of_a_page_asked_for_after_the_session_ended_says_so(client: Client) -> None:
    answer = client.get(reverse("console:parts"), headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.content == b"" and "HX-Refresh" not in answer
    answer = client.post(reverse("console:answer", args=[uuid4()]), {"text": "Typed"}, headers={"HX-Request": "true"})
    assert answer.status_code == 401 and "HX-Refresh" not in answer  # what was typed stays on the page


@pytest.mark.parametrize("role", sorted(MATRIX["inbox"]))
def test_private_words_reach_only_who_may_read_them(login: Callable[[str], Client], role: str) -> None:
    talk = world.conversation("Dana Kowalski", "a private worry", visibility="private")
    client, may = login(role), role in MATRIX["see_private"]
    assert (b"a private worry" in client.get(reverse("console:inbox") + "?view=look").content) is may
    assert (b"a private worry" in client.get(reverse("console:inbox") + "?q=worry").content) is may
    opened = client.get(reverse("console:conversation", args=[talk.pk]))
    assert opened.status_code == (200 if may else 404)


def test_an_official_reads_private_words_of_the_own_account_only(
    login: Callable[[str], Client], staff: dict[str, User]
) -> None:
    own = world.account("@mayor", owner="official")
    world.conversation("Dana Kowalski", "private to the mayor", visibility="private", on=own)
    world.conversation("Dana Kowalski", "private to 311", visibility="private")
    page = login("official").get(reverse("console:inbox") + "?view=all").content
    assert b"private to the mayor" in page and b"private to 311" not in page


def test_crew_sees_and_changes_only_its_department(login: Callable[[str], Client], staff: dict[str, User]) -> None:
    mine = world.request_from(world.conversation("Maria Santos", "pothole"))
    other = world.request_from(
        world.conversation("Lee Nguyen", "dead tree"),
        world.service("SR-PR08", "Street Trees", department=world.department("parks", "Parks and Recreation")),
    )
    world.department().members.add(staff["crew"])
    client = login("crew")
    page = client.get(reverse("console:requests")).content.decode()
    assert mine.number in page and other.number not in page
    assert client.get(reverse("console:request", args=[other.number])).status_code == 404
    moved = client.post(reverse("console:move", args=[other.number]), {"to": "accepted", "client_id": uuid4()})
    assert moved.status_code == 404
    assert client.get(reverse("console:inbox")).status_code == 302


def test_officials_see_public_requests_without_internal_notes(login: Callable[[str], Client]) -> None:
    shown = world.request_from(world.conversation("Maria Santos", "pothole"))
    hidden = world.request_from(
        world.conversation("Lee Nguyen", "needles"), world.service("SR-X", "Needle pick-up", public=False)
    )
    from openline.service_requests.actions import add_update

    add_update(shown.pk, by=User.objects.get(username="agent"), note="neighbour is difficult")
    client = login("official")
    page = client.get(reverse("console:request", args=[shown.number])).content
    assert b"neighbour is difficult" not in page and b"<form method" not in page.split(b"<main")[1].split(b"</main")[0]
    assert client.get(reverse("console:request", args=[hidden.number])).status_code == 404


def test_who_may_not_retry_is_told_who_can(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Tom O'Brien", "hello?")
    world.said(talk, "hi", State.FAILED, error="The network refuses the token.", kind="TokenExpired")
    address = reverse("console:conversation", args=[talk.pk])
    assert b"A supervisor can send it again" in login("agent").get(address).content
    assert b"Send it again" in login("supervisor").get(address).content


def test_visible_conversations_of_nobody_are_none(staff: dict[str, User]) -> None:
    world.conversation("Maria Santos", "pothole")
    assert not permissions.visible_conversations(AnonymousUser()).exists()
    assert not permissions.visible_requests(AnonymousUser()).exists()
    assert not permissions.visible_conversations(staff["crew"]).exists()
    assert Conversation.objects.exists()


def test_a_form_of_an_old_session_does_nothing_and_says_why(staff: dict[str, User]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff["agent"])
    talk = world.conversation("Maria Santos", "How do I get a permit?")
    answer = client.post(reverse("console:done", args=[talk.pk]), {"csrfmiddlewaretoken": "old"})
    assert answer.status_code == 403 and answer["X-Openline"] == "csrf"
    assert b"Nothing was sent" in answer.content
    assert Conversation.objects.get(pk=talk.pk).status == "open"


def test_a_crew_without_a_department_is_told_so(login: Callable[[str], Client]) -> None:
    client = login("crew")
    assert "You belong to no department yet" in client.get(reverse("console:requests")).content.decode()
    world.department().members.add(User.objects.get(username="crew"))
    assert "You belong to no department yet" not in client.get(reverse("console:requests")).content.decode()


def test_a_number_finds_its_request_whatever_else_is_chosen(login: Callable[[str], Client]) -> None:
    request = world.request_from(world.conversation("Lee Nguyen", "Pothole at 13th and Market"))
    type(request).objects.update(status="closed", closed_at=timezone.now())
    page = login("agent").get(
        reverse("console:requests"), {"q": request.number, "status": "open", "department": "none"}
    )
    assert f"/console/requests/{request.number}/" in page.content.decode()
