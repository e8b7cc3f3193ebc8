"""Whether an event is what its author signed (NIP-01)."""

from __future__ import annotations

from typing import Any

import nostr_sdk
import orjson

from openline.channels.base import Rejected


def forged(event: dict[str, Any]) -> str:
    """Why the event is not what its author signed; empty if it is."""
    try:
        signed = nostr_sdk.Event.from_json(orjson.dumps(event).decode())
        return "" if signed.verify() else "The signature does not fit the event."
    except Exception as error:
        return f"Not a signed Nostr event: {type(error).__name__}."


def id_of(event: dict[str, Any]) -> str:
    """The id that follows from an unsigned event; raises Rejected if it is none."""
    try:
        bare = {name: value for name, value in event.items() if name not in ("id", "sig")}
        found = nostr_sdk.UnsignedEvent.from_json(orjson.dumps(bare).decode()).ensure_id().id()
    except Exception as error:
        raise Rejected(f"No event: {type(error).__name__}.") from error
    return str(found.to_hex()) if found else ""
