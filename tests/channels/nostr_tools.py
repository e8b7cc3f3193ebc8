"""What the tests of Nostr share: people with keys, events of theirs, and relays."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import nostr_sdk
import orjson
from PIL import Image

from openline.channels.base import AccountRef, Incoming
from openline.channels.nostr import relay
from openline.channels.nostr.channel import NostrChannel
from openline.sandbox.cast import CITY, RESIDENTS, Person
from openline.sandbox.servers import free_port

DESK, (MARIA, DEVON) = CITY[0], RESIDENTS[:2]
NOBODY = f"ws://127.0.0.1:{free_port()}"
CHANNEL = NostrChannel()


def picture(colour: str = "red", size: tuple[int, int] = (64, 48)) -> bytes:
    """A JPEG of one colour."""
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, "JPEG")
    return made.getvalue()


def words() -> str:
    """A text that nobody said before."""
    return f"words {uuid.uuid4()}"


def account(*urls: str, settings: Mapping[str, str] | None = None) -> AccountRef:
    """The city's account at these relays."""
    return AccountRef("n", "philly311", ", ".join(urls), {"secret_key": DESK.secret_key}, settings or {})


def event(
    text: str,
    who: Person = MARIA,
    *,
    kind: int = 1,
    tags: tuple[list[str], ...] = (),
    at: int = 0,
    naming: bool = True,
) -> str:
    """A signed event as JSON, naming the city."""
    builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(kind), text)
    named = [["p", DESK.public_key]] if naming else []
    builder = builder.tags([nostr_sdk.Tag.parse(tag) for tag in (*named, *tags)])
    if at:
        builder = builder.custom_created_at(nostr_sdk.Timestamp.from_secs(at))
    return str(builder.finalize(who.keys).as_json())


def published(url: str, signed: str) -> str:
    """Give it to the relay; returns its id."""
    relay.publish(url, signed)
    return str(orjson.loads(signed)["id"])


def on_relay(url: str, event_id: str) -> dict[str, Any]:
    """The event as the relay has it."""
    with relay.relay(url) as line:
        return dict(relay.fetch(line, {"ids": [event_id]})[0])


def asked(url: str, **wanted: Any) -> list[dict[str, Any]]:
    """What the relay has of that."""
    with relay.relay(url) as line:
        return list(relay.fetch(line, {name.replace("hash_", "#"): value for name, value in wanted.items()}))


def wrapped(text: str, who: Person = MARIA, *, kind: int = 14, tags: tuple[list[str], ...] = ()) -> str:
    """A private message to the city, made by nostr-sdk."""
    desk = nostr_sdk.PublicKey.parse(DESK.public_key)
    rumor = nostr_sdk.EventBuilder(nostr_sdk.Kind(kind), text).tags(
        [nostr_sdk.Tag.parse(tag) for tag in (["p", DESK.public_key], *tags)]
    )
    made = rumor.finalize_unsigned(who.keys.public_key()).ensure_id()
    return str(nostr_sdk.nip59_make_gift_wrap(who.keys, desk, made).as_json())


def unwrapped(url: str, who: Person = MARIA) -> list[dict[str, Any]]:
    """The private messages that the relay has for `who`, opened by nostr-sdk."""
    found = []
    for wrap in asked(url, kinds=[1059], hash_p=[who.public_key]):
        gift = nostr_sdk.UnwrappedGift.from_gift_wrap(who.keys, nostr_sdk.Event.from_json(orjson.dumps(wrap).decode()))
        found.append(orjson.loads(gift.rumor().as_json()))
    return found


def heard(where: AccountRef, text: str, cursor: str = "") -> Incoming:
    """The newest delivery with these words."""
    items = [item for item in CHANNEL.poll(where, cursor).items if isinstance(item, Incoming) and text in item.text]
    assert items, f"{text!r} was not heard"
    return items[-1]
