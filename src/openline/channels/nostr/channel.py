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
    ChannelError,
    Heard,
    Incoming,
    NetworkDown,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    TokenExpired,
    Who,
)
from openline.channels.nostr import reading, relay
from openline.channels.nostr.reading import COMMENT, DELETION, GIFT_WRAP, NOTE

_OVERLAP_SECONDS = 120
# NIP-17: the time on a gift wrap is a random one up to two days in the past.
_WRAP_OVERLAP_SECONDS = 3 * 86_400
_FIRST_LIMIT = 200


class NostrChannel:
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
        media_kinds=("image", "video"),
        alt_text_limit=1500,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Fetch what is stored since the cursor, then follow what is new. Repeats are recognised at the door."""
        keys = _keys(account)
        newest = _seconds(cursor)
        seen: set[str] = set()
        with relay.relay(_relays(account)[0]) as connection:
            yield self.poll(account, cursor)
            silent_since = time.monotonic()
            for event in relay.follow(connection, _filters(keys, cursor), stopping):
                if event is None:
                    if time.monotonic() - silent_since > 15:
                        silent_since = time.monotonic()
                        yield Heard((), str(newest) if newest else "")
                    continue
                item = self.parse(_raw(event, keys))
                if isinstance(item, Incoming):
                    if item.event_id in seen:
                        continue
                    seen.add(item.event_id)
                newest = max(newest, _created(event))
                yield Heard((item,), str(newest))

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """What the relays have stored since the cursor (Unix seconds), oldest first."""
        keys = _keys(account)
        events: dict[str, Any] = {}
        failures = []
        for url in _relays(account):
            try:
                with relay.relay(url) as connection:
                    for event in relay.fetch(connection, *_filters(keys, cursor)):
                        events[str(event.get("id")) if isinstance(event, dict) else repr(event)[:100]] = event
            except ChannelError as error:
                failures.append(error)
        if len(failures) == len(_relays(account)):
            raise failures[0]
        ordered = sorted(events.values(), key=_created)
        newest = max([_seconds(cursor), *map(_created, ordered)])
        return Heard(tuple(self.parse(_raw(event, keys)) for event in ordered), str(newest) if newest else "")

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Sign once, keep, publish to every relay; one that takes it is enough."""
        signed = progress.step("sign", lambda: _sign(_keys(account), outgoing))
        progress.step("publish", lambda: _publish(_relays(account), signed["events"]))
        return _receipt(signed["id"])

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Ask the relays for the event that was signed; if none was, nothing was published."""
        signed = progress.step("sign", lambda: _sign(_keys(account), outgoing))
        wanted = [orjson.loads(event)["id"] for event in signed["events"]]
        failures = 0
        for url in _relays(account):
            try:
                with relay.relay(url) as connection:
                    if len(relay.fetch(connection, {"ids": wanted})) == len(wanted):
                        return _receipt(signed["id"])
            except NetworkDown:
                failures += 1
        if failures == len(_relays(account)):
            raise NetworkDown("No relay can be asked.")
        return None

    def length(self, text: str) -> int:
        """Characters."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Reach a relay and read the key."""
        public = _keys(account).public_key().to_hex()
        with relay.relay(_relays(account)[0]):
            return Who(public, reading.short_name(public), account.handle)


def _keys(account: AccountRef) -> nostr_sdk.Keys:
    try:
        return nostr_sdk.Keys.parse(account.credentials.get("secret_key", ""))
    except Exception as error:
        raise TokenExpired("The account's secret key cannot be read.") from error


def _relays(account: AccountRef) -> list[str]:
    return [url.strip() for url in account.server.split(",") if url.strip()]


def _seconds(cursor: str) -> int:
    return int(cursor) if cursor.isdigit() else 0


def _created(event: Any) -> int:
    """The event's own time, never later than now: a post dated 2090 must not move the cursor there."""
    value = event.get("created_at") if isinstance(event, dict) else 0
    return min(value, int(time.time())) if isinstance(value, int) and value > 0 else 0


def _filters(keys: nostr_sdk.Keys, cursor: str) -> list[dict[str, Any]]:
    """What is addressed to us: notes, comments, deletions, and gift wraps with their loose times."""
    me = [keys.public_key().to_hex()]
    notes: dict[str, Any] = {"kinds": [NOTE, COMMENT, DELETION], "#p": me, "limit": _FIRST_LIMIT}
    wraps: dict[str, Any] = {"kinds": [GIFT_WRAP], "#p": me, "limit": _FIRST_LIMIT}
    if since := _seconds(cursor):
        notes |= {"since": since - _OVERLAP_SECONDS, "limit": 500}
        wraps |= {"since": since - _WRAP_OVERLAP_SECONDS, "limit": 500}
    return [notes, wraps]


def _raw(event: Any, keys: nostr_sdk.Keys) -> bytes:
    """The delivery as it is kept; a gift wrap is opened here, where the key is at hand."""
    delivery = {"event": event}
    if isinstance(event, dict) and event.get("kind") == GIFT_WRAP:
        try:
            wrap = nostr_sdk.Event.from_json(orjson.dumps(event).decode())
            gift = nostr_sdk.UnwrappedGift.from_gift_wrap(keys, wrap)
            delivery["rumor"] = orjson.loads(gift.rumor().ensure_id().as_json())
        except Exception:
            delivery["rumor"] = {}
    return orjson.dumps(delivery)


def _sign(keys: nostr_sdk.Keys, outgoing: Outgoing) -> dict[str, Any]:
    """The signed event (public) or gift wraps to the resident and to ourselves (private), as JSON."""
    try:
        if outgoing.visibility == "private":
            return _sign_private(keys, outgoing)
        builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(NOTE), outgoing.text).tags(_tags(outgoing))
        event = builder.finalize(keys)
    except ChannelError:
        raise
    except Exception as error:
        raise Rejected(f"The answer cannot be signed: {error}") from error
    return {"id": event.id().to_hex(), "events": [event.as_json()]}


def _sign_private(keys: nostr_sdk.Keys, outgoing: Outgoing) -> dict[str, Any]:
    """NIP-17: one rumor, wrapped for the resident and for ourselves; it is known by the rumor's id."""
    receiver = nostr_sdk.PublicKey.parse(outgoing.in_reply_to_author)
    rumor = (
        nostr_sdk.EventBuilder(nostr_sdk.Kind(reading.PRIVATE), outgoing.text)
        .tags([nostr_sdk.Tag.public_key(receiver)])
        .finalize_unsigned(keys.public_key())
        .ensure_id()
    )
    rumor_id = rumor.id()
    if rumor_id is None:
        raise Rejected("The answer has no id.")
    wraps = [nostr_sdk.nip59_make_gift_wrap(keys, to, rumor).as_json() for to in (receiver, keys.public_key())]
    return {"id": rumor_id.to_hex(), "events": wraps}


def _tags(outgoing: Outgoing) -> list[nostr_sdk.Tag]:
    """NIP-10: the thread's root, the post answered, and its author."""
    tags = []
    root = outgoing.thread_root or outgoing.in_reply_to
    if outgoing.in_reply_to:
        tags.append(["e", root, "", "root"])
        if outgoing.in_reply_to != root:
            tags.append(["e", outgoing.in_reply_to, "", "reply"])
    if outgoing.in_reply_to_author:
        tags.append(["p", outgoing.in_reply_to_author])
    return [nostr_sdk.Tag.parse(tag) for tag in tags]


def _publish(relays: list[str], events: list[str]) -> bool:
    """Publish to all relays. The worst failure is raised only if no relay took the message."""
    failures: list[ChannelError] = []
    for url in relays:
        try:
            for event in events:
                relay.publish(url, event)
        except ChannelError as error:
            failures.append(error)
    if len(failures) == len(relays):
        raise next((error for error in failures if not isinstance(error, NetworkDown)), failures[0])
    return True


def _receipt(event_id: str) -> Receipt:
    return Receipt(event_id, f"nostr:{event_id}", f"nostr:{event_id}")
