"""TikTok: held against a schema that was written by hand from its pages, and is labelled so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from openline.channels.accounts import NoKeeper
from openline.channels.base import (
    AccountRef,
    ChannelError,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    RateLimited,
    Rejected,
    TokenExpired,
)
from openline.channels.tiktok import client, publishing
from openline.channels.tiktok.channel import TikTokChannel
from tests.channels.nets.base import Memory
from tests.channels.unverified.standin import Asked, Said, Standin, check, running

CHANNEL = TikTokChannel()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FILM = OutgoingMedia("f", "video/mp4")


class Site:
    """A little TikTok."""

    def __init__(self) -> None:
        self.url = ""
        self.levels = ["SELF_ONLY", "PUBLIC_TO_EVERYONE"]
        self.got, self.states = b"", ["PROCESSING_UPLOAD", "PUBLISH_COMPLETE"]
        self.inits = 0
        self.lose_upload = False

    def __call__(self, asked: Asked) -> Said:
        if asked.path == "/v2/oauth/token/":
            return Said({"access_token": "t", "expires_in": 86400, "refresh_token": "r2", "open_id": "o1"})
        if asked.method == "PUT":
            return self.put(asked)
        assert asked.headers["authorization"] == "Bearer t" and not asked.query
        return Said({"data": self.answer(asked), "error": {"code": "ok", "message": "", "log_id": "1"}})

    def answer(self, asked: Asked) -> dict[str, Any]:
        if asked.path.endswith("/creator_info/query/"):
            return {"creator_username": "cityhall", "creator_nickname": "City", "privacy_level_options": self.levels}
        if asked.path.endswith("/video/init/"):
            check("tiktok", "init", asked.json)
            self.inits += 1
            return {"publish_id": "v_pub~1", "upload_url": f"{self.url}/upload/?id=1"}
        check("tiktok", "status", asked.json)
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {
            "status": state,
            "publicaly_available_post_id": [7_000_000_000_000_000_000],
            "fail_reason": "frame_rate",
        }

    def put(self, asked: Asked) -> Said:
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", asked.headers["content-range"])
        assert found and int(found[1]) == len(self.got) and int(found[2]) - int(found[1]) + 1 == len(asked.body)
        assert "authorization" not in asked.headers
        self.got += asked.body
        return Said({}, 500 if self.lose_upload else 201 if int(found[2]) + 1 == int(found[3]) else 206)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, Standin, AccountRef]]:
    monkeypatch.setattr(publishing, "_PAUSE_SECONDS", 0)
    monkeypatch.setattr(publishing, "CHUNK", 10)
    found = Site()
    with running(found) as standin:
        found.url = standin.url
        credentials = {"refresh_token": "r", "client_secret": "hush"}
        yield (
            found,
            standin,
            AccountRef("1", "@cityhall", standin.url, credentials, {"client_key": "k"}, NoKeeper(credentials)),
        )


def test_a_film_is_announced_brought_in_parts_and_waited_for(site: tuple[Site, Standin, AccountRef]) -> None:
    found, _standin, account = site
    memory = Memory({"f": b"0123456789" * 2 + b"end"})
    receipt = CHANNEL.send(account, Outgoing("Snow is coming", media=(FILM,)), "k", memory)
    assert receipt.network_id == "7000000000000000000" and found.got == b"0123456789" * 2 + b"end"
    assert CHANNEL.send(account, Outgoing("Snow is coming", media=(FILM,)), "k", memory) == receipt and found.inits == 1


def test_a_film_whose_last_answer_was_lost_is_found(site: tuple[Site, Standin, AccountRef]) -> None:
    found, _standin, account = site
    found.lose_upload, found.states = True, ["PUBLISH_COMPLETE"]
    memory, outgoing = Memory({"f": b"0123"}), Outgoing("Snow", media=(FILM,))
    assert CHANNEL.find_sent(account, outgoing, "k", memory, LONG_AGO) is None
    with pytest.raises(ChannelError):
        CHANNEL.send(account, outgoing, "k", memory)
    receipt = CHANNEL.find_sent(account, outgoing, "k", memory, LONG_AGO)
    assert receipt and receipt.network_id == "7000000000000000000" and found.inits == 1


def test_who_sees_it_is_only_what_tiktok_lets_the_account_choose(site: tuple[Site, Standin, AccountRef]) -> None:
    found, _standin, account = site
    found.levels = ["SELF_ONLY"]  # an app that TikTok has not audited
    with pytest.raises(NotAllowed, match="SELF_ONLY"):
        CHANNEL.send(account, Outgoing("x", media=(FILM,)), "k", Memory({"f": b"1"}))
    assert not found.inits
    chosen = Outgoing("x", media=(FILM,), options={"privacy_level": "SELF_ONLY"})
    assert CHANNEL.send(account, chosen, "k", Memory({"f": b"1"})).network_id


def test_what_tiktok_cannot_is_said_before(site: tuple[Site, Standin, AccountRef]) -> None:
    _found, standin, account = site
    picture = OutgoingMedia("p", "image/jpeg")
    for outgoing in (Outgoing("x"), Outgoing("x", media=(picture,)), Outgoing("😀" * 1101, media=(FILM,))):
        with pytest.raises(Rejected):
            CHANNEL.send(account, outgoing, "k", Memory())
    with pytest.raises(NotAllowed):
        CHANNEL.send(account, Outgoing("x", in_reply_to="1"), "k", Memory())
    assert not standin.asked and CHANNEL.length("😀") == 2


def test_a_film_that_is_refused_and_errors_by_word(site: tuple[Site, Standin, AccountRef]) -> None:
    found, standin, account = site
    found.states = ["FAILED"]
    with pytest.raises(Rejected, match="frame_rate"):
        CHANNEL.send(account, Outgoing("x", media=(FILM,)), "k", Memory({"f": b"1"}))
    for code, status, kind in (
        ("access_token_invalid", 401, TokenExpired),
        ("rate_limit_exceeded", 429, RateLimited),
        ("reached_active_user_cap", 403, NotAllowed),
        ("invalid_params", 400, Rejected),
    ):
        standin.answer = lambda _asked, code=code, status=status: Said(
            {"error": {"code": code, "message": "no"}}, status
        )  # type: ignore[misc]
        with pytest.raises(kind):
            client.call(account, "post/publish/creator_info/query/", {})


def test_a_film_goes_only_to_tiktok(site: tuple[Site, Standin, AccountRef]) -> None:
    with pytest.raises(Rejected):
        client.put("https://evil.example/upload", b"x", 0, 1, "video/mp4", client.API)


def test_the_login(site: tuple[Site, Standin, AccountRef]) -> None:
    _found, standin, account = site
    values = {"client_key": "k", "client_secret": "hush", "server": standin.url}
    begun = CHANNEL.authorize(values, "https://city.example/back/", "state")
    assert begun.url.startswith("https://www.tiktok.com/v2/auth/authorize/?") and "hush" not in begun.url
    connected = CHANNEL.authorized(begun.kept, {"state": "state", "code": "c"})
    assert (connected.who.author_id, connected.handle) == ("o1", "@cityhall")
    with pytest.raises(NotAllowed):
        CHANNEL.authorized(begun.kept, {"state": "x", "code": "c"})
    assert CHANNEL.check(replace(account, settings={"client_key": "k", "open_id": "o1"})).author_id == "o1"
