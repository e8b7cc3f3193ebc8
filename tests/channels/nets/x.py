"""X: its emulator, which calls us; each request and answer held against X's document 2.159 where that is at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from openline.channels.base import AccountRef, Heard, Incoming, Outgoing
from openline.channels.emulation.serving import serving
from openline.channels.x import channel as module
from openline.channels.x import hearing, spelling
from openline.channels.x.channel import XChannel
from openline.channels.x.emulator import Emulator
from tests.channels.emulated import EmulatedNet
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import NotHere, answer_to
from tests.channels.pushing import Hook
from tests.channels.x.contract import TWEETS, Contract


def account(x: Emulator) -> AccountRef:
    """The city's account, freshly logged in."""
    return replace(x.city, id="7e12")


class XNet(EmulatedNet):
    """The city's account at the emulator."""

    network: ClassVar[str] = "x"
    dead: ClassVar[Mapping[str, str]] = {"access_token": "wrong", "refresh_token": "wrong"}
    refused_words: ClassVar[str] = " "
    many: ClassVar[int] = 800
    why_no_more: ClassVar[str] = "X shows the newest 800 mentions and no others (2026)"
    pushed: ClassVar[bool] = True
    _swept: bool = False

    def __init__(self, hook: Hook, x: Emulator, contract: Contract, again: ExitStack) -> None:
        self.hook, self.emulator, self.contract, self._again = hook, x, contract, again
        self.channel, self.account = hook.channel, hook.account
        self.port = int(x.url.rpartition(":")[2])

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, "SWEEP_EVERY_SECONDS", 0.2)
        patch.setattr(hearing, "LOOK_EVERY_SECONDS", 0.0)

    def tidy(self) -> None:
        self.contract.tell()

    @contextmanager
    def away(self) -> Iterator[None]:
        self._again.close()
        try:
            yield
        finally:
            self._again.enter_context(serving(self.emulator, self.port, self.contract.wrap))

    # Residents

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        named = text if private else f"@{self.emulator.ours.handle} {text}"
        return self.emulator.say(
            self.emulator.residents[who], named, in_reply_to=in_reply_to, private=private, photos=photos
        )

    def delete(self, network_id: str) -> None:
        if self.pushed:
            raise NotHere("X does not call us for deletions; that they are found by asking is proved beside (x_polled)")
        super().delete(network_id)

    # The city

    def answer(self, item: Incoming, text: str, **more: Any) -> Outgoing:
        return answer_to(item, text, **more)

    def asleep(self) -> str:
        """X calls for each post at once and keeps none back: what is read is what its calls did not bring."""
        self.position()
        self._swept = True
        cursor = ""
        while (heard := self.channel.poll(self.account, cursor)).items and heard.cursor != cursor:
            cursor = heard.cursor
        return cursor

    def backlog(self, count: int) -> list[str]:
        self.emulator.calls.hook, before = "", self.emulator.calls.hook
        try:
            return super().backlog(count)
        finally:
            self.emulator.calls.hook = before

    def expiring(self) -> AccountRef:
        found = account(self.emulator)
        self.emulator.state.logins[-1].until = 0
        return replace(found, server=self.emulator.url, hook=self.account.hook)

    # Hearing

    def ask(self, account: AccountRef, cursor: str) -> Heard:
        if not self.pushed or self._swept:
            return self.channel.poll(account, cursor)
        return self.hook.heard(account, cursor)

    def following(self) -> AbstractContextManager[Listener]:
        if not self.pushed:
            return super().following()
        return listening(self.hook, self.account, self.position())  # type: ignore[arg-type]


@contextmanager
def standing(
    version: str = TWEETS, channel: XChannel | None = None
) -> Iterator[tuple[Hook, Emulator, Contract, ExitStack]]:
    """The emulator in the spelling of that document, and our hook."""
    x, contract = Emulator(), Contract(version)
    x.unlimited, x.shapes.posts = True, version != TWEETS
    x.uploads.film_seconds = 0.0
    spelling._posts_at.clear()
    with ExitStack() as stack:
        x.shapes.url = stack.enter_context(serving(x, wrapped=contract.wrap))
        hook = Hook(channel or XChannel(), account(x), shared=True)
        try:
            yield hook, x, contract, stack
        finally:
            hook.close()


@contextmanager
def start(folder: Path) -> Iterator[XNet]:
    """The emulator in this process; it is told to call us as the console does it."""
    with standing() as (hook, x, contract, stack):
        findings = hook.channel.settle(hook.account)
        assert all(one.good for one in findings), findings
        yield XNet(hook, x, contract, stack)
