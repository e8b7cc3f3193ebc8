"""Following several relays at once: one thread for each, which connects again by itself."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from openline.channels.base import ChannelError, NetworkDown, NotAllowed
from openline.channels.nostr.cursor import Cursor
from openline.channels.nostr.deletions import Watched
from openline.channels.nostr.hearing import PUBLIC, gone_filters
from openline.channels.nostr.relay import Line, closed, identity, relay
from openline.channels.nostr.relays import gravest
from openline.channels.nostr.signer import Signer

logger = structlog.get_logger("openline.nostr")

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_LOOK_UP_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class News:
    """What came from a relay: an event, or that the line stands (both None), or that it broke (`error`)."""

    url: str
    event: Any = None
    error: ChannelError | None = None


class Following:
    """Live events of all `urls`; use as a context manager.

    Deletions (NIP-09) name the posts and not us, so they are asked for by the posts that are `watched`.
    """

    def __init__(self, urls: list[str], signer: Signer, filters: dict[str, dict[str, Any]], watched: Watched) -> None:
        self.news: queue.Queue[News] = queue.Queue(maxsize=5000)
        self._urls, self._signer, self._filters = urls, signer, filters
        self._stop = threading.Event()
        self._watched = watched

    def __enter__(self) -> Following:
        for url in self._urls:
            threading.Thread(target=self._run, args=(url,), name=f"nostr {url}", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def wait(self, seconds: float) -> list[News]:
        """All that has come, waiting at most `seconds` for the first."""
        found: list[News] = []
        with suppress(queue.Empty):
            found.append(self.news.get(timeout=seconds))
            while True:
                found.append(self.news.get_nowait())
        return found

    def _run(self, url: str) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                with relay(url, self._signer) as line:
                    self._follow(line)
            except ChannelError as error:
                self._tell(News(url, error=error))
            except Exception as error:
                logger.exception("relay_fault")
                self._tell(News(url, error=NetworkDown(f"The relay cannot be followed ({type(error).__name__}).")))
            if time.monotonic() - began > _LONGEST_PAUSE_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            self._stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _follow(self, line: Line) -> None:
        """Subscribe, tell when the relay has answered, then pass on what comes."""
        subscribed = dict(self._filters)
        for name, wanted in subscribed.items():
            line.say("REQ", name, wanted)
        again: set[str] = set()
        while not self._stop.is_set():
            for name, wanted in gone_filters(self._watched.names).items():
                if subscribed.get(name) != wanted:
                    subscribed[name] = wanted
                    line.say("REQ", name, wanted)
            frame = line.hear(_LOOK_UP_SECONDS)
            if frame is None or frame[1] not in subscribed:
                continue
            if frame[0] == "EVENT" and len(frame) > 2:
                self._tell(News(line.url, event=frame[2]))
            elif frame[0] == "EOSE" and frame[1] == PUBLIC:
                self._tell(News(line.url))
            elif frame[0] == "CLOSED":
                self._subscribe_again(line, frame, subscribed[frame[1]], frame[1] in again)
                again.add(frame[1])

    def _subscribe_again(self, line: Line, frame: list[Any], wanted: dict[str, Any], again: bool) -> None:
        """After a closed subscription. A relay that hides private messages is still good for public ones."""
        try:
            closed(line, frame, again)
        except NotAllowed:
            if frame[1] == PUBLIC:
                raise
            logger.info("relay_hides", what=frame[1])
            return
        line.say("REQ", frame[1], wanted)

    def _tell(self, news: News) -> None:
        try:
            self.news.put(news, timeout=30)
        except queue.Full:
            logger.warning("relay_queue_full", event=identity(news.event)[:64])


class Lines:
    """Which relays are up, and from where each has to be read when it comes (back)."""

    def __init__(self, urls: list[str], cursor: Cursor) -> None:
        self.up: set[str] = set()
        self._missing_since = dict.fromkeys(urls, cursor)
        self._down: dict[str, ChannelError] = {}

    def stand_anew(self, news: list[News], cursor: Cursor) -> dict[str, Cursor]:
        """Take note of `news`; relays that stand anew, with the cursor from which each was not heard.

        Raises the gravest failure if no relay at all can be followed.
        """
        anew: dict[str, Cursor] = {}
        for item in news:
            if item.error is not None:
                if item.url in self.up:
                    self._missing_since[item.url] = cursor
                self._down[item.url] = item.error
                self.up.discard(item.url)
            elif item.event is None:
                self._down.pop(item.url, None)
                self.up.add(item.url)
                anew[item.url] = self._missing_since[item.url]
        if self._down.keys() == self._missing_since.keys():
            raise gravest(self._down.values())
        return {url: since for url, since in anew.items() if url in self.up}
