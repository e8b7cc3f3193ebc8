"""Reading a network's JSON without trusting it: every helper gives a sane value for whatever it finds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

DEEPEST = 60
"""Deepest nesting of a delivery that is read; a real one has fewer than twenty."""


class Unreadable(Exception):
    """The delivery cannot be read; the message says why."""


def json_object(raw: bytes, largest: int = 2_000_000) -> dict[str, Any]:
    """The JSON object in `raw`; raises Unreadable if it is too large (bytes), too deep, or no object."""
    if len(raw) > largest:
        raise Unreadable(f"The delivery has {len(raw):,} bytes; at most {largest:,} are read.")
    if raw.count(b"[") + raw.count(b"{") > 20_000:
        raise Unreadable("The delivery has too many nested parts.")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The delivery is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Unreadable("The delivery is not a JSON object.")
    return value


def text(value: Any, key: str) -> str:
    """The text or number under `key`, as text; empty if there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def child(value: Any, key: str) -> dict[str, Any]:
    """The object under `key`; empty if there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def children(value: Any, key: str) -> list[dict[str, Any]]:
    """The objects in the list under `key`."""
    found = value.get(key) if isinstance(value, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def moment(value: Any) -> datetime | None:
    """An aware time from ISO 8601 text or Unix seconds; None if it is neither."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
