"""A place that only an outside geocoder knows, in the forms of the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings as Django

from openline.service_requests.models import ServiceRequest
from tests.console import world
from tests.geography.outside import CHURCH, Outside, Said, running

TYPED, NAME = "Zeldas Water Ice", "Saint Luke's Church, 5421 Germantown Avenue"


@pytest.fixture
def outside(settings: Django) -> Iterator[Outside]:
    """An outside geocoder, set up."""
    with running() as here:
        settings.GEOCODER = here.settings()
        yield here


def save(client: Client, found: ServiceRequest, **fields: Any) -> Any:
    """Send the form that corrects the place."""
    address = reverse("console:place", args=[found.number])
    sent = {"client_id": uuid4(), "version": found.version, **fields}
    return client.post(address, sent, headers={"HX-Request": "true"})


def test_found_outside_looked_at_and_saved(
    login: Callable[[str], Client], philadelphia: None, outside: Outside
) -> None:
    client, found = login("agent"), world.request_from(world.conversation("Maria Santos", "pothole"))
    preview = client.get(reverse("console:find_place"), {"place": TYPED})
    assert "When you save, OpenStreetMap is asked too." in preview.content.decode()
    assert outside.heard == [], "no keystroke leaves the machine"
    first = save(client, found, place=TYPED)
    assert first.status_code == 422 and "OpenStreetMap finds: Saint Luke&#x27;s Church" in first.content.decode()
    assert "OpenStreetMap finds:" in client.get(reverse("console:find_place"), {"place": TYPED}).content.decode()
    assert save(client, found, place=TYPED, confirmed=NAME).status_code == 200
    found.refresh_from_db()
    assert (found.place_name, found.latitude, found.longitude) == (NAME, *CHURCH)
    assert len(outside.heard) == 1


def test_a_dead_service_is_a_word_of_advice(
    login: Callable[[str], Client], philadelphia: None, outside: Outside
) -> None:
    outside.says = lambda _: Said(b"oops", 500)
    found = world.request_from(world.conversation("Maria Santos", "pothole"))
    answer = save(login("agent"), found, place=TYPED)
    assert answer.status_code == 422 and "No such place is known." in answer.content.decode()


def test_off_nothing_is_said_of_it(login: Callable[[str], Client], philadelphia: None) -> None:
    preview = login("agent").get(reverse("console:find_place"), {"place": TYPED})
    assert "No such place is known." in preview.content.decode() and "is asked too" not in preview.content.decode()
