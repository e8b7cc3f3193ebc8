"""A stand-in for a language model's server: real HTTP on loopback, OpenAI's chat completions, saying what it is told.

It is as strict as the original about what it is asked: a body that OpenAI would refuse is refused here with 400
(https://platform.openai.com/docs/api-reference/chat/create, structured outputs in strict mode).
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-a-secret-of-the-city"


@dataclass
class Request:
    """One request as it arrived, bytes and all."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def post(self) -> dict[str, str]:
        """The data that the model was given to read."""
        return json.loads(self.body["messages"][-1]["content"])


@dataclass
class Said:
    """What the server answers: a status, bytes, headers; `drip` seconds between the bytes."""

    data: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0


def completion(content: str | None, *, finish: str = "stop", usage: bool = True, refusal: str | None = None) -> Said:
    """A chat completion with one choice."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    body: dict[str, Any] = {
        "id": "chatcmpl-1", "object": "chat.completion", "created": int(time.time()), "model": "stand-in",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
    }  # fmt: skip
    if usage:
        body["usage"] = {"prompt_tokens": 1200, "completion_tokens": 40, "total_tokens": 1240}
    return Said(json.dumps(body).encode())


def error(status: int, message: str, param: str | None = None) -> Said:
    """An error in OpenAI's form."""
    body = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}
    return Said(json.dumps(body).encode(), status)


def reading(**more: str) -> str:
    """A valid answer, as the text of a message."""
    usual = {"reason": "It names a hole.", "intent": "request", "urgency": "routine", "service": "none", "place": ""}
    return json.dumps(usual | more)


class StandIn:
    """The server. `says` makes its answer out of a request; `heard` is what came in."""

    def __init__(self) -> None:
        self.heard: list[Request] = []
        self.says: Callable[[Request], Said] = lambda request: completion(reading())
        self.strict = True
        self.address = ""

    @property
    def url(self) -> str:
        """The address to set."""
        return self.address + "/v1"

    def answer(self, request: Request) -> Said:
        """What is said to `request`."""
        self.heard.append(request)
        if request.path == "/v1/models":
            known = request.headers.get("authorization", f"Bearer {KEY}") == f"Bearer {KEY}"
            return Said(b'{"object": "list", "data": []}') if known else error(401, "Incorrect API key provided")
        if request.path != "/v1/chat/completions":
            return error(404, "Unknown request URL")
        wrong = refused(request.body) if self.strict else ""
        return error(400, wrong) if wrong else self.says(request)


def refused(body: dict[str, Any]) -> str:
    """Why OpenAI would refuse this body; "" if it would not."""
    known = {"model", "messages", "response_format", "max_tokens", "max_completion_tokens", "temperature"}
    if unknown := set(body) - known:
        return f"Unrecognized request arguments supplied: {unknown}"
    if not isinstance(body.get("model"), str) or not body.get("messages"):
        return "you must provide a model and messages"
    if any(set(m) != {"role", "content"} or m["role"] not in ("system", "user") for m in body["messages"]):
        return "Invalid value in 'messages'"
    format_ = body["response_format"]
    if format_["type"] == "json_object":
        ok = any("json" in message["content"].lower() for message in body["messages"])
        return "" if ok else "'messages' must contain the word 'json' in some form"
    named = format_["json_schema"]
    schema = named["schema"]
    if not named["name"].isidentifier() or schema.get("additionalProperties") is not False:
        return "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false"
    if set(schema["required"]) != set(schema["properties"]):
        return "Invalid schema for response_format: 'required' is required to include every key in properties"
    return ""


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[StandIn]:
    """A stand-in that serves until the end of the block; with `tls`, by https."""
    here = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(here))
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    here.address = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(here: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = here.answer(Request(self.path, headers, raw))
            try:
                self._say(said)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client had enough

        do_GET = do_POST

        def _say(self, said: Said) -> None:
            time.sleep(said.wait)
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.data)))
            self.end_headers()
            for at in range(0, len(said.data), 1 if said.drip else len(said.data)):
                self.wfile.write(said.data[at : at + (1 if said.drip else len(said.data))])
                time.sleep(said.drip)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
