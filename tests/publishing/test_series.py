"""Series: on the right days, at the city's hour, around holidays, for each area, each post once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from openline.publishing import repeating, rules, series, writing
from openline.publishing.content import Words
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import OnHoliday, Post, Right, Series
from openline.publishing.repeating import Rhythm, Zone
from openline.publishing.series import Plan
from openline.publishing.states import PostState
from openline.service_requests import calendars
from openline.service_requests.calendars import Calendar
from tests.publishing.conftest import Newsroom

ZONE = "America/New_York"
HERE = ZoneInfo(ZONE)


@pytest.fixture
def room(db: None, tmp_path: Path) -> Newsroom:
    """The newsroom in one transaction."""
    return Newsroom(tmp_path)


def _plan(room: Newsroom, **more: object) -> Plan:
    content = room.content(name="Trash day", texts={"en": Words("{area}: trash is collected on {date}.")})
    today = timezone.now().astimezone(HERE).date()
    plan = Plan("Trash day", content, "FREQ=WEEKLY;BYDAY=TU", today, time(18, 0), days_before=1, weeks_ahead=3)
    zones = (Zone("fishtown", "Fishtown"), Zone("tacony", "Tacony", {}, "FREQ=WEEKLY;BYDAY=TH"))
    return replace(plan, **{"zones": zones, **more})


def _rhythm(rule: str, starts_on: date, at: time = time(9), **more: object) -> Rhythm:
    return Rhythm(rule, starts_on, at, ZONE, **more)  # type: ignore[arg-type]


def _calendar(*off: date) -> Calendar:
    return Calendar(HERE, off=frozenset(off))


def test_the_hour_is_the_citys_across_daylight_saving(db: None) -> None:
    found = list(repeating.occurrences(_rhythm("FREQ=WEEKLY", date(2027, 3, 10)), date(2027, 3, 10), date(2027, 3, 20)))
    assert [one.leave_at for one in found] == [
        datetime(2027, 3, 10, 14, tzinfo=UTC),
        datetime(2027, 3, 17, 13, tzinfo=UTC),
    ]


def test_an_hour_that_does_not_exist_is_the_next_and_one_that_comes_twice_is_the_first() -> None:
    rhythm = _rhythm("FREQ=DAILY", date(2027, 3, 1), time(2, 30))
    assert repeating.leaves_at(rhythm, date(2027, 3, 14)).astimezone(HERE).time() == time(3, 30)
    rhythm = _rhythm("FREQ=DAILY", date(2027, 3, 1), time(1, 30))
    assert repeating.leaves_at(rhythm, date(2027, 11, 7)) == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


def test_holidays_are_left_out_or_move_the_day() -> None:
    thursday, friday, saturday = date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28)
    calendar = _calendar(thursday)
    assert repeating.moved(thursday, OnHoliday.KEEP, calendar) == thursday
    assert repeating.moved(thursday, OnHoliday.SKIP, calendar) is None
    assert repeating.moved(thursday, OnHoliday.NEXT, calendar) == friday
    assert repeating.moved(friday, OnHoliday.LATER, calendar) == saturday
    assert repeating.moved(date(2026, 11, 24), OnHoliday.LATER, calendar) == date(2026, 11, 24)
    assert repeating.moved(date(2026, 12, 1), OnHoliday.LATER, calendar) == date(2026, 12, 1)


@pytest.mark.parametrize("rule", ["", "every tuesday", "FREQ=SECONDLY", "FREQ=WEEKLY;BYHOUR=3", "FREQ=WEEKLY;BYDAY=XX"])
def test_what_is_no_rule_of_days_is_refused(room: Newsroom, rule: str) -> None:
    with pytest.raises(NotPossible) as caught:
        series.preview(_plan(room, rule=rule, zones=()))
    assert caught.value.field == "rule"


def test_what_has_no_value_is_said_before_saving(room: Newsroom) -> None:
    plan = _plan(room)
    content = replace(plan.content, texts={"en": Words("{area}: {phone}")})
    with pytest.raises(NotPossible, match="phone"):
        series.preview(replace(plan, content=content))
    zones = tuple(replace(zone, values={"phone": "311"}) for zone in plan.zones)
    assert len(series.preview(replace(plan, content=content, zones=zones))) == 12


def test_each_area_gets_its_own_post_ahead_of_time_and_once(room: Newsroom) -> None:
    made = series.create(_plan(room), by=room.person("carla"))
    posts = list(Post.objects.order_by("leave_at"))
    assert 4 <= len(posts) <= 8
    assert {post.series_area for post in posts} == {"fishtown", "tacony"}
    assert {post.state for post in posts} == {PostState.SCHEDULED}
    for post in posts:
        text = post.texts.get().text
        assert post.leave_at and post.occurs_on
        here = post.leave_at.astimezone(HERE)
        assert (here.hour, here.date()) == (18, post.occurs_on - timedelta(days=1))
        assert ("Fishtown" in text) == (post.series_area == "fishtown")
        assert str(post.occurs_on.day) in text
        assert post.areas == [post.series_area]
    assert series.make(made.pk) == []
    writing.cancel(posts[0].pk, by=room.people["carla"])
    assert series.make_all() == 0
    assert Post.objects.count() == len(posts)


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_each_post_once(newsroom: Newsroom) -> None:
    made = series.create(replace(_plan(newsroom), weeks_ahead=1), by=newsroom.person("carla"))
    Series.objects.update(weeks_ahead=4)
    before, barrier = Post.objects.count(), Barrier(2)
    counts: list[int] = []

    def make() -> None:
        barrier.wait()
        counts.append(len(series.make(made.pk)))
        connection.close()

    threads = [Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts)[0] == 0
    assert Post.objects.count() == before + max(counts)
    assert max(counts) >= 4


def test_rules_of_approval_hold_for_a_series_too(room: Newsroom) -> None:
    rules.set_rule(None, "", "one", by=room.person("ada"))
    series.create(_plan(room), by=room.person("carla"))
    assert set(Post.objects.values_list("state", flat=True)) == {PostState.REVIEW}


def test_a_series_of_who_may_not_speak_any_more_stops_and_says_so(room: Newsroom) -> None:
    carla, ada = room.person("carla"), room.person("ada")
    made = series.create(replace(_plan(room), weeks_ahead=1), by=carla)
    rules.set_speaker(room.account("news"), ada, Right.WRITE, by=ada)
    Series.objects.update(weeks_ahead=4)
    assert series.make(made.pk) == []
    assert "may not publish" in Series.objects.get().problem
    User.objects.filter(pk=carla.pk).update(is_active=False)
    assert series.make(made.pk) == []
    assert "Nobody answers" in Series.objects.get().problem


def test_what_cannot_be_scheduled_stays_a_draft_in_its_place(room: Newsroom) -> None:
    plan = _plan(room)
    content = replace(plan.content, texts={"en": Words("word " * 90)}, poll={"options": ["a", "b"], "seconds": 3600})
    made = series.create(replace(plan, content=content), by=room.person("carla"))
    assert made.problem
    assert set(Post.objects.values_list("state", flat=True)) == {PostState.DRAFT}
    assert not Post.objects.filter(leave_at=None).exists()


def test_this_one_is_a_post_like_any_other(room: Newsroom) -> None:
    made, carla = series.create(_plan(room), by=room.person("carla")), room.people["carla"]
    first, second = Post.objects.order_by("leave_at")[:2]
    writing.change(first.pk, room.content("Today only: the truck comes at noon."), by=carla, seen=1)
    assert series.make(made.pk) == []
    assert "collected" in second.texts.get().text


def test_this_and_all_that_follow(room: Newsroom) -> None:
    carla = room.person("carla")
    made = series.create(_plan(room), by=carla)
    last = Post.objects.order_by("-occurs_on")[0]
    assert last.occurs_on
    plan = series.plan_of(made)
    changed = replace(plan, content=replace(plan.content, texts={"en": Words("{area}: new day, {date}.")}))
    with pytest.raises(Conflict):
        series.change(made.pk, changed, last.occurs_on, by=carla, seen=7)
    with pytest.raises(NotPossible, match="past"):
        series.change(made.pk, changed, date(2020, 1, 1), by=carla, seen=1)
    new = series.change(made.pk, changed, last.occurs_on, by=carla, seen=1)
    made.refresh_from_db()
    assert new.follows == made
    assert made.ends_on == last.occurs_on - timedelta(days=1)
    last.refresh_from_db()
    assert last.state == PostState.CANCELLED
    old = Post.objects.filter(series=made).exclude(state=PostState.CANCELLED)
    assert all("collected" in post.texts.get().text for post in old)
    assert all("new day" in post.texts.get().text for post in new.posts.all())
    assert new.posts.filter(occurs_on=last.occurs_on, series_area=last.series_area).exists()


def test_every_other_week_stays_the_same_week(room: Newsroom) -> None:
    plan = _plan(room, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", starts_on=date(2027, 1, 5), zones=())
    days = [one.day for one in series.preview(plan)]
    assert series._first(plan, date(2027, 1, 6)) == days[1] == date(2027, 1, 19)


def test_an_ended_series_makes_nothing_more(room: Newsroom) -> None:
    carla = room.person("carla")
    made = series.create(_plan(room), by=carla)
    tomorrow = timezone.now().astimezone(HERE).date() + timedelta(days=1)
    series.end(made.pk, tomorrow, by=carla)
    assert not Post.objects.filter(occurs_on__gte=tomorrow).exclude(state=PostState.CANCELLED).exists()
    Series.objects.update(weeks_ahead=9)
    assert series.make(made.pk) == []


def test_free_days_have_names(db: None) -> None:
    from openline.service_requests.models import Holiday

    Holiday.objects.filter(date__year=2031).delete()
    Holiday.objects.create(date=date(2031, 6, 3), name="City Day")
    assert calendars.holiday_names(date(2031, 6, 1), date(2031, 6, 30))[date(2031, 6, 3)] == "City Day"
