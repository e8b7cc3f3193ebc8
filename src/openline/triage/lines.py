"""JSON Lines in, JSON Lines out: what the commands triage, geocode and train read and write."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from openline.triage.assessment import Post
from openline.triage.reader import Reader
from openline.triage.text import readable

if TYPE_CHECKING:
    from openline.geography.gazetteer import Gazetteer

Line = bytes | str
_BATCH = 200


class BadLine(ValueError):
    """A line that cannot be used; the message says why. `id` is that of the line, if it has one."""

    def __init__(self, message: str, id: object = None) -> None:
        super().__init__(message)
        self.id = id


def assess_lines(reader: Reader, lines: Iterable[Line]) -> Iterator[bytes]:
    """An assessment for each line that holds a post (`id`, `text`, perhaps `lang`, `lat`, `lon`, `network`).

    A bad line gives {"id", "error"} and the next one is read; blank lines are passed over.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, _BATCH)):
        parsed = [_post_or_error(number, line) for number, line in batch]
        assessments = iter(reader.assess([post for post, _ in parsed if post is not None]))
        for post, answer in parsed:
            yield _dumped(answer if post is None else next(assessments).to_json() | answer)


def geocode_lines(gazetteer: Gazetteer, lines: Iterable[Line]) -> Iterator[bytes]:
    """For each line, a place in words: `query`, `kind`, `name`, `lat`, `lon`, `confidence`, or nulls if not found."""
    from openline.geography.finder import geocode

    for line in lines:
        text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        query = readable(text.strip("\ufeff\r\n\t "))
        place = geocode(gazetteer, query) if query.strip() else None
        names = ("kind", "name", "lat", "lon", "confidence")
        yield _dumped({"query": query} | {name: getattr(place, name) if place else None for name in names})


def training_rows(lines: Iterable[Line]) -> Iterator[tuple[str | None, str]]:
    """For each line its `text` and `service` (code or name); for a bad line None and the reason."""
    for line in lines:
        try:
            row = _object(line)
            text, service = row.get("text"), row.get("service")
            if not isinstance(text, str) or not isinstance(service, str):
                raise BadLine('"text" and "service" must be strings')
        except BadLine as error:
            yield None, str(error)
        else:
            yield readable(text), readable(service)


def _post_or_error(number: int, line: Line) -> tuple[Post | None, dict[str, Any]]:
    """The post of a line with what its answer must carry over, or None with the answer to a bad line."""
    try:
        row = _object(line)
        post = _post(row)
        return post, {"id": post.id if isinstance(row.get("id"), str) else row.get("id")}
    except BadLine as error:
        return None, {"id": error.id, "error": f"line {number}: {error}"}


def _object(line: Line) -> dict[str, Any]:
    """The JSON object in a line. Raises BadLine if there is none."""
    try:
        value = _loads(line)
    except (ValueError, RecursionError):
        raise BadLine("this is not JSON") from None
    if not isinstance(value, dict):
        raise BadLine("this is not a JSON object")
    return value


def _loads(line: Line) -> Any:
    """JSON of a line; the strict parser is fast, the lenient one takes lone surrogates and a byte order mark."""
    try:
        return orjson.loads(line)
    except ValueError:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line.lstrip("\ufeff")
        return json.loads(text)


def _post(row: dict[str, Any]) -> Post:
    """The post that a row describes. Raises BadLine with the field that is wrong."""
    id = row.get("id")
    if isinstance(id, str):
        id = readable(id)
    if not isinstance(id, str | int | None) or isinstance(id, bool):
        raise BadLine('"id" must be a string or a whole number')
    if not isinstance(row.get("text"), str):
        raise BadLine('"text" is missing' if row.get("text") is None else '"text" must be a string', id)
    return Post(
        id="" if id is None else str(id),
        text=row["text"],
        lang=_text(row, "lang", id),
        lat=_degrees(row, "lat", 90, id),
        lon=_degrees(row, "lon", 180, id),
        network=_text(row, "network", id),
    )


def _text(row: dict[str, Any], name: str, id: object) -> str:
    value = row.get(name) or ""
    if not isinstance(value, str):
        raise BadLine(f'"{name}" must be a string', id)
    return value


def _degrees(row: dict[str, Any], name: str, most: float, id: object) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > most:
        raise BadLine(f'"{name}" must be a number from -{most} to {most}', id)
    return float(value)


def _dumped(value: dict[str, Any]) -> bytes:
    """One line of JSON; whatever the fast writer refuses (lone surrogates, huge numbers) is written escaped."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()
