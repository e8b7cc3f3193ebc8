"""What staff do around a request: reasons, people, parts, links, many at once, and seeing each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from openline.console import presence
from openline.console.models import Presence
from openline.inbox.models import Message
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import BulkChange, ServiceRequest
from tests.console import world
from tests.console.test_forms import send

pytestmark = pytest.mark.django_db


def reported(**more: Any) -> ServiceRequest:
    return world.request_from(world.conversation("Maria Santos", "A huge pothole"), **more)


def test_the_resident_is_asked_in_the_thread(login: Callable[[str], Client]) -> None:
    request = reported()
    refused = send(login("agent"), "move", request.number, to="waiting", public_text="Which corner?")
    assert refused.status_code == 422 and "Say why" in refused.content.decode()
    assert "Which corner?" in refused.content.decode()  # what was typed stays
    asked = send(login("agent"), "move", request.number, to="waiting", reason="place", public_text="Which corner?")
    page = asked.content.decode()
    assert asked.status_code == 200 and "Waiting for the resident" in page and "We need the exact place" in page
    assert "Which corner? Please answer here." in Message.objects.get(direction="out").text


def test_a_planned_day_is_told_and_a_past_one_refused(login: Callable[[str], Client]) -> None:
    request, client = reported(), login("agent")
    past = send(client, "move", request.number, to="scheduled", scheduled_for="2020-01-01")
    assert past.status_code == 422 and "past" in past.content.decode()
    assert send(client, "move", request.number, to="scheduled", scheduled_for="soon").status_code == 422
    day = today() + timedelta(days=4)
    send(client, "move", request.number, to="scheduled", scheduled_for=day.isoformat())
    assert f"is planned for {day:%A, %B} {day.day}" in Message.objects.get(direction="out").text


def test_a_planned_day_can_be_changed_and_is_told_again(login: Callable[[str], Client]) -> None:
    request, client, day = reported(), login("agent"), today() + timedelta(days=4)
    send(client, "move", request.number, to="scheduled", scheduled_for=day.isoformat())
    same = send(client, "move", request.number, to="scheduled", scheduled_for=day.isoformat())
    assert same.status_code == 422 and "planned already" in same.content.decode()
    assert "Change the day" in same.content.decode()
    later = day + timedelta(days=1)
    assert send(client, "move", request.number, to="scheduled", scheduled_for=later.isoformat()).status_code == 200
    assert ServiceRequest.objects.get(pk=request.pk).scheduled_for == later
    assert f"{later:%A, %B} {later.day}" in Message.objects.filter(direction="out").latest("posted_at").text


def test_who_mentions_nobody_is_told_so(login: Callable[[str], Client]) -> None:
    request, client = reported(), login("agent")
    page = send(client, "update", request.number, note="@supervisor and @suprevisor, look").content.decode()
    assert "No colleague has the user name @suprevisor," in page
    assert "No colleague" not in send(client, "update", request.number, note="@supervisor, look").content.decode()


def test_a_rejection_is_told_with_its_reason(login: Callable[[str], Client]) -> None:
    request = reported()
    send(login("agent"), "move", request.number, to="rejected", reason="test")
    assert "a test" in Message.objects.get(direction="out").text
    assert ServiceRequest.objects.get(pk=request.pk).status == "rejected"


def test_crew_take_requests_of_their_department(login: Callable[[str], Client], staff: dict[str, User]) -> None:
    request, client = reported(), login("crew")
    assert send(client, "give", request.number, take="1").status_code == 404  # not their department's
    request.department.members.add(staff["crew"])
    assert send(client, "give", request.number, take="1").status_code == 200
    assert ServiceRequest.objects.get(pk=request.pk).assigned_to == staff["crew"]
    refused = send(client, "give", request.number, person="official")
    assert refused.status_code == 422 and "does not work for" in refused.content.decode()


def test_a_split_that_is_refused_keeps_what_was_typed(login: Callable[[str], Client]) -> None:
    request, parks = reported(), world.department("parks", "Parks")
    world.service("SR-PR08", "Street Trees", department=parks)
    refused = send(
        login("agent"), "split", request.number, service_0="SR-PR08", text_0="", service_1="SR-ST01", text_1="the hole"
    )
    page = refused.content.decode()
    assert refused.status_code == 422 and 'value="the hole"' in page
    assert '<option value="SR-PR08" selected>' in page and '<option value="SR-ST01" selected>' in page


def test_a_request_is_split_and_its_parts_are_shown(login: Callable[[str], Client]) -> None:
    request, client = reported(), login("agent")
    trees = world.service("SR-PR08", "Street Trees", department=world.department("parks", "Parks"))
    wrong = send(client, "split", request.number, service_0=trees.code, text_1="fill")
    assert wrong.status_code == 422 and "Choose a service" in wrong.content.decode()
    answer = send(
        client, "split", request.number, service_0=trees.code, text_0="roots", service_1="SR-ST01", text_1="fill"
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and all(part.number in page for part in request.parts.all())
    assert request.parts.count() == 2


def test_links_are_made_shown_and_taken_away(login: Callable[[str], Client]) -> None:
    request, other, client = reported(), reported(), login("agent")
    assert send(client, "link", request.number, other="99-000000").status_code == 422
    assert other.number in send(client, "link", request.number, other=other.number).content.decode()
    page = client.get(reverse("console:request", args=[other.number])).content.decode()
    assert request.number in page
    send(client, "link", request.number, other=other.number, unlink="1")
    assert not request.links.exists() and not request.linked_from.exists()


def many(client: Client, numbers: list[str], **fields: Any) -> Any:
    return client.post(reverse("console:bulk_change"), {"client_id": uuid4(), "request": numbers, **fields})


def test_many_are_closed_and_opened_again(login: Callable[[str], Client]) -> None:
    requests, client = [reported() for _ in range(3)], login("agent")
    numbers = [request.number for request in requests]
    answer = many(client, numbers, what="move", to="closed", outcome="done", public_text="All filled.")
    made = BulkChange.objects.get()
    assert answer.status_code == 302 and str(made.pk) in answer["Location"]
    page = client.get(answer["Location"]).content.decode()
    assert "3 requests were changed" in page and "Take it back" in page
    assert Message.objects.filter(direction="out", text__contains="All filled.").count() == 3
    undone = client.post(reverse("console:bulk_undo", args=[made.pk]), {"client_id": uuid4()})
    assert "Taken back." in undone.content.decode()
    assert ServiceRequest.objects.filter(status="reopened").count() == 3


def test_personal_data_for_many_is_looked_at_once(login: Callable[[str], Client]) -> None:
    request, client = reported(), login("agent")
    form = {"what": "move", "to": "closed", "outcome": "done", "public_text": "Call Joe at 215-555-0142."}
    answer = many(client, [request.number], **form)
    page = answer.content.decode()
    assert answer.status_code == 422 and "personal data" in page and not BulkChange.objects.exists()
    assert f'value="{request.number}"' in page and 'name="outcome" value="done"' in page


def test_nobody_changes_many_that_they_may_not_see(login: Callable[[str], Client]) -> None:
    request = reported()
    assert many(login("official"), [request.number], what="move", to="accepted").status_code == 403
    assert many(login("crew"), [request.number], what="move", to="accepted").status_code == 422
    login_agent = login("agent")
    many(login_agent, [request.number], what="move", to="accepted")
    made = BulkChange.objects.get()
    assert login("crew").get(reverse("console:bulk", args=[made.pk])).status_code == 404
    assert login("supervisor").get(reverse("console:bulk", args=[made.pk])).status_code == 200


def test_two_people_on_one_request_see_each_other(login: Callable[[str], Client], staff: dict[str, User]) -> None:
    request = reported()
    agent, supervisor = login("agent"), login("supervisor")
    address = reverse("console:request", args=[request.number])
    assert "looks at this too" not in agent.get(address).content.decode()
    assert "looks at this too" in supervisor.get(address).content.decode()  # without a script as well
    agent.post(reverse("console:here", args=[request.number]), {"writing": "1"})
    told = supervisor.post(reverse("console:here", args=[request.number])).content.decode()
    assert "Demo agent is writing here" in told
    Presence.objects.update(at=Presence.objects.earliest("at").at - timedelta(minutes=5))
    assert presence.others(staff["supervisor"], f"request:{request.pk}") == []


def test_lists_show_mine_and_where_i_am_mentioned(login: Callable[[str], Client], staff: dict[str, User]) -> None:
    request, client = reported(), login("agent")
    send(login("supervisor"), "update", request.number, note="@agent please look")
    found = client.get(reverse("console:requests"), {"mine": "mentions"}).content.decode()
    assert request.number in found
    assert request.number not in client.get(reverse("console:requests"), {"mine": "me"}).content.decode()
    assert request.number not in client.get(reverse("console:requests"), {"mine": "moon"}).content.decode()
