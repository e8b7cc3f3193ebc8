"""The addresses of the emulated Flickr: all methods at one, uploads at another, and the login."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.sax.saxutils import quoteattr

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from openline.channels.flickr.emulator import shapes, signed
from openline.channels.flickr.emulator.methods import METHODS, Fail
from openline.channels.flickr.emulator.signed import Pairs, Signed, Unsigned

if TYPE_CHECKING:
    from openline.channels.flickr.emulator.network import Emulator

_KINDS = {
    b"\xff\xd8\xff": ("photo", "image/jpeg"),
    b"\x89PNG": ("photo", "image/png"),
    b"GIF8": ("photo", "image/gif"),
    b"\x1aE\xdf\xa3": ("video", "video/webm"),
}


def routes(network: Emulator) -> list[Route]:
    """The API and the login."""
    api = Api(network)
    return [
        Route("/services/rest/", api.rest, methods=["GET", "POST"]),
        Route("/services/upload/", api.upload, methods=["POST"]),
        Route("/services/oauth/request_token", api.request_token, methods=["GET", "POST"]),
        Route("/services/oauth/authorize", api.authorize, methods=["GET", "POST"]),
        Route("/services/oauth/access_token", api.access_token, methods=["GET", "POST"]),
    ]


class Api:
    """What calls of the city meet."""

    def __init__(self, network: Emulator) -> None:
        self._network = network

    async def rest(self, request: Request) -> Response:
        """One method."""
        form = await request.form() if request.method == "POST" else {}
        pairs = [*request.query_params.multi_items(), *((name, str(value)) for name, value in form.items())]
        values = dict(pairs)
        if values.get("format") != "json" or values.get("nojsoncallback") != "1":
            return _failed(Fail(111, f'Format "{values.get("format", "rest")}" not found'))
        try:
            who = self._signed(request, pairs)
            with self._network.lock:
                return JSONResponse(self._call(values, who) | {"stat": "ok"})
        except Unsigned as error:
            return _unsigned(error)
        except Fail as error:
            return _failed(error)

    def _call(self, values: Mapping[str, str], call: Signed) -> dict[str, Any]:
        method = METHODS.get(values.get("method", ""))
        if method is None:
            raise Fail(112, f'Method "{values.get("method", "")}" not found')
        if values.get("api_key") not in self._network.apps:
            raise Fail(100, "Invalid API Key")
        token = self._network.tokens.get(call.token)
        if method.perms and (token is None or token.perms < method.perms):
            raise Fail(99, "User not logged in / Insufficient permissions")
        missing = [name for name in method.required if name not in values]
        if missing:
            raise Fail(1, "Required arguments missing")
        me = token.who if token else next(iter(self._network.tokens.values())).who
        return method.handler(self._network, me, values)

    async def upload(self, request: Request) -> Response:
        """A file; its answer is XML."""
        form = await request.form()
        pairs = [(name, value) for name, value in form.items() if isinstance(value, str)]
        file = form.get("photo")
        content = await file.read() if isinstance(file, UploadFile) else None
        try:
            call = self._signed(request, pairs)
            with self._network.lock:
                return _xml(self._uploaded(dict(pairs), call, content))
        except Unsigned as error:
            return _unsigned(error)
        except Fail as error:
            return _xml(f"<err code={quoteattr(str(error.code))} msg={quoteattr(error.words)} />", "fail")

    def _uploaded(self, values: dict[str, str], call: Signed, content: bytes | None) -> str:
        token = self._network.tokens.get(call.token)
        if token is None or token.perms < 2:
            raise Fail(99, "User not logged in / Insufficient permissions")
        if content is None:
            raise Fail(2, "No photo specified")
        kind, media_type = _kind(content)
        if len(content) > self._network.most_bytes[kind]:
            raise Fail(8, "Filesize was too big")
        photo = self._network.add(
            token.who,
            values.get("title", ""),
            values.get("description", ""),
            content,
            media=kind,
            media_type=media_type,
            tags=shapes.tags(values.get("tags", "")),
            public=values.get("is_public", "1") == "1",
            safety=values.get("safety_level", "1"),
        )
        if values.get("async") != "1":
            return f"<photoid>{photo.id}</photoid>"
        ticket = f"{len(self._network.tickets)}-{photo.id}"
        self._network.tickets[ticket] = time.time() + self._network.film_seconds, photo.id
        return f"<ticketid>{ticket}</ticketid>"

    async def request_token(self, request: Request) -> Response:
        """The first step of the login."""
        try:
            call = self._signed(request, await _pairs(request))
        except Unsigned as error:
            return _unsigned(error)
        from openline.channels.flickr.emulator.network import Asked, new_secret

        token, asked = new_secret(), Asked(new_secret(), call.oauth.get("oauth_callback", "oob"))
        self._network.asked[token] = asked
        told = {"oauth_callback_confirmed": "true", "oauth_token": token, "oauth_token_secret": asked.secret}
        return PlainTextResponse(urlencode(told))

    async def authorize(self, request: Request) -> Response:
        """The page on which the city's member allows it."""
        asked = self._network.asked.get(request.query_params.get("oauth_token", ""))
        perms = request.query_params.get("perms", "read")
        if asked is None or perms not in shapes.PERMS:
            return HTMLResponse("<title>Flickr</title><p>This login is unknown.", 400)
        if request.method == "GET":
            return HTMLResponse(
                "<!doctype html><html lang=en><title>Allow Openline?</title><h1>Allow Openline?</h1>"
                f"<form method=post><p>It may: {perms}.</p><button>OK, I'll authorize it</button></form>"
            )
        asked.perms, asked.verifier = shapes.PERMS.index(perms), secrets.token_hex(8)
        more = urlencode({"oauth_token": request.query_params["oauth_token"], "oauth_verifier": asked.verifier})
        return RedirectResponse(f"{asked.back}{'&' if '?' in asked.back else '?'}{more}", 303)

    async def access_token(self, request: Request) -> Response:
        """The last step."""
        try:
            call = self._signed(request, await _pairs(request))
        except Unsigned as error:
            return _unsigned(error)
        from openline.channels.flickr.emulator.network import CITY, Token, new_secret

        asked = self._network.asked.pop(call.token, None)
        if asked is None or not asked.verifier or call.oauth.get("oauth_verifier") != asked.verifier:
            return _unsigned(Unsigned("verifier_invalid"))
        token = Token(new_secret(), CITY, asked.perms)
        name = f"7215772{len(self._network.tokens):010d}-{new_secret()}"
        self._network.tokens[name] = token
        told = {"fullname": CITY.name, "oauth_token": name, "oauth_token_secret": token.secret}
        return PlainTextResponse(urlencode(told | {"user_nsid": CITY.id, "username": CITY.handle}))

    def _signed(self, request: Request, pairs: Pairs) -> Signed:
        network, url = self._network, str(request.url.replace(query="", fragment=""))
        secrets_of = {token: one.secret for token, one in network.tokens.items()}
        secrets_of |= {token: one.secret for token, one in network.asked.items()}
        for dead in network.faults.dead_tokens:
            secrets_of.pop(dead, None)
        header = request.headers.get("authorization", "")
        with network.lock:
            return signed.check(request.method, url, header, pairs, network.apps, secrets_of, network.nonces)


async def _pairs(request: Request) -> Pairs:
    form = await request.form() if request.method == "POST" else {}
    return [*request.query_params.multi_items(), *((name, str(value)) for name, value in form.items())]


def _kind(content: bytes) -> tuple[str, str]:
    if not content:
        raise Fail(4, "Filesize was zero")
    if content[4:8] == b"ftyp":
        return "video", "video/mp4"
    found = next((kind for begin, kind in _KINDS.items() if content.startswith(begin)), None)
    if found is None:
        raise Fail(5, "Filetype was not recognised")
    return found


def _failed(error: Fail) -> Response:
    return JSONResponse({"stat": "fail", "code": error.code, "message": error.words})


def _unsigned(error: Unsigned) -> Response:
    return PlainTextResponse(f"oauth_problem={error}", 401)


def _xml(inside: str, stat: str = "ok") -> Response:
    return Response(
        f'<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="{stat}">{inside}</rsp>', media_type="text/xml"
    )
