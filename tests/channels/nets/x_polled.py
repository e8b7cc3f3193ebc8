"""X where it does not call us: all is asked for; held against X's document 2.167, which renames what X answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from openline.channels.base import Capabilities
from openline.channels.x.channel import XChannel
from tests.channels.nets.x import XNet, standing
from tests.channels.x.contract import POSTS


class Polled(XChannel):
    """The same channel, of an account without the app's bearer token."""

    capabilities: ClassVar[Capabilities] = replace(XChannel.capabilities, inbound="poll")


class PolledNet(XNet):
    """The city's account, asked for."""

    pushed: ClassVar[bool] = False

    def asleep(self) -> str:
        return self.position()


@contextmanager
def start(folder: Path) -> Iterator[PolledNet]:
    """The emulator in this process."""
    with standing(POSTS, Polled()) as (hook, x, contract, stack):
        yield PolledNet(hook, x, contract, stack)
