"""Alerts on the console: filled in from a template, looked at, issued, updated and ended; the templates' editor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from openline.accounts.models import Account
from openline.console.alert_form import AlertForm, previews
from openline.outbox.models import Delivery
from openline.publishing.alerts import current, places
from openline.publishing.alerts.issuing import Draft
from openline.publishing.errors import NotPossible
from openline.publishing.models import Alert, AlertTemplate, Variant
from tests.world import city_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]
Login = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _anew() -> None:
    current.forget_now()


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return city_account(tmp_path / "news", "@news")


def filled(client: Client, address: str, **more: Any) -> dict[str, Any]:
    """The form as the page gives it, as a browser would send it."""
    form = client.get(address).context["form"]
    data: dict[str, Any] = {"client_id": uuid4()}
    for field in form:
        value = field.value()
        if value not in (None, False):
            data[field.html_name] = value
    return data | more


def send(client: Client, address: str, **more: Any) -> HttpResponse:
    return client.post(address, filled(client, address, **more))  # type: ignore[return-value]


NEW = "/console/alerts/new/?template=boil-water"
VALUES = {"value-reason:en": "a main broke", "value-reason:es": "se rompió una tubería", "named": "Fishtown"}


def test_only_who_has_the_capability_comes_here(login: Login) -> None:
    for address in ("", "new/", "templates/", "templates/new/"):
        assert login("agent").get(f"/console/alerts/{address}").status_code == 403
        assert login("communications").get(f"/console/alerts/{address}").status_code == 200


def test_a_preview_shows_every_account_and_sends_nothing(login: Login, account: Account) -> None:
    answer = send(login("supervisor"), NEW, **VALUES)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("Boil your water in Fishtown") >= 2 and "Hierva el agua en Fishtown" in page
    assert "/ 500" in page
    assert not Alert.objects.exists() and not Delivery.objects.exists()


def test_an_alert_is_issued_updated_and_ended(login: Login, account: Account, staff: dict[str, User]) -> None:
    client = login("communications")
    answer = send(client, NEW, **VALUES, issue="1")
    alert = Alert.objects.get()
    assert answer["Location"] == f"/console/alerts/{alert.pk}/"
    assert alert.began_by == staff["communications"]
    assert {variant.language for variant in Variant.objects.all()} == {"en", "es"}
    page = client.get(answer["Location"]).content.decode()
    assert "On its way" in page or "Scheduled" in page
    update = f"/console/alerts/{alert.pk}/update/"
    assert send(client, update, named="Kensington", issue="1").status_code == 422  # it did not say what it saw
    assert send(client, update, named="Kensington", issue="1", seen="1").status_code == 302
    assert alert.editions.get(number=2).area == "Kensington"
    end = f"/console/alerts/{alert.pk}/end/"
    assert client.post(end, {"client_id": uuid4(), "seen": "1"}).status_code == 422  # not the newest
    assert client.post(end, {"client_id": uuid4(), "seen": "2"}).status_code == 302
    alert.refresh_from_db()
    assert alert.ended_at and "Over since" in client.get(f"/console/alerts/{alert.pk}/").content.decode()


def test_what_is_wrong_is_said_and_what_was_typed_stays(login: Login, account: Account) -> None:
    answer = send(login("supervisor"), NEW, named="Fishtown", issue="1")
    assert answer.status_code == 422
    assert "reason" in answer.content.decode() and 'value="Fishtown"' in answer.content.decode()
    past = (timezone.localtime() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert send(login("supervisor"), NEW, **VALUES, expires_at=past, issue="1").status_code == 422
    assert send(login("supervisor"), NEW, **VALUES, expires_at="soon", issue="1").status_code == 422
    assert not Alert.objects.exists()


def test_an_exercise_is_not_posted_unless_that_is_said(login: Login, account: Account) -> None:
    send(login("supervisor"), NEW, **VALUES, drill="on", issue="1")
    assert Alert.objects.get().drill and not Variant.objects.exists()


def test_a_template_is_written_and_changed(login: Login) -> None:
    client = login("supervisor")
    words = {"code": "flood", "name": "Flood", "event": "Flood", "fields_": "river: Which river",
             "headline-en": "{river} floods {place}", "headline-es": "{river} inunda {place}"}  # fmt: skip
    coded = {"category": "Met", "urgency": "Expected", "severity": "Severe", "certainty": "Likely", "response": "Avoid"}
    new = "/console/alerts/templates/new/"
    assert send(client, new, **words | coded).status_code == 302
    assert AlertTemplate.objects.get(code="flood").fields == [{"name": "river", "label": "Which river"}]
    assert send(client, new, **words | coded).status_code == 422  # it is there already
    edit = "/console/alerts/templates/flood/"
    assert send(client, edit, **{"headline-en": "{lake} floods"}).status_code == 422
    assert send(client, edit, **{"headline-en": "{river} rises"}).status_code == 302
    assert AlertTemplate.objects.get(code="flood").texts["en"]["headline"] == "{river} rises"


def test_a_network_that_wants_a_picture_keeps_no_alert_from_the_others(login: Login, account: Account) -> None:
    Account.objects.create(network="flickr", handle="philly311", server="https://flickr.example", name="Photos")
    client = login("supervisor")
    page = client.get(NEW).content.decode()
    assert "Not told: Flickr." in page and "Flickr philly311" not in page
    previewed = send(client, NEW, **VALUES)
    assert previewed.status_code == 200 and "So it will be said" in previewed.content.decode()
    answer = send(client, NEW, issue="1", **VALUES)
    assert answer.status_code == 302, answer.content
    assert {variant.account for variant in Variant.objects.all()} == {account}


def test_the_preview_says_what_would_keep_it_from_going_out(login: Login, account: Account) -> None:
    flickr = Account.objects.create(network="flickr", handle="p", server="https://flickr.example", name="Photos")
    form = AlertForm(None, template=AlertTemplate.objects.get(code="boil-water"))
    assert [one.pk for one in form.silent] == [flickr.pk]
    draft = replace(_draft(), targets=((flickr.pk, "en"),))
    with pytest.raises(NotPossible, match="takes nothing without a picture"):
        previews(draft, update=False)


def _draft() -> Draft:
    said = {"en": {"headline": "Boil your water", "text": "A main broke.", "instruction": "Boil it."}}
    return Draft(said, places.where("", [], "", "Philadelphia"), timezone.now() + timedelta(days=1), "Water")
