"""A language model's suggestion beside a message: what staff see, and what one click does with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from openline.console.permissions import ROLES
from openline.inbox.models import Attention, Conversation
from openline.language_model.models import Suggestion
from openline.service_requests.models import Service, ServiceRequest
from openline.triage.models import Correction
from tests.console import world
from tests.console.test_inbox import HOSTILE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]
PLACE = "N 13th St & Market St"
Login = Callable[[str], Client]


@pytest.fixture
def talk() -> Conversation:
    """A message of which the local reader was not sure."""
    made = world.conversation("Maria Santos", "the lid is loose at 13th & Market", attention=Attention.LOOK)
    world.assess(made, "request", "look", "Not sure.", services=(("SR-LI21", "Maintenance Complaint", 0.2),))
    return made


def shown(client: Client, talk: Conversation) -> str:
    """The suggestions on the conversation's page."""
    page = client.get(reverse("console:conversation", args=[talk.pk])).content.decode()
    return "".join(re.findall(r'<div class="suggestion".*?</div>', page, re.S))


def click(client: Client, html: str, **more: str) -> int:
    """Send the form of the suggestion; the status of what comes back."""
    address = re.findall(r'<form[^>]* action="([^"]+)"', html)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
    return client.post(address[0], fields | more, headers={"HX-Request": "true"}).status_code


def test_nothing_is_shown_where_nothing_was_suggested(login: Login, talk: Conversation) -> None:
    assert shown(login("agent"), talk) == ""


def test_it_says_what_who_and_that_it_may_be_wrong(login: Login, talk: Conversation) -> None:
    world.suggest(talk, "SR-ST01", "Street Defect", place=PLACE, urgency="urgent", reason="“lid” is a manhole cover.")
    said = re.sub(r"<[^>]+>|\s+", " ", shown(login("agent"), talk))
    said = " ".join(said.split())
    assert "A language model suggests: Street Defect , N 13th St &amp; Market St request urgent" in said
    assert "“lid” is a manhole cover." in said and "qwen3-8b" in said and "It can be wrong" in said


def test_one_click_opens_the_request_and_openline_learns(login: Login, talk: Conversation) -> None:
    world.suggest(talk, "SR-ST01", "Street Defect", place=PLACE)
    client = login("agent")
    html = shown(client, talk)
    assert "open the request and tell the resident" in html
    assert click(client, html) == 200
    request = ServiceRequest.objects.get()
    assert (request.service.name, request.place_name) == ("Street Defect", PLACE)
    assert Correction.objects.get().after == "SR-ST01"
    talk.refresh_from_db()
    assert talk.status == "done" and talk.messages.filter(direction="out").count() == 1
    assert "<form" not in shown(client, talk)  # used
    assert click(client, html) == 200 and ServiceRequest.objects.count() == 1  # the same form twice is one request


def test_without_a_place_the_form_opens_with_the_service_in_it(login: Login, talk: Conversation) -> None:
    world.suggest(talk, "SR-ST01", "Street Defect", words="behind the house")
    client = login("agent")
    html = shown(client, talk)
    address = re.findall(r'action="([^"]+)"', html)[0]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    answer = client.post(address, fields)
    page = answer.content.decode()
    assert answer.status_code == 422 and "needs a place" in page
    assert re.search(r'id="open-request" open', page) and 'value="Street Defect"' in page
    assert not ServiceRequest.objects.exists()


def test_one_click_corrects_the_service_of_the_messages_own_request(login: Login, talk: Conversation) -> None:
    request = world.request_from(talk, Service.objects.get(code="SR-LI21"))
    world.suggest(talk, "SR-ST01", "Street Defect", place=PLACE)
    client = login("agent")
    html = shown(client, talk)
    assert f"correct request {request.number}" in html
    assert click(client, html) == 200
    request.refresh_from_db()
    assert request.service.code == "SR-ST01"
    assert Correction.objects.get().before == "SR-LI21"
    assert "<form" not in shown(client, talk)


def test_a_conflict_is_told_instead_of_overwritten(login: Login, talk: Conversation) -> None:
    request = world.request_from(talk, Service.objects.get(code="SR-LI21"))
    world.suggest(talk, "SR-ST01", "Street Defect")
    client = login("agent")
    html = shown(client, talk)
    ServiceRequest.objects.update(version=request.version + 1)
    assert click(client, html) == 422
    request.refresh_from_db()
    assert request.service.code == "SR-LI21"


def test_a_request_of_another_message_is_left_alone(login: Login, talk: Conversation) -> None:
    world.request_from(talk, Service.objects.get(code="SR-LI21"))
    world.message(talk, "and the other lid too, at 13th & Market")
    world.assess(talk, "request", "look", "Not sure.")
    world.suggest(talk, "SR-ST01", "Street Defect", place=PLACE)
    assert "open the request" in shown(login("agent"), talk)


@pytest.mark.parametrize(("code", "name"), [("", ""), ("NOT-THERE", "Gone"), ("referral", "")])
def test_what_cannot_be_filed_has_no_button(login: Login, talk: Conversation, code: str, name: str) -> None:
    if code == "referral":
        other = Service.objects.filter(kind="referral", active=True)[0]
        code, name = other.code, other.name
    world.suggest(talk, code, name)
    html = shown(login("agent"), talk)
    assert "suggests" in html and "<form" not in html


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"crew"}))
def test_only_who_may_put_things_right_has_the_button(login: Login, talk: Conversation, role: str) -> None:
    world.suggest(talk, "SR-ST01", "Street Defect", place=PLACE)
    html = shown(login(role), talk)
    assert "suggests" in html and ("<form" in html) is ("triage" in ROLES[role])


def test_a_suggestion_for_words_that_were_edited_is_not_shown(login: Login, talk: Conversation) -> None:
    world.suggest(talk, "SR-ST01", "Street Defect")
    Suggestion.objects.update(at=timezone.now() - timedelta(hours=1))
    assert shown(login("agent"), talk) == ""


def test_hostile_words_of_a_model_are_only_words(login: Login, talk: Conversation) -> None:
    world.suggest(talk, "X", HOSTILE[:80], place=HOSTILE, intent="<i>", urgency='"><b>', reason=HOSTILE)
    html = shown(login("agent"), talk)
    assert "<script" not in html and "<img" not in html and "<i>" not in html and "<b>" not in html
    assert '"><b>' not in html


def test_suggestions_cost_few_questions_however_many(
    login: Login, talk: Conversation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        world.message(talk, f"lid {number}")
        world.assess(talk, "request", "look", "Not sure.")
        world.suggest(talk, "SR-ST01", "Street Defect")
    client = login("supervisor")
    client.get("/console/")
    with django_assert_max_num_queries(24):
        client.get(reverse("console:conversation", args=[talk.pk]))
