"""The formats, as pieces of bytes: CSV, GeoJSON and JSON Lines; GeoParquet stands in `parquet.py`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from openline.exports.schema import NAMES

Records = Iterable[dict[str, Any]]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS = 500
"""So many rows are written in one piece."""


def moment(value: datetime) -> str:
    """A time as exports write it: ISO 8601 in UTC, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """The record for JSON: times as texts."""
    return {name: moment(value) if isinstance(value, datetime) else value for name, value in record.items()}


def cell(value: Any) -> Any:
    """A value as a cell of a table: no text is taken for a formula by a spreadsheet (OWASP, "CSV Injection")."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value


def as_csv(records: Records) -> Iterator[bytes]:
    """RFC 4180, in UTF-8, with a head."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(NAMES)
    for number, record in enumerate(records, 1):
        writer.writerow([cell(value) for value in plain(record).values()])
        if number % _ROWS == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


def as_json_lines(records: Records) -> Iterator[bytes]:
    """One JSON object a line."""
    return _pieces(orjson.dumps(plain(record)) + b"\n" for record in records)


def as_geojson(records: Records) -> Iterator[bytes]:
    """One FeatureCollection (RFC 7946); a request without a point has the geometry null."""
    yield b'{"type":"FeatureCollection","features":[\n'
    yield from _pieces(
        (b",\n" if number else b"") + orjson.dumps(_feature(record)) for number, record in enumerate(records)
    )
    yield b"\n]}\n"


def _feature(record: dict[str, Any]) -> dict[str, Any]:
    facts = plain(record)
    lat, lon = facts.pop("lat"), facts.pop("long")
    point = None if lat is None or lon is None else {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": facts["service_request_id"], "geometry": point, "properties": facts}


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    piece: list[bytes] = []
    for line in lines:
        piece.append(line)
        if len(piece) == _ROWS:
            yield b"".join(piece)
            piece.clear()
    yield b"".join(piece)


FORMATS: dict[str, tuple[str, Callable[[Records], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "geojson": ("application/geo+json", as_geojson),
    "jsonl": ("application/jsonl", as_json_lines),
}
"""By the ending of the file: its type, and who writes it."""
