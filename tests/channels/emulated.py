"""A network under test by its emulator: residents act by its own methods, faults are what it heeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from openline.channels.base import AccountRef, Outgoing
from openline.channels.emulation.base import Shown
from tests.channels.nets.base import Net, Said


class EmulatedNet(Net):
    """What all emulators can do; a network overrides what it does in another way."""

    emulator: Any
    """The network's own `Emulator`."""
    dead: ClassVar[Mapping[str, str]]
    """Credentials that the network refuses."""
    refused_words: ClassVar[str] = "words"
    """Words that the network does not take while it is refusing."""

    def through(self, port: int) -> AccountRef:
        return replace(self.account, server=f"http://127.0.0.1:{port}")

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        resident = self.emulator.residents[who]
        return str(self.emulator.say(resident, text, in_reply_to=in_reply_to, private=private, photos=photos))

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        return [said(one) for one in self.emulator.thread(network_id, self.emulator.residents[who])]

    def edit(self, network_id: str, text: str) -> None:
        self.emulator.edit(network_id, text)

    def delete(self, network_id: str) -> None:
        self.emulator.delete(network_id)

    def refused(self) -> AccountRef:
        return replace(self.account, credentials={**self.account.credentials, **self.dead})

    def refused_post(self) -> Outgoing | None:
        """What is refused while the network is refusing; None: any answer."""
        return None

    @contextmanager
    def limited(self) -> Iterator[AccountRef | None]:
        self.emulator.faults.limited = True
        try:
            yield None
        finally:
            self.emulator.faults.limited = False

    @contextmanager
    def refusing(self) -> Iterator[Outgoing | None]:
        self.emulator.faults.refuses = self.refused_words
        try:
            yield self.refused_post()
        finally:
            self.emulator.faults.refuses = ""


def said(one: Shown) -> Said:
    """A post of the emulator's thread, as the suite reads it."""
    alts = tuple(alt for _url, alt in one.media)
    return Said(one.id, one.text, one.by_city, one.in_reply_to, one.private, alts, one.at)
