"""X's own OpenAPI documents, held against every request of ours and every answer of the emulator."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, replace
from email import message_from_bytes
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.channels.openapi import Answered, Asked
from tests.conftest import shared_folder

TWEETS, POSTS = "2.159", "2.167"
"""The document with the names that X's servers use, and the newer one that renames answers."""
_WANTED = ("/2/tweets", "/2/users/me", "/2/users/{id}/mentions", "/2/users/{id}/tweets", "/2/dm_", "/2/media/",
           "/2/webhooks", "/2/activity/subscriptions")  # fmt: skip
_UNKNOWN = {
    TWEETS: ("GET /2/dm_conversations/media/", "POST /2/activity/subscriptions"),
    POSTS: (),
}
"""What the document does not know yet: files of messages, and events of posts and messages."""
_NEWER_EVENT = b'"post.reply.create"'
"""In X's document of August 2026; that of July has its sisters."""


_PROBLEM = "application/problem+json"
_CONFIG = Config(spec_validator_cls=None, extra_media_type_deserializers={_PROBLEM: json.loads})


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they went over the line."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    answer: bytes = b""
    answer_type: str = ""


def folder() -> Path | None:
    """Where X's documents lie; None where they are not at hand."""
    shared = shared_folder()
    found = shared / "contracts" / "x" if shared else None
    return found if found and found.is_dir() else None


@cache
def document(version: str) -> tuple[OpenAPI, dict[str, Any]]:
    """The document with the addresses that we use, and as plain values. (Its enums have doubles: no strict reading.)"""
    found = folder()
    assert found
    plain = json.loads((found / f"openapi-{version}.json").read_text())
    plain["paths"] = {path: item for path, item in plain["paths"].items() if path.startswith(_WANTED)}
    for name in ("MediaUploadResponse", "MediaUploadAppendResponse", "ProcessingInfo"):
        # 2.159 requires of them what it does not define: "meta" and "type".
        plain["components"]["schemas"].get(name, {}).pop("required", None)
    return OpenAPI.from_dict(plain, config=_CONFIG), plain


class Contract:
    """Stands before the emulator, keeps every exchange, and notes what breaks the document."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.exchanges: list[Exchange] = []
        self.broken: list[str] = []

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """`serving(..., wrapped=contract.wrap)`."""

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not scope["path"].startswith("/2/") or "/oauth2/" in scope["path"]:
                return await app(scope, receive, send)
            await self._watched(app, scope, receive, send)

        return wrapped

    async def _watched(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        body, answer = bytearray(), dict[str, Any](status=0, type="", body=bytearray())

        async def hear() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                answer["type"] = dict(message["headers"]).get(b"content-type", b"").decode()
            answer["body"].extend(message.get("body", b""))
            await send(message)

        await app(scope, hear, say)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.note(
            Exchange(scope["method"], scope["path"], scope["query_string"].decode(), headers, bytes(body),
                     answer["status"], bytes(answer["body"]), answer["type"])
        )  # fmt: skip

    def note(self, exchange: Exchange) -> None:
        """Keep it, and hold it against the document."""
        self.exchanges.append(exchange)
        try:
            check(self.version, exchange)
        except (OpenAPIError, AssertionError) as error:
            why = getattr(error.__cause__, "schema_errors", None) or error
            self.broken.append(
                f"{exchange.method} {exchange.path}?{exchange.query} {exchange.status}: {str(why)[:1500]}"
            )

    def tell(self) -> None:
        """Fails with what broke the document since the last time."""
        found, self.broken = self.broken, []
        assert not found, "\n".join(found[:5])


def check(version: str, exchange: Exchange) -> None:
    """Raises if the request, or an answer of success, is not X's."""
    if folder() is None or f"{exchange.method} {exchange.path}".startswith(_UNKNOWN[version]):
        return
    assert exchange.headers.get("authorization", "").startswith("Bearer "), "no token"
    openapi, plain = document(version)
    if exchange.status != 401 and exchange.status != 400:
        known = _parameters(plain, exchange)
        assert {name for name, _value in parse_qsl(exchange.query)} <= known, f"unknown parameters in {exchange.query}"
    body = exchange.body.replace(_NEWER_EVENT, b'"post.mention.create"')
    asked = Asked(_as_json(Exchange(**{**vars(exchange), "body": body})), "https://api.x.com")
    if exchange.status < 400:
        openapi.validate_request(asked)  # type: ignore[arg-type]
    if exchange.status >= 400 and _is_plain(exchange):
        return
    openapi.validate_response(asked, Answered(exchange, exchange.answer_type.split(";")[0]))  # type: ignore[arg-type]


def _is_plain(exchange: Exchange) -> bool:
    """A refusal of no special type, as X gives them (RFC 7807); the newer document forgot that there are such."""
    said = json.loads(exchange.answer)
    assert {"title", "type", "detail", "status"} <= set(said) and said["status"] == exchange.status
    return said["type"] in ("about:blank", "https://api.twitter.com/2/problems/credits")


def _as_json(exchange: Exchange) -> Exchange:
    """A part of a file as the document's JSON form has it, which is the same: openapi-core refuses bytes in a form."""
    kind = exchange.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return exchange
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + exchange.body)
    parts = {
        one.get_param("name", header="content-disposition"): one.get_payload(decode=True) for one in whole.get_payload()
    }
    body = json.dumps({"media": b64encode(parts["media"]).decode(), "segment_index": int(parts["segment_index"])})
    return replace(exchange, headers={**exchange.headers, "content-type": "application/json"}, body=body.encode())


def _parameters(plain: dict[str, Any], exchange: Exchange) -> set[str]:
    """The query parameters of the operation."""
    parts = exchange.path.split("/")
    for path, item in plain["paths"].items():
        template = path.split("/")
        fits = len(template) == len(parts) and all(
            one == other or one.startswith("{") for one, other in zip(template, parts, strict=True)
        )
        if (
            fits
            and path.replace("{", "").count("/")
            and exchange.method.lower() in item
            and (path == exchange.path or exchange.path not in plain["paths"])
        ):
            found = item[exchange.method.lower()].get("parameters", []) + item.get("parameters", [])
            return {_named(plain, one) for one in found}
    return set()


def _named(plain: dict[str, Any], parameter: dict[str, Any]) -> str:
    if "$ref" in parameter:
        parameter = plain["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return str(parameter["name"])
