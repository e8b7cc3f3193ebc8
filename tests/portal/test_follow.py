"""Following a request from its public page: counted, told how it ends, and nobody else learns of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from openline.care.models import Report
from openline.portal.contact import guard
from openline.service_requests import actions
from openline.service_requests.models import Service, ServiceRequest, Update
from openline.service_requests.opening import NewRequest, open_request
from tests.open311.test_georeport import new
from tests.portal.test_contact import began, page, said, write

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "NOT_BEFORE", timedelta(0))


def follow_of(request: ServiceRequest) -> str:
    return f"/requests/{request.number}/follow/"


def test_who_has_the_same_problem_follows_the_request_and_opens_none() -> None:
    request = new()
    assert follow_of(request) in page(f"/requests/{request.number}/")
    talk = began("", path=follow_of(request))
    said()
    assert Report.objects.get(folded=True).request == request and ServiceRequest.objects.count() == 1
    assert f"/requests/{request.number}/" in page(talk) and "We tell you here how it ends" in page(talk)
    assert not Update.objects.filter(note__contains="too").exists()


def test_who_follows_hears_how_it_ends() -> None:
    request = new()
    talk = began("", path=follow_of(request))
    said()
    actions.move(request.pk, "in_progress", by=None)
    actions.move(request.pk, "closed", by=None, outcome="done", public_text="The hole is filled.")
    said()
    assert "The hole is filled." in page(talk)
    assert follow_of(request) not in page(f"/requests/{request.number}/")
    assert write("late", path=follow_of(request), stamp="x").status_code == 302
    assert Report.objects.filter(folded=True).count() == 1


def test_what_a_follower_adds_reaches_the_department_and_no_public_page() -> None:
    request = new()
    began("It is two feet deep by now", path=follow_of(request), email="eve@example.org")
    said()
    assert Update.objects.filter(request=request, note__contains="two feet deep").exists()
    public = page(f"/requests/{request.number}/") + page("/feeds/updates.atom") + page("/open311/v2/requests.json")
    assert "two feet" not in public and "eve@" not in public


def test_how_many_told_us_is_shown_from_two_on() -> None:
    request = new()
    for _one in range(2):
        began("", path=follow_of(request))
    said()
    assert "2 people told us" in page(f"/requests/{request.number}/")


def test_danger_is_never_folded() -> None:
    request = new()
    talk = began("A power line fell on it and is sparking, a child is beside it", path=follow_of(request))
    said()
    assert not Report.objects.filter(folded=True).exists() and "911" in page(talk)


def test_of_what_is_not_public_nobody_follows() -> None:
    service = Service.objects.create(code="HID", name="Hidden thing", public=False)
    hidden = open_request(NewRequest(service, "private words", "", "nostr"))
    for number in (hidden.number, "26-999999", "%00"):
        assert Client().get(f"/requests/{number}/follow/").status_code == 404
    assert "/follow/" not in page(f"/requests/{hidden.number}/")


def test_a_new_report_can_begin_with_the_place_of_another() -> None:
    request = new()
    ServiceRequest.objects.filter(pk=request.pk).update(place_name='13th & "Market" St')
    assert "place=13th%20%26%20%22Market%22%20St" in page(f"/requests/{request.number}/")
    assert 'value="13th &amp; &quot;Market&quot; St"' in page("/contact/?place=13th%20%26%20%22Market%22%20St")


def test_the_question_whether_it_is_the_same_is_answered_with_one_button() -> None:
    text = "huge pothole at 13th & Market, bent my rim"
    began(text)
    said()
    talk = began(text)
    said()
    html = page(talk)
    assert "Yes, it is the same" in html
    answer = write("Yes", path=talk)
    assert answer.status_code == 302
    said()
    first, second = ServiceRequest.objects.order_by("number")
    assert second.duplicate_of == first and "Yes, it is the same" not in page(talk)
