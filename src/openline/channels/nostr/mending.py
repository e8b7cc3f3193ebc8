"""What we said in public, given to those of our relays that missed it: they were away, or asked us to wait.

Events are signed once, so a relay that gets one late has what the others have, and nothing is ever said twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

import orjson
import structlog

from openline.channels.base import ChannelError
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import DELETION, SAID_IN_PUBLIC
from openline.channels.nostr.relay import publish, relay, stored
from openline.channels.nostr.relays import at_each
from openline.channels.nostr.signer import Signer

logger = structlog.get_logger("openline.nostr")

EVERY_SECONDS = 600.0
_LOOK_BACK_SECONDS = 86_400
_MOST_AT_ONCE = 200


class Mender:
    """Mends in a thread of its own, so that hearing never waits for speaking; one at a time."""

    def __init__(self, signer: Signer) -> None:
        self._signer, self._lock = signer, threading.Lock()
        self._last = 0.0

    def wake(self, urls: Iterable[str], *, now: bool) -> None:
        """Compare these relays now, or if the last time was long ago."""
        found = sorted(urls)
        if len(found) < 2 or (not now and time.monotonic() - self._last < EVERY_SECONDS):
            return
        self._last = time.monotonic()
        threading.Thread(target=self._run, args=(found,), name="nostr mending", daemon=True).start()

    def _run(self, urls: list[str]) -> None:
        with self._lock:
            try:
                mended = mend(urls, self._signer)
            except ChannelError as error:
                logger.info("not_mended", reason=error.reason)
            else:
                if mended:
                    logger.info("mended", events=mended)


def mend(urls: list[str], signer: Signer) -> int:
    """Give every relay what the others have of ours and it has not; returns how many events were taken."""
    wanted = {"kinds": [*SAID_IN_PUBLIC, DELETION], "authors": [signer.public_key]}

    def ask(url: str) -> dict[str, dict[str, Any]]:
        with relay(url, signer) as line:
            events = stored(line, wanted, int(time.time()) - _LOOK_BACK_SECONDS)
        return {event["id"]: event for event in events if isinstance(event, dict) and not forged(event)}

    known, _errors = at_each(urls, ask)
    all_events = {name: event for events in known.values() for name, event in events.items()}
    gone = _deleted(all_events.values())
    count = 0
    for url, events in known.items():
        missing = [event for name, event in all_events.items() if name not in events and name not in gone]
        for event in sorted(missing, key=lambda one: one["created_at"])[:_MOST_AT_ONCE]:
            try:
                publish(url, orjson.dumps(event).decode(), signer)
            except ChannelError:
                break  # it will be asked again
            count += 1
    return count


def _deleted(events: Iterable[dict[str, Any]]) -> set[str]:
    """What we took back must not come back: deletions are given on, what they name is not."""
    return {tag[1] for event in events if event["kind"] == DELETION for tag in event["tags"] if tag[:1] == ["e"]}
