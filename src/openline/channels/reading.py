"""Reading a network's JSON without trusting it: every helper gives a sane value for whatever it finds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

LARGEST_BYTES = 2_000_000
"""Largest delivery that is read; a real one has some thousand bytes. Larger ones are kept and refused."""

_MOST_PARTS = 20_000
_SPACE = re.compile(r"\s*")


class Unreadable(Exception):
    """The delivery cannot be read; the message says why."""


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`; raises Unreadable if it is too large, too deep, or no object."""
    if len(raw) > LARGEST_BYTES:
        raise Unreadable(f"The delivery has {len(raw):,} bytes; at most {LARGEST_BYTES:,} are read.")
    if raw.count(b"[") + raw.count(b"{") > _MOST_PARTS:
        raise Unreadable("The delivery has too many nested parts.")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        value = _with_surrogates(raw, str(error))
    if not isinstance(value, dict):
        raise Unreadable("The delivery is not a JSON object.")
    return value


def _with_surrogates(raw: bytes, problem: str) -> Any:
    """JSON can carry lone surrogates, which no text may hold: read them as question marks."""
    try:
        loose = json.dumps(json.loads(raw), ensure_ascii=False)
        return orjson.loads(loose.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Unreadable(f"The delivery is not JSON ({problem}).") from None


def json_items(content: bytes) -> list[tuple[bytes, Any]]:
    """The items of a JSON array, each as the very bytes that were sent and as read; raises ValueError if it is none."""
    text, decoder, items = content.decode("utf-8"), json.JSONDecoder(), []
    at = _skip(text, 0, "[")
    while text[at : at + 1] != "]":
        value, end = decoder.raw_decode(text, at)
        items.append((text[at:end].encode("utf-8"), value))
        at = _SPACE.match(text, end).end()  # type: ignore[union-attr]
        if text[at : at + 1] != "]":
            at = _skip(text, at, ",")
    return items


def _skip(text: str, at: int, sign: str) -> int:
    """The place behind `sign` and the space around it; raises ValueError if something else stands there."""
    at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    if text[at : at + 1] != sign:
        raise ValueError(f"{sign!r} expected at {at}")
    return _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]


def text(value: Any, key: str) -> str:
    """The text or number under `key`, as text; empty if there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def web_address(value: Any, key: str) -> str:
    """The http(s) address under `key`; empty if there is none."""
    found = text(value, key)
    return found if found.startswith(("https://", "http://")) else ""


def child(value: Any, key: str) -> dict[str, Any]:
    """The object under `key`; empty if there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def children(value: Any, key: str) -> list[dict[str, Any]]:
    """The objects in the list under `key`."""
    found = value.get(key) if isinstance(value, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def moment(value: Any) -> datetime | None:
    """An aware time in UTC from ISO 8601 text or Unix seconds; None if it is neither."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def counts(value: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, int]:
    """The whole numbers that `value` holds, by our names: `fields` says by which name the network calls each."""
    found = {name: value.get(field) for name, field in fields.items()}
    return {name: n for name, n in found.items() if isinstance(n, int) and not isinstance(n, bool) and n >= 0}
