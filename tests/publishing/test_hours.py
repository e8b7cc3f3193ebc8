"""The best hours, learnt from a history whose truth is known."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from math import expm1

import pytest
from django.utils import timezone

from openline.accounts.models import Account
from openline.publishing import hours
from openline.publishing.hours import Hours, Past
from openline.publishing.models import Measurement, Variant
from tests.publishing.conftest import Newsroom

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


def account(network: str = "mastodon") -> Account:
    return Account(network=network, handle="@city")


def truth(weekday: int, hour: int) -> float:
    """Noon is best on working days, 8 pm on weekends; the night is worst."""
    peak = 20 if weekday >= 5 else 12
    return 3.0 - 0.25 * abs(hour - peak)


def history(of: Account, posts: int, seed: int = 1, base: float = 2.0) -> list[Past]:
    """Posts at random hours, whose reactions follow `truth` with much noise."""
    dice = random.Random(seed)
    found = []
    for _ in range(posts):
        at = MONDAY + timedelta(hours=dice.randrange(26 * 7 * 24))
        y = base + truth(at.weekday(), at.hour) + dice.gauss(0, 0.8)
        found.append(Past(of.pk, of.network, at, max(0, round(expm1(y)))))
    return found


def best(found: Hours, weekday: int) -> int:
    return max(range(24), key=lambda hour: found[weekday, hour])


def test_much_history_finds_the_truth() -> None:
    one = account()
    found = hours.scores(history(one, 3_000), one)
    assert abs(best(found, 1) - 12) <= 1
    assert abs(best(found, 6) - 20) <= 1
    assert min(found.values()) == 0 and max(found.values()) == 1


def test_shrinkage_is_nearer_to_the_truth_than_plain_means() -> None:
    one = account()
    past = history(one, 400)
    found = hours.scores(past, one)
    cells = hours._split(((p.at.weekday(), p.at.hour), float(p.reactions)) for p in past)
    plain = {cell: sum(values) / len(values) for cell, values in cells.items()}
    assert agreement(found) > agreement({cell: plain.get(cell, 0.0) for cell in found})


def agreement(found: Hours) -> float:
    """The correlation with the truth."""
    pairs = [(value, truth(*cell)) for cell, value in found.items()]
    mx, my = (sum(pair[n] for pair in pairs) / len(pairs) for n in (0, 1))
    sx, sy = (sum((pair[n] - m) ** 2 for pair in pairs) ** 0.5 for n, m in ((0, mx), (1, my)))
    return sum((x - mx) * (y - my) for x, y in pairs) / (sx * sy)


def test_an_account_without_history_has_the_profile_of_its_network_then_of_the_city() -> None:
    old, new, elsewhere = account(), account(), account("bluesky")
    past = history(old, 3_000)
    assert hours.scores(past, new) == pytest.approx(hours.scores(past, new))
    assert abs(best(hours.scores(past, new), 2) - 12) <= 1
    assert abs(best(hours.scores(past, elsewhere), 2) - 12) <= 1


def test_two_lucky_posts_do_not_decide() -> None:
    old, new = account(), account()
    lucky = [Past(new.pk, new.network, MONDAY.replace(hour=3), 40), Past(new.pk, new.network, MONDAY, 35)]
    found = hours.scores(history(old, 3_000) + lucky, new)
    assert abs(best(found, 0) - 12) <= 1


def test_an_accounts_own_habit_outweighs_the_others() -> None:
    others, own = account(), account()
    late = [
        Past(own.pk, own.network, past.at + timedelta(hours=6), past.reactions) for past in history(own, 3_000, seed=2)
    ]
    found = hours.scores(history(others, 3_000) + late, own)
    assert abs(best(found, 1) - 18) <= 1


def test_nothing_known_is_said_as_such() -> None:
    assert hours.scores([], account()) == {}
    one = account()
    assert set(hours.scores([Past(one.pk, "mastodon", MONDAY, 3)], one).values()) == {0.5}


def test_the_history_is_read_from_what_was_measured(newsroom: Newsroom) -> None:
    for text, likes in (("Snow.", 50), ("Sun.", 1)):
        post = newsroom.post(text)
        newsroom.publish(post)
        at = timezone.now() - timedelta(days=10 if likes > 1 else 9, hours=0 if likes > 1 else 5)
        Variant.objects.filter(post=post).update(sent_at=at)
        variant = newsroom.variant(post)
        Measurement.objects.create(variant=variant, name="likes", at=at, value=0)
        Measurement.objects.create(variant=variant, name="likes", at=at + timedelta(hours=1), value=likes)
    assert hours.best_hours(newsroom.account("news")) == {}  # two posts are no history
    found = hours.best_hours(newsroom.account("news"), enough=2)
    good, bad = (newsroom.variant(v.post).sent_at for v in Variant.objects.order_by("sent_at"))
    from openline.service_requests.jurisdiction import city_zone

    zone = city_zone()
    assert good and bad
    local = [at.astimezone(zone) for at in (good, bad)]
    assert found[local[0].weekday(), local[0].hour] > found[local[1].weekday(), local[1].hour]
