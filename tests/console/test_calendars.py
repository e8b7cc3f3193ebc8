"""Administrators say when the city works and who is told; supervisors see whether promises are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from openline.records.models import Record
from openline.service_requests import actions, calendars
from openline.service_requests.models import Department, EscalationRule, ServiceRequest, WorkingCalendar
from tests.console import world

pytestmark = pytest.mark.django_db
FORM: dict[str, Any] = {
    "code": "office", "name": "Office", "standard": "on", "country": "us", "subdivision": "",
    "day_0": "8:30-12:00, 13:00-17:00", "day_4": "8:30-12",
    "own_days": "2026-12-24 Christmas Eve\n2026-10-12 works Columbus Day",
}  # fmt: skip


def post(client: Client, view: str, *args: Any, **fields: Any) -> Any:
    return client.post(reverse(f"console:{view}", args=args), {"client_id": uuid4(), **fields})


def test_a_calendar_is_made_and_kept(login: Callable[[str], Client]) -> None:
    client = login("administrator")
    wrong = post(client, "new_calendar", **FORM)
    assert wrong.status_code == 422 and "Write hours as" in wrong.content.decode()
    assert "2026-12-24 Christmas Eve" in wrong.content.decode() and not WorkingCalendar.objects.exists()
    made = post(client, "new_calendar", **FORM | {"day_4": "8:30-12:00"})
    assert made.status_code == 302
    office = WorkingCalendar.objects.get()
    assert office.hours == {"0": [["08:30", "12:00"], ["13:00", "17:00"]], "4": [["08:30", "12:00"]]}
    assert [(day.date.day, day.works) for day in office.days.all()] == [(12, True), (24, False)]
    page = client.get(reverse("console:calendar", args=["office"])).content.decode()
    assert "08:30-12:00, 13:00-17:00" in page and "2026-10-12 works Columbus Day" in page
    assert Record.objects.filter(body__what="calendar saved").count() == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"country": "XX"}, "No public holidays"), ({"subdivision": "ZZ"}, "part is not known"),
        ({"own_days": "tomorrow"}, "Line 1"), ({"day_0": "", "day_4": ""}, "Somebody has to work"),
        ({"day_0": "17:00-8:00", "day_4": ""}, "Write hours as"), ({"name": ""}, "required"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_the_field(
    login: Callable[[str], Client], given: dict[str, str], says: str
) -> None:
    answer = post(login("administrator"), "new_calendar", **FORM | {"day_4": "8:30-12:00"} | given)
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not WorkingCalendar.objects.exists()


def test_a_new_standard_takes_the_place_of_the_old(login: Callable[[str], Client]) -> None:
    client = login("administrator")
    for code in ("one", "two"):
        answer = post(client, "new_calendar", **FORM | {"code": code, "day_4": ""})
        assert answer.status_code == 302, answer.content.decode()[-4000:]
    assert list(WorkingCalendar.objects.filter(standard=True).values_list("code", flat=True)) == ["two"]


def test_a_department_keeps_a_calendar(login: Callable[[str], Client]) -> None:
    client, streets = login("administrator"), world.department()
    post(client, "new_calendar", **FORM | {"day_4": ""})
    post(client, "choose_calendar", department=streets.code, calendar="office")
    assert Department.objects.get(pk=streets.pk).calendar == WorkingCalendar.objects.get()
    assert post(client, "choose_calendar", department=streets.code, calendar="moon").status_code == 422
    post(client, "choose_calendar", department=streets.code, calendar="")
    assert Department.objects.get(pk=streets.pk).calendar is None


def test_rules_of_telling_are_added_and_dropped(login: Callable[[str], Client]) -> None:
    client = login("administrator")
    EscalationRule.objects.all().delete()
    assert post(client, "add_rule", hours="-3", when="before", tell="person").status_code == 422
    post(client, "add_rule", hours="8", when="before", tell="person")
    post(client, "add_rule", hours="16", when="after", tell="supervisors")
    assert list(EscalationRule.objects.order_by("hours").values_list("hours", flat=True)) == [-8, 16]
    page = client.get(reverse("console:calendars")).content.decode()
    assert "8 working hours before" in page and "16 working hours after" in page
    post(client, "drop_rule", EscalationRule.objects.get(hours=-8).pk)
    assert EscalationRule.objects.get(active=True).hours == 16


@pytest.mark.parametrize("role", ["agent", "crew", "supervisor"])
def test_only_administrators_change_working_time(login: Callable[[str], Client], role: str) -> None:
    assert login(role).get(reverse("console:calendars")).status_code == 403
    assert post(login(role), "add_rule", hours="1", when="after", tell="person").status_code == 403


def test_promises_count_what_is_open_past_its_day(login: Callable[[str], Client]) -> None:
    talk = world.conversation("Maria Santos", "A pothole")
    late, done = world.request_from(talk, overdue=True), world.request_from(world.conversation("Lee Nguyen", "hole"))
    actions.move(done.pk, "closed", by=None, outcome="done")
    page = login("supervisor").get(reverse("console:promises")).content.decode()
    assert "50 % of the promises were kept" in page and "Street Defect" in page
    ServiceRequest.objects.filter(pk=late.pk).update(due_at=timezone.now() + timedelta(days=1))
    assert "100 %" in login("supervisor").get(reverse("console:promises"), {"days": "7"}).content.decode()
    assert login("agent").get(reverse("console:promises")).status_code == 403


@pytest.fixture(autouse=True)
def _forget() -> Any:
    calendars.forget()
    yield
    calendars.forget()
