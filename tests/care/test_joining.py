"""Joining requests: who reported follows the other and is told, once, in their own language; and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from openline.care.models import Report
from openline.console.permissions import create_demo_users
from openline.inbox.models import Conversation, Identity, Message, Resident
from openline.service_requests import actions, joining
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import SameOrNot, ServiceRequest
from tests.service_requests.test_similar import lamp
from tests.world import city_account

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def agent(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ana")


@pytest.fixture
def reported(tmp_path: Path) -> dict[str, ServiceRequest]:
    """Two requests, by Maria in English and Luis in Spanish."""
    account = city_account(tmp_path / "posts")
    found = {}
    for name, language, north in (("maria", "en", 0), ("luis", "es", 8)):
        request = lamp(north)
        at = request.requested_at
        resident = Resident.objects.create(created_at=at)
        identity = Identity.objects.create(network="file", network_user_id=name, handle="@" + name, resident=resident)
        talk = Conversation.objects.create(
            account=account, identity=identity, thread=name, opened_at=at, last_message_at=at
        )
        said = Message.objects.create(
            conversation=talk, account=account, direction="in", network_id=name, text="dark",
            language=language, posted_at=at, kept_at=at,
        )  # fmt: skip
        Report.objects.create(conversation=talk, request=request, message=said, created_at=at)
        found[name] = request
    return found


def told(name: str) -> list[str]:
    found = Message.objects.filter(direction="out", conversation__thread=name).order_by("posted_at", "id")
    return list(found.values_list("text", flat=True))


def test_a_joined_request_points_to_the_other_and_its_reporter_hears_the_end(reported: Any, agent: Any) -> None:
    maria, luis = reported["maria"], reported["luis"]
    joining.join(luis.pk, maria.pk, by=agent)
    luis.refresh_from_db()
    assert (luis.status, luis.outcome, luis.duplicate_of) == ("duplicate", "duplicate", maria)
    assert len(told("luis")) == 1 and "mismo problema que " + maria.number in told("luis")[0]
    assert told("maria") == []
    actions.move(maria.pk, "closed", by=agent, outcome="done", public_text="New bulb.")
    assert "New bulb." in told("luis")[-1] and "New bulb." in told("maria")[-1]
    assert len(told("luis")) == 2 and len(told("maria")) == 1


def test_a_joining_is_undone_and_both_decisions_are_kept(reported: Any, agent: Any) -> None:
    maria, luis = reported["maria"], reported["luis"]
    joining.join(luis.pk, maria.pk, by=agent)
    joining.separate(luis.pk, by=agent)
    luis.refresh_from_db()
    assert (luis.status, luis.outcome, luis.duplicate_of) == ("reopened", "", None)
    assert "sí es otro problema" in told("luis")[-1]
    actions.move(maria.pk, "closed", by=agent, outcome="done")
    assert len(told("luis")) == 2
    kept = list(SameOrNot.objects.order_by("at").values_list("same", flat=True))
    assert kept == [True, False] and SameOrNot.objects.first().facts["far"] > 0  # type: ignore[union-attr]
    with pytest.raises(NotPossible):
        joining.separate(luis.pk, by=agent)


def test_what_cannot_be_joined(reported: Any, agent: Any) -> None:
    maria, luis, third = reported["maria"], reported["luis"], lamp(3)
    with pytest.raises(NotPossible):
        joining.join(maria.pk, maria.pk, by=agent)
    joining.join(luis.pk, maria.pk, by=agent)
    for request, other in ((third, luis), (luis, third)):
        with pytest.raises(NotPossible):
            joining.join(request.pk, other.pk, by=agent)
    actions.move(maria.pk, "closed", by=agent, outcome="done")
    with pytest.raises(NotPossible, match="closed"):
        joining.join(third.pk, maria.pk, by=agent)


def test_staff_see_join_and_undo_on_the_page(reported: Any) -> None:
    maria, luis = reported["maria"], reported["luis"]
    client = Client()
    create_demo_users("a-long-demo-password")
    assert client.login(username="agent", password="a-long-demo-password")
    page = reverse("console:request", args=[luis.number])
    text = client.get(page).content.decode()
    assert "Possibly the same" in text and maria.number in text and "8 m away" in text
    form = {"client_id": "0190a0a0-0000-7000-8000-000000000001", "other": maria.number, "same": "1"}
    assert client.post(reverse("console:join", args=[luis.number]), form).status_code == 302
    assert "Joined to another request" in client.get(page).content.decode()
    assert maria.number in client.get(f"/requests/{luis.number}/").content.decode()
    answer = client.get(f"/open311/v2/requests/{luis.number}.json").json()[0]
    assert answer["status"] == "closed" and maria.number in answer["status_notes"]
    form = {"client_id": "0190a0a0-0000-7000-8000-000000000002"}
    assert client.post(reverse("console:separate", args=[luis.number]), form).status_code == 302
    text = client.get(page).content.decode()
    assert "Joined to another" not in text and "Possibly the same" not in text


def test_a_crew_cannot_join(reported: Any) -> None:
    client = Client()
    create_demo_users("a-long-demo-password")
    assert client.login(username="crew", password="a-long-demo-password")
    assert client.post(reverse("console:join", args=[reported["luis"].number])).status_code == 403
