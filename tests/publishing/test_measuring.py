"""Networks are asked what came of posts: as often as is due, within the allowance, each account for itself."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from openline.accounts.models import Account
from openline.publishing import allowance, changing, measuring
from openline.publishing.models import Post, Variant
from openline.publishing.states import VariantState
from openline.records.models import Record
from tests.publishing.conftest import Newsroom

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def out(newsroom: Newsroom) -> Post:
    """A post that is out on two accounts and due for a look."""
    allowance._used.clear()
    post = newsroom.post("Snow is coming.", "news", "mayor")
    newsroom.publish(post)
    due()
    return post


def due() -> None:
    Variant.objects.exclude(measure_at=None).update(measure_at=timezone.now() - timedelta(seconds=1))


def tell(newsroom: Newsroom, handle: str, told: Any) -> None:
    """What the network of that account tells from now on."""
    (newsroom.folder / f"{handle}.metrics").write_text(json.dumps(told))


def rows(variant: Variant) -> list[tuple[str, int]]:
    return list(variant.measurements.order_by("at", "name").values_list("name", "value"))


def test_numbers_are_written_when_they_change(newsroom: Newsroom, out: Post) -> None:
    variant = newsroom.variant(out)
    tell(newsroom, "news", {variant.network_id: {"likes": 3, "replies": 0}})
    assert measuring.look() == 2
    due()
    measuring.look()
    tell(newsroom, "news", {variant.network_id: {"likes": 4, "replies": 0}})
    due()
    measuring.look()
    assert rows(variant) == [("likes", 3), ("replies", 0), ("likes", 4)]
    variant.refresh_from_db()
    assert variant.measure_at and variant.measure_at > timezone.now()


def test_nothing_is_asked_before_its_time(newsroom: Newsroom, out: Post) -> None:
    Variant.objects.update(measure_at=timezone.now() + HOUR)
    assert measuring.look() == 0


def test_a_network_that_is_away_keeps_no_other_waiting(newsroom: Newsroom, out: Post) -> None:
    mayor = newsroom.variant(out, "mayor")
    tell(newsroom, "news", "away")
    tell(newsroom, "mayor", {mayor.network_id: {"likes": 1}})
    measuring.look()
    assert rows(mayor) == [("likes", 1)]
    variant = newsroom.variant(out)
    assert variant.state == VariantState.SENT and variant.measure_at and variant.measure_at > timezone.now()


def test_what_was_deleted_on_the_network_is_noticed_and_on_the_record(newsroom: Newsroom, out: Post) -> None:
    variant = newsroom.variant(out)
    tell(newsroom, "news", {variant.network_id: None})
    measuring.look()
    variant.refresh_from_db()
    assert (variant.state, variant.measure_at) == (VariantState.DELETED, None)
    assert variant.reason
    record = Record.objects.get(kind="deleted")
    assert record.body["what"] == "post gone" and record.body["variant"] == str(variant.pk)
    assert newsroom.variant(out, "mayor").state == VariantState.SENT


def test_what_we_take_down_ourselves_is_not_told_as_a_strangers_deed(newsroom: Newsroom, out: Post) -> None:
    variant = newsroom.variant(out)
    changing.take_down(variant.pk, "Wrong street.", by=newsroom.person("carla"))
    tell(newsroom, "news", {variant.network_id: None})
    measuring.look()
    assert not Record.objects.filter(kind="deleted").exists()


@pytest.mark.parametrize("state", ["paused", "switched off", "nearly spent"])
def test_an_account_that_needs_its_allowance_is_left_alone(newsroom: Newsroom, out: Post, state: str) -> None:
    later = timezone.now() + HOUR
    changes: dict[str, dict[str, Any]] = {
        "paused": {"paused_until": later},
        "switched off": {"enabled": False},
        "nearly spent": {"budget": {"limit": 300, "remaining": 149, "resets_at": later.isoformat(), "what": ""}},
    }
    Account.objects.filter(handle="@news").update(**changes[state])
    assert measuring.look() == 1


def test_a_window_gives_no_more_than_its_tenth(newsroom: Newsroom, out: Post) -> None:
    now = timezone.now()
    account = newsroom.account("news")
    account.budget = {"limit": 70, "remaining": 70, "resets_at": (now + HOUR).isoformat(), "what": ""}
    asked = 0
    while n := allowance.posts(account, now):
        allowance.note(account, n, now)
        asked += n
    assert asked == 7 * allowance.POSTS_A_CALL
    account.budget["resets_at"] = (now + 3 * HOUR).isoformat()
    assert allowance.posts(account, now + 2 * HOUR) == 5 * allowance.POSTS_A_CALL


def looks(changes_until: timedelta) -> list[timedelta]:
    """When a publication is looked at, if something changes at every look up to an age."""
    sent = now = changed = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    found, following = [], sent + measuring.FIRST_LOOK
    while following and len(found) < 10_000:
        now = following
        found.append(now - sent)
        changed = now if now - sent <= changes_until else changed
        following = measuring.next_look(sent, changed, now)  # type: ignore[assignment]
    return found


def test_looks_are_minutes_then_hours_then_days_apart() -> None:
    found = looks(400 * DAY)
    gaps = [after - before for before, after in zip(found, found[1:], strict=False)]
    assert gaps == sorted(gaps)
    assert gaps[0] == timedelta(minutes=10) and gaps[-1] == timedelta(days=7)
    assert len([age for age in found if age <= HOUR]) == 6
    assert 365 * DAY <= found[-1] <= 373 * DAY


def test_a_quiet_post_is_looked_at_for_a_month_at_least_but_less_often() -> None:
    quiet, lively = looks(timedelta()), looks(400 * DAY)
    assert quiet[-1] >= 30 * DAY
    assert len([age for age in quiet if age < 2 * DAY]) < len([age for age in lively if age < 2 * DAY])
    assert all(b - a <= DAY for a, b in zip(quiet, quiet[1:], strict=False) if a < 29 * DAY)


def test_a_network_that_tells_nothing_is_never_asked(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from tests.world import FileNetwork

    monkeypatch.setattr(FileNetwork, "capabilities", replace(FileNetwork.capabilities, metrics=()))
    post = newsroom.post()
    newsroom.publish(post)
    assert newsroom.variant(post).measure_at is None
