"""Other programs in the console: keys for administrators, what waits for a person, and alarms on every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from openline.open311 import keys
from openline.open311.models import ApiKey, State, Submission
from openline.service_requests import actions
from openline.service_requests.models import ServiceRequest
from tests.console import world

pytestmark = pytest.mark.usefixtures("philadelphia")
Login = Callable[[str], Client]


def sent(description: str = "A deep hole", *, review: bool = True) -> Submission:
    """A program with a key sends a report."""
    key = keys.make(f"app {uuid4()}", "dev@app.example", by="test", review=review)[1]
    service = world.service()
    fields = {
        "service_code": service.code,
        "lat": 39.9523,
        "long": -75.1615,
        "description": description,
        "first_name": "Dana",
        "email": "dana@home.example",
        "media_url": "https://a.example/1.jpg",
    }
    answer = Client().post("/open311/v2/requests.json", fields, headers={"X-Api-Key": key})
    assert answer.status_code == 200, answer.content
    return Submission.objects.order_by("-at")[0]


def post(client: Client, page: str, /, *args: Any, **fields: Any) -> Any:
    return client.post(reverse(f"console:{page}", args=args), {"client_id": str(uuid4())} | fields)


def test_what_waits_is_shown_with_all_that_was_sent(login: Login) -> None:
    sent()
    client = login("agent")
    page = client.get(reverse("console:submissions")).content.decode()
    for word in ("A deep hole", "Market St &amp; N 13th St", "dana@home.example", "https://a.example/1.jpg"):
        assert word in page
    assert reverse("console:submissions") in client.get(reverse("console:inbox")).content.decode()


def test_it_is_opened_once_however_often_the_form_is_sent(login: Login) -> None:
    waits, client, form = sent(), login("agent"), str(uuid4())
    for _ in range(2):
        assert post(client, "accept_submission", waits.pk, client_id=form).status_code == 302
    request = ServiceRequest.objects.get()
    assert request.contact.email == "dana@home.example"
    assert f"Opened: request {request.number}." in client.get(reverse("console:submissions")).content.decode()
    again = post(client, "accept_submission", waits.pk)
    assert again.status_code == 422 and b"Somebody else has decided" in again.content


def test_a_refusal_needs_a_reason(login: Login) -> None:
    waits, client = sent(), login("agent")
    assert post(client, "refuse_submission", waits.pk, reason=" ").status_code == 422
    assert post(client, "refuse_submission", waits.pk, reason="Not in the city.").status_code == 302
    waits.refresh_from_db()
    assert waits.state == State.REFUSED and waits.reason == "Not in the city." and waits.decided_by
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("page", ["inbox", "parts", "requests", "unsent"])
def test_danger_to_life_is_on_every_page_until_somebody_takes_it_on(login: Login, page: str) -> None:
    sent("Live wire down and sparking on the sidewalk, kids are walking past it")
    request, client = ServiceRequest.objects.get(), login("agent")
    assert request.number in client.get(reverse(f"console:{page}")).content.decode()
    assert "Danger to life" in client.get(reverse(f"console:{page}")).content.decode()
    actions.move(request.pk, "accepted", by=User.objects.get(username="agent"))
    assert "Danger to life" not in client.get(reverse(f"console:{page}")).content.decode()


def test_a_key_is_made_and_shown_once(login: Login) -> None:
    client, form = login("administrator"), str(uuid4())
    fields = {
        "name": "street app",
        "contact": "dev@app.example",
        "per_minute": "30",
        "review": "on",
        "origins": "https://app.example\n",
    }
    page = post(client, "api_keys", client_id=form, **fields)
    key = ApiKey.objects.get()
    text = page.content.decode().split('id="made-key" value="')[1].split('"')[0]
    assert keys.digest_of(text) == key.digest and "no-store" in page["Cache-Control"]
    assert key.review and key.per_minute == 30 and key.origins == ["https://app.example"]
    assert key.created_by == "administrator"
    assert post(client, "api_keys", client_id=form, **fields).status_code in (302, 422)
    assert ApiKey.objects.count() == 1
    assert text not in client.get(reverse("console:api_keys")).content.decode()


@pytest.mark.parametrize(("change", "said"), [
    ({"name": ""}, "This field is required"), ({"per_minute": "0"}, "greater than or equal to 1"),
    ({"origins": "app.example"}, "is no origin"), ({"contact": ""}, "This field is required"),
])  # fmt: skip
def test_a_wrong_key_keeps_what_was_typed(login: Login, change: dict[str, str], said: str) -> None:
    fields = {"name": "street app", "contact": "dev@app.example", "per_minute": "30"} | change
    page = post(login("administrator"), "api_keys", **fields)
    assert page.status_code == 422 and said in page.content.decode()
    assert not ApiKey.objects.exists() and (change.get("name") == "" or b"street app" in page.content)


def test_a_key_is_revoked_by_who_is_sure(login: Login) -> None:
    key, _text = keys.make("street app", "dev@app.example", by="test")
    client = login("administrator")
    assert post(client, "revoke_key", key.pk).status_code == 422
    assert post(client, "revoke_key", key.pk, sure="1").status_code == 302
    key.refresh_from_db()
    assert not key.active and "revoked" in client.get(reverse("console:api_keys")).content.decode()


def test_keys_are_for_administrators_and_the_tray_for_the_desk(login: Login) -> None:
    waits = sent()
    assert login("supervisor").get(reverse("console:api_keys")).status_code == 403
    assert post(login("supervisor"), "api_keys", name="x", contact="y", per_minute="1").status_code == 403
    for role in ("crew", "communications", "official"):
        client = login(role)
        assert client.get(reverse("console:submissions")).status_code == 403
        assert post(client, "accept_submission", waits.pk).status_code == 403
    assert not ServiceRequest.objects.exists()
