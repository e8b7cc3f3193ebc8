"""Real servers for the channels: mastodon-mock and nostr-sdk's LocalRelay, started once for the suite."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import nostr_sdk
import pytest

from openline.channels.base import AccountRef, Channel, Incoming, Outgoing
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.nostr.channel import NostrChannel
from openline.sandbox import people
from openline.sandbox.cast import CITY, RESIDENTS, Person
from openline.sandbox.servers import SandboxServers, free_port
from tests.channels.nets.base import Memory

DESK = CITY[0]
__all__ = ["Memory"]


@dataclass
class Net:
    """One network under test: the channel, the city's account, and what residents do there."""

    channel: Channel
    account: AccountRef
    servers: SandboxServers

    @property
    def server(self) -> str:
        return self.account.server

    def post(self, text: str, who: Person = RESIDENTS[0], **more: Any) -> str:
        return people.post(self, who, text, **more)  # type: ignore[arg-type]

    def thread(self, network_id: str, who: Person = RESIDENTS[0]) -> list[people.Said]:
        return people.thread(self, network_id, who)  # type: ignore[arg-type]

    # what `people` asks of an account
    @property
    def network(self) -> str:
        return self.channel.network

    @property
    def handle(self) -> str:
        return self.account.handle

    def heard(self, text: str) -> Incoming:
        """The newest delivery with these words."""
        found = [i for i in self.channel.poll(self.account, "").items if isinstance(i, Incoming) and text in i.text]
        assert found, f"{text!r} was not heard"
        return found[-1]


def answer_to(item: Incoming, text: str) -> Outgoing:
    """An answer to `item` as the city's rooms would write it."""
    return Outgoing(
        text,
        item.visibility,
        item.network_id,
        item.author_id,
        item.in_reply_to or item.network_id,
        item.author_handle,
    )


class Listener:
    """A channel that listens in a thread, as the worker has it."""

    def __init__(self, channel: Channel, account: AccountRef, cursor: str = "") -> None:
        self.items: list[Any] = []
        self.cursor = cursor
        self.error: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(channel, account), daemon=True)
        self._thread.start()

    def _run(self, channel: Channel, account: AccountRef) -> None:
        try:
            for batch in channel.listen(account, self.cursor, self._stop.is_set):
                self.items.extend(batch.items)
                self.cursor = batch.cursor
        except Exception as error:
            self.error = error

    def wait(self, wanted: Callable[[Any], bool], seconds: float = 10) -> Any:
        """The first item that `wanted` is true of; fails if none comes in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for item in list(self.items):
                if wanted(item):
                    return item
            time.sleep(0.02)
        raise AssertionError(f"not heard within {seconds} s; error: {self.error!r}")

    def hears(self, text: str) -> Incoming:
        found = self.wait(lambda item: isinstance(item, Incoming) and text in item.text)
        assert isinstance(found, Incoming)
        return found

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive(), "listen does not stop"


@contextmanager
def listening(channel: Channel, account: AccountRef, cursor: str = "") -> Iterator[Listener]:
    """Listen while the block runs."""
    listener = Listener(channel, account, cursor)
    try:
        yield listener
    finally:
        listener.stop()


@contextmanager
def own_relay(change: Callable[[Any], Any] = lambda builder: builder) -> Iterator[str]:
    """A relay of its own, with its builder changed; yields its address."""
    port = free_port()
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    relay = change(nostr_sdk.LocalRelayBuilder().addr("127.0.0.1").port(port)).build()
    asyncio.run_coroutine_threadsafe(relay.run(), loop).result(5)
    try:
        yield f"ws://127.0.0.1:{port}"
    finally:
        relay.shutdown()
        loop.call_soon_threadsafe(loop.stop)


@contextmanager
def fault(servers: SandboxServers, path: str, effect: dict[str, object], times: int = 1) -> Iterator[None]:
    """Let mastodon-mock answer the next requests to `path` with a fault."""
    rules = f"{servers.mastodon_url}/api/v1/_mock/faults"
    rule = {"match": {"path": path}, "effect": effect, "count": times}
    httpx.post(rules, json=rule).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(rules)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServers]:
    folder: Path = tmp_path_factory.mktemp("networks")
    with SandboxServers(folder, free_port(), free_port(), in_memory=True) as running:
        yield running


def mastodon(servers: SandboxServers, token: str = DESK.token) -> AccountRef:
    return AccountRef("m", "@philly311", servers.mastodon_url, {"access_token": token})


def nostr(servers: SandboxServers, key: str = DESK.secret_key) -> AccountRef:
    return AccountRef("n", "philly311", servers.nostr_url, {"secret_key": key})


@pytest.fixture(params=["mastodon", "nostr"])
def net(request: pytest.FixtureRequest, servers: SandboxServers) -> Net:
    if request.param == "mastodon":
        return Net(MastodonChannel(), mastodon(servers), servers)
    return Net(NostrChannel(), nostr(servers), servers)


@pytest.fixture
def on_mastodon(servers: SandboxServers) -> Net:
    return Net(MastodonChannel(), mastodon(servers), servers)


@pytest.fixture
def on_nostr(servers: SandboxServers) -> Net:
    return Net(NostrChannel(), nostr(servers), servers)
