"""The networks under test: each module in `nets` is one, with a real server that is started once, when first needed."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import nostr_sdk
import pytest
from pytest_django import DjangoDbBlocker

from openline.channels.base import AccountRef
from openline.sandbox.cast import CITY
from openline.sandbox.servers import SandboxServers, free_port
from tests.channels import nets as nets_package
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import Memory, Net, answer_to
from tests.channels.nets.mastodon import fault
from tests.channels.proofs import (
    pytest_report_teststatus as pytest_report_teststatus,
)
from tests.channels.proofs import (
    pytest_runtest_makereport as pytest_runtest_makereport,
)
from tests.channels.proofs import (
    pytest_sessionfinish as pytest_sessionfinish,
)
from tests.channels.proofs import (
    pytest_terminal_summary as pytest_terminal_summary,
)

__all__ = ["DESK", "Listener", "Memory", "Net", "answer_to", "fault", "listening", "mastodon", "own_relay"]

DESK = CITY[0]
NETWORKS = sorted(module.name for module in pkgutil.iter_modules(nets_package.__path__) if module.name != "base")


class Nets:
    """The networks of this run, each with its server, started when it is first asked for."""

    def __init__(
        self, folder: Path, stack: ExitStack, patch: pytest.MonkeyPatch, database: Callable[[], DjangoDbBlocker]
    ) -> None:
        self._folder, self._stack, self._patch, self._database = folder, stack, patch, database
        self._running: dict[str, Net | BaseException] = {}

    def __call__(self, name: str) -> Net:
        """The network of the module `name`; a server that does not start, or is not here, is not tried again."""
        if name not in self._running:
            try:
                self._running[name] = self._start(name)
            except (Exception, pytest.skip.Exception, pytest.fail.Exception) as error:
                self._running[name] = error
        found = self._running[name]
        if isinstance(found, BaseException):
            raise found
        return found

    def _start(self, name: str) -> Net:
        module = importlib.import_module(f"{nets_package.__name__}.{name}")
        (folder := self._folder / name).mkdir()
        database = (self._database(),) if getattr(module, "NEEDS_DATABASE", False) else ()
        net: Net = self._stack.enter_context(module.start(folder, *database))
        net.hurry(self._patch)
        return net


@pytest.fixture(scope="session")
def nets(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[Nets]:
    """Gives the network of a name."""

    def database() -> DjangoDbBlocker:
        """The tests' database, made when the first network asks for it."""
        request.getfixturevalue("django_db_setup")
        return django_db_blocker

    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        yield Nets(tmp_path_factory.mktemp("networks"), stack, patch, database)


@pytest.fixture(params=NETWORKS, scope="module")
def net(request: pytest.FixtureRequest, nets: Nets) -> Net:
    """Every network, one after the other."""
    return nets(request.param)


@pytest.fixture
def on_mastodon(nets: Nets) -> Net:
    return nets("mastodon")


@pytest.fixture
def on_nostr(nets: Nets) -> Net:
    return nets("nostr")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServers]:
    """The sandbox's servers, as the demo has them."""
    with SandboxServers(tmp_path_factory.mktemp("sandbox"), free_port(), free_port(), in_memory=True) as running:
        yield running


def mastodon(servers: SandboxServers, token: str = DESK.token) -> AccountRef:
    return AccountRef("m", "@philly311", servers.mastodon_url, {"access_token": token})


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
