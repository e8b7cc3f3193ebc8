"""Updates between systems, as FixMyStreet and open311-adapter send and poll them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import etree

from openline.records.models import Record
from openline.service_requests import actions
from openline.service_requests.models import ResponseTemplate, Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from tests.open311.conftest import HERE, Sender, read, street_defect

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def partner(new_key: Callable[..., Sender], philadelphia: None) -> Sender:
    """A key that may send updates."""
    return new_key(name="FixMyStreet", may_update=True)


def opened(**more: Any) -> ServiceRequest:
    return open_request(NewRequest(street_defect(), "a hole", "a hole", "test", **more))


def given(
    partner: Sender,
    request: ServiceRequest,
    update_id: str = "77",
    status_: str = "OPEN",
    text: str = "We had a look.",
    at: Any = None,
    expect: int = 200,
    **more: Any,
) -> Any:
    """POST an update as FixMyStreet does."""
    fields = {
        "jurisdiction_id": "philadelphia.example",
        "service_request_id": request.number,
        "update_id": update_id,
        "status": status_,
        "description": text,
        "updated_datetime": (at or timezone.now()).isoformat(),
        "first_name": "Dana",
        "last_name": "Kowalski",
        "email": "dana@home.example",
        "title": "",
    }
    return partner.post("servicerequestupdates", answer="UpdateTaken", expect=expect, **fields | more)


def now(request: ServiceRequest) -> ServiceRequest:
    return ServiceRequest.objects.get(pk=request.pk)


def test_updates_are_given_out_oldest_first_with_their_own_ids() -> None:
    ResponseTemplate.objects.all().delete()  # closed without a word
    agent, request = User.objects.create_user("ana"), opened()
    actions.move(request.pk, "in_progress", by=agent, public_text="A crew is on its way.", note="internal")
    actions.add_update(request.pk, by=agent, note="only for us")
    actions.add_update(request.pk, by=agent, public_text="It is a deep one.")
    actions.move(request.pk, "closed", by=agent, outcome="done")
    found = read("v2/servicerequestupdates", "Updates")
    assert [one["description"] for one in found] == ["A crew is on its way.", "It is a deep one.", "Closed: Done."]
    assert [one["status"] for one in found] == ["open", "open", "closed"]
    assert {one["service_request_id"] for one in found} == {request.number}
    assert len({one["update_id"] for one in found}) == 3
    more = read("v2/servicerequestupdates", "Updates", extensions="true")
    assert [one["extended_attributes"]["detailed_status"] for one in more] == ["in_progress", "in_progress", "closed"]


def test_updates_of_a_time_and_of_a_request() -> None:
    agent, one, other = User.objects.create_user("ana"), opened(), opened()
    for request in (one, other):
        actions.add_update(request.pk, by=agent, public_text="News.")
    hidden = open_request(NewRequest(Service.objects.create(code="H", name="Hidden", public=False), "", "", "test"))
    actions.add_update(hidden.pk, by=agent, public_text="Nobody's business.")
    day = timedelta(days=1)
    moment = timezone.now()
    assert len(read("v2/servicerequestupdates", "Updates", start_date=(moment - day).isoformat())) == 2
    assert read("v2/servicerequestupdates", "Updates", start_date=(moment + day).isoformat()) == []
    assert read("v2/servicerequestupdates", "Updates", end_date=(moment - day).isoformat()) == []
    [found] = read("v2/servicerequestupdates", "Updates", service_request_id=f"{one.number},{hidden.number}")
    assert found["service_request_id"] == one.number
    read(
        "v2/servicerequestupdates",
        "Updates",
        status=400,
        start_date="2026-01-01T00:00:00Z",
        end_date="2026-11-01T00:00:00Z",
    )


def test_updates_are_paged_by_key_and_cost_one_query() -> None:
    agent, request = User.objects.create_user("ana"), opened()
    for number in range(7):
        actions.add_update(request.pk, by=agent, public_text=f"News {number}.")
    address, seen = "/open311/v2/servicerequestupdates.json?page_size=3", []
    while address:
        with CaptureQueriesContext(connection) as captured:
            response = Client().get(address)
        assert len(captured) == 1
        seen += [one["description"] for one in response.json()]
        link = response.get("Link", "")
        address = link[1 : link.index(">")].removeprefix("http://127.0.0.1:8311") if link else ""
    assert seen == [f"News {number}." for number in range(7)]
    assert len(read("v2/servicerequestupdates", "Updates", page_size="3", page="3")) == 1
    read("v2/servicerequestupdates", "Updates", status=400, after="junk")


@pytest.mark.parametrize(("said", "state", "outcome"), [
    ("OPEN", "received", ""), ("CLOSED", "resolved", "done"), ("fixed", "resolved", "done"),
    ("IN_PROGRESS", "in_progress", ""), ("INVESTIGATING", "accepted", ""), ("ACTION_SCHEDULED", "scheduled", ""),
    ("NO_FURTHER_ACTION", "closed", "no_action_needed"), ("NOT_COUNCILS_RESPONSIBILITY", "closed", "not_ours"),
])  # fmt: skip
def test_an_update_moves_the_request(partner: Sender, said: str, state: str, outcome: str) -> None:
    request = opened()
    [answer] = given(partner, request, status_=said)
    moved = now(request)
    assert (moved.status, moved.outcome) == (state, outcome)
    update = moved.updates.get(pk=answer["update_id"])
    assert update.public_text == "We had a look." and "FixMyStreet" in update.note
    assert Record.objects.filter(request_id=request.pk, actor="open311:FixMyStreet").exists()
    assert read("v2/servicerequestupdates", "Updates")[-1]["update_id"] == answer["update_id"]


def test_a_closed_request_opens_again_but_not_by_an_update_from_before(partner: Sender) -> None:
    request = opened()
    actions.move(request.pk, "closed", by=User.objects.create_user("ana"), outcome="done")
    given(partner, request, "1", "OPEN", at=timezone.now() - timedelta(hours=1))
    assert now(request).status == "closed"
    given(partner, request, "2", "OPEN")
    assert now(request).status == "reopened"
    given(partner, request, "3", "CLOSED", at=timezone.now() - timedelta(hours=1))
    assert now(request).status == "reopened"


def test_the_same_update_counts_once(partner: Sender) -> None:
    request, at = opened(), timezone.now()
    assert given(partner, request, at=at) == given(partner, request, at=at)
    assert now(request).updates.filter(public_text="We had a look.").count() == 1
    assert "used before" in given(partner, request, text="Other words.", at=at, expect=400)[0]["description"]


def test_personal_data_in_an_update_is_masked_and_who_wrote_it_is_not_kept(partner: Sender) -> None:
    request = opened()
    given(partner, request, text="<b>Call</b> me at 215-555-0134")
    [found] = read("v2/servicerequestupdates", "Updates")
    assert "215-555-0134" not in found["description"] and found["description"].startswith("Call me at")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u::text FROM service_requests_update u UNION SELECT r::text FROM records_record r"
            " UNION SELECT g::text FROM open311_givenupdate g"
        )
        assert "dana@home.example" not in str(cursor.fetchall())


@pytest.mark.parametrize(("change", "status", "said"), [
    ({"service_request_id": "99-999999"}, 404, "service_request_id was not found"),
    ({"service_request_id": ""}, 400, "service_request_id is missing"),
    ({"update_id": ""}, 400, "update_id is missing"),
    ({"status": "LOST"}, 400, "status “LOST” is not known"),
    ({"updated_datetime": "yesterday"}, 400, "updated_datetime"),
    ({"updated_datetime": "2199-01-01T00:00:00Z"}, 400, "future"),
    ({"description": "x" * 4001}, 400, "longer than"),
])  # fmt: skip
def test_a_wrong_update_changes_nothing(partner: Sender, change: dict[str, str], status: int, said: str) -> None:
    request = opened()
    before = now(request).version
    assert any(said in error["description"] for error in given(partner, request, expect=status, **change))
    assert now(request).version == before
    given(partner, request)


def test_a_key_needs_the_right_to_send_updates(sender: Sender) -> None:
    request = opened()
    assert "may not send updates" in given(sender, request, expect=403)[0]["description"]


@pytest.mark.django_db(transaction=True)
def test_fixmystreet_sends_a_report_and_polls_its_updates(
    live_server: Any, philadelphia: None, new_key: Callable[..., Sender]
) -> None:
    """The calls of FixMyStreet's Open311 client in their order: what it sends, and what it looks for in the XML."""
    base, key = f"{live_server.url}/open311/v2", new_key(may_update=True).key
    common = {"jurisdiction_id": "philadelphia.example", "api_key": key}
    services = etree.fromstring(
        httpx.get(f"{base}/services.xml", params={"jurisdiction_id": "philadelphia.example"}).content
    )
    code = next(one.findtext("service_code") for one in services if one.findtext("service_name") == "Street Defect")
    report = common | HERE | {
        "service_code": code, "email": "dana@home.example", "first_name": "Dana", "last_name": "Kowalski",
        "description": "title:  A hole\n\ndetail: It is deep\n\nurl: https://fix.example/1\n\nSubmitted",
        "media_url": "https://fix.example/1.jpeg", "attribute[external_id]": "1", "attribute[title]": "A hole",
    }  # fmt: skip
    made = httpx.post(f"{base}/requests.xml", data=report)
    number = etree.fromstring(made.content).findtext("request/service_request_id")
    assert made.is_success and number
    update = common | {
        "service_request_id": number, "update_id": "5", "status": "OPEN", "description": "Still there.",
        "updated_datetime": timezone.now().isoformat(), "last_name": "Kowalski", "first_name": "Dana",
        "email": "dana@home.example",
    }  # fmt: skip
    taken = httpx.post(f"{base}/servicerequestupdates.xml", data=update)
    theirs = etree.fromstring(taken.content).findtext("request_update/update_id")
    actions.move(ServiceRequest.objects.get(number=number).pk, "in_progress", by=None, public_text="On our way.")
    polled = httpx.get(
        f"{base}/servicerequestupdates.xml",
        params={
            "jurisdiction_id": "philadelphia.example",
            "api_key": key,
            "start_date": (timezone.now() - timedelta(hours=2)).isoformat(),
            "end_date": timezone.now().isoformat(),
        },
    )
    tree = etree.fromstring(polled.content)
    assert [one.findtext("description") for one in tree] == ["Still there.", "On our way."]
    assert tree[0].findtext("update_id") == theirs and tree[1].findtext("service_request_id") == number
    assert b"dana" not in polled.content.lower()
