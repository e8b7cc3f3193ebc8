"""Flickr: an emulator of ours, held against `flickr.reflection`; residents comment under a photo of the city."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from openline.channels.base import AccountRef, Incoming, Outgoing
from openline.channels.emulation.serving import serving
from openline.channels.flickr import channel as channel_module
from openline.channels.flickr import writing
from openline.channels.flickr.channel import FlickrChannel
from openline.channels.flickr.emulator import Emulator
from openline.channels.flickr.emulator.methods import ABUSED
from openline.channels.flickr.emulator.network import APP_KEY, APP_SECRET, CITY, TOKEN, TOKEN_SECRET
from openline.channels.flickr.emulator.state import Comment, Photo
from tests.channels.emulated import EmulatedNet
from tests.channels.flickr.contract import Reflection
from tests.channels.nets.base import NotHere, Said
from tests.channels.recording import Recorder
from tests.conftest import shared_folder

CREDENTIALS = {
    "api_key": APP_KEY,
    "api_secret": APP_SECRET,
    "oauth_token": TOKEN,
    "oauth_token_secret": TOKEN_SECRET,
}


def account(url: str) -> AccountRef:
    """The city's account at the emulator."""
    return AccountRef("f1c4", CITY.handle, url, CREDENTIALS, {"nsid": CITY.id}, author_id=CITY.id)


class FlickrNet(EmulatedNet):
    """The city's account at the emulator, with one photo."""

    network: ClassVar[str] = "flickr"
    dead: ClassVar[Mapping[str, str]] = {"oauth_token": "72157720000000001-taken-back"}

    def __init__(self, server: Emulator, recorder: Recorder) -> None:
        self.recorder = recorder
        self.emulator = server
        self.port = urlsplit(server.url).port or 0
        self.channel = FlickrChannel()
        self.account = account(server.url)
        self.above = next(iter(server.photos))  # type: ignore[misc]

    def through(self, port: int) -> AccountRef:
        return account(f"http://127.0.0.1:{port}")

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(channel_module, "POLL_EVERY_SECONDS", 0.3)

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        if private:
            raise NotHere("Flickr's private messages are not for programs")
        if photos:
            raise NotHere("a comment on Flickr holds no files")
        return self.emulator.say(self.emulator.residents[who], text, in_reply_to=in_reply_to or self.above)

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        """Comments are flat: one that begins by naming a member answers what that member said last before it. So what a
        member says under a photo, and what answers it, is one thread."""
        photo = self.emulator._photo(network_id)
        said, newest, roots = list[Said](), dict[str, str](), {photo.id: photo.id}
        for one in list(photo.comments):
            above = newest.get(writing.answers(one.text), photo.id)
            at, by_city = datetime.fromtimestamp(one.at, UTC), one.author == CITY
            said.append(Said(one.id, writing.said(one.text) if by_city else one.text, by_city, above, at=at))
            newest[one.author.id] = one.id
            roots[one.id] = one.author.id if above == photo.id else roots[above]
        root = roots.get(network_id, "")
        return [one for one in said if root in (photo.id, roots[one.network_id])]

    def backlog(self, count: int) -> list[str]:
        found, now = list[str](), int(time.time())
        for start in range(0, count, 250):
            photo: Photo = self.emulator.add(CITY, f"Backlog {start}", "", b"\xff\xd8\xff", changed=now)
            for n in range(start, min(start + 250, count)):
                number, who = self.emulator.numbers.comment(photo), self.emulator.residents[0]
                made = Comment(number, who, f"backlog number {n}", now)
                photo.comments.append(made)
                found.append(made.id)
        return found

    def answer(self, item: Incoming, text: str, **more: Any) -> Outgoing:
        if more.get("media"):
            raise NotHere("a comment on Flickr holds no files")
        return super().answer(item, text, **more)

    @contextmanager
    def refusing(self) -> Iterator[Outgoing]:
        yield Outgoing(f"See http://{ABUSED}/", in_reply_to=self.above)

    def tidy(self) -> None:
        """All that was asked and answered keeps to the contract; and nothing is left under the photos."""
        wrong, self.recorder.wrong = self.recorder.wrong, []
        assert not wrong, wrong
        with self.emulator.lock:
            for photo in self.emulator.photos.values():
                photo.comments.clear()


@contextmanager
def start(folder: Path) -> Iterator[FlickrNet]:
    """A fresh emulator; where the contract is here, every exchange is held against it."""
    server, contracts = Emulator(), shared_folder()
    recorder = Recorder(Reflection(contracts).check) if contracts else Recorder()
    with serving(server, wrapped=recorder.wrap):
        yield FlickrNet(server, recorder)
