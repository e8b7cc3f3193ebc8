"""The emulator, our hook, and the account, for each test anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openline.channels.accounts import AccountRef
from openline.channels.x import hearing
from openline.channels.x.channel import XChannel
from openline.channels.x.emulator import Emulator
from tests.channels.nets.x import standing
from tests.channels.pushing import Hook
from tests.channels.x.contract import Contract


class City:
    """What a test needs: the emulated X, the channel, the account, and what went over the line."""

    def __init__(self, hook: Hook, x: Emulator, contract: Contract) -> None:
        self.hook, self.x, self.contract = hook, x, contract
        self.channel: XChannel = hook.channel  # type: ignore[assignment]

    @property
    def account(self) -> AccountRef:
        return self.hook.account

    def calls(self, method: str, path: str) -> int:
        """How often we asked X so."""
        return sum(one.method == method and one.path.startswith(path) for one in self.contract.exchanges)


SIX_HOURS = hearing.LOOK_EVERY_SECONDS


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    # The conformance suite, in the same process, has X look again at once.
    monkeypatch.setattr(hearing, "LOOK_EVERY_SECONDS", SIX_HOURS)
    with standing() as (hook, x, contract, _stack):
        yield City(hook, x, contract)
        contract.tell()
