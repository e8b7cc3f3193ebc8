"""The emulated part of the Graph API: the city's number, its account, its files; by WhatsApp's own OpenAPI document."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from openline.channels.emulation.base import Emulator
from openline.channels.graph.signing import proof
from openline.channels.whatsapp.emulator import errors
from openline.channels.whatsapp.emulator.errors import Refusal
from openline.channels.whatsapp.emulator.speaking import Speaking
from openline.channels.whatsapp.emulator.state import APP, DISPLAY, NUMBER, SECRET, TEMPLATES, TOKEN, WABA, State

_VERSION = re.compile(r"\d+\.\d+")


class Server:
    """Answers the calls of the city's app."""

    def __init__(self, emulator: Emulator, state: State, speaking: Speaking, dead: set[str]) -> None:
        self._emulator, self._state, self._speaking, self._dead = emulator, state, speaking, dead

    def routes(self) -> list[BaseRoute]:
        """Everything below a version, and the place of files."""
        return [
            Route("/whatsapp_business/attachments/", self._file, methods=["GET"]),
            Route("/v{version}/{path:path}", self._any, methods=["GET", "POST"]),
        ]

    async def _any(self, request: Request) -> Response:
        values, upload = await _read(request)
        return await run_in_threadpool(self._answer, request, values, upload)

    def _answer(self, request: Request, values: dict[str, Any], upload: tuple[bytes, str] | None) -> Response:
        path = request.path_params["path"].strip("/")
        try:
            if not _VERSION.fullmatch(request.path_params["version"]):
                raise errors.parameter("Unknown path components.")
            self._may_ask(path, request, values)
            with self._emulator.lock:
                return JSONResponse(self._do(request.method, path, values, upload))
        except Refusal as refusal:
            return JSONResponse(refusal.body(secrets.token_hex(8)), refusal.status)

    def _do(self, method: str, path: str, values: dict[str, Any], upload: tuple[bytes, str] | None) -> dict[str, Any]:
        calls: Mapping[tuple[str, str], Callable[[], dict[str, Any]]] = {
            ("GET", NUMBER): lambda: self._number(values),
            ("POST", f"{NUMBER}/messages"): lambda: self._speaking.send(values),
            ("POST", f"{NUMBER}/media"): lambda: self._upload(values, upload),
            ("GET", f"{NUMBER}/message_history"): lambda: self._history(values),
            ("POST", f"{WABA}/subscribed_apps"): self._subscribe,
            ("GET", f"{WABA}/subscribed_apps"): self._subscribed,
            ("GET", f"{WABA}/message_templates"): lambda: self._templates(values),
            ("POST", f"{APP}/subscriptions"): lambda: self._subscriptions(values),
        }
        if (method, path) in calls:
            return calls[method, path]()
        if method == "GET" and path in self._state.files:
            return self._about_file(path, values)
        raise errors.missing(path.split("/")[0], method.lower())

    def _may_ask(self, path: str, request: Request, values: dict[str, Any]) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        app = path.startswith(APP) and token == f"{APP}|{SECRET}"
        if (token != TOKEN and not app) or token in self._dead:
            raise errors.token()
        given = request.query_params.get("appsecret_proof") or values.pop("appsecret_proof", None)
        values.pop("appsecret_proof", None)
        if given and given != proof(token, SECRET):
            raise errors.parameter("Invalid appsecret_proof provided in the API argument")

    def _number(self, values: dict[str, Any]) -> dict[str, Any]:
        known = {
            "display_phone_number": DISPLAY,
            "verified_name": "Philly311",
            "quality_rating": "GREEN",
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
        }
        asked = str(values.get("fields") or "display_phone_number,verified_name,quality_rating").split(",")
        return {"id": NUMBER} | {name: known[name] for name in asked if name in known}

    def _upload(self, values: dict[str, Any], upload: tuple[bytes, str] | None) -> dict[str, Any]:
        if upload is None:
            raise errors.parameter("The parameter file is required.")
        return self._speaking.upload(upload[0], upload[1], str(values.get("messaging_product", "")))

    def _about_file(self, one: str, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("phone_number_id", NUMBER) != NUMBER:
            raise errors.missing(one)
        file = self._state.files[one]
        url = f"{self._emulator.url}/whatsapp_business/attachments/?mid={one}"
        return {
            "messaging_product": "whatsapp",
            "id": one,
            "url": url,
            "mime_type": file.media_type,
            "sha256": hashlib.sha256(file.content).hexdigest(),
            "file_size": str(len(file.content)),
        }

    def _history(self, values: dict[str, Any]) -> dict[str, Any]:
        """Newest first, in pages."""
        ours = [one for one in reversed(self._state.messages.values()) if one.by.id == NUMBER]
        start, limit = int(values.get("after") or 0), min(int(values.get("limit") or 25), 100)
        rows = []
        for n, one in enumerate(ours[start : start + limit], start):
            events = [
                {"id": str(9_000_000 + 10 * n + k), "delivery_status": name, "timestamp": int(at.timestamp())}
                for k, (name, at) in enumerate(one.events)
            ]
            rows.append({"id": str(8_000_000 + n), "message_id": one.id, "events": {"data": events}})
        said: dict[str, Any] = {"data": rows}
        if start + limit < len(ours):
            after = str(start + limit)
            url = f"{self._emulator.url}/v23.0/{NUMBER}/message_history?after={after}&limit={limit}"
            said["paging"] = {"cursors": {"after": after}, "next": url}
        return said

    def _subscribe(self) -> dict[str, Any]:
        self._state.subscribed.add(APP)
        return {"success": True}

    def _subscribed(self) -> dict[str, Any]:
        link = f"https://www.facebook.com/games/?app_id={APP}"
        apps = [{"id": one, "name": "City app", "link": link} for one in self._state.subscribed]
        return {"data": [{"whatsapp_business_api_data": one} for one in apps]}

    def _templates(self, values: dict[str, Any]) -> dict[str, Any]:
        wanted = str(values.get("name") or "")
        found = [(name, *known) for name, known in TEMPLATES.items() if wanted in name]
        return {"data": [{"id": str(n), "name": name, "language": lang, "status": state, "category": "UTILITY"}
                         for n, (name, lang, state, _count) in enumerate(found, 1)]}  # fmt: skip

    def _subscriptions(self, values: dict[str, Any]) -> dict[str, Any]:
        """The app's webhook: kept only if it answers the challenge."""
        url, word = str(values.get("callback_url", "")), secrets.token_hex(8)
        token = str(values.get("verify_token", ""))
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": word}
        try:
            answer = self._emulator.calls.ask(f"{url}?{httpx.QueryParams(query)}")
        except httpx.HTTPError:
            raise Refusal(2200, "(#2200) Callback verification failed: the URL could not be reached.") from None
        if answer.status_code != 200 or answer.text != word:
            raise Refusal(2200, f"(#2200) Callback verification failed: HTTP Status Code = {answer.status_code}")
        self._emulator.calls.hook = url
        return {"success": True}

    def _file(self, request: Request) -> Response:
        """The bytes, for who has the token; the training page may look, too."""
        one = self._state.files.get(request.query_params.get("mid", ""))
        allowed = request.headers.get("authorization") == f"Bearer {TOKEN}" or request.query_params.get("shown") == "1"
        if not one or not allowed:
            return Response(status_code=404)
        return Response(one.content, media_type=one.media_type)


async def _read(request: Request) -> tuple[dict[str, Any], tuple[bytes, str] | None]:
    """The parameters of a call, and the file in it."""
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0]
    upload = None
    if kind == "application/json":
        body = await request.body()
        said = orjson.loads(body) if body else {}
        values |= said if isinstance(said, dict) else {}
    elif request.method == "POST":
        for name, value in (await request.form()).items():
            if isinstance(value, UploadFile):
                upload = (await value.read(), value.content_type or "")
            else:
                values[name] = value
    return values, upload
