"""Files: in parts that go on after a break, with descriptions and captions, waited for while X works on them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openline.channels.base import NetworkDown, Outgoing, OutgoingMedia, RateLimited, Rejected
from openline.channels.x import uploading
from tests.channels import faults
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory
from tests.channels.x.conftest import City

FILM = bytes(range(256)) * 40
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.500\nWe mend the road\n"
MEDIA = OutgoingMedia("f.mp4", "video/mp4", "f.mp4", "A road is mended", 640, 360, 3.0, captions=CAPTIONS)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "PART_BYTES", 4096)


def test_a_film_goes_in_parts_with_description_and_captions(city: City) -> None:
    city.x.uploads.film_seconds = 0.2
    receipt = city.channel.send(
        city.account, Outgoing("mended", media=(MEDIA,), language="es"), "k", Memory({"f.mp4": FILM})
    )
    (film,) = city.x.state.posts[receipt.network_id].media
    assert (film.content, film.alt, film.category, len(film.parts)) == (FILM, MEDIA.alt, "tweet_video", 3)
    (captions,) = film.captions
    assert captions["language_code"] == "ES"
    assert b"00:00:00,000 --> 00:00:01,500\nWe mend the road" in city.x.state.uploads[captions["id"]].content


def test_a_broken_upload_goes_on_after_its_last_part(city: City) -> None:
    memory, out = Memory({"f.mp4": FILM}), Outgoing("mended", media=(replace(MEDIA, captions=""),))
    with FaultProxy(int(city.x.url.rpartition(":")[2])) as proxy:
        account = replace(city.account, server=f"http://127.0.0.1:{proxy.port}")
        with proxy.striking(faults.CUT_AFTER, 3), pytest.raises(NetworkDown):
            city.channel.send(account, out, "k", memory)
        assert [name for name in memory.kept if "part" in name] == ["media 0 part 0"]
        before = len(city.contract.exchanges)
        receipt = city.channel.send(account, out, "k", memory)
    again = [one.path for one in city.contract.exchanges[before:] if one.path.endswith("/append")]
    assert len(again) == 2 and len(city.x.state.uploads) == 1
    assert city.x.state.posts[receipt.network_id].media[0].content == FILM


def test_an_upload_that_x_has_forgotten_is_made_anew(city: City) -> None:
    memory, out = Memory({"f.mp4": FILM}), Outgoing("mended", media=(replace(MEDIA, captions=""),))
    city.x.faults.limited = True
    with pytest.raises(RateLimited):
        city.channel.send(city.account, out, "k", memory)
    city.x.faults.limited = False
    with FaultProxy(int(city.x.url.rpartition(":")[2])) as proxy:
        account = replace(city.account, server=f"http://127.0.0.1:{proxy.port}")
        proxy.choose = lambda unit: faults.CUT_BEFORE if unit.startswith(b"POST /2/tweets ") else None
        with pytest.raises(Exception):  # noqa: B017
            city.channel.send(account, out, "k", memory)
    (first,) = city.x.state.uploads.values()
    first.began -= 90_000
    memory.kept["media 0"]["until"] = 1.0
    receipt = city.channel.send(city.account, out, "k", memory)
    assert city.x.state.posts[receipt.network_id].media[0].id != first.id


def test_a_film_that_takes_long_is_tried_again_later(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "WAIT_SECONDS", 0.0)
    city.x.uploads.film_seconds = 1.0
    memory, out = Memory({"f.mp4": FILM}), Outgoing("mended", media=(replace(MEDIA, captions=""),))
    with pytest.raises(RateLimited):
        city.channel.send(city.account, out, "k", memory)
    assert len(city.x.state.uploads) == 1 and not city.x.state.posts
    monkeypatch.setattr(uploading, "WAIT_SECONDS", 10.0)
    city.channel.send(city.account, out, "k", memory)
    assert len(city.x.state.uploads) == 1


@pytest.mark.parametrize(
    ("media", "field"),
    [
        ((OutgoingMedia("a", "application/pdf"),), "media"),
        ((MEDIA, MEDIA), "media"),
        ((MEDIA, OutgoingMedia("a", "image/jpeg")), "media"),
        ((OutgoingMedia("a", "image/jpeg"),) * 5, "media"),
        ((replace(MEDIA, captions="no captions"),), "captions"),
    ],
)
def test_what_x_does_not_take_is_said_before_anything_is_posted(
    city: City, media: tuple[OutgoingMedia, ...], field: str
) -> None:
    with pytest.raises(Rejected) as raised:
        city.channel.send(city.account, Outgoing("a", media=media), "k", Memory({"f.mp4": FILM, "a": b"x"}))
    assert raised.value.field_name == field and not city.x.state.posts


def test_a_picture_in_a_private_message(city: City) -> None:
    maria = city.x.residents[0]
    picture = OutgoingMedia("a", "image/png", alt="A map")
    out = Outgoing("look", visibility="private", in_reply_to_author=maria.id, media=(picture,))
    receipt = city.channel.send(city.account, out, "k", Memory({"a": b"png"}))
    (message,) = city.x.state.messages
    assert (
        message.id == receipt.network_id and message.media[0].category == "dm_image" and message.media[0].alt == "A map"
    )
