"""A channel that listens in a thread, as the worker has it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from openline.channels.base import AccountRef, Channel, Incoming


class Listener:
    """What a channel hears while it listens."""

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

    def hears(self, text: str, seconds: float = 10) -> Incoming:
        """The first delivery with these words."""
        found = self.wait(lambda item: isinstance(item, Incoming) and text in item.text, seconds)
        assert isinstance(found, Incoming)
        return found

    def stop(self) -> None:
        """End it; fails if the channel does not notice."""
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
