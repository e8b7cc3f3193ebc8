"""The pages about what came of posts: right figures, constant cost, and for those alone who may see them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.accounts.models import Account
from openline.publishing import results
from openline.publishing.models import Clicks, Measurement, Post, PostText, ShortLink, Variant
from openline.publishing.results import Scope

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


@pytest.fixture
def account() -> Account:
    return Account.objects.create(network="mastodon", handle="@news", server="https://city.example", name="News")


def published(account: Account, text: str, likes: int, **more: Any) -> Variant:
    """A post that went out yesterday, and how often it was liked."""
    now = timezone.now()
    fields = {name: more.pop(name) for name in ("campaign", "areas", "kind") if name in more}
    post = Post.objects.create(state="out", created_at=now, changed_at=now, **fields)
    PostText.objects.create(post=post, language="en", text=text)
    sent = now - timedelta(days=more.pop("days", 1))
    variant = Variant.objects.create(post=post, account=account, state="sent", sent_at=sent, network_id=text, **more)
    for hour, value in ((1, likes // 2), (2, likes)):
        at = sent + timedelta(hours=hour)
        Measurement.objects.create(variant=variant, name="likes", at=at, value=value)
    return variant


def scope(**more: str) -> Scope:
    now = timezone.now()
    return Scope(now - timedelta(days=30), now, **more)


def test_the_newest_numbers_count_once(account: Account) -> None:
    one = published(account, "Snow", 10)
    link = ShortLink.objects.create(code="abc", target="https://city.example", variant=one, created_at=timezone.now())
    for hour in (1, 2):
        Clicks.objects.create(link=link, hour=timezone.now() - timedelta(hours=hour), count=3)
    [found] = results.results(scope())
    assert (found.told, found.clicks, found.reactions, found.words) == ({"likes": 10}, 6, 16, "Snow")


def test_results_are_put_together_by_everything(account: Account) -> None:
    published(account, "a", 4, campaign="snow", areas=["north", "south"], language="es")
    published(account, "b", 8, campaign="snow")
    found = results.results(scope())
    assert [(row.key, row.posts, row.reactions, row.median) for row in results.grouped(found, "campaign")] == [
        ("snow", 2, 12, 6.0)
    ]
    assert {row.key: row.reactions for row in results.grouped(found, "area")} == {"": 8, "north": 4, "south": 4}
    assert {row.key: row.posts for row in results.grouped(found, "language")} == {"es": 1, "en": 1}
    assert len(results.results(scope(area="north"))) == len(results.results(scope(language="es"))) == 1


def test_a_post_is_compared_with_its_own_kind(account: Account) -> None:
    for n, likes in enumerate((2, 4, 6)):
        published(account, f"short {n}", likes)
    published(account, "film", 1000, kind="video")
    found = results.results(scope())
    usual = results.medians(found)
    assert {one.words: results.times(one, usual) for one in found} == {
        "short 0": 0.5,
        "short 1": 1.0,
        "short 2": 1.5,
        "film": 1.0,
    }


def test_the_page_costs_the_same_for_few_and_many(login: Login, account: Account) -> None:
    client = login("communications")
    client.get("/console/results/")  # what is read once for many pages is read
    counted = []
    for many in (2, 30):
        for n in range(many):
            published(account, f"{many} {n}", n)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get("/console/results/")
        assert answer.status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 14


@pytest.mark.parametrize("asked", ["days=x&by=no&kind=none&account=1", "account=%00&campaign=%00&area=%00&days=%C2%B2"])
def test_nonsense_in_the_address_is_no_error(login: Login, account: Account, asked: str) -> None:
    assert login("communications").get(f"/console/results/?{asked}").status_code == 200


def test_the_page_of_a_post_shows_how_it_grew(login: Login, account: Account) -> None:
    one = published(account, "Snow is coming", 10)
    page = login("communications").get(f"/console/results/posts/{one.post_id}/").content.decode()
    assert "Snow is coming" in page
    assert "<polyline" in page and "<td>10</td>" in page
    assert "Nobody has replied yet." in page


def test_the_file_has_a_row_for_each_publication_and_no_formula(login: Login, account: Account) -> None:
    published(account, "=1+1", 10, campaign="=cmd()")
    answer = login("communications").get("/console/results/export.csv")
    rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert [(row["name"], row["likes"], row["campaign"]) for row in rows] == [("'=1+1", "10", "'=cmd()")]


@pytest.mark.parametrize("role", ["agent", "crew", "official"])
def test_others_do_not_see_results(login: Login, role: str) -> None:
    for address in ("/console/results/", "/console/results/export.csv"):
        assert login(role).get(address).status_code == 403


@pytest.mark.parametrize("name", ["network", "language", "area", "campaign"])
def test_what_no_text_can_hold_narrows_nothing(login: Login, name: str) -> None:
    assert login("communications").get("/console/results/", {name: "a\x00b"}).status_code == 200
