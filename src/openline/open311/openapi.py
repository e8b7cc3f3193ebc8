"""The OpenAPI 3.1 description, made of `description.py`."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings

from openline import __version__
from openline.open311.description import JURISDICTION, OPERATIONS, SCHEMAS, Operation, Parameter, Schema
from openline.service_requests.jurisdiction import jurisdiction

_MEANING = {
    400: "Something is missing or wrong: each thing that is, and what to send instead.",
    403: "The key is missing, refused, or may not do this.",
    404: "Not known here.",
    429: "More requests than the key may send in a minute; Retry-After says when to try again.",
}
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


def document() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        for form in ("json", "xml"):
            paths.setdefault(f"/{one.path}.{form}", {})[one.method] = _operation(one, form)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Open311 GeoReport v2: {jurisdiction().name}",
            "version": __version__,
            "summary": "Service requests of a city, read and sent by other programs.",
            "description": "Personal data that is sent with a request is in no answer. Empty parameters are absent "
            "ones. XML answers follow georeport.xsd.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": f"{settings.PUBLIC_URL}/open311"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        },
    }


def _operation(one: Operation, form: str) -> dict[str, Any]:
    parts = [_in("path", Parameter(name, "", {"type": "string"}, True)) for name in _PATH_PARAMETER.findall(one.path)]
    found: dict[str, Any] = {
        "operationId": f"{one.method}_{re.sub(r'[^a-z0-9]+', '_', one.path).strip('_')}_{form}",
        "summary": one.summary,
        "parameters": parts + [_in("query", JURISDICTION)],
        "responses": {"200": _answer(one.answer, form, "Done.")}
        | {str(status): _answer("Errors", form, _MEANING[status]) for status in one.errors},
    }
    if one.method == "get":
        found["parameters"] += [_in("query", parameter) for parameter in one.parameters]
        if any(parameter.name == "page" for parameter in one.parameters):
            link = {"schema": {"type": "string"}, "description": 'The next page, as rel="next", if there is one.'}
            found["responses"]["200"]["headers"] = {"Link": link}
    else:
        found["requestBody"] = _body(one)
        if "Created" in one.answer:
            mark = Parameter("Idempotency-Key", "Your own mark: sent twice, it makes one request.", _MARK)
            found["parameters"].append(_in("header", mark))
    if one.needs_key:
        found["security"] = [{"key": []}]
    return found


_MARK: Schema = {"type": "string", "maxLength": 200}


def _in(where: str, one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": where,
        "required": one.required,
        "description": one.meaning,
        "schema": one.schema,
    }


def _answer(schema: str, form: str, meaning: str) -> dict[str, Any]:
    if form == "xml":
        return {"description": meaning, "content": {"text/xml": {"schema": {"type": "string"}}}}
    return {
        "description": meaning,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _body(one: Operation) -> dict[str, Any]:
    fields = {
        parameter.name: parameter.schema | {"description": parameter.meaning}
        for parameter in one.parameters
        if "[" not in parameter.name
    }
    needed = [parameter.name for parameter in one.parameters if parameter.required]
    schema: dict[str, Any] = {"type": "object", "properties": fields, "required": needed}
    files = {"media": {"type": "array", "items": {"type": "string", "format": "binary"}, "description": "Photos."}}
    with_files = schema | {"properties": fields | files} if one.answer == "Created" else schema
    return {
        "required": True,
        "description": "The answers to a service's questions are fields attribute[CODE], in lists attribute[CODE][].",
        "content": {
            "application/x-www-form-urlencoded": {"schema": schema},
            "multipart/form-data": {"schema": with_files},
            "application/json": {"schema": schema},
        },
    }
