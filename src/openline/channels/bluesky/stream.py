"""Follows a stream of all posts in a thread of its own; connects again by itself, from where it stopped."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import structlog
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from openline.channels.accounts import AccountRef
from openline.channels.bluesky import firehose
from openline.channels.bluesky.firehose import Event, Reader

logger = structlog.get_logger("openline.bluesky")

_SILENCE_SECONDS = 60.0
_TELL_SECONDS = 2.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_LARGEST_FRAME = 8_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """What the stream brought, and where it is now."""

    events: tuple[Event, ...]
    cursor: str


class Stream:
    """The account's stream, if its settings want one. Use it as a context."""

    def __init__(self, account: AccountRef, did: str, cursor: str) -> None:
        self._kind = account.settings.get("stream", "")
        self._server = account.settings.get("stream_server") or firehose.ADDRESSES.get(self._kind, "")
        self._reader = Reader(self._kind, did, cursor)
        self._told: queue.Queue[Told] = queue.Queue(maxsize=1_000)
        self._ending = threading.Event()
        self._up = threading.Event()

    @property
    def up(self) -> bool:
        """Does the line stand?"""
        return self._up.is_set()

    def __enter__(self) -> Stream:
        if self._server:
            threading.Thread(target=self._follow, name="bluesky-stream", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()

    def wait(self, seconds: float) -> list[Told]:
        """All that has come, waiting at most `seconds` for the first."""
        found: list[Told] = []
        with suppress(queue.Empty):
            found.append(self._told.get(timeout=seconds))
            while len(found) < 100:
                found.append(self._told.get_nowait())
        return found

    def _follow(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._ending.is_set():
            try:
                self._read()
                pause = _FIRST_PAUSE_SECONDS
            except (OSError, WebSocketException, ValueError) as error:
                logger.info("no_stream", kind=type(error).__name__)  # then notifications are asked for more often
            self._up.clear()
            self._ending.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _read(self) -> None:
        """Read until the line ends or falls silent."""
        address = firehose.address(self._kind, self._server, self._reader.begin())
        with connect(address, max_size=_LARGEST_FRAME, open_timeout=10, compression=None) as line:
            self._up.set()
            told = time.monotonic()
            while not self._ending.is_set():
                events = tuple(self._reader.events(line.recv(timeout=_SILENCE_SECONDS)))
                if events or time.monotonic() - told > _TELL_SECONDS:
                    told = time.monotonic()
                    self._tell(Told(events, self._reader.cursor))

    def _tell(self, told: Told) -> None:
        """A reader who lags behind makes the stream wait: nothing is dropped."""
        while not self._ending.is_set():
            with suppress(queue.Full):
                self._told.put(told, timeout=1)
                return
