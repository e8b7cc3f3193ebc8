"""Ending news with one click."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from openline.care import quiet
from openline.care.models import Report
from openline.care.process import process
from openline.channels.base import Heard
from openline.inbox.receiving import receive
from openline.outbox.models import Delivery
from openline.service_requests.actions import move
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Status
from tests.world import city_account, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]


@pytest.fixture
def request_(tmp_path: Path) -> ServiceRequest:
    account = city_account(tmp_path / "net")
    receive(account.pk, Heard((post("p1", "There is a pothole at 1400 S Broad St"),), ""))
    process()
    return ServiceRequest.objects.get()


def news() -> list[str]:
    return [str(key) for key in Delivery.objects.filter(key__contains=":update:").values_list("key", flat=True)]


def test_one_click_ends_the_news_and_another_brings_them_back(
    request_: ServiceRequest, django_user_model: type[User]
) -> None:
    by = django_user_model.objects.create_user("ana")
    address = urlsplit(quiet.address(Report.objects.get().conversation_id)).path
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(address).status_code == 200
    move(request_.pk, Status.ACCEPTED, by=by, public_text="Seen.")
    assert len(news()) == 1, "opening the page changes nothing"
    assert Delivery.objects.get(key=news()[0]).outgoing["unsubscribe"].endswith(address)
    assert browser.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    move(request_.pk, Status.IN_PROGRESS, by=by, public_text="Begun.")
    assert len(news()) == 1
    browser.post(address, {"again": "1"})
    assert not Report.objects.get().quiet


def test_nobody_ends_the_news_of_another(request_: ServiceRequest) -> None:
    assert Client().post(f"/news/{Report.objects.get().conversation_id}:guess/").status_code == 404
    assert not Report.objects.get().quiet


def test_what_a_machine_says_is_marked_and_answers_carry_no_way_out(request_: ServiceRequest) -> None:
    outgoing = Delivery.objects.get().outgoing
    assert outgoing["automatic"] is True and "unsubscribe" not in outgoing
