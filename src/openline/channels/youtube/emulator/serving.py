"""The addresses of the emulated YouTube: methods, files, and Google's login."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from openline.channels.emulation.base import Someone
from openline.channels.youtube.emulator.methods import MEDIA, METHODS, Method
from openline.channels.youtube.emulator.refusing import Refused, bad
from openline.channels.youtube.emulator.state import Object
from openline.channels.youtube.emulator.uploads import Uploads

if TYPE_CHECKING:
    from openline.channels.youtube.emulator.network import Emulator

SCOPES = {f"https://www.googleapis.com/auth/{name}" for name in ("youtube", "youtube.force-ssl", "youtube.upload")}
_COMMON = {"alt", "prettyPrint", "fields", "key", "uploadType", "quotaUser", "upload_id"}


def routes(network: Emulator) -> list[Route]:
    """The API and the login."""
    api, login = Api(network), Login(network)
    uploads = Uploads(network, api)
    return [
        Route("/youtube/v3/{path:path}", api.method, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/upload/youtube/v3/{path:path}", uploads.take, methods=["POST", "PUT"]),
        Route("/resumable/upload/youtube/v3/{path:path}", uploads.take, methods=["POST", "PUT"]),
        Route("/o/oauth2/v2/auth", login.page, methods=["GET", "POST"]),
        Route("/token", login.token, methods=["POST"]),
    ]


class Api:
    """What calls of the city meet."""

    def __init__(self, network: Emulator) -> None:
        self.network = network

    async def method(self, request: Request) -> Response:
        """One method without a file."""
        body = await request.body()
        return await run_in_threadpool(self._answer, lambda: self._method(request, body))

    def _answer(self, call: Callable[[], Response]) -> Response:
        try:
            with self.network.lock:
                return call()
        except Refused as error:
            return error.answer()

    def _method(self, request: Request, body: bytes) -> Response:
        method = METHODS.get((request.method, request.path_params["path"]))
        if method is None:
            raise Refused(404, "notFound", "Not Found", "global")
        me, params = self.entered(request, method)
        told = method.handler(self.network, me, params, read(body))
        return Response(status_code=204) if told is None else JSONResponse(told)

    def entered(self, request: Request, method: Method, bucket: str = "units") -> tuple[Someone, dict[str, str]]:
        """Who calls and with what, once token, parameters and the day's units are in order."""
        me = self.network.who(request.headers.get("authorization", "").removeprefix("Bearer "))
        params = dict(request.query_params)
        limit = self.network.units if bucket == "units" else self.network.uploads_a_day
        self.network.spend(bucket, method.units if bucket == "units" else 1, limit)
        for name in method.required:
            if not params.get(name):
                raise bad("missingRequiredParameter", f"No {name} selected.")
        known = {"part", *method.params} if "part" in method.required else {*method.params}
        if unknown := params.keys() - known - _COMMON:
            raise bad("unknownParameter", f"Invalid JSON payload received. Unknown name {sorted(unknown)[0]!r}.")
        return me, params


def read(body: bytes) -> Object:
    """A JSON object."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise bad("parseError", "Parse Error")
    return found


class Login:
    """Google's login page and its tokens."""

    def __init__(self, network: Emulator) -> None:
        self._network = network

    def page(self, request: Request) -> Response:
        """Where the person chooses the channel and allows Openline."""
        asked = request.query_params
        if asked.get("client_id") not in self._network.clients or asked.get("response_type") != "code":
            return HTMLResponse("<title>Error 401: invalid_client</title><p>The OAuth client was not found.", 401)
        if not set(asked.get("scope", "").split()) <= SCOPES:
            return HTMLResponse("<title>Error 400: invalid_scope</title><p>Unknown scope.", 400)
        if request.method == "GET":
            return HTMLResponse(
                "<!doctype html><html lang=en><title>Choose a channel</title><h1>Allow Openline?</h1>"
                "<form method=post><p>As City of Philadelphia.</p><button>Continue</button></form>"
            )
        from openline.channels.youtube.emulator.network import Code

        code = secrets.token_urlsafe(16)
        self._network.codes[code] = Code(asked.get("code_challenge", ""), asked.get("redirect_uri", ""))
        more = urlencode({"state": asked.get("state", ""), "code": code, "scope": asked["scope"]})
        return RedirectResponse(f"{asked.get('redirect_uri', '')}?{more}", 303)

    async def token(self, request: Request) -> Response:
        """Tokens for a code, or for a refresh token, which stays as it is."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        network = self._network
        if network.clients.get(form.get("client_id", "")) != form.get("client_secret"):
            return _wrong(401, "invalid_client")
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in network.refresh:
                return _wrong(400, "invalid_grant")
            return JSONResponse(self._fresh())
        code = network.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        right = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if form.get("grant_type") != "authorization_code" or code is None or code.challenge != right:
            return _wrong(400, "invalid_grant")
        if code.back != form.get("redirect_uri"):
            return _wrong(400, "redirect_uri_mismatch")
        refresh = f"1//{secrets.token_urlsafe(20)}"
        network.refresh.add(refresh)
        return JSONResponse(self._fresh() | {"refresh_token": refresh})

    def _fresh(self) -> Object:
        from openline.channels.youtube.emulator.network import CITY, TOKEN_SECONDS, Access

        token = f"ya29.{secrets.token_urlsafe(20)}"
        self._network.access[token] = Access(CITY, time.time() + TOKEN_SECONDS)
        return {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer", "scope": " ".join(SCOPES)}


def _wrong(status: int, error: str) -> Response:
    return JSONResponse({"error": error, "error_description": error.replace("_", " ")}, status)


__all__ = ["MEDIA", "Api", "Login", "read", "routes"]
