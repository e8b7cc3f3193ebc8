"""What one network alone knows of a post, or does not take: said before, and handed to its channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from openline.channels.accounts import Field
from openline.outbox.models import Delivery
from openline.publishing import checks, handing, writing
from openline.publishing.content import OWN, Words
from openline.publishing.models import Errand, Variant
from openline.publishing.states import Kind, VariantState
from tests.publishing.conftest import Newsroom
from tests.world import FileNetwork

ALBUMS = Field("album", "Album", kind="choice", choices=(("park", "Parks"), ("snow", "Snow")), initial="park")


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that shows titles, has albums to choose from and takes nothing without a file."""
    can = replace(FileNetwork.capabilities, forms=("album", "video"), needs_media=True, title_limit=20)
    monkeypatch.setattr(FileNetwork, "capabilities", can)
    monkeypatch.setattr(FileNetwork, "options", lambda self, account, form: (ALBUMS,) if form == "album" else ())


def words_of(newsroom: Newsroom, text: str = "The parks in June.", **more: object) -> list[str]:
    return [found.words for found in checks.errors(newsroom.content(text, **more))]


def test_what_a_network_does_not_take_is_said_before(newsroom: Newsroom) -> None:
    assert "File takes only films and albums: choose the kind." in words_of(newsroom)
    assert "File has no stories here." in words_of(newsroom, kind=Kind.STORY)
    assert "File takes nothing without a picture or a film." in words_of(newsroom, kind=Kind.ALBUM)
    hints = [found.words for found in checks.findings(newsroom.content("Parks.", kind=Kind.ALBUM)) if not found.error]
    assert "File shows a title, and this post has none." in hints
    long = {"en": Words("Text.", "A title of more than twenty characters")}
    assert "File takes a title of 20 characters; this one has 38." in words_of(newsroom, kind=Kind.ALBUM, texts=long)


def test_what_is_chosen_must_be_one_of_the_choices(newsroom: Newsroom) -> None:
    content = newsroom.content("Parks.", kind=Kind.ALBUM)
    for value, wrong in (("snow", False), ("", False), ("sand", True)):
        form = replace(content.forms[0], options={OWN: {"album": value}})
        found = [one.words for one in checks.errors(replace(content, forms=(form,)))]
        assert ("Choose one of the list: Album." in found) == wrong


def test_the_channel_gets_the_form_the_title_the_point_and_what_was_chosen(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileNetwork, "capabilities", replace(FileNetwork.capabilities, needs_media=False))
    content = newsroom.content(
        "The parks in June.",
        kind=Kind.ALBUM,
        texts={"en": Words("The parks in June.", "June")},
        topics=("parks", "summer"),
        latitude=39.95,
        longitude=-75.16,
    )
    form = replace(content.forms[0], options={OWN: {"album": "snow"}})
    post = writing.create(replace(content, forms=(form,)), by=newsroom.person("carla"))
    newsroom.publish(post)
    said = Delivery.objects.get().outgoing
    assert (said["form"], said["title"], said["tags"]) == ("album", "June", ["parks", "summer"])
    assert said["place"] == [39.95, -75.16] and said["options"] == {"album": "snow"}


@pytest.fixture
def scheduling_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that publishes by itself at a time that it is given."""
    can = replace(FileNetwork.capabilities, forms=("",), needs_media=False, title_limit=0, scheduling=True)
    monkeypatch.setattr(FileNetwork, "capabilities", can)
    monkeypatch.setattr(FileNetwork, "options", lambda self, account, form: ())


def handed(newsroom: Newsroom, ahead: timedelta, **options: str) -> Variant:
    """A post for that time, on a network that may publish it by itself."""
    content = newsroom.content("Doors open at noon.")
    form = replace(content.forms[0], options=options or {"by_network": "yes"})
    post = writing.create(replace(content, forms=(form,)), by=newsroom.person("carla"))
    newsroom.publish(post, timezone.now() + ahead)
    return newsroom.variant(post)


def test_a_network_gets_what_it_publishes_by_itself_half_an_hour_ahead(
    newsroom: Newsroom, scheduling_network: None
) -> None:
    variant = handed(newsroom, timedelta(minutes=25))
    assert variant.state == VariantState.SENT and variant.leave_at
    assert Delivery.objects.get().outgoing["publish_at"] == variant.leave_at.isoformat()


@pytest.mark.parametrize("minutes", [5, 45])
def test_what_is_too_near_or_too_far_leaves_at_its_time(
    newsroom: Newsroom, scheduling_network: None, minutes: int
) -> None:
    variant = handed(newsroom, timedelta(minutes=minutes))
    assert variant.state == VariantState.PLANNED and not Delivery.objects.exists()
    Variant.objects.update(leave_at=timezone.now() - timedelta(seconds=1))
    newsroom.work()
    assert "publish_at" not in Delivery.objects.get().outgoing


def test_without_the_choice_nothing_is_handed_over(newsroom: Newsroom, scheduling_network: None) -> None:
    assert handed(newsroom, timedelta(minutes=25), short="yes").state == VariantState.PLANNED


def test_a_pause_takes_back_what_networks_hold_for_later(newsroom: Newsroom, scheduling_network: None) -> None:
    variant = handed(newsroom, timedelta(minutes=25))
    out = newsroom.post("Out already.", "mayor")
    newsroom.publish(out)
    handing.pause("A fire.", by=newsroom.person("sam", "supervisor"))
    [errand] = Errand.objects.all()
    assert (errand.variant_id, errand.what) == (variant.pk, "delete")
    assert errand.delivery.outgoing["about"] == variant.network_id
