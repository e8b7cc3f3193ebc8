"""A key, a way to send with it, and the schemas that every answer is held to."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any
from uuid import uuid4

import jsonschema
import orjson
import pytest
from django.test import Client
from lxml import etree

from openline.open311 import keys
from openline.open311.description import SCHEMAS
from openline.service_requests.models import Service, ServiceAttribute

HERE = {"lat": "39.9523", "long": "-75.1615"}
XSD = etree.XMLSchema(etree.fromstring((files("openline.open311") / "georeport.xsd").read_bytes()))


class Sender:
    """Sends with one key, and holds every answer to our own schemas."""

    def __init__(self, key: str = "") -> None:
        self.key, self.client = key, Client()

    def post(
        self,
        path: str = "requests",
        form: str = "json",
        /,
        *,
        headers: dict[str, str] | None = None,
        answer: str = "Created",
        expect: int = 200,
        **fields: Any,
    ) -> Any:
        """POST form-encoded fields; the content of the answer, which must have the status `expect`."""
        sent = {"X-Api-Key": self.key} | (headers or {})
        response = self.client.post(f"/open311/v2/{path}.{form}", fields, headers=sent)
        assert response.status_code == expect, response.content
        return checked(response, answer if expect == 200 else "Errors")

    def report(self, **more: Any) -> Any:
        """A report of a hole in the street; the one element of the answer."""
        fields = {"service_code": street_defect().code, "description": "a big hole"} | HERE | more
        [found] = self.post(**fields)
        return found

    def refused(self, status: int = 400, **more: Any) -> str:
        """The same, refused; all that is said to be wrong."""
        fields = {"service_code": street_defect().code, "description": "a big hole"} | HERE | more
        return "\n".join(error["description"] for error in self.post(expect=status, **fields))


def checked(response: Any, answer: str) -> Any:
    """The content of an answer that fits our JSON schema, or the tree of one that fits our XSD."""
    if "json" in response["Content-Type"]:
        content = orjson.loads(response.content)
        jsonschema.validate(content, SCHEMAS[answer])
        return content
    tree = etree.fromstring(response.content)
    XSD.assertValid(tree)
    return tree


def read(path: str, answer: str, *, status: int = 200, **given: Any) -> Any:
    """GET, in both formats, each held to its schema; the JSON content."""
    for form in ("xml", "json"):
        response = Client().get(f"/open311/{path}.{form}", given)
        assert response.status_code == status, response.content
        content = checked(response, answer if status == 200 else "Errors")
    return content


def street_defect() -> Service:
    """A service that everybody may ask for."""
    return Service.objects.get(name="Street Defect")


def asking(**more: Any) -> Service:
    """A service with questions, of which one depends on another."""
    service = Service.objects.create(code="TREE", name="Tree", needs_place=False, **more)
    size = [
        {"key": "S", "name": "Small"},
        {"key": "L", "name": "Large"},
        {"key": "W", "name": "On a wire", "stop": "Call PECO at 1-800-841-4141"},
    ]
    for order, (code, kind, facts) in enumerate(
        [
            ("SIZE", "singlevaluelist", {"values": size, "required": True, "public": True, "question": "How large?"}),
            (
                "HIGH",
                "number",
                {"required": True, "depends_on": "SIZE", "depends_values": ["L"], "question": "Height?"},
            ),
            ("WHEN", "datetime", {"question": "Since when?"}),
            ("WHAT", "multivaluelist", {"question": "Also?", "values": [{"key": k, "name": k} for k in "ABC"]}),
        ]
    ):
        ServiceAttribute.objects.create(service=service, code=code, datatype=kind, order=order, **facts)
    return service


@pytest.fixture
def new_key() -> Callable[..., Sender]:
    """Makes a key and who sends with it."""

    def make(**more: Any) -> Sender:
        facts = {"by": "test", "per_minute": 1000} | more
        return Sender(keys.make(facts.pop("name", f"app {uuid4()}"), "someone@app.example", **facts)[1])

    return make


@pytest.fixture
def sender(new_key: Callable[..., Sender], philadelphia: None) -> Sender:
    """Who sends with a plain key."""
    return new_key(name="street app")
