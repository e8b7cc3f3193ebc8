"""JSON and XML of GeoReport v2: the same content in both, by the Spark convention; errors too."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import orjson
from django.http import HttpRequest, HttpResponse

# The name of one element of each list (GeoReport v2, "XML").
_ITEM = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
    "areas": "area",
    "changesets": "changeset",
}
# Characters that XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Problem(Exception):
    """A request that cannot be answered: HTTP status and what to do about it."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status, self.description = status, description


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
        element = ElementTree.Element(root)
        _fill(element, root, content)
        body = b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(
            element, encoding="utf-8", xml_declaration=False
        )
        response = HttpResponse(body, "text/xml; charset=utf-8", status)
    response["Access-Control-Allow-Origin"] = "*"
    response["Vary"] = "Accept"
    return response


def problem(error: Problem, form: str) -> HttpResponse:
    """The error as the specification wants it: an array of code and description, with the same HTTP status."""
    return answer("errors", [{"code": error.status, "description": error.description}], form, error.status)


def _fill(element: ElementTree.Element, name: str, content: Any) -> None:
    """Put `content` under `element`."""
    if isinstance(content, list | tuple):
        for item in content:
            _fill(ElementTree.SubElement(element, _ITEM.get(name, "item")), _ITEM.get(name, "item"), item)
    elif isinstance(content, dict):
        for key, value in content.items():
            _fill(ElementTree.SubElement(element, key), key, value)
    elif isinstance(content, bool):
        element.text = str(content).lower()
    elif content is not None:
        element.text = _NOT_XML.sub("", str(content))
