"""A small Open311 server of somebody else, on loopback: it keeps requests, and fails as a test tells it to.

It knows no marks: the same POST again is a second request, as with most servers in the wild.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

ROOTS = {"services": "service", "requests": "request", "tokens": "request", "servicerequestupdates": "request_update"}
NAMES = {
    "requests": "service_requests",
    "tokens": "service_requests",
    "servicerequestupdates": "service_request_updates",
    "errors": "errors",
}


@dataclass
class Theirs:
    """The server and what it keeps. `faults` are used up one by one, by POST requests."""

    faults: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] | None = None
    token_only: bool = False
    lists: bool = True
    posts: list[dict[str, list[str]]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    slow_seconds: float = 0.0

    def __enter__(self) -> Theirs:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._get(self)

            def do_POST(self) -> None:
                outer._post(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/open311/v2"

    def _post(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        given = parse_qs(body)
        self.posts.append(given)
        self.headers.append(dict(handler.headers))
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            return self._answer(handler, 400, "errors", [{"code": 400, "description": "service_code is not valid"}])
        if fault == "busy":
            return self._answer(handler, 429, "errors", [{"code": 429, "description": "slow down"}])
        if fault == "500 before":
            return self._answer(handler, 500, "errors", [])
        self.requests.append(self._kept(given))
        if fault == "lost answer":
            return handler.connection.close()
        if fault == "500 after":
            return self._answer(handler, 500, "errors", [])
        if fault == "nonsense":
            return self._raw(handler, 200, b"<html><body>Thank you!", "text/html")
        if fault == "slow":
            time.sleep(self.slow_seconds)
        number = self.requests[-1]["service_request_id"]
        about = {"token": f"t-{number}"} if self.token_only else {"service_request_id": number}
        self._answer(handler, 201, "requests", [about | {"service_notice": "", "account_id": ""}])

    def _kept(self, given: dict[str, list[str]]) -> dict[str, Any]:
        first = {name: values[0] for name, values in given.items()}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return {
            "service_request_id": 22870 + len(self.requests) + 1,
            "status": "open",
            "status_notes": "Received",
            "service_code": first["service_code"],
            "description": first.get("description", ""),
            "requested_datetime": now,
            "updated_datetime": now,
            "lat": first.get("lat"),
            "long": first.get("long"),
            "address": first.get("address_string", ""),
        }

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        self.seen.append(handler.path)
        parts = urlsplit(handler.path)
        name = parts.path.removeprefix("/open311/v2/").rpartition(".")[0]
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        kind, _slash, one = name.partition("/")
        if kind == "services" and one:
            question = {
                "variable": "true",
                "code": "WHISPAWN",
                "datatype": "singlevaluelist",
                "required": "true",
                "order": "1",
                "description": "What is out?",
                "values": [{"key": "123", "name": "All"}, {"key": "124", "name": "One"}],
            }
            return self._answer(handler, 200, "definition", [{"service_code": one, "attributes": [question]}])
        if kind == "services":
            return self._answer(
                handler,
                200,
                "services",
                [
                    {"service_code": "POLE", "service_name": "Street light out", "metadata": "true", "group": "Lights"},
                    {"service_code": 17, "service_name": "Wire down", "metadata": "false", "group": "Wires"},
                ],
            )
        if kind == "tokens":
            ready = [] if self.token_only else [{"service_request_id": one.removeprefix("t-"), "token": one}]
            return self._answer(handler, 200, "tokens", ready)
        if kind == "servicerequestupdates" and self.updates is not None:
            return self._answer(handler, 200, "servicerequestupdates", self.updates)
        if kind == "requests" and self.lists:
            return self._answer(handler, 200, "requests", self._listed(asked))
        self._answer(handler, 404, "errors", [{"code": 404, "description": "not found"}])

    def _listed(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        if "service_request_id" in asked:
            wanted = asked["service_request_id"].split(",")
            return [one for one in self.requests if str(one["service_request_id"]) in wanted]
        return [
            one
            for one in self.requests
            if one["service_code"] == asked.get("service_code", "")
            and asked["start_date"] <= one["requested_datetime"] <= asked["end_date"]
        ]

    def _answer(self, handler: BaseHTTPRequestHandler, status: int, kind: str, rows: list[dict[str, Any]]) -> None:
        if ".json" in handler.path:
            return self._raw(handler, status, json.dumps(rows).encode(), "application/json")
        root = "service_definition" if kind == "definition" else NAMES.get(kind, kind)
        inner = _xml(root, rows[0]) if kind == "definition" else _list(root, ROOTS.get(kind, "error"), rows)
        self._raw(handler, status, f'<?xml version="1.0" encoding="utf-8"?>{inner}'.encode(), "text/xml")

    def _raw(self, handler: BaseHTTPRequestHandler, status: int, body: bytes, content_type: str) -> None:
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", content_type)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass  # the other side hung up, as it may


def _list(root: str, name: str, rows: list[dict[str, Any]]) -> str:
    return f"<{root}>" + "".join(_xml(name, row) for row in rows) + f"</{root}>"


def _xml(name: str, row: dict[str, Any]) -> str:
    inner = ""
    for key, value in row.items():
        if isinstance(value, list):
            inner += _list(key, key.removesuffix("s"), value)
        else:
            inner += f"<{key}>{escape(str(value))}</{key}>" if value is not None else f"<{key}/>"
    return f"<{name}>{inner}</{name}>"
