"""`python -m openline.operations.storm.network PORT MESSAGES FAULTS`: a network of its own process that breaks often.

Residents' posts are made up, `TALK` to each conversation. Of all calls the share FAULTS meets a fault: cut before the
server got it, cut after it acted, cut within the answer, 503, 429, or an access token that has run out (each renewal
also uses up the refresh token). Pages of posts come in disorder and with repetitions. It knows no idempotency keys and
counts by itself what is said twice.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TALK = 5
PAGE = 200
_FAULTS = ("before", "after", "within", "busy")
_RARE = ("many", "token")
_RARE_SHARE = 0.04


class Network:
    """What the network holds."""

    def __init__(self, messages: int, faults: float) -> None:
        self.messages, self.faults = messages, faults
        self.posts: list[dict[str, str]] = []
        self.known: dict[tuple[str, str], list[str]] = {}
        self.access, self.refresh, self.generation = "access-0", "refresh-0", 0
        self.struck: dict[str, int] = {}
        self.lock = threading.Lock()
        self._chance = random.Random(311)

    def fault(self) -> str:
        """Which fault this call meets; empty: none."""
        with self.lock:
            if self._chance.random() >= self.faults:
                return ""
            kind = self._chance.choice(_RARE if self._chance.random() < _RARE_SHARE else _FAULTS)
            self.struck[kind] = self.struck.get(kind, 0) + 1
            if kind == "token":
                self.access = ""
            return kind

    def renew(self, refresh: str) -> dict[str, str] | None:
        """New tokens for the refresh token, which works once; None for any other."""
        with self.lock:
            if refresh != self.refresh:
                return None
            self.generation += 1
            self.access, self.refresh = f"access-{self.generation}", f"refresh-{self.generation}"
            return {"access_token": self.access, "refresh_token": self.refresh}

    def say(self, post: dict[str, str]) -> str:
        """Take a post of the city."""
        with self.lock:
            self.posts.append(post)
            network_id = f"city-{len(self.posts)}"
            self.known.setdefault((post["text"], post["to"]), []).append(network_id)
            return network_id

    def page(self, after: int) -> list[dict[str, Any]]:
        """Residents' posts behind number `after`, in disorder, and some that were shown before."""
        found = list(range(after, min(after + PAGE, self.messages)))
        repeated = found + [self._chance.randrange(after) for _ in range(5 if after else 0)]
        self._chance.shuffle(repeated)
        return [resident_post(n, self.messages) for n in repeated]


def resident_post(n: int, messages: int) -> dict[str, Any]:
    """Post number `n`: one of each conversation, then the second of each, and so on."""
    talks = max(1, messages // TALK)
    talk = n % talks
    root = f"post-{talk}"
    return {
        "number": n,
        "id": f"post-{n}",
        "by": f"resident{talk}",
        "text": f"Thank you, that is word {n // talks} of talk {talk}.",
        "to": "" if n == talk else root,
    }


class Handler(BaseHTTPRequestHandler):
    """HTTP with the faults of a bad day."""

    protocol_version = "HTTP/1.1"
    network: Network

    def do_GET(self) -> None:
        """Reading: residents' posts, our own posts, the account, the network's own count."""
        address = urlsplit(self.path)
        query = {name: found[0] for name, found in parse_qs(address.query).items()}
        if address.path == "/count":
            self._answer(200, {"posts": self.network.posts, "struck": self.network.struck})
        elif not self._refused():
            if address.path == "/residents":
                self._answer(200, self.network.page(int(query["after"])))
            elif address.path == "/ours":
                self._answer(200, self.network.known.get((query["text"], query["to"]), []))
            else:
                self._answer(200, {"id": "city"})

    def do_POST(self) -> None:
        """Saying something, and renewing the token."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/token":
            tokens = self.network.renew(body["refresh_token"])
            self._answer(200 if tokens else 400, tokens or {"error": "used"}, certain=True)
        elif not self._refused():
            self._answer(200, {"id": self.network.say(body)})

    def _refused(self) -> bool:
        """True if the call ended here, before anything was done."""
        self.fault = self.network.fault()
        if self.fault == "before":
            self._cut()
        elif self.fault == "busy":
            self._answer(503, {"error": "busy"}, certain=True)
        elif self.fault == "many":
            self._answer(429, {"error": "slow down"}, certain=True, retry="1")
        elif self.headers["Authorization"] != f"Bearer {self.network.access}":
            self._answer(401, {"error": "expired"}, certain=True)
        else:
            return False
        return True

    def _answer(self, status: int, value: Any, *, certain: bool = False, retry: str = "") -> None:
        body = json.dumps(value).encode()
        fault = "" if certain else getattr(self, "fault", "")
        if fault == "after":
            return self._cut()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if retry:
            self.send_header("Retry-After", retry)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "within" else body)
        if fault == "within":
            self.wfile.flush()
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    """Keeps quiet about lines that it cut itself."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Nothing."""


def main() -> None:
    """Serve until killed."""
    port, messages, faults = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    Handler.network = Network(messages, faults)
    Server(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
