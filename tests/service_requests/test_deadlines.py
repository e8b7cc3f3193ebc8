"""Working time and promises: days, hours, holidays, clocks that stand still, and who is told when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.service_requests import actions, calendars, deadlines, escalation, promises
from openline.service_requests.calendars import Calendar
from openline.service_requests.models import (
    Department,
    Escalation,
    EscalationRule,
    Holiday,
    Service,
    ServiceRequest,
    WorkingCalendar,
)
from openline.service_requests.opening import NewRequest, open_request

ZONE = ZoneInfo("America/New_York")
THANKSGIVING, CHRISTMAS = date(2026, 11, 26), date(2026, 12, 25)
OFFICE = Calendar(ZONE, off=frozenset({THANKSGIVING, CHRISTMAS}))
NOON = Calendar(ZONE, {0: ((time(9), time(12)), (time(13), time(17))), 5: ((time(10), time(14)),)})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 11, 23), 2, date(2026, 11, 25)),  # Monday
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday: over the weekend
        (date(2026, 11, 25), 1, date(2026, 11, 27)),  # over Thanksgiving
        (date(2026, 11, 21), 0, date(2026, 11, 23)),  # Saturday, today: the next working day
        (date(2026, 12, 24), 2, date(2026, 12, 29)),  # Thursday, over Christmas Day and a weekend
    ],
)
def test_working_days(start: date, days: int, due: date) -> None:
    end = OFFICE.add_days(datetime.combine(start, time(12), ZONE), days)
    assert end == datetime.combine(due, time(17), ZONE)


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        ("2026-11-23 10:00", 2, "2026-11-23 12:00"),
        ("2026-11-23 16:00", 2, "2026-11-24 09:30"),  # over night
        ("2026-11-25 16:30", 1, "2026-11-27 09:00"),  # over Thanksgiving
        ("2026-11-21 03:00", 0, "2026-11-23 08:30"),  # nothing to wait for, but nobody works before Monday
        ("2026-10-30 16:00", 2, "2026-11-02 09:30"),  # the clocks go back in between: working hours do not care
    ],
)
def test_working_hours(since: str, hours: int, until: str) -> None:
    assert OFFICE.add_hours(at(since), hours) == at(until)


def test_a_break_at_noon_and_a_saturday_count() -> None:
    assert NOON.add_hours(at("2026-11-23 11:00"), 3) == at("2026-11-23 15:00")
    assert NOON.add_hours(at("2026-11-23 16:00"), 2) == at("2026-11-28 11:00")  # Saturday from ten on


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@settings(max_examples=150, deadline=None)
@given(MOMENTS, st.integers(0, 400), st.sampled_from([OFFICE, NOON]))
def test_hours_that_are_added_have_passed(since: datetime, quarters: int, calendar: Calendar) -> None:
    until = calendar.add_hours(since, quarters / 4)
    assert calendar.working_time(since, until) == timedelta(minutes=15 * quarters)
    assert until >= since and (not quarters or calendar.is_working_day(until.astimezone(ZONE).date()))


@settings(max_examples=150, deadline=None)
@given(MOMENTS, MOMENTS, MOMENTS, st.sampled_from([OFFICE, NOON]))
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime, calendar: Calendar) -> None:
    a, b, c = sorted((one, two, three))
    b, c = min(b, a + timedelta(days=40)), min(c, a + timedelta(days=80))
    a, b, c = sorted((a, b, c))
    assert calendar.working_time(a, b) + calendar.working_time(b, c) == calendar.working_time(a, c)
    assert calendar.working_time(b, a) == timedelta()


@settings(max_examples=100, deadline=None)
@given(MOMENTS, st.integers(1, 60), st.sampled_from([OFFICE, NOON]))
def test_one_more_day_is_never_earlier_and_always_a_working_day(since: datetime, n: int, calendar: Calendar) -> None:
    one, more = calendar.add_days(since, n), calendar.add_days(since, n + 1)
    assert one < more and calendar.is_working_day(one.astimezone(ZONE).date())


def test_a_calendar_without_work_is_not_searched_for_ever() -> None:
    assert Calendar(ZONE, {}).add_hours(at("2026-11-23 10:00"), 5) > at("2026-11-23 10:00")
    assert Calendar(ZONE, {}).add_days(at("2026-11-23 10:00"), 5)


@pytest.mark.parametrize(
    "hours", [{"0": [["17:00", "08:00"]]}, {"0": [["x", "y"]]}, {"0": [["08:00", "12:00"], ["11:00", "13:00"]]}]
)
def test_hours_that_cannot_be_are_refused(hours: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        calendars.read_hours(hours)


@pytest.fixture
def _calendars() -> Any:
    calendars.forget()
    yield
    calendars.forget()


@pytest.mark.usefixtures("philadelphia", "_calendars")
def test_a_department_keeps_its_own_calendar_and_the_city_its_own_days() -> None:
    seven = WorkingCalendar.objects.create(
        code="yard", name="Yard", hours={str(day): [["06:00", "14:00"]] for day in range(7)}, country="US"
    )
    Holiday.objects.create(calendar=seven, date=date(2026, 12, 25), name="We work", works=True)
    Holiday.objects.create(date=date(2026, 12, 24), name="The city's own")
    streets = Department.objects.get(code="streets")
    streets.calendar = seven
    streets.save()
    calendars.forget()
    known = calendars.calendars()
    yard = known.of(seven.pk)
    assert yard.is_working_day(date(2026, 12, 25)) and yard.is_working_day(date(2026, 11, 28))
    assert not yard.is_working_day(date(2026, 11, 26))  # Thanksgiving, from the library
    assert not yard.is_working_day(date(2026, 12, 24)) and not known.standard.is_working_day(date(2026, 12, 24))
    service = Service(department=streets, promise_days=1, promise_unit="hours")
    assert deadlines.due_at(service, at("2026-11-28 13:30")) == at("2026-11-29 06:30")
    service.promise_unit = "calendar"
    assert deadlines.due_at(service, at("2026-11-28 13:30")) == at("2026-11-29 14:00")


@pytest.fixture
def ana(db: None, django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ana")


@pytest.fixture
def request_(philadelphia: None, _calendars: None) -> ServiceRequest:
    service = Service.objects.select_related("department").get(name="Street Defect")
    EscalationRule.objects.all().delete()
    Service.objects.filter(pk=service.pk).update(first_answer_hours=4)
    service.first_answer_hours = 4
    return open_request(NewRequest(service, "hole", "hole", "test"))


def test_the_clock_stands_still_while_the_resident_is_asked(
    request_: ServiceRequest, ana: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = request_.due_at
    assert due
    asked = due - timedelta(days=10)
    monkeypatch.setattr("django.utils.timezone.now", lambda: asked)
    waiting = actions.move(request_.pk, "waiting", by=ana, reason="place", public_text="Where?")
    assert waiting.paused_at == asked and waiting.due_at == due
    back = due + timedelta(days=3)  # long after the promise: it was not broken meanwhile
    monkeypatch.setattr("django.utils.timezone.now", lambda: back)
    again = actions.move(request_.pk, "in_progress", by=ana)
    calendar = calendars.calendars().standard
    assert again.paused_at is None and again.due_at
    assert calendar.working_time(back, again.due_at) == calendar.working_time(asked, due)


def test_the_first_answer_is_a_persons(request_: ServiceRequest, ana: Any) -> None:
    assert request_.first_answer_due_at and request_.first_answered_at is None
    actions.move(request_.pk, "accepted", by=None, public_text="By a rule.")
    assert actions.add_update(request_.pk, by=ana, note="between us").first_answered_at is None
    first = actions.add_update(request_.pk, by=ana, public_text="We come on Monday.").first_answered_at
    assert first and actions.add_update(request_.pk, by=ana, public_text="Again.").first_answered_at == first


def test_somebody_is_told_before_and_after_once(request_: ServiceRequest, ana: Any, django_user_model: Any) -> None:
    boss = django_user_model.objects.create_user("boss")
    boss.groups.add(Group.objects.get_or_create(name="supervisor")[0])
    EscalationRule.objects.create(hours=-8, tell="person")
    EscalationRule.objects.create(hours=0, tell="supervisors")
    EscalationRule.objects.create(hours=1, tell="supervisors", department=Department.objects.get(code="water"))
    due = request_.due_at
    assert due
    calendar = calendars.calendars().standard
    eve = calendar.add_hours(
        due - timedelta(days=30), calendar.working_time(due - timedelta(days=30), due) / timedelta(hours=1) - 8
    )
    assert escalation.escalate(eve - timedelta(minutes=1)) == 0
    assert escalation.escalate(eve + timedelta(minutes=1)) == 1
    assert boss.mentions.get().note == "8 working hours are left."  # nobody nearer: the next wider circle
    assert escalation.escalate(due + timedelta(hours=1)) == 1 and escalation.escalate(due + timedelta(hours=2)) == 0
    assert Escalation.objects.count() == 2
    history = request_.updates.count()
    assert ServiceRequest.objects.get(pk=request_.pk).version == history


def test_nobody_is_told_while_the_clock_stands_still(request_: ServiceRequest, ana: Any) -> None:
    EscalationRule.objects.create(hours=0, tell="supervisors")
    assert request_.due_at
    actions.move(request_.pk, "waiting", by=ana, reason="place", public_text="Where?")
    assert escalation.escalate(request_.due_at + timedelta(days=9)) == 0


def test_open_overdue_requests_count_as_broken_promises(request_: ServiceRequest, ana: Any) -> None:
    service = request_.service
    others = [open_request(NewRequest(service, "", "", "test")) for _ in range(3)]
    actions.move(others[0].pk, "closed", by=ana, outcome="done")
    ServiceRequest.objects.filter(pk__in=[others[1].pk, others[2].pk]).update(
        due_at=datetime.now(UTC) - timedelta(days=1)
    )
    actions.move(others[2].pk, "closed", by=ana, outcome="done")
    now = datetime.now(UTC) + timedelta(minutes=1)
    [row] = promises.kept("service", now - timedelta(days=30), now)
    assert (row.on_time, row.late, row.overdue, row.running, row.percent) == (1, 1, 1, 1, 33)
    whole = promises.together(promises.kept("department", now - timedelta(days=30), now), "All")
    assert whole.share == row.share and promises.together([], "All").percent is None
