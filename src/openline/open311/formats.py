"""JSON and XML of GeoReport v2: the same content in both, by the Spark convention; errors too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

# The name of one element of each list (GeoReport v2, "XML").
_ITEM = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
    "photos": "photo",
    "areas": "area",
    "depends_values": "value",
    "stops": "stop",
}
# Characters that XML 1.0 cannot hold, and those that need another spelling.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[&<>\r]")
_SPELLED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


class Problem(Exception):
    """A request that cannot be answered: HTTP status and, for each thing that is wrong, what to do about it."""

    def __init__(self, status: int, *descriptions: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(*descriptions)
        self.status, self.descriptions, self.headers = status, descriptions, headers or {}


def wanted(request: HttpRequest, extension: str) -> str:
    """Extension first, then Accept, then XML, as the specification prefers it."""
    if extension:
        return extension
    accept = request.headers.get("Accept", "")
    return "json" if "json" in accept and "xml" not in accept.split("json")[0] else "xml"


def answer(root: str, content: Any, form: str, status: int = 200) -> HttpResponse:
    """`content` (a list of dicts, or a dict) as an answer; lists have no wrapper in JSON."""
    if form == "json":
        response = HttpResponse(orjson.dumps(content), "application/json; charset=utf-8", status)
    else:
        response = HttpResponse(xml(root, content).encode(), "text/xml; charset=utf-8", status)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "Link, Retry-After"
    response["Vary"] = "Accept"
    return response


def problem(error: Problem, form: str) -> HttpResponse:
    """The error as the specification wants it: an array of code and description, with the same HTTP status."""
    content = [{"code": error.status, "description": text} for text in error.descriptions]
    response = answer("errors", content, form, error.status)
    response["Cache-Control"] = "no-store"
    for name, value in error.headers.items():
        response[name] = value
    return response


def xml(root: str, content: Any) -> str:
    """`content` as an XML document. Written as text: a tree of elements would take five times as long."""
    return "".join([_HEAD, *_element(root, content)])


def _element(name: str, content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        yield f"<{name}>"
        for key, value in content.items():
            if isinstance(value, str | float | int) or value is None:  # most are: spared a generator each
                yield f"<{key}>{_text(value)}</{key}>"
            else:
                yield from _element(key, value)
        yield f"</{name}>"
    elif isinstance(content, list | tuple):
        item = _ITEM.get(name, "item")
        yield f"<{name}>"
        for one in content:
            yield from _element(item, one)
        yield f"</{name}>"
    else:
        yield f"<{name}>{_text(content)}</{name}>"


def _text(value: Any) -> str:
    if isinstance(value, str):
        if not value.isascii() or not value.isprintable():
            value = _NOT_XML.sub("", value)
        return _SPECIAL.sub(lambda found: _SPELLED[found.group()], value) if _SPECIAL.search(value) else value
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
