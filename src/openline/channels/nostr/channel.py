"""The Nostr channel: notes that name us and private messages in, signed answers out.

An event is signed once and kept before it is published, so every try of a message has the same
event id: relays recognise it, and it can never be said twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, ClassVar

import nostr_sdk
import orjson

from openline.channels.base import (
    AccountRef,
    Capabilities,
    Channel,
    Heard,
    Incoming,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Who,
)
from openline.channels.nostr import hearing, reading
from openline.channels.nostr.following import Following, Lines
from openline.channels.nostr.profiles import names_of
from openline.channels.nostr.relay import fetch, publish, relay
from openline.channels.nostr.relays import at_all, at_first, relays_of
from openline.channels.nostr.signing import keys_of, sign

_NOTICE_STOP_SECONDS = 0.5
_SIGN_OF_LIFE_SECONDS = 15.0


class NostrChannel(Channel):
    """See `openline.channels.base.Channel`. Nostr sets no text limit; relays and readers do, so ours is modest."""

    network: ClassVar[str] = "nostr"
    label: ClassVar[str] = "Nostr"
    secrets: ClassVar[tuple[str, ...]] = ("secret_key",)
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=2000,
        direct_messages=True,
        edit=False,
        delete=True,
        inbound="stream",
        idempotent_send=True,
        alt_text_limit=1500,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Follow what is new; whenever a line to a relay stands (again), fetch what was stored meanwhile."""
        keys, urls = keys_of(account), relays_of(account)
        lines, seen, told = Lines(urls, cursor), hearing.Seen(), 0.0
        with Following(urls, keys, hearing.live_filters(keys)) as following:
            while not stopping():
                news = following.wait(_NOTICE_STOP_SECONDS)
                events: list[Any] = []
                for url, since in lines.stand_anew(news, cursor).items():
                    events += hearing.collect([url], keys, since)
                    following.watch_all(hearing.recent(url, keys))
                # What a relay sends before it stands is stored there, and was collected just now.
                events += [item.event for item in news if item.event is not None and item.url in lines.up]
                for batch in hearing.batches(seen.new(events)):
                    cursor, told = hearing.behind(cursor, batch), time.monotonic()
                    yield Heard(self._items(batch, urls, keys, following), cursor)
                if lines.up and time.monotonic() - told > _SIGN_OF_LIFE_SECONDS:
                    told = time.monotonic()
                    yield Heard((), cursor)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """What the relays have stored since the cursor (Unix seconds), oldest first. Deletions come by `listen`."""
        keys, urls = keys_of(account), relays_of(account)
        batch = next(hearing.batches(hearing.collect(urls, keys, cursor)), [])
        return Heard(self._items(batch, urls, keys, None), hearing.behind(cursor, batch))

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Sign once, keep, publish to every relay; one that takes it is enough."""
        keys, urls = keys_of(account), relays_of(account)
        if self.length(outgoing.text) > self.capabilities.text_limit:
            raise Rejected(
                f"The text has {len(outgoing.text)} characters; {self.capabilities.text_limit} are sent.", "text"
            )
        signed = progress.step("sign", lambda: sign(keys, outgoing, _answered(urls, keys, outgoing), urls[0]))
        progress.step("publish", lambda: _publish(urls, keys, signed["events"]))
        return _receipt(signed["id"])

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Ask the relays for the event that was signed; if none was, nothing was published."""
        keys, urls = keys_of(account), relays_of(account)
        try:
            signed = progress.step("sign", _never_signed)
        except _NeverSigned:
            return None
        wanted = orjson.loads(signed["events"][0])["id"]
        return _receipt(signed["id"]) if any(at_all(urls, lambda url: _has(url, keys, wanted))) else None

    def length(self, text: str) -> int:
        """Characters."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Reach a relay and read the key."""
        keys, public = keys_of(account), keys_of(account).public_key().to_hex()

        def reach(url: str) -> Who:
            with relay(url, keys):
                return Who(public, reading.short_name(public), account.handle)

        return at_first(relays_of(account), reach)

    def _items(
        self, events: list[Any], urls: list[str], keys: nostr_sdk.Keys, following: Following | None
    ) -> tuple[Incoming | Refused, ...]:
        """The deliveries that `events` are for us; our own words (other copies of what we said) are none."""
        me = keys.public_key().to_hex()
        opened = [(event, hearing.opened(event, keys)) for event in events]
        theirs = [(event, rumor) for event, rumor in opened if hearing.author_of(event, rumor) != me]
        names = names_of({hearing.author_of(event, rumor) for event, rumor in theirs} - {""}, urls, keys)
        items: list[Incoming | Refused] = []
        for event, rumor in theirs:
            for delivery in hearing.deliveries(event, rumor, names.get(hearing.author_of(event, rumor), {}), following):
                items.append(self.parse(orjson.dumps(delivery)))
        return tuple(items)


class _NeverSigned(Exception):
    """No event was signed for this message."""


def _never_signed() -> Any:
    raise _NeverSigned


def _answered(urls: list[str], keys: nostr_sdk.Keys, outgoing: Outgoing) -> dict[str, Any]:
    """The public event that is answered, which knows its thread; {} if no relay has it."""
    if outgoing.visibility == "private" or not outgoing.in_reply_to:
        return {}

    def ask(url: str) -> list[Any]:
        with relay(url, keys) as line:
            return fetch(line, {"ids": [outgoing.in_reply_to], "limit": 1})

    found = [event for events in at_all(urls, ask) for event in events if isinstance(event, dict)]
    return next((event for event in found if event.get("id") == outgoing.in_reply_to and not reading.forged(event)), {})


def _publish(urls: list[str], keys: nostr_sdk.Keys, events: list[str]) -> bool:
    """Give all events to all relays; at one at least every event must arrive."""

    def at(url: str) -> bool:
        for event in events:
            publish(url, event, keys)
        return True

    return all(at_all(urls, at))


def _has(url: str, keys: nostr_sdk.Keys, event_id: str) -> bool:
    with relay(url, keys) as line:
        return bool(fetch(line, {"ids": [event_id], "limit": 1}))


def _receipt(event_id: str) -> Receipt:
    return Receipt(event_id, reading.address(event_id), f"nostr:{event_id}")
