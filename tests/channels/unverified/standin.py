"""A server on loopback that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema

SCHEMAS = Path(__file__).parent / "schemas"


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else {}


@dataclass
class Said:
    """One answer."""

    value: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Standin:
    """Use `running`. `answer` gives the answer to each request."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        self.asked: list[Asked] = []
        self.answer = answer
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                at = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, at.path, dict(parse_qsl(at.query)), headers, body)
                standin.asked.append(asked)
                said = standin.answer(asked)
                content = json.dumps(said.value).encode()
                self.send_response(said.status)
                for name, value in {"Content-Type": "application/json", **said.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_PUT = do_GET

            def log_message(self, *said: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def running(answer: Callable[[Asked], Said]) -> Iterator[Standin]:
    """The server, while the block runs."""
    standin = Standin(answer)
    threading.Thread(target=standin.server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield standin
    finally:
        standin.server.shutdown()
        standin.server.server_close()


def check(network: str, what: str, value: object) -> None:
    """Hold a request or an answer against the schema written by hand."""
    schema = json.loads((SCHEMAS / f"{network}.json").read_text())
    jsonschema.validate(value, schema["$defs"][what])
