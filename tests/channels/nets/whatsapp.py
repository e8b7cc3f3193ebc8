"""WhatsApp: the emulator, held against Meta's OpenAPI document; residents are its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from starlette.types import ASGIApp

from openline.channels.base import AccountRef, Heard, Incoming, Outgoing, Progress, Receipt
from openline.channels.emulation.serving import serving
from openline.channels.whatsapp.channel import WhatsAppChannel
from openline.channels.whatsapp.emulator import Emulator
from tests.channels.emulated import EmulatedNet
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import Said
from tests.channels.pushing import Hook, Ledger


class Noting(WhatsAppChannel):
    """The channel, with rooms behind it that remember which messages are theirs."""

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        receipt = super().send(account, outgoing, key, progress)
        _note(account, receipt)
        return receipt

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        receipt = super().find_sent(account, outgoing, key, progress, since)
        _note(account, receipt)
        return receipt


def _note(account: AccountRef, receipt: Receipt | None) -> None:
    if receipt and isinstance(account.ledger, Ledger):
        account.ledger.known |= {receipt.network_id, *receipt.parts}


class WhatsAppNet(EmulatedNet):
    """The city's number at the emulator."""

    network: ClassVar[str] = "whatsapp"
    dead: ClassVar[Mapping[str, str]] = {"access_token": "EAAThatIsNoGoodAnyMore"}

    def __init__(self, hook: Hook, emulator: Emulator) -> None:
        self.hook, self.emulator = hook, emulator
        self.channel, self.account = hook.channel, hook.account
        self.port = int(emulator.url.rpartition(":")[2])

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        return self.emulator.say(self.emulator.residents[who], text, in_reply_to=in_reply_to, photos=photos)

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        """The conversation from that message on; what quotes nothing stands under the one above it."""
        said, above = list[Said](), ""
        for one in self.emulator.thread(network_id, self.emulator.residents[who]):
            alts = tuple(alt for _url, alt in one.media)
            said.append(Said(one.id, one.text, one.by_city, one.in_reply_to or above, True, alts, one.at))
            above = one.id
        start = next((n for n, one in enumerate(said) if one.network_id == network_id), 0)
        return said[start:]

    def heard_of(self, network_id: str) -> Incoming:
        """The delivery that brought that message."""
        return self.hook.wait(lambda item: item.network_id == network_id and item.kind == "post")

    def backlog(self, count: int) -> list[str]:
        found = self.emulator.backlog(count)
        assert self.emulator.calls.settled(60)
        return found

    def ask(self, account: AccountRef, cursor: str) -> Heard:
        return self.hook.heard(account, cursor)

    def following(self) -> AbstractContextManager[Listener]:
        return listening(self.hook, self.account, self.position())  # type: ignore[arg-type]


@contextmanager
def standing(wrapped: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> Iterator[WhatsAppNet]:
    """The emulator, and our hook, which it calls."""
    emulator = Emulator()
    hook = Hook(Noting(), emulator.city, shared=True)
    try:
        with serving(emulator, wrapped=wrapped):
            hook.account = replace(hook.account, server=emulator.url)
            hook.channel.settle(hook.account)
            yield WhatsAppNet(hook, emulator)
    finally:
        hook.close()


@contextmanager
def start(folder: Path) -> Iterator[WhatsAppNet]:
    """The emulator in this process."""
    with standing() as net:
        yield net
