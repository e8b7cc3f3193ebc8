"""A small web server on loopback whose answers a test sets: photos, redirects, slowness, lies about length."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Standin:
    """The server. `files` are bodies by path, `redirects` locations by path; `seen` the paths asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.statuses: dict[str, int] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.drip: dict[str, float] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port."""
        return int(self._server.server_address[1])

    def put(self, path: str, body: bytes) -> str:
        """Let `body` lie at `path`; returns the whole address."""
        self.files[path] = body
        return self.url + path

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        self.seen.append((path, dict(handler.headers)))
        try:
            if path in self.drip:
                self._slowly(handler, self.drip[path])
                return
            if path in self.redirects:
                handler.send_response(302)
                handler.send_header("Location", self.redirects[path])
                handler.end_headers()
                return
            body = self.files.get(path, b"")
            handler.send_response(self.statuses.get(path, 200 if path in self.files else 404))
            for name, value in ({"Content-Length": str(len(body))} | self.headers.get(path, {})).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass  # the other side hung up, as it may

    @staticmethod
    def _slowly(handler: BaseHTTPRequestHandler, pause: float) -> None:
        """A head that never ends, a byte at a time."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(1000):
            handler.wfile.write(b"a")
            time.sleep(pause)

    def __enter__(self) -> Standin:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
