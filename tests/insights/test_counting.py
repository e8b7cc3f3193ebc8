"""The city's figures: counted right, in the city's days, again and again, late changes included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.care.models import Survey
from openline.community.models import Comment
from openline.geography.models import Area
from openline.insights import counting, periods, reading
from openline.insights.models import Counted, Figure
from openline.insights.reading import FEW, Report, Row
from openline.outbox.models import Delivery, State
from openline.service_requests import actions
from openline.service_requests.jurisdiction import city_zone, jurisdiction, today
from openline.service_requests.models import Department, Service, ServiceRequest
from openline.service_requests.states import Status
from tests.console import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]


def here(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """A moment of the city's clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=city_zone())


def days_ago(days: int, hour: int = 12) -> datetime:
    return here(today() - timedelta(days=days), hour)


def made(at: datetime, **more: Any) -> ServiceRequest:
    """A request reported `at`, as `more` says."""
    place = world.PLACE | {"areas": more.pop("areas", [])}
    service = more.pop("service", None) or world.service()
    request = world.open_request(world.NewRequest(service, "a hole", "a hole", "phone", place=place))
    facts = {"requested_at": at, "due_at": None, "department": service.department or request.department} | more
    ServiceRequest.objects.filter(pk=request.pk).update(**facts)
    return request


def shown(period: str = "30-days") -> Report:
    """The public figures, counted now."""
    counting.refresh()
    found = reading.report(period)
    assert found is not None
    return found


def row(report: Report, by: str, code: str) -> Row:
    [found] = [one for one in report.groups[by] if one.code == code]
    return found


def closed(at: datetime) -> dict[str, Any]:
    return {"status": Status.CLOSED, "closed_at": at, "outcome": "done"}


def test_requests_are_counted_by_when_they_came_and_when_they_were_closed() -> None:
    made(days_ago(3))
    made(days_ago(40), **closed(days_ago(2)))
    made(days_ago(35))
    made(days_ago(5), status=Status.REJECTED, closed_at=days_ago(4))
    original = made(days_ago(400), **closed(days_ago(390)))
    made(days_ago(6), status=Status.DUPLICATE, closed_at=days_ago(5), duplicate_of=original)
    made(days_ago(6), parent=original, public=False)
    city = shown().city
    assert (city.get("opened"), city.get("closed"), city.get("joined"), city.get("rejected")) == (1, 1, 1, 1)
    assert (city.earlier("opened"), city.earlier("closed"), city.get("open")) == (2, 0, 2)
    year = shown("12-months")
    assert year.city.get("opened") == 3 and year.city.earlier("opened") == 1


def test_a_day_is_the_citys_and_the_clocks_changes_cost_no_request() -> None:
    zone = jurisdiction().time_zone
    assert zone == "America/New_York"
    made(datetime(2025, 7, 1, 3, 59, tzinfo=UTC))  # 11:59 pm of June 30 in summer
    made(datetime(2025, 7, 1, 4, 0, tzinfo=UTC))
    made(datetime(2025, 12, 1, 4, 59, tzinfo=UTC))  # 11:59 pm of November 30 in winter
    made(datetime(2025, 12, 1, 5, 0, tzinfo=UTC))
    for hour in (5, 6, 7):  # 1 am comes twice on November 2, 2025
        made(datetime(2025, 11, 2, hour, 30, tzinfo=UTC))
    steps = {step.first: step.opened for step in shown("2025").steps}
    assert [steps[date(2025, month, 1)] for month in (6, 7, 11, 12)] == [1, 1, 4, 1]
    assert len(steps) == 12 and sum(steps.values()) == 7 == shown("2025").city.get("opened")


def test_promises_count_in_the_period_in_which_their_day_came() -> None:
    made(days_ago(90), due_at=days_ago(4, 17), **closed(days_ago(60)))
    made(days_ago(9), due_at=days_ago(4, 17), **closed(days_ago(4, 16)))
    made(days_ago(9), due_at=days_ago(4, 17), **closed(days_ago(4, 18)))
    made(days_ago(9), due_at=days_ago(3, 17))
    made(days_ago(9), due_at=days_ago(-3, 17))
    made(days_ago(9), due_at=days_ago(3, 17), status=Status.WAITING, paused_at=days_ago(5))
    made(days_ago(9), due_at=days_ago(3, 17), status=Status.REJECTED, closed_at=days_ago(8))
    report = shown()
    kept = [report.city.get(name) for name in ("on_time", "late", "overdue", "open_overdue", "open_waiting")]
    assert kept == [2, 1, 1, 1, 1] and report.city.share_on_time() == 50
    assert report.groups["department"][0].share_on_time() == FEW


def test_closing_is_counted_in_working_days_of_the_departments_calendar() -> None:
    friday, days = date(2025, 8, 29), (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)  # Labor Day follows, on Monday, September 1
    assert friday.weekday() == 4
    for n in days:
        made(here(friday), **closed(here(friday + timedelta(days=n), 15)))
    numbers = sorted(counting._numbered(None, friday, friday + timedelta(days=9)))
    worked = {day: number for _calendar, day, number in numbers}
    assert [worked[friday + timedelta(days=n)] - worked[friday] for n in days] == [0, 0, 0, 0, 1, 2, 3, 4, 4, 4]
    found = row(shown("2025"), "service", "SR-ST01")
    assert (found.get("half_days"), found.get("most_days")) == (1, 4)


def test_who_changes_late_is_counted_anew_and_counting_twice_changes_nothing() -> None:
    one = made(days_ago(10), **closed(days_ago(2)))
    other = made(days_ago(20))
    first = shown()
    assert (first.city.get("closed"), first.city.get("reopened")) == (1, 0)
    kept = set(Figure.objects.values_list("id", "period", "by", "code", "service", "figure", "value"))
    assert not counting.refresh()
    counting.count()
    assert set(Figure.objects.values_list("id", "period", "by", "code", "service", "figure", "value")) == kept
    actions.move(one.pk, Status.REOPENED, by=None, reason="came_back")
    city = shown().city
    assert (city.get("closed"), city.get("reopened"), city.get("open")) == (0, 1, 2)
    ServiceRequest.objects.filter(pk=other.pk).update(status=Status.DUPLICATE, closed_at=timezone.now())
    actions.correct_service(one.pk, world.service("SR-OTHER", "Other"), by=User.objects.create_user("ana"))
    report = shown()
    assert report.city.get("opened") == 1 and report.city.get("joined") == 1
    assert Figure.objects.filter(by="service", code="SR-ST01", period="30-days", figure="opened").count() == 0
    assert Figure.objects.filter(by="service", code="SR-OTHER", period="30-days", figure="opened").count() == 1


def test_a_new_day_is_counted_though_nothing_happened() -> None:
    made(days_ago(29))
    assert shown().city.get("opened") == 1
    Counted.objects.update(today=today() - timedelta(days=1))
    assert counting.refresh() and not counting.refresh()


def test_a_private_service_counts_for_the_city_and_nowhere_else() -> None:
    area = Area.objects.filter(kind="neighborhood").first()
    assert area is not None
    secret = Service.objects.create(code="SECRET", name="Secret", public=False, department=world.department())
    for _n in range(6):
        made(days_ago(1), service=secret, public=False, areas=[area.code])
    report = shown()
    assert report.city.get("opened") == 6 == report.city.get("open")
    assert not any(report.groups.values())
    assert not Figure.objects.exclude(by__in=("city", "time")).exists()


def test_fewer_than_five_are_no_number() -> None:
    area, other = Area.objects.filter(kind="neighborhood")[:2]
    for n in range(5):
        made(days_ago(8), areas=[area.code, other.code][: 2 if n < 4 else 1], **(closed(days_ago(1)) if n < 4 else {}))
    report = shown()
    assert (row(report, "area", area.code).get("opened"), row(report, "area", other.code).get("opened")) == (5, FEW)
    assert row(report, "area", area.code).get("half_days") == FEW and row(report, "area", area.code).get("late") == 0
    assert report.city.get("opened") == 5 and report.city.get("half_days") == FEW
    staff = reading.report("30-days", everything=True)
    assert staff is not None and row(staff, "area", other.code).get("opened") == 4


def test_an_areas_figures_and_what_is_asked_there() -> None:
    area = Area.objects.filter(kind="neighborhood").first()
    assert area is not None and reading.of_area(area.code) is None
    for _n in range(6):
        made(days_ago(50), areas=[area.code])
    made(days_ago(50), areas=[area.code], service=world.service("SR-RARE", "Rare thing"))
    counting.refresh()
    with CaptureQueriesContext(connection) as asked:
        found = reading.of_area(area.code)
    assert len(asked) == 3 and found is not None
    assert found.row.get("opened") == 7 and found.row.get("open") == 7
    assert found.asked == [("Street Defect", 6), ("Rare thing", FEW)]
    nowhere = reading.of_area("nowhere")
    assert nowhere is not None and nowhere.row.get("opened") == 0 and nowhere.asked == []


def test_a_period_is_compared_only_with_one_in_which_the_city_was_there() -> None:
    made(days_ago(45))
    assert not shown().comparable
    made(days_ago(59))
    assert shown().comparable and not shown("90-days").comparable


def test_what_residents_say_afterwards() -> None:
    for n in range(6):
        request = made(days_ago(4), **closed(days_ago(3)))
        Survey.objects.create(request=request, satisfaction=4 + n % 2, rated_at=days_ago(1), fixed=n > 0,
                              fixed_at=days_ago(1))  # fmt: skip
    report = shown()
    assert (report.city.get("rated"), report.city.get("satisfaction")) == (6, 4.5)
    assert (report.city.get("said"), report.city.get("said_fixed")) == (6, 5)


def test_first_answers_by_network_are_those_that_left() -> None:
    agent = User.objects.create_user("agent")
    for n in range(5):
        talk = world.conversation(f"Ana{n}", "a hole", minutes=60)
        for minutes, by in ((n, None), (55, agent)):
            sent = world.said(talk, "Thank you.", by=by)
            Delivery.objects.filter(pk=sent.pk).update(sent_at=talk.opened_at + timedelta(minutes=minutes))
    world.said(world.conversation("Bo", "a hole"), "Never sent.", State.FAILED)
    world.said(world.conversation("Cy", "a hole", on=world.account("@city", "bluesky")), "Thank you.")
    hidden = world.conversation("Di", "rude words").messages.get()
    hidden.details = {"hidden": timezone.now().isoformat()}
    hidden.save()
    report = shown()
    found = row(report, "network", "mastodon")
    assert [found.get(name) for name in ("heard", "answered", "answered_by_person")] == [7, 5, 5]
    assert found.get("answer_minutes") == 2
    assert found.get("person_minutes") == 55
    other = row(report, "network", "bluesky")
    assert (other.get("heard"), other.get("answer_minutes")) == (FEW, FEW)
    assert (report.city.get("heard"), report.city.get("answered"), report.city.get("hidden")) == (8, 6, 1)


def test_hidden_comments_are_counted_by_rule_and_appeals_with_what_came_of_them() -> None:
    decided: list[tuple[str, str, bool]] = [("hidden", "insult", False)] * 6
    decided += [("hidden", "spam", True), ("shown", "", True), ("shown", "", False)]
    for n, (state, rule, appealed) in enumerate(decided):
        message = world.conversation(f"Ana{n}", "words").messages.get()
        moments = {"at": days_ago(3), "decided_at": days_ago(2), "appealed_at": days_ago(1) if appealed else None}
        Comment.objects.create(message=message, thread="topic:1", state=state, rule=rule, **moments)
    report = shown()
    assert [(one.name, one.get("hidden_by_rule")) for one in report.groups["rule"]] == [
        ("No insults", 6), ("No advertising", FEW),
    ]  # fmt: skip
    city = report.city
    assert [city.get(name) for name in ("hidden_by_rule", "appealed", "shown_again")] == [7, 2, 1]


def test_periods_are_whole_and_do_not_overlap() -> None:
    for day in (date(2024, 2, 29), date(2025, 3, 1), date(2026, 12, 31)):
        for period in periods.chosen(day, date(2020, 5, 5)):
            before = periods.before(period)
            assert before.last < period.first and period.last <= day
        years = [period.code for period in periods.chosen(day, date(2020, 5, 5))][3:]
        assert years[0] == str(day.year) and years[-1] == "2020"


def test_departments_with_their_own_calendar_count_by_it() -> None:
    from openline.service_requests import calendars
    from openline.service_requests.models import WorkingCalendar

    every_day = {str(n): [["08:00", "20:00"]] for n in range(7)}
    own = WorkingCalendar.objects.create(code="all-days", name="All days", hours=every_day)
    Department.objects.filter(pk=world.department().pk).update(calendar=own)
    calendars.forget()
    try:
        for _n in range(5):
            made(here(date(2025, 8, 29)), **closed(here(date(2025, 9, 2))))
        assert row(shown("2025"), "department", "streets").get("half_days") == 3  # a holiday is one for all
    finally:
        calendars.forget()
