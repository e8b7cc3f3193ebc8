"""Taking in what callers say: from words to number, the open request near by, and what stays private."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from openline.care.understanding import gazetteer
from openline.files.models import Attachment
from openline.geography.suggesting import suggest
from openline.service_requests.callers import to_call
from openline.service_requests.models import Caller, Contact, Service, ServiceRequest
from openline.service_requests.states import Status
from tests.console import world
from tests.files.samples import photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]
SAID = "Pothole, my name is Ruth Okafor, call 267-555-0134. It is at 13th and Market"


def form(**more: Any) -> dict[str, Any]:
    service = Service.objects.get(code="SR-ST01")
    service.attributes.all().delete()
    return {
        "client_id": uuid4(),
        "said": SAID,
        "service": service.name,
        "place": "S 13th St & Market St",
        "channel": "phone",
        "name": "Ruth Okafor",
        "phone": "267-555-0134",
        "language": "en",
        "open": "1",
        "consent": "on",
        **more,
    }


def test_a_call_becomes_a_request_with_number_and_contact(login: Callable[[str], Client]) -> None:
    client, sent = login("agent"), form()
    answer = client.post(reverse("console:intake"), sent)
    found = ServiceRequest.objects.get()
    assert answer.status_code == 302 and answer["Location"] == reverse("console:intake_done", args=[found.number])
    assert found.source == "phone" and found.latitude and "Market" in found.place_name
    assert found.description == SAID
    assert "Okafor" not in found.public_description and "0134" not in found.public_description
    contact = Contact.objects.get(request=found)
    assert (contact.name, contact.phone, contact.consent) == ("Ruth Okafor", "267-555-0134", True)
    assert client.post(reverse("console:intake"), sent)["Location"] == answer["Location"]
    assert ServiceRequest.objects.count() == 1


def test_the_receipt_has_number_code_and_address(login: Callable[[str], Client]) -> None:
    client = login("agent")
    page = client.post(reverse("console:intake"), form(), follow=True).content.decode()
    number = ServiceRequest.objects.get().number
    assert number in page and "<svg" in page and f"/requests/{number}/" in page and "Okafor" not in page


def test_nobody_outside_reads_the_contact(login: Callable[[str], Client]) -> None:
    login("agent").post(reverse("console:intake"), form())
    number = ServiceRequest.objects.get().number
    for address in (f"/requests/{number}/", "/requests/", f"/open311/v2/requests/{number}.json?extensions=true"):
        page = Client().get(address).content.decode()
        assert number in page and "Okafor" not in page and "0134" not in page
    assert "Okafor" in login("agent").get(reverse("console:request", args=[number])).content.decode()
    assert "Okafor" not in login("official").get(reverse("console:request", args=[number])).content.decode()


def test_what_is_open_near_by_is_seen_before_another_is_opened(login: Callable[[str], Client]) -> None:
    client = login("agent")
    client.post(reverse("console:intake"), form())
    first = ServiceRequest.objects.get()
    again = form(said="There is a hole at that corner")
    answer = client.post(reverse("console:intake"), again)
    page = answer.content.decode()
    assert answer.status_code == 422 and first.number in page and ServiceRequest.objects.count() == 1
    assert "There is a hole at that corner" in page
    answer = client.post(reverse("console:intake"), again | {"seen": first.number})
    assert answer.status_code == 302 and ServiceRequest.objects.count() == 2


def test_a_caller_is_added_to_the_open_request(login: Callable[[str], Client]) -> None:
    client = login("agent")
    client.post(reverse("console:intake"), form())
    first = ServiceRequest.objects.get()
    sent = form(follow=first.number, name="Ada Lovelace", phone="215-555-0100")
    del sent["open"]
    for _twice in range(2):
        answer = client.post(reverse("console:intake"), sent)
        assert answer.status_code == 302 and f"/done/{first.number}/" in answer["Location"]
    assert ServiceRequest.objects.count() == 1
    assert Caller.objects.get().request == first and [one.name for one in to_call(first)] == [
        "Ruth Okafor",
        "Ada Lovelace",
    ]
    ServiceRequest.objects.update(status=Status.CLOSED, closed_at=first.requested_at)
    assert client.post(reverse("console:intake"), sent | {"client_id": uuid4()}).status_code == 422
    assert Caller.objects.count() == 1


def test_questions_are_asked_and_a_stop_opens_nothing(login: Callable[[str], Client]) -> None:
    client, sent = login("agent"), form()
    world.question(Service.objects.get(code="SR-ST01"))
    part = client.post(reverse("console:intake_part", args=["more"]), sent).content.decode()
    assert "Do you smell gas?" in part
    answer = client.post(reverse("console:intake"), sent)
    assert answer.status_code == 422 and "Please answer: Do you smell gas?" in answer.content.decode()
    answer = client.post(reverse("console:intake"), sent | {"answer-smell": "gas"})
    assert answer.status_code == 422 and "Leave at once and call 911." in answer.content.decode()
    assert not ServiceRequest.objects.exists()
    client.post(reverse("console:intake"), sent | {"answer-smell": "no"})
    assert ServiceRequest.objects.get().answers == {"smell": "no"}


def test_what_is_out_of_season_or_unknown_is_refused_beside_the_field(login: Callable[[str], Client]) -> None:
    client, sent = login("agent"), form()
    Service.objects.filter(code="SR-ST01").update(active=False)
    answer = client.post(reverse("console:intake"), sent)
    assert answer.status_code == 422 and "offered today" in answer.content.decode()
    Service.objects.filter(code="SR-ST01").update(active=True, season_start="01-01", season_end="01-01")
    assert client.post(reverse("console:intake"), sent).status_code == 422
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"said": ""}, "This field is required"),
        ({"place": "Nowhere Lane 77777"}, "No such place is known"),
        ({"place": ""}, "needs a place"),
        ({"email": "no address"}, "valid email"),
        ({"channel": "pigeon"}, "pigeon"),
        ({"client_id": "x"}, "The form is not complete"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    login: Callable[[str], Client], change: dict[str, str], said: str
) -> None:
    answer = login("agent").post(reverse("console:intake"), form() | change)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "267-555-0134" in page
    assert not ServiceRequest.objects.exists()


def test_words_propose_service_and_place_and_a_button_takes_them(login: Callable[[str], Client]) -> None:
    client, words = login("agent"), {"said": "Huge pothole at 13th and Market"}
    part = client.post(reverse("console:intake_part", args=["proposed"]), words).content.decode()
    assert "Street Defect" in part and "13th St" in part
    page = client.post(reverse("console:intake"), words | {"use_service": "Street Defect"}).content.decode()
    assert 'value="Street Defect"' in page and "Huge pothole at 13th and Market" in page


def test_danger_is_said_first_and_makes_an_emergency(login: Callable[[str], Client]) -> None:
    client, sent = login("agent"), form(said="A wire is down and sparking on the sidewalk")
    assert "911" in client.post(reverse("console:intake_part", args=["proposed"]), sent).content.decode()
    client.post(reverse("console:intake"), sent)
    assert ServiceRequest.objects.get().urgency == "emergency"


def test_photos_come_along(login: Callable[[str], Client]) -> None:
    sent = SimpleUploadedFile("a.jpg", photo(), "image/jpeg")
    login("agent").post(reverse("console:intake"), form(files=sent))
    assert Attachment.objects.get().request_id == ServiceRequest.objects.get().pk


@pytest.mark.parametrize("role", ["crew", "communications", "official"])
def test_who_does_not_sort_requests_takes_none_in(login: Callable[[str], Client], role: str) -> None:
    client = login(role)
    assert client.get(reverse("console:intake")).status_code == 403
    assert client.post(reverse("console:intake"), form()).status_code == 403
    assert client.get(reverse("console:intake_find"), {"place": "13th"}).status_code == 403


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("1400 s bro", "1400 S Broad St"),
        ("13th & mark", "N 13th St & Market St"),
        ("city ha", "City Hall"),
    ],
)
def test_places_are_found_while_they_are_typed(typed: str, wanted: str) -> None:
    streets = gazetteer()
    assert streets
    found = suggest(streets, typed)
    assert wanted in found or any(wanted[2:] in one for one in found), found


def test_nothing_typed_suggests_nothing() -> None:
    streets = gazetteer()
    assert streets and suggest(streets, "1") == [] and suggest(streets, "zzzzqq") == []
