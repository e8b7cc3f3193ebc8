"""The API's own pages: for people, for programs (OpenAPI), and the schema of its XML."""

from __future__ import annotations

from importlib.resources import files

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openline.open311.description import EXTENSIONS, OPERATIONS
from openline.open311.openapi import document
from openline.service_requests.jurisdiction import jurisdiction


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """How to use the API, for who writes a program."""
    context = {
        "operations": OPERATIONS,
        "base": f"{settings.PUBLIC_URL}/open311",
        "jurisdiction": jurisdiction(),
        "extensions": EXTENSIONS,
    }
    return render(request, "open311/documentation.html", context)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 description."""
    return _open_to_all(HttpResponse(orjson.dumps(document(), option=orjson.OPT_INDENT_2), "application/json"))


@require_safe
def xsd(request: HttpRequest) -> HttpResponse:
    """The XML schema that every XML answer follows."""
    schema = (files("openline.open311") / "georeport.xsd").read_bytes()
    return _open_to_all(HttpResponse(schema, "application/xml; charset=utf-8"))


def _open_to_all(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=3600"
    return response
