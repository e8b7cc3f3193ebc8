"""Instagram: its emulator, held against the Graph specifications; residents act by its own methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from starlette.types import ASGIApp

from openline.channels.base import AccountRef, Outgoing, Progress, Receipt
from openline.channels.emulation.serving import serving
from openline.channels.instagram import names
from openline.channels.instagram.channel import InstagramChannel
from openline.channels.instagram.emulator import Emulator
from tests.channels.emulated import EmulatedNet
from tests.channels.instagram_contract import found
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import NotHere, Said
from tests.channels.nets.threads import REFUSED, PublicFiles
from tests.channels.pushing import Hook
from tests.channels.recording import Recorder


def plain(name: str) -> str:
    """The emulator's id of what has that name."""
    return names.posted(name) or name


class InstagramNet(EmulatedNet):
    """The city's account, and residents, at the emulator."""

    network: ClassVar[str] = "instagram"
    dead: ClassVar[Mapping[str, str]] = {"access_token": "IGwrong"}
    refused_words: ClassVar[str] = REFUSED
    recorder: Recorder | None = None
    """Holds each exchange against Meta's own specifications, where they are here."""

    def __init__(self, hook: Hook, emulator: Emulator, files: PublicFiles) -> None:
        self.hook, self.emulator, self.files = hook, emulator, files
        self.channel, self.account = hook.channel, hook.account
        self.port = int(emulator.url.rsplit(":", 1)[1])
        self.above = names.post(emulator.first.id)  # type: ignore[misc]

    def tidy(self) -> None:
        assert not (self.recorder and self.recorder.wrong), self.recorder.wrong

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        resident, above = self.emulator.residents[who], in_reply_to or ("" if private else self.above)
        return self.emulator.say(resident, text, in_reply_to=plain(above), private=private, photos=photos)

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        shown = self.emulator.thread(plain(network_id), self.emulator.residents[who])
        if names.is_comment(network_id):  # its thread is what stands below the post
            shown = [one for one in shown if one.in_reply_to]
        alts = [tuple(alt for _, alt in one.media) for one in shown]
        return [
            Said(one.id, one.text, one.by_city, one.in_reply_to, one.private, alt, one.at)
            for one, alt in zip(shown, alts, strict=True)
        ]

    def edit(self, network_id: str, text: str) -> None:
        raise NotHere("comments on Instagram cannot be changed; edits of private messages have tests of their own")

    def delete(self, network_id: str) -> None:
        raise NotHere("Instagram tells of no comment that goes; private messages taken back have tests of their own")

    def backlog(self, count: int) -> list[str]:
        """Said without a call to us, as while our address cannot be reached."""
        resident = self.emulator.residents[5]
        return [
            self.emulator.say(resident, f"backlog number {n}", in_reply_to=plain(self.above), quiet=True)
            for n in range(count)
        ]

    def following(self) -> AbstractContextManager[Listener]:
        """By its calls, as the worker hears at once."""
        return listening(self.hook, self.account, str(len(self.hook.items)))  # type: ignore[arg-type]

    def send(self, outgoing: Outgoing, key: str, progress: Progress, account: AccountRef | None = None) -> Receipt:
        if outgoing.media and outgoing.in_reply_to:
            raise NotHere("comments on Instagram take no pictures; posts with pictures have tests of their own")
        return super().send(self.files.published(outgoing, progress), key, progress, account)

    def refused_post(self) -> Outgoing | None:
        return Outgoing(f"this is {REFUSED}", in_reply_to=self.above, thread_root=self.above)

    def expiring(self) -> AccountRef:
        """A token that ends in three days. One that has run out is dead here."""
        token = self.emulator.tokens.issue(lasts=timedelta(days=3), age=timedelta(days=57))
        times = {"expires_at": str(token.expires.timestamp()), "since": str(token.issued.timestamp())}
        return replace(self.account, credentials={**self.account.credentials, "access_token": token.value, **times})


@contextmanager
def standing(wrapped: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> Iterator[InstagramNet]:
    """The emulator, which calls our hook."""
    files, emulator = PublicFiles(), Emulator()
    for allowance in (emulator.net.posts, emulator.net.prepared):  # meant for a day, not for a test's minute
        allowance.total = 100_000
    with serving(emulator, wrapped=wrapped):
        hook = Hook(InstagramChannel(), replace(emulator.city, id="1a57"), shared=True)
        emulator.calls.hook = hook.shared_url
        try:
            yield InstagramNet(hook, emulator, files)
        finally:
            hook.close()
            files.close()


@contextmanager
def start(folder: Path) -> Iterator[InstagramNet]:
    """The emulator in this process; what goes to it and comes from it is held against the network's own documents."""
    recorder = Recorder(contract.check) if (contract := found()) else None
    with standing(recorder.wrap if recorder else lambda app: app) as net:
        net.recorder = recorder
        yield net
