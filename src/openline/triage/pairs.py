"""Pairs of reports as JSON Lines: what `openline match` reads and writes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from openline.triage.duplicates import Side, model
from openline.triage.text import readable

Line = bytes | str


class BadPair(ValueError):
    """A pair that cannot be compared; the message says why."""


def match_lines(lines: Iterable[Line]) -> Iterator[bytes]:
    """For each pair (`id`, `a`, `b`) its `score` and whether it is the `same`; for a bad one `error`.

    Each side may have `text`, `service`, `lat`, `lon`, `requested_at` (ISO 8601; without a zone: UTC) and `photo`
    (64-bit perceptual hash in hexadecimal). What is missing or null counts as unknown.
    """
    judge = model()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row: dict[str, Any] = {}
        try:
            row = _object(line)
            score = judge.score(_side(row, "a"), _side(row, "b"))
        except BadPair as error:
            yield orjson.dumps({"id": _id(row), "error": f"line {number}: {error}"})
        else:
            yield orjson.dumps({"id": _id(row), "score": round(score, 4), "same": score >= judge.threshold})


def _object(line: Line) -> dict[str, Any]:
    try:
        value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf") if isinstance(line, bytes) else line.lstrip("\ufeff"))
    except ValueError:
        raise BadPair("this is not JSON") from None
    if not isinstance(value, dict):
        raise BadPair("this is not a JSON object")
    return value


def _id(row: dict[str, Any]) -> str | int | None:
    id = row.get("id")
    return id if isinstance(id, str | int) and not isinstance(id, bool) else None


def _side(row: dict[str, Any], name: str) -> Side:
    """One report of a pair. Raises BadPair with the field that is wrong."""
    side = row.get(name)
    if not isinstance(side, dict):
        raise BadPair(f'"{name}" must be an object with text, service, lat, lon, requested_at')
    return Side(
        _text(side, name, "text"),
        _text(side, name, "service"),
        _degrees(side, name, "lat", 90),
        _degrees(side, name, "lon", 180),
        _moment(side, name),
        _photo(side, name),
    )


def _text(side: dict[str, Any], name: str, field: str) -> str:
    value = side.get(field)
    if value is not None and not isinstance(value, str):
        raise BadPair(f'"{name}.{field}" must be a string')
    return readable(value)


def _degrees(side: dict[str, Any], name: str, field: str, most: int) -> float | None:
    value = side.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > most:
        raise BadPair(f'"{name}.{field}" must be a number from -{most} to {most}')
    return float(value)


def _moment(side: dict[str, Any], name: str) -> datetime | None:
    text = _text(side, name, "requested_at")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadPair(f'"{name}.requested_at" must be a moment such as 2026-05-04T09:30:00-04:00') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _photo(side: dict[str, Any], name: str) -> int | None:
    text = _text(side, name, "photo")
    if not text:
        return None
    try:
        value = int(text, 16)
    except ValueError:
        value = -1
    if not 0 <= value < 1 << 64:
        raise BadPair(f'"{name}.photo" must be a 64-bit hash in hexadecimal')
    return value
