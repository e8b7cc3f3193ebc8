"""Short links: as long in the preview as in life, counted without a trace of persons, to where staff wrote only."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from openline.publishing import leaving, links
from openline.publishing.content import Form
from openline.publishing.models import Clicks, ShortLink
from tests.publishing.conftest import Newsroom

PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
TARGET = "https://city.example/trash?zone=3"


@pytest.fixture
def short(newsroom: Newsroom, settings: Settings) -> ShortLink:
    """The short link of a post that leaves."""
    settings.PUBLIC_URL = "https://line.example"
    form = Form(str(newsroom.account("news").pk), options={"short": True})
    post = newsroom.post(link=TARGET, campaign="summer", forms=(form,))
    newsroom.publish(post)
    return ShortLink.objects.get()


def test_the_post_carries_the_short_link_and_it_leads_to_the_tagged_target(
    newsroom: Newsroom, short: ShortLink
) -> None:
    assert newsroom.said() == [f"Trash day moves to Saturday.\n\nhttps://line.example/go/{short.code}/"]
    assert short.target == f"{TARGET}&utm_source=file&utm_medium=social&utm_campaign=summer"
    assert len(links.example(short.target)) == len(links.address(short.code))
    variant = short.variant
    assert variant and leaving.outgoing_of(variant).link == links.address(short.code)
    assert ShortLink.objects.count() == 1 and links.known(variant)(short.target) == links.address(short.code)


def test_people_are_counted_by_the_hour_and_machines_are_not(client: Client, short: ShortLink) -> None:
    address = f"/go/{short.code}/"
    for agent in (
        PERSON,
        PERSON,
        BOT,
        "",
        "facebookexternalhit/1.1",
        "Mastodon/4.3 (http.rb/5.2; +https://social.example/)",
    ):
        answer = client.get(address, headers={"User-Agent": agent})
        assert answer.status_code == 302 and answer["Location"] == short.target
    client.head(address, headers={"User-Agent": PERSON})
    row = Clicks.objects.get()
    assert row.count == 2 and row.hour.minute == row.hour.second == 0
    assert {field.name for field in Clicks._meta.get_fields()} == {"id", "link", "hour", "count"}
    assert short.variant_id and links.clicks([short.variant_id]) == {short.variant_id: 2}
    assert not answer.cookies


@pytest.mark.django_db
def test_what_nobody_made_leads_nowhere(client: Client) -> None:
    assert client.get("/go/abcdefgh/").status_code == 404
    assert client.get("/go/https://evil.example/").status_code == 404
    assert client.post("/go/abcdefgh/").status_code == 405


@pytest.mark.parametrize(
    ("link", "tagged"),
    [
        ("https://a.example/", "https://a.example/?utm_source=x&utm_medium=social&utm_campaign=c"),
        ("https://a.example/?utm_source=own#top",
         "https://a.example/?utm_source=own&utm_medium=social&utm_campaign=c#top"),
        ("mailto:a@b.example", "mailto:a@b.example"),
    ],
)  # fmt: skip
def test_campaign_tags_that_are_there_stay(link: str, tagged: str) -> None:
    assert links.tagged(link, "c", "x") == tagged
    assert links.tagged(link, "", "x") == link
