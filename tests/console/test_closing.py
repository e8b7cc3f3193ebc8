"""Closing on the screen: texts of outcomes, the form that fills them in and takes a photo, what residents said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from openline.inbox.models import Message
from openline.records.models import Record
from openline.service_requests import actions
from openline.service_requests.models import ResponseTemplate, Service, ServiceRequest
from tests.console import world
from tests.files.samples import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def hole(staff: Any) -> ServiceRequest:
    ResponseTemplate.objects.all().delete()
    return world.request_from(world.conversation("Maria Santos", "a deep hole"), world.service())


def template(client: Client, **fields: Any) -> Any:
    return client.post(
        reverse("console:template"),
        {"client_id": uuid4(), "outcome": "done", "language": "en", "service": "", "text": "", **fields},
    )


def close(client: Client, request: ServiceRequest, **fields: Any) -> Any:
    request.refresh_from_db()
    return client.post(
        reverse("console:close", args=[request.number]),
        {"client_id": uuid4(), "version": request.version, "to": "closed", **fields},
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Done at {place} by {who}.", "{who} is not a placeholder"),
        ("Done {number", "no other half"),
        ("Done } now", "no other half"),
        ("{} done", "{} is not a placeholder"),
        ("{number!r}", "not a placeholder"),
        ("{number:>99999999}", "not a placeholder"),
        ("{number.__class__}", "not a placeholder"),
        ("x" * 281, "280"),
        ("Call Joe at 215-555-0142", "personal data"),
    ],
)
def test_a_text_that_is_not_in_order_is_refused_beside_its_field(
    login: Callable[[str], Client], text: str, says: str, hole: ServiceRequest
) -> None:
    answer = template(login("supervisor"), text=text)
    page = answer.content.decode().replace("&#x27;", "'")
    assert answer.status_code == 422 and says in page
    assert not ResponseTemplate.objects.exists()


def test_a_text_is_written_seen_changed_and_taken_away(login: Callable[[str], Client], hole: ServiceRequest) -> None:
    client = login("supervisor")
    shown = template(client, text="{department} did {number}.", show="1", preview=hole.number).content.decode()
    assert f"Streets Department did {hole.number}." in shown and not ResponseTemplate.objects.exists()
    assert template(client, text="{department} did it.").status_code == 302
    template(client, text="Lo hizo {department}.", language="es", service="SR-ST01")
    page = client.get(reverse("console:templates")).content.decode()
    assert "{department} did it." in page and "Lo hizo {department}." in page and "No text yet in:" in page
    edit = client.get(reverse("console:template") + "?outcome=done&language=es&service=SR-ST01").content.decode()
    assert "Lo hizo {department}." in edit
    template(client, text="", language="es", service="SR-ST01")
    assert ResponseTemplate.objects.get().text == "{department} did it."
    told = Record.objects.filter(kind="administered", body__what__startswith="template").values_list("body__what")
    assert sorted(what for (what,) in told) == ["template removed", "template saved", "template saved"]


def test_a_preview_needs_a_request_of_the_persons_own(login: Callable[[str], Client], hole: ServiceRequest) -> None:
    answer = template(login("supervisor"), text="{number}", show="1", preview="no-such")
    assert answer.status_code == 422 and "no such request" in answer.content.decode()


def test_the_form_fills_in_the_text_and_closes_only_when_told(
    login: Callable[[str], Client], hole: ServiceRequest
) -> None:
    client = login("agent")
    empty = close(client, hole, outcome="done", fill="1").content.decode()
    assert "There is no text for this outcome yet" in empty
    ResponseTemplate.objects.create(outcome="done", language="en", text="{service}: done.")
    page = close(client, hole, outcome="done", fill="1").content.decode()
    assert "Street Defect: done.</textarea>" in page and "Not closed yet" in page
    assert '<option value="done" selected>' in page
    hole.refresh_from_db()
    assert hole.status == "received"
    assert close(client, hole, outcome="done", public_text="Street Defect: done.").status_code == 302
    hole.refresh_from_db()
    assert (hole.status, hole.status_note) == ("resolved", "Street Defect: done.")


def test_the_service_goes_before_all_and_a_text_without_its_fact_is_not_used(hole: ServiceRequest, staff: Any) -> None:
    for service, text in ((None, "{department} did it."), (hole.service, "Mended at {place}.")):
        ResponseTemplate.objects.create(outcome="done", language="en", service=service, text=text)
    closed = actions.move(hole.pk, "closed", by=staff["agent"], outcome="done")
    assert closed.status_note == "Mended at S 13TH ST & MARKET ST."
    actions.move(hole.pk, "reopened", by=staff["agent"], reason="mistake")
    ServiceRequest.objects.update(place_name="")
    closed = actions.move(hole.pk, "closed", by=staff["agent"], outcome="done")
    assert closed.status_note == "Streets Department did it."


def test_the_photo_comes_with_the_form(login: Callable[[str], Client], hole: ServiceRequest) -> None:
    Service.objects.update(after_photo=True)
    client = login("agent")
    page = client.get(reverse("console:request", args=[hole.number])).content.decode()
    assert "this service asks for one" in page
    refused = close(client, hole, outcome="done", public_text="Filled.")
    assert refused.status_code == 422 and "closed with a photo" in refused.content.decode()
    assert "Filled.</textarea>" in refused.content.decode()
    broken = close(client, hole, outcome="done", files=SimpleUploadedFile("x.jpg", b"no picture"))
    assert broken.status_code == 422
    given = SimpleUploadedFile("after.jpg", photo(), "image/jpeg")
    assert close(client, hole, outcome="done", public_text="Filled.", files=given).status_code == 302
    hole.refresh_from_db()
    assert hole.status == "resolved"
    assert "Filled. Is it fixed?" in Message.objects.filter(direction="out").latest("posted_at").text


def test_a_photo_of_a_form_that_is_refused_is_not_kept(login: Callable[[str], Client], hole: ServiceRequest) -> None:
    from openline.files.models import Attachment

    given = SimpleUploadedFile("after.jpg", photo(), "image/jpeg")
    assert close(login("agent"), hole, public_text="Filled.", files=given).status_code == 422
    assert not Attachment.objects.filter(request_id=hole.pk).exists()


def test_what_residents_said_is_counted(login: Callable[[str], Client], hole: ServiceRequest, staff: Any) -> None:
    from openline.care import surveys
    from openline.care.models import Survey

    client = login("supervisor")
    assert "Nobody was asked" in client.get(reverse("console:satisfaction")).content.decode()
    actions.move(hole.pk, "closed", by=staff["agent"], outcome="done")
    survey = surveys.answered(Survey.objects.get(), True)
    surveys.ask(survey, hole.reports.get().conversation_id)
    surveys.rate(survey, 4)
    [row] = surveys.figures("department", 30)
    assert row == {
        "name": "Streets Department",
        "asked": 1,
        "answered": 1,
        "yes": 1,
        "opened_again": 0,
        "disputed": 0,
        "rating_asked": 1,
        "rated": 1,
        "mean": 4,
    }
    page = client.get(reverse("console:satisfaction")).content.decode()
    assert "<td>4.0</td>" in page and "Street Defect" in page
