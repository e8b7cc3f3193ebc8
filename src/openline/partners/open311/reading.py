"""Reading the answers of Open311 servers: JSON and XML, with or without wrappers, ids as numbers or texts.

The same content comes as GeoReport v2 writes it in XML (`services/service`), by the Spark convention in JSON (a bare
array), or wrapped once more by servers that turn one into the other. All of it becomes a list of plain dictionaries.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from openline.foundation.text import clean

Row = dict[str, Any]
_LISTS = frozenset(
    "services service_requests service_request_updates request_updates attributes values errors endpoints notes".split()
)
"""Elements that hold a list, also where there is one thing in it or none."""


class Unreadable(Exception):
    """The answer is not what GeoReport v2 describes; the message says why."""


def rows(body: bytes) -> list[Row]:
    """The things in an answer, whatever their wrapping. Raises Unreadable."""
    content = _content(body)
    while isinstance(content, dict) and len(content) == 1 and isinstance(inner := next(iter(content.values())), list):
        content = inner  # {"service_requests": [...]}
    if isinstance(content, dict):
        content = [_inner(content)]
    if not isinstance(content, list):
        raise Unreadable("The answer holds no list.")
    return [_inner(one) for one in content if isinstance(one, dict)]


def _inner(one: Row) -> Row:
    """{"request": {...}} is the request."""
    if len(one) == 1 and isinstance(inner := next(iter(one.values())), dict):
        return inner
    return one


def _content(body: bytes) -> Any:
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        return _tree(fromstring(text)) if text.startswith(b"<") else orjson.loads(text)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        raise Unreadable("The answer is neither JSON nor XML as Open311 writes it.") from None


def _tree(element: Element) -> Any:
    """An element as JSON would have it: a list, a dictionary, or its text."""
    children, name = list(element), element.tag.rpartition("}")[2]
    if name == "html":
        raise Unreadable("The answer is a web page, not Open311.")
    if name in _LISTS:
        return [_tree(child) for child in children]
    if children:
        return {child.tag.rpartition("}")[2]: _tree(child) for child in children}
    return (element.text or "").strip()


def text(row: Mapping[str, Any], *names: str, limit: int = 4_000) -> str:
    """The first of the fields `names` that says something, as text: ids come as numbers too."""
    for name in names:
        value = row.get(name)
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, int | float):
            value = str(int(value)) if float(value).is_integer() else str(value)
        if found := clean(value, limit):
            return found
    return ""


def truth(row: Mapping[str, Any], name: str) -> bool:
    """A boolean that may be written as text."""
    return str(row.get(name, "")).strip().lower() in ("true", "1", "yes")


def number(row: Mapping[str, Any], name: str) -> float | None:
    """A number that may be written as text; None if there is none."""
    try:
        return float(str(row.get(name)))
    except ValueError:
        return None


def moment(row: Mapping[str, Any], name: str) -> datetime | None:
    """A time; one without a zone is taken as UTC. None if there is none."""
    try:
        found = datetime.fromisoformat(text(row, name, limit=40))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def listed(row: Mapping[str, Any], name: str) -> list[Row]:
    """The list `name` of a thing; empty if there is none."""
    found = row.get(name)
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, list)), [found])
    return [_inner(one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []
