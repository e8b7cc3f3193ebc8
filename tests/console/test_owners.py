"""On a request's page: the questions with their answers, and giving it back; what of it the public sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from openline.service_requests.models import ServiceAttribute, ServiceRequest
from tests.console import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(staff: dict[str, User]) -> ServiceRequest:
    service = world.service("LIGHT", "Lamp")
    yes_no = [{"key": "yes", "name": "Yes, a wire is down", "stop": "Call 911 now."}, {"key": "no", "name": "No"}]
    ServiceAttribute.objects.create(
        service=service,
        code="wires",
        order=1,
        question="Are wires down?",
        datatype="singlevaluelist",
        values=yes_no,
        required=True,
        public=True,
    )
    ServiceAttribute.objects.create(
        service=service,
        code="pole",
        order=2,
        question="Which pole?",
        public=True,
        depends_on="wires",
        depends_values=["no"],
    )
    ServiceAttribute.objects.create(service=service, code="height", order=3, question="How high?", datatype="number")
    world.department().members.add(staff["crew"])
    return world.request_from(world.conversation("Maria Santos", "the lamp is out"), service)


def post(client: Client, name: str, number: str, **fields: Any) -> Any:
    return client.post(reverse(f"console:{name}", args=[number]), {"client_id": uuid4(), **fields})


def test_nothing_is_required_of_a_message_and_staff_fill_it_in(
    login: Callable[[str], Client], found: ServiceRequest
) -> None:
    client = login("agent")
    page = client.get(reverse("console:request", args=[found.number])).content.decode()
    assert "Are wires down?" in page and "not answered yet" in page and "Which pole?" not in page
    post(client, "answers", found.number, **{"answer-wires": "no", "answer-height": "3"})
    page = client.get(reverse("console:request", args=[found.number])).content.decode()
    assert "Which pole?" in page and "not answered yet" not in page
    post(client, "answers", found.number, **{"answer-wires": "no", "answer-height": "3", "answer-pole": "17"})
    found.refresh_from_db()
    assert found.answers == {"wires": "no", "height": 3, "pole": "17"}
    assert "pole: 17" in found.updates.order_by("-at")[0].note


def test_a_wrong_answer_is_said_beside_the_question_and_what_was_typed_stays(
    login: Callable[[str], Client], found: ServiceRequest
) -> None:
    answer = post(login("agent"), "answers", found.number, **{"answer-wires": "no", "answer-height": "tall"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "“tall” is not a number" in page and 'value="tall"' in page
    found.refresh_from_db()
    assert found.answers == {}


def test_an_answer_that_stops_says_who_helps(login: Callable[[str], Client], found: ServiceRequest) -> None:
    client = login("crew")
    post(client, "answers", found.number, **{"answer-wires": "yes"})
    assert "Call 911 now." in client.get(reverse("console:request", args=[found.number])).content.decode()


def test_the_public_sees_public_answers_without_personal_data(
    login: Callable[[str], Client], found: ServiceRequest
) -> None:
    post(
        login("agent"),
        "answers",
        found.number,
        **{"answer-wires": "no", "answer-height": "3", "answer-pole": "17, call me: 267-555-0134"},
    )
    page = Client().get(reverse("portal:request", args=[found.number])).content.decode()
    assert "Which pole?" in page and "17" in page and "0134" not in page and "How high?" not in page


def test_a_crew_gives_back_with_one_click_and_sees_it_no_more(
    login: Callable[[str], Client], found: ServiceRequest
) -> None:
    client = login("crew")
    answer = post(client, "give_back", found.number, reason="wrong_department", note="A private lamp.")
    assert answer.status_code == 302 and answer["Location"] == reverse("console:requests")
    found.refresh_from_db()
    assert found.department.fallback and "A private lamp." in found.routing_reason
    assert found.assignments.get(returned_at__isnull=False).returned_reason == "wrong_department"
    assert client.get(reverse("console:request", args=[found.number])).status_code == 404


def test_giving_back_needs_a_reason_of_the_list(login: Callable[[str], Client], found: ServiceRequest) -> None:
    answer = post(login("agent"), "give_back", found.number, reason="because")
    assert answer.status_code == 422 and "Choose why the request is given back." in answer.content.decode()


@pytest.mark.parametrize("name", ["answers", "give_back"])
def test_who_may_not_move_requests_may_not_do_this(
    login: Callable[[str], Client], found: ServiceRequest, name: str
) -> None:
    assert post(login("official"), name, found.number).status_code == 403
