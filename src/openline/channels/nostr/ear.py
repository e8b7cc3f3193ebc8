"""An account's ear: everything new from all of its relays, live, without a gap."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from openline.channels.base import AccountRef, Heard, Incoming, Refused
from openline.channels.nostr import hearing, reading
from openline.channels.nostr.cursor import Cursor
from openline.channels.nostr.deletions import Watched
from openline.channels.nostr.following import Following, Lines, News
from openline.channels.nostr.kinds import DELETION
from openline.channels.nostr.mending import Mender
from openline.channels.nostr.profiles import names_of
from openline.channels.nostr.relay import identity
from openline.channels.nostr.relays import relays_of
from openline.channels.nostr.signer import Signer

_NOTICE_STOP_SECONDS = 0.5
_SIGN_OF_LIFE_SECONDS = 15.0


@dataclass(slots=True)
class _Memory:
    """Of an account's newest poll: the cursor it gave, what it and those before had handed on, what is still to come.

    Who comes back with that very cursor has stored all that was handed on, so only the rest is handed on then.
    """

    cursor: str
    handed: dict[str, None]
    waiting: list[Any]
    at: float


_memories: dict[str, _Memory] = {}
_WAITS_SECONDS = 60.0
_MOST_REMEMBERED = 50_000


class Ear:
    """Hears for one account from a cursor on."""

    def __init__(self, account: AccountRef, signer: Signer, cursor: str) -> None:
        self.account, self.urls, self.signer = account, relays_of(account), signer
        self.cursor = Cursor.read(cursor)
        self.watched = Watched(signer.public_key, self.cursor.watched)
        self._seen = hearing.Seen()

    def poll(self) -> Heard:
        """What the relays have stored since the cursor, oldest first; the rest of a long gap at the next polls.

        Raises what is wrong with the remote signer if for that reason nothing at all could be heard.
        """
        memory = _memories.pop(self.account.id, None)
        if memory and memory.cursor != self.cursor.text:
            memory = None
        batch, later = self._portion(memory)
        found = hearing.opened(batch, self.signer)
        if found.trouble and not found.events:
            raise found.trouble
        names = [identity(event) for event, _rumor in found.events]
        self.cursor = self.cursor.marked(names)
        heard = self._heard(found, more=bool(later))
        handed = dict.fromkeys([*(memory.handed if memory else ()), *names][-_MOST_REMEMBERED:])
        _memories[self.account.id] = _Memory(heard.cursor, handed, later, time.monotonic())
        return heard

    def _portion(self, memory: _Memory | None) -> tuple[list[Any], list[Any]]:
        """What to hand on now, and what at the next polls."""
        if memory and memory.waiting and time.monotonic() - memory.at < _WAITS_SECONDS:
            events = memory.waiting
        else:
            events = hearing.collect(self.urls, self.signer, self.cursor)
            if not memory:
                first, later, self.cursor = hearing.first_part(events, self.cursor)
                return first, later
            events = [event for event in events if identity(event) not in memory.handed]
        return events[: hearing.MOST_AT_ONCE], events[hearing.MOST_AT_ONCE :]

    def listen(self, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Follow what is new; whenever a line to a relay stands (again), fetch what was stored meanwhile."""
        lines, told = Lines(self.urls, self.cursor), 0.0
        mender = Mender(self.signer)
        with Following(self.urls, self.signer, hearing.live_filters(self.signer.public_key), self.watched) as following:
            while not stopping():
                news = following.wait(_NOTICE_STOP_SECONDS)
                stand = lines.stand_anew(news, self.cursor)
                for batch in hearing.batches(self._seen.new(self._events(news, stand, lines))):
                    told = time.monotonic()
                    yield from self._hand_on(batch)
                mender.wake(lines.up, now=bool(stand))
                if lines.up and time.monotonic() - told > _SIGN_OF_LIFE_SECONDS:
                    told = time.monotonic()
                    yield Heard((), self.cursor.text)

    def _events(self, news: list[News], stand: dict[str, Cursor], lines: Lines) -> list[Any]:
        """What relays that stand anew have stored, and what came live.

        What a relay sends before it stands is stored there, and is collected now; but not old deletions.
        """
        events: list[Any] = []
        for url, since in stand.items():
            events += hearing.collect([url], self.signer, since)
            self.watched.note(hearing.recent(url, self.signer))
        live = [item for item in news if item.event is not None]
        return events + [item.event for item in live if item.url in lines.up or _is_deletion(item.event)]

    def _hand_on(self, batch: list[Any]) -> Iterator[Heard]:
        """Public words are handed on even if a remote signer is away; private ones are tried again then."""
        found = hearing.opened(batch, self.signer)
        yield self._heard(found)
        if found.trouble:
            self._seen.forget(found.closed)
            raise found.trouble

    def _heard(self, found: hearing.Opened, *, more: bool = False) -> Heard:
        self.cursor = hearing.behind(self.cursor, found, more=more)
        self.watched.note(event for event, rumor in found.events if rumor is None)
        return Heard(self._items(found.events), self.cursor.text)

    def _items(self, opened: list[tuple[Any, dict[str, Any] | None]]) -> tuple[Incoming | Refused, ...]:
        """The deliveries that events are for us; our own words (other copies of what we said) are none."""
        me, author_of = self.signer.public_key, hearing.author_of
        theirs = [(event, rumor) for event, rumor in opened if author_of(event, rumor) != me]
        names = names_of({author_of(event, rumor) for event, rumor in theirs} - {""}, self.urls, self.signer)
        return tuple(
            reading.parse(orjson.dumps(delivery))
            for event, rumor in theirs
            for delivery in hearing.deliveries(
                event, rumor, names.get(author_of(event, rumor), {}), self.watched.deleted
            )
        )


def _is_deletion(event: Any) -> bool:
    return isinstance(event, dict) and event.get("kind") == DELETION
