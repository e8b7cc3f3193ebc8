"""The pieces a worker is made of: a loop that never dies, and the wake-up from the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import psycopg
import structlog
from django.db import close_old_connections, connection

from openline.foundation.connections import own_connection

logger = structlog.get_logger("openline.worker")

_PAUSE_AFTER_ERROR_SECONDS = 2.0
_LONG_SECONDS = 1.0


class Loop(threading.Thread):
    """Runs `step` again and again until stopped; between two runs it sleeps as long as `step` says.

    `step` returns the seconds to sleep (0: go on at once); `wake` ends a sleep early. An exception
    is logged and followed by a pause: a loop never dies. Before a longer sleep the database connection
    is given back (each costs the server some megabytes), unless the loop has to be quick.
    """

    def __init__(self, name: str, step: Callable[[], float], stopping: threading.Event, *, quick: bool = False) -> None:
        super().__init__(name=name, daemon=True)
        self._quick = quick
        self.wake = threading.Event()
        self._step = step
        self._stopping = stopping

    def run(self) -> None:
        """Loop until `stopping` is set."""
        while not self._stopping.is_set():
            self.wake.clear()
            try:
                pause = self._step()
            except Exception:
                logger.exception("loop_failed", loop=self.name)
                pause = _PAUSE_AFTER_ERROR_SECONDS
                close_old_connections()
            if pause >= _LONG_SECONDS and not self._quick:
                connection.close()
            if pause > 0:
                self.wake.wait(pause)
        connection.close()


class Wake(threading.Thread):
    """Listens on the database's channels and wakes the loops that wait for them."""

    def __init__(self, sleepers: dict[str, Iterable[Loop]], stopping: threading.Event) -> None:
        super().__init__(name="wake", daemon=True)
        self._sleepers = {channel: list(loops) for channel, loops in sleepers.items()}
        self._stopping = stopping

    def run(self) -> None:
        """Listen, and listen again after a lost connection. Loops poll by themselves, so nothing is missed."""
        while not self._stopping.is_set():
            try:
                self._listen()
            except psycopg.OperationalError:
                logger.warning("wake_lost_connection")
                self._stopping.wait(_PAUSE_AFTER_ERROR_SECONDS)

    def _listen(self) -> None:
        with own_connection() as listener:
            for channel in self._sleepers:
                listener.execute(f"LISTEN {channel}")
            while not self._stopping.is_set():
                for notification in listener.notifies(timeout=1.0):
                    for loop in self._sleepers.get(notification.channel, ()):
                        loop.wake.set()
