"""Slots: good hours, apart from what is planned, never at night or on holidays."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from openline.publishing import scheduling, slots
from openline.publishing.models import Measurement, Variant
from openline.publishing.states import VariantState
from openline.service_requests import calendars
from openline.service_requests.jurisdiction import city_zone
from openline.service_requests.models import Holiday
from tests.publishing.conftest import Newsroom


@pytest.fixture
def room(db: None, tmp_path: Path) -> Newsroom:
    """The newsroom in one transaction."""
    calendars.forget()
    return Newsroom(tmp_path)


def _history(room: Newsroom, hour: int, likes: int, count: int) -> None:
    day = (timezone.now().astimezone(city_zone()) - timedelta(days=60)).replace(hour=hour, minute=0, second=0)
    for number in range(count):
        at = day + timedelta(days=number)
        variant = room.variant(room.post(f"{hour} {number}"))
        Variant.objects.filter(pk=variant.pk).update(state=VariantState.SENT, sent_at=at, leave_at=at)
        Measurement.objects.create(variant=variant, name="likes", at=at + timedelta(hours=1), value=likes - 1)
        Measurement.objects.create(variant=variant, name="likes", at=at + timedelta(hours=9), value=likes)


def test_without_history_the_usual_hours_count(room: Newsroom) -> None:
    found = slots.best(room.account("news"))
    assert len(found) == 5
    assert all(slot.why == "A usual hour." for slot in found)
    assert {slot.at.astimezone(city_zone()).hour for slot in found} == {9}
    assert all(slot.at.astimezone(city_zone()).weekday() < 5 for slot in found)


def test_the_citys_own_history_counts_before_what_is_usual(room: Newsroom) -> None:
    _history(room, 16, 50, 21)
    _history(room, 11, 2, 10)
    best = slots.best(room.account("news"), count=3)
    assert {slot.at.astimezone(city_zone()).hour for slot in best} == {16}
    assert "Your residents" in best[0].why


def test_two_posts_of_an_account_keep_their_distance(room: Newsroom) -> None:
    account = room.account("news")
    first = slots.next_free([account])
    assert first
    scheduling.hand_in(room.post().pk, first, by=room.person("carla"))
    second = slots.next_free([account])
    assert second
    assert second - first >= slots.DISTANCE
    assert slots.next_free([room.account("mayor")]) == first


def test_no_quiet_hour_and_no_holiday(room: Newsroom) -> None:
    account, today = room.account("news"), timezone.now().astimezone(city_zone()).date()
    for number in range(12):
        Holiday.objects.update_or_create(date=today + timedelta(days=number), calendar=None, defaults={"works": False})
    calendars.forget()
    found = slots.next_free([account])
    calendars.forget()
    if found:  # 14 days ahead may end on a weekend
        assert found.astimezone(city_zone()).date() >= today + timedelta(days=12)
    night = timezone.now().astimezone(city_zone()).replace(hour=22, minute=0)
    hours = [at.astimezone(city_zone()).hour for at in slots._times(night)]
    assert min(hours) == 7
    assert max(hours) == 20


def test_each_half_hour_comes_once_across_daylight_saving(room: Newsroom) -> None:
    start = datetime(2027, 11, 5, 12, tzinfo=city_zone())
    found = list(slots._times(start))
    assert len(found) == len(set(found))
    assert all((later - sooner) >= slots.STEP for sooner, later in zip(found, found[1:], strict=False))
