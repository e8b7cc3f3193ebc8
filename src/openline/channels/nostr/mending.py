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

from openline.channels.base import ChannelError, NotAllowed, Rejected
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import DELETION, SAID_IN_PUBLIC
from openline.channels.nostr.naming import name_of
from openline.channels.nostr.relay import publish, relay, stored
from openline.channels.nostr.relays import at_each
from openline.channels.nostr.signer import Signer
from openline.channels.nostr.tags import tags

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
    standing = _standing(event for events in known.values() for event in events.values())
    return sum(
        _give(url, [event for event in standing if event["id"] not in events], signer) for url, events in known.items()
    )


def _give(url: str, events: list[dict[str, Any]], signer: Signer) -> int:
    count = 0
    for event in events[:_MOST_AT_ONCE]:
        try:
            publish(url, orjson.dumps(event).decode(), signer)
        except (Rejected, NotAllowed):
            continue  # this relay does not want it
        except ChannelError:
            break  # it will be asked again
        count += 1
    return count


def _standing(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is to be everywhere, oldest first: the newest under each address, deletions, and nothing that they name."""
    newest: dict[str, dict[str, Any]] = {}
    gone: set[str] = set()
    for event in sorted(events, key=lambda one: one["created_at"]):
        newest[name_of(event)] = event
        if event["kind"] == DELETION:
            gone |= {*tags(event, "e"), *tags(event, "a")}
    return [event for name, event in newest.items() if name not in gone and event["id"] not in gone]
