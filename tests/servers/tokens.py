"""A provider of access tokens (OAuth 2): gives new ones (RFC 6749) and says what they are worth (RFC 7662)."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class Tokens(ThreadingHTTPServer):
    """On loopback. Every refresh token works once and is replaced."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.port = int(self.server_address[1])
        self.address = f"http://127.0.0.1:{self.port}/token"
        self.refresh = {"help": "refresh-1"}
        self.asked: list[dict[str, str]] = []
        self.failing = 0
        self._until: dict[str, tuple[str, float]] = {}

    def make(self, user: str, *, over: bool = False) -> str:
        """A token of that person, for an hour or already over."""
        token = secrets.token_urlsafe(12)
        self._until[token] = (user, time.time() + (-60 if over else 3600))
        return token

    def grant(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """The answer to a request for a token."""
        self.asked.append(form)
        if self.failing:
            return self.failing, {"error": "temporarily_unavailable"}
        if form.get("client_secret") != "s3cret":
            return 400, {"error": "invalid_client", "error_description": "who are you?"}
        fresh: dict[str, object] = {"access_token": self.make("help"), "expires_in": 3600, "token_type": "Bearer"}
        if form.get("grant_type") == "client_credentials":
            return 200, fresh
        if form.get("refresh_token") != self.refresh["help"]:
            return 400, {"error": "invalid_grant", "error_description": "the refresh token was used before"}
        self.refresh["help"] = f"refresh-{len(self.asked) + 1}"
        return 200, fresh | {"refresh_token": self.refresh["help"]}

    def worth(self, token: str) -> dict[str, object]:
        """What Dovecot is told of a token."""
        user, until = self._until.get(token, ("", 0.0))
        return {"active": until > time.time(), "username": user}


class _Answer(BaseHTTPRequestHandler):
    server: Tokens

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        form = {name: values[0] for name, values in parse_qs(content.decode()).items()}
        asks = self.path == "/introspect"
        status, answer = (200, self.server.worth(form.get("token", ""))) if asks else self.server.grant(form)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def tokens() -> Iterator[Tokens]:
    """The provider, while the block runs."""
    server = Tokens()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
