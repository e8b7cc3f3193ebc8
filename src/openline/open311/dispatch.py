"""What every address of the API does alike: format, method, jurisdiction, parameters, errors, other origins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from openline.open311 import keys
from openline.open311.formats import Problem, answer, problem, wanted
from openline.open311.parameters import Given
from openline.service_requests.jurisdiction import jurisdiction

_CACHE_SECONDS = 30
_PREFLIGHT_SECONDS = 600
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: the XML root, the content, and headers beside it."""

    root: str
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Reply]


def endpoint(**methods: Handler) -> Callable[..., HttpResponse]:
    """The view of one address: `get` and `post` are handlers of (request, given, **parts of the path)."""
    names = {"OPTIONS", *(name.upper() for name in methods)} | ({"HEAD"} if "get" in methods else set())
    allowed = ", ".join(sorted(names))

    @csrf_exempt
    def view(request: HttpRequest, form: str | None = None, **parts: str) -> HttpResponse:
        chosen = wanted(request, form or "")
        if request.method == "OPTIONS":
            return _preflight(request, allowed)
        handler = methods.get({"HEAD": "get"}.get(request.method or "", (request.method or "").lower()))
        try:
            if handler is None:
                raise Problem(405, _("Only %(methods)s here.") % {"methods": allowed}, headers={"Allow": allowed})
            given = Given(request.GET if request.method in ("GET", "HEAD") else _sent(request))
            _check_jurisdiction(given)
            reply = handler(request, given, **parts)
        except Problem as error:
            return problem(error, chosen)
        except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
            return problem(Problem(400, _("The request cannot be read, is too large, or has too many fields.")), chosen)
        return _finished(request, answer(reply.root, reply.content, chosen), reply)

    return view


def sender_of(request: HttpRequest, given: Given) -> keys.Sender:
    """Who sends, by api_key or X-Api-Key; a page of another origin only if the key names it. Raises Problem."""
    sender = keys.admit(request.headers.get("X-Api-Key", "").strip() or given.text("api_key", 200))
    origin = request.headers.get("Origin", "")
    if origin and origin not in sender.origins and origin != f"{request.scheme}://{request.get_host()}":
        raise Problem(403, _("Pages of %(origin)s may not send with this key.") % {"origin": origin[:100]})
    return sender


def _finished(request: HttpRequest, response: HttpResponse, reply: Reply) -> HttpResponse:
    """The answer with its headers: reading may be kept for some seconds, sending never."""
    if request.method in ("GET", "HEAD"):
        response["Cache-Control"] = f"public, max-age={_CACHE_SECONDS}"
    else:
        response["Cache-Control"] = "no-store"
        if origin := request.headers.get("Origin"):
            response["Access-Control-Allow-Origin"] = origin
            patch_vary_headers(response, ["Origin"])
    for name, value in reply.headers.items():
        response[name] = value
    return response


def _preflight(request: HttpRequest, allowed: str) -> HttpResponse:
    """May a page of another origin do this (Fetch standard, CORS preflight)? Reading all, sending the registered."""
    response = HttpResponse(status=204, headers={"Allow": allowed})
    origin = request.headers.get("Origin", "")
    patch_vary_headers(response, ["Origin"])
    if request.headers.get("Access-Control-Request-Method") != "POST":
        response["Access-Control-Allow-Origin"] = "*"
    elif origin and "\x00" not in origin and "POST" in allowed and keys.is_registered(origin[:300]):
        response["Access-Control-Allow-Origin"] = origin
    response["Access-Control-Allow-Methods"] = allowed
    response["Access-Control-Allow-Headers"] = "Content-Type, X-Api-Key, Idempotency-Key, Accept-Language"
    response["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response


def _check_jurisdiction(given: Given) -> None:
    wanted_ = given.text("jurisdiction_id", 200)
    if wanted_ and wanted_ != jurisdiction().jurisdiction_id:
        raise Problem(404, _("jurisdiction_id was not found. It is %(id)s.") % {"id": jurisdiction().jurisdiction_id})


def _sent(request: HttpRequest) -> QueryDict:
    """The fields of a body, form-encoded, multipart or JSON, with those of the query string that it lacks."""
    if request.content_type in _FORMS:
        fields: QueryDict = request.POST
    elif request.content_type == "application/json":
        fields = _from_json(request.body)
    elif not request.body:
        fields = QueryDict()
    else:
        raise Problem(400, _("Send the fields form-encoded (UTF-8), as multipart/form-data or as a JSON object."))
    found = request.GET.copy()
    for name, values in fields.lists():
        found.setlist(name, values)
    return found


def _from_json(body: bytes) -> QueryDict:
    """A JSON object as fields; `attribute` may be an object of its own. Raises Problem."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise Problem(400, _("The body is no JSON object."))
    found = QueryDict(mutable=True)
    for name, value in content.items():
        if name in ("attribute", "attributes") and isinstance(value, dict):
            for code, answer_ in value.items():
                found.setlist(f"attribute[{code}]", _texts(answer_))
        else:
            found.setlist(name, _texts(value))
    return found


def _texts(value: Any) -> list[str]:
    """A JSON value as the texts that a form would send. Raises Problem."""
    several = value if isinstance(value, list) else [value]
    if any(isinstance(one, list | dict) for one in several):
        raise Problem(400, _("The values of the JSON object must be texts, numbers, or lists of them."))
    return ["" if one is None else str(one).lower() if isinstance(one, bool) else str(one) for one in several]
