"""Names of events and people: ids, addresses, and how people write them (NIP-19, NIP-21)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import nostr_sdk

from openline.channels.nostr.kinds import addressable
from openline.channels.nostr.tags import address_of


def name_of(event: Mapping[str, Any]) -> str:
    """By what we know an event: its address if others may take its place, else its id."""
    kind = event.get("kind")
    if isinstance(kind, int) and addressable(kind):
        return address_of(dict(event))
    found = event.get("id")
    return found if isinstance(found, str) else ""


def is_address(name: str) -> bool:
    """True for kind:key:d, false for an event's id."""
    kind, _, rest = name.partition(":")
    return kind.isdecimal() and len(rest) >= 65 and rest[64] == ":"


def wanted(name: str) -> dict[str, Any]:
    """The NIP-01 filter that finds the event of that name."""
    if not is_address(name):
        return {"ids": [name], "limit": 1}
    kind, author, d = name.split(":", 2)
    return {"kinds": [int(kind)], "authors": [author], "#d": [d], "limit": 1}


def link(name: str) -> str:
    """The event's address for people and their programs (NIP-21)."""
    try:
        if is_address(name):
            return f"nostr:{nostr_sdk.Nip19Coordinate(nostr_sdk.Coordinate.parse(name), []).to_bech32()}"
        return f"nostr:{nostr_sdk.EventId.parse(name).to_bech32()}"
    except Exception:
        return f"nostr:{name}"


def profile(public_key: str) -> str:
    """The address of a person (NIP-21), from the hexadecimal key; "" if it is none."""
    try:
        return f"nostr:{nostr_sdk.PublicKey.parse(public_key).to_bech32()}"
    except Exception:
        return ""


@lru_cache(maxsize=10_000)
def short_name(public_key: str) -> str:
    """The key (hexadecimal, npub or nprofile) as people know it: npub1…, shortened in the middle."""
    try:
        if public_key.startswith("nprofile"):
            npub = nostr_sdk.Nip19Profile.from_bech32(public_key).public_key().to_bech32()
        else:
            npub = nostr_sdk.PublicKey.parse(public_key).to_bech32()
    except Exception:
        return public_key[:16]
    return f"{npub[:12]}…{npub[-6:]}"
