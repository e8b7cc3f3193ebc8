"""Hearing on Nostr: what the relays have stored since a cursor, made into deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nostr_sdk
import orjson
import structlog

from openline.channels.base import NotAllowed
from openline.channels.nostr.following import PUBLIC, Following
from openline.channels.nostr.reading import COMMENT, DELETION, GIFT_WRAP, NOTE
from openline.channels.nostr.relay import Line, created_at, fetch, identity, relay, stored
from openline.channels.nostr.relays import at_all

logger = structlog.get_logger("openline.nostr")

MOST_AT_ONCE = 400
_FIRST_LIMIT = 200
# People's clocks are wrong, and notes reach a relay late. Repeats are recognised at the door.
_OVERLAP_SECONDS = 3600
# NIP-59: the time on a gift wrap is a random one up to two days in the past.
_WRAP_OVERLAP_SECONDS = 3 * 86_400
_SEEN = 20_000


def filters(keys: nostr_sdk.Keys) -> dict[str, dict[str, Any]]:
    """What is addressed to us (NIP-01 filters): notes and comments that name us, and gift wraps."""
    me = [keys.public_key().to_hex()]
    return {PUBLIC: {"kinds": [NOTE, COMMENT], "#p": me}, "private": {"kinds": [GIFT_WRAP], "#p": me}}


def live_filters(keys: nostr_sdk.Keys) -> dict[str, dict[str, Any]]:
    """The same for a subscription: only what is new there, whatever time it bears."""
    return {name: wanted | {"limit": 1} for name, wanted in filters(keys).items()}


def collect(urls: list[str], keys: nostr_sdk.Keys, cursor: str) -> list[Any]:
    """All that the relays have stored since `cursor` (Unix seconds), oldest first; without one the newest 200."""

    def at(url: str) -> list[Any]:
        with relay(url, keys) as line:
            return _stored_at(line, keys, _seconds(cursor))

    found = {identity(event): event for events in at_all(urls, at) for event in events}
    return sorted(found.values(), key=created_at)


def _stored_at(line: Line, keys: nostr_sdk.Keys, since: int) -> list[Any]:
    wanted = filters(keys)
    public = _some(line, wanted[PUBLIC], since and since - _OVERLAP_SECONDS)
    try:
        return public + _some(line, wanted["private"], since and since - _WRAP_OVERLAP_SECONDS)
    except NotAllowed as error:
        logger.info("relay_hides", what="private", reason=error.reason)
        return public


def _some(line: Line, wanted: dict[str, Any], since: int) -> list[Any]:
    return stored(line, wanted, since) if since else fetch(line, wanted | {"limit": _FIRST_LIMIT})


def recent(url: str, keys: nostr_sdk.Keys) -> list[Any]:
    """The newest notes that name us, whose deletion we want to hear of."""
    with relay(url, keys) as line:
        return fetch(line, filters(keys)[PUBLIC] | {"limit": _FIRST_LIMIT})


def _seconds(cursor: str) -> int:
    return int(cursor) if cursor.isdecimal() and len(cursor) < 15 else 0


def behind(cursor: str, events: list[Any]) -> str:
    """The cursor once `events` are stored."""
    newest = max([_seconds(cursor), *map(created_at, events)])
    return str(newest) if newest else ""


def batches(events: list[Any]) -> Iterator[list[Any]]:
    """`events` a few hundred at a time."""
    for start in range(0, len(events), MOST_AT_ONCE):
        yield events[start : start + MOST_AT_ONCE]


def opened(event: Any, keys: nostr_sdk.Keys) -> dict[str, Any] | None:
    """The message inside a gift wrap; {} if it cannot be opened, None if the event is no gift wrap.

    nostr-sdk refuses a message whose sender is not the one who sealed it.
    """
    if not isinstance(event, dict) or event.get("kind") != GIFT_WRAP:
        return None
    try:
        wrap = nostr_sdk.Event.from_json(orjson.dumps(event).decode())
        rumor = nostr_sdk.UnwrappedGift.from_gift_wrap(keys, wrap).rumor().ensure_id()
        found = orjson.loads(rumor.as_json())
    except Exception:
        return {}
    return found if isinstance(found, dict) else {}


def author_of(event: Any, rumor: dict[str, Any] | None) -> str:
    """Who speaks: inside a gift wrap it is not who signed the wrap."""
    said = event if rumor is None else rumor
    author = said.get("pubkey") if isinstance(said, dict) else ""
    return author if isinstance(author, str) else ""


def deliveries(
    event: Any, rumor: dict[str, Any] | None, profile: dict[str, str], following: Following | None
) -> Iterator[dict[str, Any]]:
    """What is kept of an event (see `reading`); a deletion is one delivery for each post that it means."""
    if isinstance(event, dict) and event.get("kind") == DELETION:
        for post in following.deleted(event) if following else []:
            yield {"event": event, "target": post}
        return
    if following and rumor is None:
        following.watch_all([event])
    delivery = {"event": event}
    if rumor is not None:
        delivery["rumor"] = rumor
    if profile:
        delivery["profile"] = profile
    yield delivery


class Seen:
    """The events that this listener has passed on already: relays repeat each other."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def new(self, events: list[Any]) -> list[Any]:
        """Those of `events` that were not seen before, which are seen now; in their order, each once."""
        fresh = []
        for event in events:
            name = identity(event)
            if name not in self._known:
                self._known[name] = None
                fresh.append(event)
        for old in list(self._known)[: max(0, len(self._known) - _SEEN)]:
            del self._known[old]
        return fresh
