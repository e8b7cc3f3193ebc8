"""What we ask of X and what our emulator answers, held against both of X's OpenAPI documents.

The whole conformance suite runs with these checks as well (`nets/x.py` by 2.159, `nets/x_polled.py` by 2.167).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openapi_core.exceptions import OpenAPIError

from openline.channels.base import ChannelError, Incoming, Outgoing, OutgoingMedia, Poll
from openline.channels.x import hearing
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.x import standing
from tests.channels.x.conftest import City
from tests.channels.x.contract import POSTS, TWEETS, Exchange, check

FILM = OutgoingMedia("f", "video/mp4", "f.mp4", "A road", captions="WEBVTT\n\n00:00.000 --> 00:01.000\nHi\n")
PHOTO = OutgoingMedia("p", "image/jpeg", "p.jpg", "A map")
FILES = {"f": b"film" * 99, "p": b"photo"}
OPERATIONS = {
    ("DELETE", "/2/dm_events/"), ("DELETE", "/2/tweets/"), ("GET", "/2/activity/subscriptions"),
    ("GET", "/2/dm_events"), ("GET", "/2/dm_conversations/media/"), ("GET", "/2/dm_conversations/with/"),
    ("GET", "/2/media/upload"), ("GET", "/2/tweets"), ("GET", "/2/users/me"), ("GET", "/2/users/"),
    ("GET", "/2/webhooks"), ("POST", "/2/activity/subscriptions"), ("POST", "/2/dm_conversations/with/"),
    ("POST", "/2/media/metadata"), ("POST", "/2/media/subtitles"), ("POST", "/2/media/upload/"), ("POST", "/2/tweets"),
    ("POST", "/2/webhooks"), ("PUT", "/2/tweets/"), ("PUT", "/2/webhooks/"),
}  # fmt: skip


@pytest.fixture(params=[TWEETS, POSTS])
def city(request: pytest.FixtureRequest, shared: Path) -> Iterator[City]:
    with standing(request.param) as (hook, x, contract, _stack):
        yield City(hook, x, contract)


def use_all(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call that the channel knows."""
    monkeypatch.setattr(hearing, "LOOK_EVERY_SECONDS", 0.0)
    channel, account, maria = city.channel, city.account, city.x.residents[0]
    city.x.uploads.film_seconds = 0.1
    channel.settle(account)
    next(iter(city.x.state.webhooks.values()))["valid"] = False
    channel.settle(account)
    channel.inspect(account)
    channel.try_out(account, "a", "k")
    city.x.say(maria, "look", private=True, photos=[b"photo"])
    posts = [city.x.say(maria, f"@philly311 one & two {n} https://city.org #tag", photos=[b"1"]) for n in range(3)]
    heard = {item.network_id: item for item in channel.poll(account, "").items if isinstance(item, Incoming)}
    message = next(item for item in heard.values() if item.visibility == "private")
    channel.fetch(account, message.raw, message.media[0], 1000)
    cursor = channel.poll(account, "").cursor
    city.x.edit(posts[0], "@philly311 better")
    city.x.delete(posts[1])
    channel.poll(account, cursor)
    sent = [
        channel.send(account, out, str(n), Memory(FILES))
        for n, out in enumerate([
            Outgoing("film", media=(FILM,), language="en"),
            answer_to(heard[posts[2]], "thank you", media=(PHOTO,)),
            answer_to(message, "in private", media=(PHOTO,)),
            Outgoing("which?", poll=Poll(("a", "b"), 600), options={"reply_settings": "following"}),
        ])
    ]  # fmt: skip
    channel.send(account, Outgoing("and again", options={"quote": sent[0].url}), "q", Memory())
    now = datetime.now(UTC)
    assert channel.find_sent(account, Outgoing("and again"), "q", Memory(), now)
    assert channel.find_sent(account, answer_to(message, "in private"), "m", Memory(), now)
    assert channel.metrics(account, [sent[0].network_id, posts[1]])
    reply = city.x.say(maria, "no", in_reply_to=sent[0].network_id)
    channel.send(account, Outgoing("", action="hide", about=reply), "h", Memory())
    channel.send(account, Outgoing("", action="delete", about=sent[1].network_id), "d", Memory())
    channel.send(account, Outgoing("", action="delete", about=sent[2].network_id, visibility="private"), "e", Memory())
    refusals(city)


def refusals(city: City) -> None:
    """X's own refusals, as the emulator gives them."""
    for out in (Outgoing("film"), Outgoing("x", in_reply_to="5"), Outgoing("x", action="hide", about="5")):
        with pytest.raises(ChannelError):
            city.hook.ledger.known |= set(city.x.state.posts)
            city.channel.send(city.account, out, "r", Memory())
            city.channel.send(city.account, out, "r", Memory())
            city.hook.ledger.known |= set(city.x.state.posts)
            city.channel.send(city.account, out, "r2", Memory())
    with pytest.raises(ChannelError):
        city.channel.check(replace(city.account, credentials={"access_token": "wrong"}))


def test_every_request_of_ours_and_every_answer_of_the_emulator_is_x_s(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_all(city, monkeypatch)
    city.contract.tell()
    asked = {(one.method, one.path) for one in city.contract.exchanges}
    missing = [one for one in OPERATIONS if not any(m == one[0] and path.startswith(one[1]) for m, path in asked)]
    assert not missing and len(city.contract.exchanges) > 50
    assert {200, 201, 401, 403} <= {one.status for one in city.contract.exchanges}


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": b'{"status": "x"}'},
        {"body": b'{"text": "x", "reply": {"in_reply_to_tweet_id": 5}}'},
        {"body": b'{"text": "x", "media": {"media_ids": ["1", "2", "3", "4", "5"]}}'},
        {
            "body": b"text=x",
            "headers": {"content-type": "application/x-www-form-urlencoded", "authorization": "Bearer x"},
        },
        {"path": "/2/posts"},
        {"query": "fields=text"},
        {"headers": {"content-type": "application/json"}},
        {"answer": b'{"data": {"id": 5, "text": "x"}}'},
        {"answer": b'{"data": {"text": "x"}}'},
    ],
    ids=str,
)
def test_the_contract_notices(city: City, wrong: dict[str, Any]) -> None:
    city.channel.send(city.account, Outgoing("x"), "k", Memory())
    good = city.contract.exchanges[-1]
    check(city.contract.version, good)
    with pytest.raises((OpenAPIError, AssertionError)):
        check(city.contract.version, Exchange(**{**vars(good), **wrong}))
