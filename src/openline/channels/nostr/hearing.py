"""Hearing on Nostr: what the relays have stored since a cursor, made into deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from openline.channels.base import ChannelError, NotAllowed, Rejected
from openline.channels.nostr.cursor import Cursor
from openline.channels.nostr.kinds import DELETION, GIFT_WRAP, SAID_IN_PUBLIC
from openline.channels.nostr.naming import is_address, name_of
from openline.channels.nostr.relay import Line, created_at, fetch, identity, relay, stored
from openline.channels.nostr.relays import at_all
from openline.channels.nostr.signer import Signer
from openline.channels.nostr.wrapping import unwrap

logger = structlog.get_logger("openline.nostr")

PUBLIC = "public"
"""Name of the subscription without which a relay is of no use."""
MOST_AT_ONCE = 400
MOST_AGAIN = 1000
_FIRST_LIMIT = 200
# People's clocks are wrong, and notes reach a relay late. Repeats are recognised at the door.
_OVERLAP_SECONDS = 3600
# NIP-59: the time on a gift wrap is a random one up to two days in the past.
_WRAP_OVERLAP_SECONDS = 3 * 86_400
_SEEN = 20_000


def filters(me: str) -> dict[str, dict[str, Any]]:
    """What is addressed to us (NIP-01 filters): what names us in public, and gift wraps."""
    return {
        PUBLIC: {"kinds": [*SAID_IN_PUBLIC, DELETION], "#p": [me]},
        "private": {"kinds": [GIFT_WRAP], "#p": [me]},
    }


def live_filters(me: str) -> dict[str, dict[str, Any]]:
    """The same for a subscription: only what is new there, whatever time it bears."""
    return {name: wanted | {"limit": 1} for name, wanted in filters(me).items()}


def gone_filters(names: list[str]) -> dict[str, dict[str, Any]]:
    """Deletions (NIP-09) of these posts: by the id of events, and by the address of those that have one."""
    ids, addresses = [n for n in names if not is_address(n)], [n for n in names if is_address(n)]
    found: dict[str, dict[str, Any]] = {}
    if ids:
        found["gone"] = {"kinds": [DELETION], "#e": ids}
    if addresses:
        found["gone addresses"] = {"kinds": [DELETION], "#a": addresses}
    return found


def collect(urls: list[str], signer: Signer, cursor: Cursor) -> list[Any]:
    """All that the relays have stored since `cursor`, oldest first; without one the newest 200 of each kind."""

    def at(url: str) -> list[Any]:
        with relay(url, signer) as line:
            return _stored_at(line, signer.public_key, cursor)

    found = {identity(event): event for events in at_all(urls, at) for event in events}
    return sorted(found.values(), key=lambda event: (created_at(event), identity(event)))


def _stored_at(line: Line, me: str, cursor: Cursor) -> list[Any]:
    wanted = filters(me)
    public = _some(line, wanted[PUBLIC], cursor.at and cursor.at - _OVERLAP_SECONDS)
    for gone in gone_filters(list(cursor.watched)).values():
        public += fetch(line, gone)
    try:
        return public + _some(line, wanted["private"], cursor.private_at and cursor.private_at - _WRAP_OVERLAP_SECONDS)
    except NotAllowed as error:
        logger.info("relay_hides", what="private", reason=error.reason)
        return public


def _some(line: Line, wanted: dict[str, Any], since: int) -> list[Any]:
    return stored(line, wanted, since) if since else fetch(line, wanted | {"limit": _FIRST_LIMIT})


def recent(url: str, signer: Signer) -> list[Any]:
    """The newest posts that name us, whose deletion we want to hear of."""
    with relay(url, signer) as line:
        return fetch(line, filters(signer.public_key)[PUBLIC] | {"limit": _FIRST_LIMIT})


def first_part(events: list[Any], cursor: Cursor) -> tuple[list[Any], list[Any], Cursor]:
    """What to hand on first of `events`, which are sorted by time, what later, and the cursor with its place in them.

    For a cursor that this process did not give: what lies behind it comes a few hundred at a time, whole seconds of
    it. What lies before was handed on already, but for what came late: it comes again, and where it is much, a part
    of it with each poll, round and round, so that nothing late is missed whoever polls.
    """
    posts = [event for event in events if _is_post(event)]
    again, cursor = _part_again([event for event in posts if created_at(event) <= cursor.at], cursor)
    new = [event for event in posts if created_at(event) > cursor.at]
    end = min(MOST_AT_ONCE, len(new))
    while 0 < end < len(new) and created_at(new[end]) == created_at(new[end - 1]):
        end += 1
    return [*again, *new[:end], *(event for event in events if not _is_post(event))], new[end:], cursor


def _part_again(before: list[Any], cursor: Cursor) -> tuple[list[Any], Cursor]:
    """The next of what lies before the cursor, from the first again when it has all come."""
    if len(before) <= MOST_AGAIN:
        return before, replace(cursor, again="")
    part = [event for event in before if _place(event) > cursor.again][:MOST_AGAIN]
    part += before[: MOST_AGAIN - len(part)]
    return part, replace(cursor, again=_place(part[-1]))


def _place(event: Any) -> str:
    """Where the event stands in the order of `collect`, as text without spaces."""
    name = identity(event)[:16]
    return f"{created_at(event):011}.{name if name.isalnum() else ''}"


def _is_post(event: Any) -> bool:
    return isinstance(event, dict) and event.get("kind") in SAID_IN_PUBLIC


def batches(events: list[Any]) -> Iterator[list[Any]]:
    """`events` a few hundred at a time."""
    for start in range(0, len(events), MOST_AT_ONCE):
        yield events[start : start + MOST_AT_ONCE]


@dataclass(slots=True)
class Opened:
    """Events with the messages inside their gift wraps: `rumor` is None for what is no wrap, {} for what is not for us.

    `trouble`: the remote signer is away, so the wraps in `closed` could not be opened now and are left for later.
    """

    events: list[tuple[Any, dict[str, Any] | None]] = field(default_factory=list)
    closed: list[Any] = field(default_factory=list)
    trouble: ChannelError | None = None


def opened(events: list[Any], signer: Signer) -> Opened:
    """Open the gift wraps among `events`."""
    found = Opened()
    for event in events:
        if not isinstance(event, dict) or event.get("kind") != GIFT_WRAP:
            found.events.append((event, None))
        elif found.trouble:
            found.closed.append(event)
        else:
            try:
                found.events.append((event, unwrap(signer, event)))
            except Rejected:
                found.events.append((event, {}))
            except ChannelError as error:
                found.trouble = error
                found.closed.append(event)
    return found


def behind(cursor: Cursor, found: Opened, *, more: bool = False) -> Cursor:
    """The cursor once what was opened is stored; it waits for private messages that could not be opened.

    `more`: there are later posts that were not handed on yet.
    """
    posts = [event for event, _rumor in found.events if _is_post(event)]
    newest = max((created_at(event) for event, _rumor in found.events if not more or _is_post(event)), default=0)
    return cursor.behind(newest, 0 if found.closed else newest, map(name_of, posts))


def author_of(event: Any, rumor: dict[str, Any] | None) -> str:
    """Who speaks: inside a gift wrap it is not who signed the wrap."""
    said = event if rumor is None else rumor
    author = said.get("pubkey") if isinstance(said, dict) else ""
    return author if isinstance(author, str) else ""


def deliveries(
    event: Any, rumor: dict[str, Any] | None, profile: dict[str, str], deleted: Callable[[Any], dict[str, str]]
) -> Iterator[dict[str, Any]]:
    """What is kept of an event (see `reading`); a deletion is one delivery for each post that it means (`deleted`)."""
    if isinstance(event, dict) and event.get("kind") == DELETION:
        for target, about in deleted(event).items():
            yield {"event": event, "target": target} | ({"about": about} if about != target else {})
        return
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

    def forget(self, events: list[Any]) -> None:
        """They were not passed on after all."""
        for event in events:
            self._known.pop(identity(event), None)

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
