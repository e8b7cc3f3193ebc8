"""Real servers for the channels: mastodon-mock and nostr-sdk's LocalRelay, started once for the suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from openline.channels.base import AccountRef, Channel, Incoming
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.nostr.channel import NostrChannel
from openline.sandbox import people
from openline.sandbox.cast import CITY, RESIDENTS, Person
from openline.sandbox.servers import SandboxServers, free_port

DESK = CITY[0]


class Memory:
    """The progress of a send, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def step(self, name: str, call: Callable[[], Any]) -> Any:
        if name not in self.kept:
            self.kept[name] = call()
        return self.kept[name]


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
