"""Nostr once more, on a relay of another author than the library that we sign with: PyPI `nostr-relay`, in SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import nostr_sdk

from openline.channels.base import AccountRef, Outgoing
from openline.channels.nostr.channel import NostrChannel
from openline.sandbox.servers import free_port
from tests.channels.nets.nostr import DESK, NostrNet
from tests.conftest import need
from tests.servers import blossom, nostr_relay

_FEW = "rate_limits:\n  ip:\n    EVENT: 3/hour"


class UnrelatedNet(NostrNet):
    """The service desk's key on one relay that others wrote."""

    def __init__(self, folder: Path, files: blossom.Blossom) -> None:
        self.files, self.channel, self.port = files, NostrChannel(), free_port()
        settings = {"media_servers": files.url}
        url = f"ws://127.0.0.1:{self.port}"
        self.account = AccountRef("u", "philly311", url, {"secret_key": DESK.secret_key}, settings)
        self._folder, self._running = folder, ExitStack()

    def begin(self) -> None:
        """Start the relay, with all that it held before."""
        self._running.enter_context(nostr_relay.serving(self._folder / "relay", self.port))

    def end(self) -> None:
        """Stop it."""
        self._running.close()

    @contextmanager
    def away(self) -> Iterator[None]:
        self.end()
        try:
            yield
        finally:
            self.begin()

    def _lay_in(self, events: list[nostr_sdk.Event]) -> None:
        """By the relay's own command for that: over a line it takes some hundred a second."""
        nostr_relay.load(self._folder / "relay", [event.as_json() for event in events])

    @contextmanager
    def limited(self) -> Iterator[AccountRef]:
        with nostr_relay.serving(self._folder / "strict", more=_FEW) as url:
            yield replace(self.account, server=url)

    @contextmanager
    def refusing(self) -> Iterator[Outgoing]:
        """The relay takes 4,096 characters; of a private message two wrappings make more."""
        yield Outgoing("é" * 2_000, "private", in_reply_to_author=DESK.public_key)


@contextmanager
def start(folder: Path) -> Iterator[UnrelatedNet]:
    """The relay in a process of its own, and our Blossom server for files."""
    need(nostr_relay.here(), "nostr-relay")
    with blossom.serving() as files:
        net = UnrelatedNet(folder, files)
        net.begin()
        try:
            yield net
        finally:
            net.end()
