"""Nextdoor: held against a schema that was written by hand, and is labelled so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from openline.channels.accounts import NoKeeper
from openline.channels.base import AccountRef, NotAllowed, Outgoing, OutgoingMedia, Rejected, Unclear
from openline.channels.nextdoor.channel import NextdoorChannel
from tests.channels.nets.base import Memory
from tests.channels.unverified.standin import Asked, Said, Standin, check, running

CHANNEL = NextdoorChannel()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CREATED = {"result": "success", "share_link": "https://nextdoor.com/p/abc"}


def answer(asked: Asked) -> Said:
    if asked.path == "/v2/token":
        return Said({"access_token": "t", "expires_in": 3600, "refresh_token": "r2"})
    if asked.path.endswith("/me/"):
        return Said({"secure_profile_id": "p1", "name": "City of Philadelphia"})
    check("nextdoor", "create", asked.json)
    check("nextdoor", "created", CREATED)
    return Said(CREATED)


@pytest.fixture
def standin() -> Iterator[tuple[Standin, AccountRef]]:
    with running(answer) as found:
        credentials = {"refresh_token": "r", "client_secret": "hush"}
        settings = {"client_id": "app", "group_ids": "5, 7"}
        keeper = NoKeeper(credentials)
        yield found, AccountRef("1", "City", found.url, credentials, settings, keeper, author_id="p1")


def test_a_post_is_published_in_one_call(standin: tuple[Standin, AccountRef]) -> None:
    server, account = standin
    photo = OutgoingMedia("p", "image/jpeg", url="https://city.example/p.jpg")
    memory, outgoing = Memory(), Outgoing("Road closed", media=(photo,), link="https://city.example/1")
    assert CHANNEL.find_sent(account, outgoing, "k", memory, LONG_AGO) is None
    receipt = CHANNEL.send(account, outgoing, "k", memory)
    assert receipt.url == "https://nextdoor.com/p/abc" and server.asked[-1].path.endswith("/post/create/")
    assert server.asked[-1].json["group_ids"] == [5, 7]
    assert (
        CHANNEL.send(account, outgoing, "k", memory)
        == receipt
        == CHANNEL.find_sent(account, outgoing, "k", memory, LONG_AGO)
    )
    del memory.kept["post"]
    with pytest.raises(Unclear):  # never sent blindly again
        CHANNEL.find_sent(account, outgoing, "k", memory, LONG_AGO)


def test_what_nextdoor_cannot_is_said_before(standin: tuple[Standin, AccountRef]) -> None:
    server, account = standin
    for outgoing in (
        Outgoing("x", in_reply_to="1"),
        Outgoing("x", "private"),
        Outgoing("x", action="delete", about="1"),
    ):
        with pytest.raises(NotAllowed):
            CHANNEL.send(account, outgoing, "k", Memory())
    for outgoing in (Outgoing(""), Outgoing("x" * 8193), Outgoing("x", media=(OutgoingMedia("p", "image/jpeg"),))):
        with pytest.raises(Rejected):
            CHANNEL.send(account, outgoing, "k", Memory())
    assert not server.asked


def test_the_login(standin: tuple[Standin, AccountRef]) -> None:
    server, _account = standin
    values = {"client_id": "app", "client_secret": "hush", "server": server.url}
    begun = CHANNEL.authorize(values, "https://city.example/back/", "state")
    assert begun.url.startswith(f"{server.url}/v3/authorize/?") and "hush" not in begun.url
    connected = CHANNEL.authorized(begun.kept, {"state": "state", "code": "c"})
    assert (connected.who.author_id, connected.handle) == ("p1", "City of Philadelphia")
    assert server.asked[0].headers["authorization"].startswith("Basic ")
