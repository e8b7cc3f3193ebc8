"""The crisis switch as people use it: on every page, with a reason, and each held post decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from openline.publishing import pausing, scheduling, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Pause, Variant
from openline.publishing.states import VariantState
from tests.world import city_account

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


@pytest.fixture
def variant(staff: dict[str, User], tmp_path: Path) -> Variant:
    """A post that goes out in an hour."""
    form = Form(str(city_account(tmp_path / "news").pk))
    content = Content(texts={"en": Words("Concert on Sunday.")}, forms=(form,))
    post = writing.create(content, by=staff["communications"])
    scheduling.hand_in(post.pk, timezone.now() + timedelta(hours=1), by=staff["communications"])
    return post.variants.get()


def send(client: Client, address: str, **fields: object) -> object:
    return client.post(f"/console/crisis/{address}", {"client_id": uuid4(), **fields})


def test_the_switch_is_on_every_page_of_those_who_may(login: Login) -> None:
    for role in ("supervisor", "communications", "administrator"):
        assert "Pause everything" in login(role).get("/console/").content.decode()
    for role in ("agent", "official"):
        client = login(role)
        assert "Pause everything" not in client.get("/console/").content.decode()
        assert client.post("/console/crisis/begin/", {"reason": "x"}).status_code == 403


def test_everybody_sees_that_publishing_is_paused_and_why(login: Login, variant: Variant) -> None:
    assert send(login("communications"), "begin/", reason="A fire at the refinery.").status_code == 302  # type: ignore[attr-defined]
    for address in ("/console/", "/console/requests/"):
        page = login("agent").get(address).content.decode()
        assert "Publishing is paused" in page and "A fire at the refinery." in page
    page = login("supervisor").get("/console/crisis/").content.decode()
    assert "Concert on Sunday." in page and "End the pause" in page


def test_without_a_reason_nothing_is_paused(login: Login, variant: Variant) -> None:
    answer = send(login("communications"), "begin/", reason="")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert not Pause.objects.exists()


def test_a_held_post_is_decided(login: Login, staff: dict[str, User], variant: Variant) -> None:
    pausing.begin("A fire.", by=staff["supervisor"])
    client, chosen = login("communications"), [str(variant.pk)]
    assert send(client, "held/", chosen=chosen).status_code == 422  # type: ignore[attr-defined]
    assert send(client, "held/", chosen=chosen, what="later").status_code == 422  # type: ignore[attr-defined]
    at = timezone.localtime() + timedelta(days=2)
    answer = send(client, "held/", chosen=chosen, what="later", at=at.strftime("%Y-%m-%dT%H:%M"))
    assert answer.status_code == 302  # type: ignore[attr-defined]
    variant.refresh_from_db()
    assert variant.state == VariantState.PLANNED
    assert variant.leave_at and timedelta(hours=40) < variant.leave_at - timezone.now() < timedelta(hours=56)


def test_two_copies_of_the_form_pause_once(login: Login) -> None:
    client, once = login("supervisor"), uuid4()
    for _ in range(2):
        client.post("/console/crisis/begin/", {"client_id": once, "reason": "A fire."})
    assert Pause.objects.count() == 1
