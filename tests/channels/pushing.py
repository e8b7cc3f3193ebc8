"""Our side of a network that calls us: a small web server that hands each call to the channel, as the room does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from openline.channels.base import AccountRef, Channel, ChannelError, Heard, Incoming, Pushed, Taken, Unverified


class Ledger:
    """What the rooms keep of an account's traffic, in memory (`openline.channels.accounts.Ledger`)."""

    patience = 1.5
    """How many seconds a delivery may take until it counts as not there."""

    def __init__(self, items: list[Incoming]) -> None:
        self._items = items
        self.known: set[str] = set()
        self.paid = Decimal(0)
        self.parts: dict[str, dict[int, bytes]] = {}

    def heard(self, event_ids: Sequence[str]) -> bytes:
        until = time.monotonic() + self.patience
        while True:
            found = [item.raw for item in list(self._items) if item.event_id in event_ids]
            if found or time.monotonic() > until:
                return found[0] if found else b""
            time.sleep(0.02)

    def ours(self, network_id: str) -> bool:
        return network_id in self.known

    def spent(self, since: datetime) -> Decimal:
        return self.paid

    def gather(self, whole: str, number: int, of: int, raw: bytes) -> tuple[bytes, ...]:
        parts = self.parts.setdefault(whole, {})
        parts[number] = raw
        return tuple(parts[n] for n in range(1, of + 1)) if len(parts) == of else ()


class Hook:
    """The address that the network calls, on loopback; use `account` with it. `shared`: the network calls all accounts
    at one address, `shared_url`."""

    def __init__(self, channel: Channel, account: AccountRef, shared: bool = False) -> None:
        hook = self
        self.shared = shared
        self.channel, self.items, self.calls = channel, list[Incoming](), list[Pushed]()
        self.refused: list[str] = []
        self.answer_with: Callable[[Pushed], int] = lambda pushed: 0
        """A status with which we fail this call, instead of taking it; 0: take it."""
        self.ledger = Ledger(self.items)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hook.take(self)

            do_POST = do_GET

            def log_message(self, *said: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                """Lines that tests cut are no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        self.origin = f"http://127.0.0.1:{self.port}"
        self.shared_url = f"{self.origin}/hooks/{channel.network}/"
        url = f"{self.shared_url}{account.id}/"
        self.account = replace(account, hook=url, ledger=self.ledger)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Nobody is at the address any more."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, call: BaseHTTPRequestHandler) -> None:
        """One call: fail it if the test says so, else let the channel take it."""
        body = call.rfile.read(int(call.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in call.headers.items()}
        query = dict(parse_qsl(urlsplit(call.path).query))
        pushed = Pushed(call.command, self.origin + call.path, headers, query, body, call.client_address[0])
        self.calls.append(pushed)
        if status := self.answer_with(pushed):
            return _answer(call, status, "", "text/plain")
        try:
            taken = self._share(pushed) if self.shared else self.channel.take(self.account, pushed)
        except Unverified as error:
            self.refused.append(error.reason)
            return _answer(call, 403, "", "text/plain")
        except ChannelError as error:
            self.refused.append(error.reason)
            return _answer(call, 400, "", "text/plain")
        self.items += [item for item in taken.items if isinstance(item, Incoming)]
        _answer(call, taken.status, taken.body, taken.content_type)

    def _share(self, pushed: Pushed) -> Taken:
        shared = self.channel.share([self.account], pushed)
        return Taken(shared.items.get(self.account.id, ()), shared.status, shared.body, shared.content_type)

    def heard(self, account: AccountRef, cursor: str) -> Heard:
        """What came since `cursor`, a count."""
        start = int(cursor or 0)
        new = tuple(self.items[start : start + 1000])
        return Heard(new, str(start + len(new)))

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """As a channel listens."""
        while not stopping():
            heard = self.heard(account, cursor)
            cursor = heard.cursor
            yield heard
            time.sleep(0.02)

    def wait(self, wanted: Callable[[Incoming], bool], seconds: float = 10) -> Incoming:
        """The newest item that `wanted` is true of; fails if none comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := [item for item in list(self.items) if wanted(item)]:
                return found[-1]
            time.sleep(0.02)
        raise AssertionError(f"it did not come; refused: {self.refused[-3:]}, calls: {len(self.calls)}")

    @contextmanager
    def failing(self, status: int) -> Iterator[None]:
        """Every call fails with `status` while the block runs."""
        before, self.answer_with = self.answer_with, lambda pushed: status
        try:
            yield
        finally:
            self.answer_with = before


def _answer(call: BaseHTTPRequestHandler, status: int, body: str, content_type: str) -> None:
    call.send_response(status)
    call.send_header("Content-Type", f"{content_type}; charset=utf-8")
    call.send_header("Content-Length", str(len(body.encode())))
    call.end_headers()
    call.wfile.write(body.encode())
