"""YouTube: an emulator of ours, held against Google's discovery document; residents comment under the city's film."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from openline.channels.base import AccountRef, Incoming, Outgoing
from openline.channels.emulation.serving import serving
from openline.channels.youtube import channel as channel_module
from openline.channels.youtube.channel import YouTubeChannel
from openline.channels.youtube.emulator import Emulator
from openline.channels.youtube.emulator.network import CITY, Access
from tests.channels.emulated import EmulatedNet
from tests.channels.nets.base import NotHere, Said
from tests.channels.recording import Recorder
from tests.channels.youtube.contract import Discovery
from tests.conftest import shared_folder


def account(server: Emulator, url: str = "") -> AccountRef:
    """The city's account at the emulator, with units for a day of tests."""
    found = server.city
    return replace(found, id="4047be", server=url or server.url, settings={**found.settings, "units": "10000000"})


class YouTubeNet(EmulatedNet):
    """The city's channel at the emulator, with one film."""

    network: ClassVar[str] = "youtube"
    dead: ClassVar[Mapping[str, str]] = {
        "access_token": "ya29.taken-back",
        "refresh_token": "1//taken-back",
        "expires_at": str(2**33),
    }
    refused_words: ClassVar[str] = "what YouTube refuses"
    in_order: ClassVar[bool] = False

    def __init__(self, server: Emulator, recorder: Recorder) -> None:
        self.emulator, self.recorder = server, recorder
        self.port = urlsplit(server.url).port or 0
        self.channel = YouTubeChannel()
        self.account = account(server)
        self.above = next(iter(server.videos))  # type: ignore[misc]

    def through(self, port: int) -> AccountRef:
        return account(self.emulator, f"http://127.0.0.1:{port}")

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(channel_module, "POLL_EVERY_SECONDS", 0.3)

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        if private:
            raise NotHere("YouTube has no private messages")
        if photos:
            raise NotHere("a comment on YouTube holds no files")
        return self.emulator.say(self.emulator.residents[who], text, in_reply_to=in_reply_to or self.above)

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        shown = self.emulator.thread(network_id, self.emulator.residents[who])
        return [
            Said(one.id, one.text, one.by_city, one.in_reply_to, at=one.at) for one in shown if one.id != self.above
        ]

    def backlog(self, count: int) -> list[str]:
        """A hundred a second, from now on: YouTube tells whole seconds."""
        with self.emulator.lock:
            now, found = time.time() + 1, list[str]()
            for n in range(count):
                made = self.emulator.comment(self.emulator.residents[0], f"backlog number {n}", self.above)
                made.at = now + n / 100
                found.append(made.id)
        return found

    def answer(self, item: Incoming, text: str, **more: Any) -> Outgoing:
        if more.get("media"):
            raise NotHere("a comment on YouTube holds no files")
        return super().answer(item, text, **more)

    def refused_post(self) -> Outgoing | None:
        return Outgoing(f"this is {self.refused_words}", in_reply_to=self.above)

    def expiring(self) -> AccountRef:
        self.emulator.access["ya29.of-yesterday"] = Access(CITY, 0.0)
        old = {"access_token": "ya29.of-yesterday", "expires_at": str(int(time.time()) - 3600)}
        return replace(self.account, credentials=self.account.credentials | old)

    def tidy(self) -> None:
        """All that was asked and answered keeps to the contract; and nothing is left under the film."""
        wrong, self.recorder.wrong = self.recorder.wrong, []
        self.recorder.exchanges.clear()
        with self.emulator.lock:
            self.emulator.comments.clear()
        assert not wrong, wrong


@contextmanager
def start(folder: Path) -> Iterator[YouTubeNet]:
    """A fresh emulator; where the contract is here, every exchange is held against it."""
    server, contracts = Emulator(), shared_folder()
    server.units = 10_000_000
    recorder = Recorder(Discovery(contracts).check) if contracts else Recorder()
    with serving(server, wrapped=recorder.wrap):
        yield YouTubeNet(server, recorder)
