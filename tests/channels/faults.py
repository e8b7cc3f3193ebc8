"""A proxy on loopback between a channel and its server, with the faults of real networks.

It reads what the channel says in units: an HTTP request with its body, a WebSocket message, or in a line protocol
(SMTP, IMAP, ...) a line, and a mail up to its final dot. For every unit it is asked which fault strikes, so that
"cut after the third change was accepted" is one line of a test. What the server says is passed on as it comes.

Plain connections only: no TLS.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

Kind = Literal["cut before", "cut after", "cut within", "black hole", "delay", "drip", "answer"]
_METHODS = re.compile(rb"^(GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE|PROPFIND|REPORT) ")
_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.I | re.M)
_CHUNKED = re.compile(rb"^transfer-encoding:.*chunked", re.I | re.M)
_UPGRADE = re.compile(rb"^upgrade:\s*websocket", re.I | re.M)
_EXTENSIONS = re.compile(rb"^sec-websocket-extensions:[^\n]*\n", re.I | re.M)


@dataclass(frozen=True)
class Fault:
    """What happens to one unit.

    `cut before`: the line is reset before the server gets it. `cut after`: the server takes it, and the line is reset
    instead of its answer. `cut within`: so many `bytes` of the answer come, then the line is reset. `black hole`:
    nobody ever answers, and the server never gets it. `delay`: the answer comes after `seconds`. `drip`: the answer
    comes a byte every `seconds`. `answer`: an HTTP answer of our own, without the server: `status`, `headers`, `body`.
    """

    kind: Kind
    seconds: float = 0.0
    bytes: int = 0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


CUT_BEFORE, CUT_AFTER, CUT_WITHIN = Fault("cut before"), Fault("cut after"), Fault("cut within", bytes=40)
BLACK_HOLE = Fault("black hole")
UNAVAILABLE = Fault("answer", status=503, body=b"try later")


def delay(seconds: float) -> Fault:
    """The answer comes late."""
    return Fault("delay", seconds=seconds)


def drip(seconds: float = 0.01) -> Fault:
    """The answer comes byte by byte."""
    return Fault("drip", seconds=seconds)


def too_many(seconds: int = 30) -> Fault:
    """429 with Retry-After."""
    return Fault("answer", status=429, headers={"Retry-After": str(seconds)}, body=b"slow down")


def is_send(unit: bytes) -> bool:
    """The usual changes: HTTP methods that change something, a Nostr EVENT, a mail at its final dot."""
    return unit.startswith((b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b'["EVENT"')) or unit.endswith(b"\r\n.\r\n")


class FaultProxy:
    """Forwards connections to `port` on loopback; use as a context manager. `port` is its own port."""

    def __init__(self, port: int, is_send: Callable[[bytes], bool] = is_send) -> None:
        self.target = port
        self.is_send = is_send
        self.choose: Callable[[bytes], Fault | None] = lambda unit: None
        """Which fault strikes this unit."""
        self.struck: list[Fault] = []
        self.sends = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = _listen(0)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _shut(self._listener)
        self.cut()

    # What tests say

    @contextmanager
    def striking(self, fault: Fault, nth: int = 0, *, reads: bool = False) -> Iterator[None]:
        """`fault` strikes the `nth` change (from 1), or every one (0), while the block runs; with `reads`, all units
        count as changes do."""
        count = 0

        def choose(unit: bytes) -> Fault | None:
            nonlocal count
            if not reads and not self.is_send(unit):
                return None
            count += 1
            return fault if nth in (0, count) else None

        before, self.choose = self.choose, choose
        try:
            yield
        finally:
            self.choose = before

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens while the block runs, and all lines are cut."""
        _shut(self._listener)
        self.cut()
        try:
            yield
        finally:
            self._listener = _listen(self.port)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Reset all lines that stand now, in the middle of whatever they carry."""
        with self._lock:
            standing, self._open = self._open, set()
        for end in standing:
            _reset(end)

    # What the lines ask

    def fault_of(self, unit: bytes) -> Fault | None:
        """Count the unit and choose its fault."""
        with self._lock:
            self.sends += self.is_send(unit)
            fault = self.choose(unit)
            if fault:
                self.struck.append(fault)
        return fault

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                _reset(near)
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {near, far}
            line = _Line(self, near, far)
            threading.Thread(target=line.forth, daemon=True).start()
            threading.Thread(target=line.back, daemon=True).start()


class _Line:
    """One connection: `forth` from the channel to the server, `back` the other way."""

    def __init__(self, proxy: FaultProxy, near: socket.socket, far: socket.socket) -> None:
        self._proxy, self._near, self._far = proxy, near, far
        self._fault: Fault | None = None
        self._said = b""
        """The last words of the server."""

    def forth(self) -> None:
        """Pass units on, each with its fault."""
        with suppress(OSError, EOFError):
            for sent, unit in _units(_Source(self._near), lambda: self._said):
                self._fault = fault = self._proxy.fault_of(unit)
                if fault and fault.kind == "cut before":
                    return self._cut()
                if fault and fault.kind == "black hole":
                    continue
                if fault and fault.kind == "answer":
                    self._near.sendall(_answer(fault))
                    return self._end()
                self._far.sendall(sent)
        with suppress(OSError):
            self._far.shutdown(socket.SHUT_WR)

    def back(self) -> None:
        """Pass the server's words on, as the last unit's fault has it."""
        with suppress(OSError):
            while data := self._far.recv(65536):
                self._said = data
                if not self._pass(data, self._fault):
                    return
        self._end()

    def _pass(self, data: bytes, fault: Fault | None) -> bool:
        kind = fault.kind if fault else ""
        if fault and kind in ("cut after", "cut within"):
            if kind == "cut within":
                self._near.sendall(data[: fault.bytes])
                time.sleep(0.05)  # a reset discards what the reader has not taken yet
            self._cut()
            return False
        if fault and kind == "delay":
            time.sleep(fault.seconds)
            self._fault = None
        if fault and kind == "drip":
            for n in range(len(data)):
                self._near.sendall(data[n : n + 1])
                time.sleep(fault.seconds)
            return True
        self._near.sendall(data)
        return True

    def _cut(self) -> None:
        for end in (self._near, self._far):
            _reset(end)

    def _end(self) -> None:
        for end in (self._near, self._far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Source:
    """Bytes from a socket, by line, by number, or whatever is there."""

    def __init__(self, end: socket.socket) -> None:
        self._end, self._left = end, b""

    def some(self) -> bytes:
        """What is there, at least a byte; raises EOFError at the end."""
        if not self._left:
            self._more()
        found, self._left = self._left, b""
        return found

    def until(self, mark: bytes) -> bytes:
        """All up to and with `mark`."""
        while mark not in self._left:
            self._more()
        at = self._left.index(mark) + len(mark)
        found, self._left = self._left[:at], self._left[at:]
        return found

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self._left) < count:
            self._more()
        found, self._left = self._left[:count], self._left[count:]
        return found

    def starts_as_http(self) -> bool:
        """Is what comes a request? Waits for its first word."""
        while len(self._left) < 9 and b"\n" not in self._left:
            self._more()
        return bool(_METHODS.match(self._left))

    def _more(self) -> None:
        data = self._end.recv(65536)
        if not data:
            raise EOFError
        self._left += data


def _units(source: _Source, said: Callable[[], bytes]) -> Iterator[tuple[bytes, bytes]]:
    """What to send on, and what it means: the same, but for WebSocket frames, which are masked."""
    if not source.starts_as_http():
        yield from _lines(source, said)
        return
    while True:
        head = source.until(b"\r\n\r\n")
        request = head + _body(source, head)
        if _UPGRADE.search(head):
            plain = _EXTENSIONS.sub(b"", request)  # no compression: we want to read the messages
            yield plain, plain
            yield from _messages(source)
            return
        yield request, request


def _body(source: _Source, head: bytes) -> bytes:
    if found := _LENGTH.search(head):
        return source.exactly(int(found[1]))
    body = b""
    if _CHUNKED.search(head):
        while True:
            size = source.until(b"\r\n")
            chunk = source.exactly(int(size.split(b";")[0], 16) + 2)
            body += size + chunk
            if len(chunk) == 2:
                break
    return body


def _messages(source: _Source) -> Iterator[tuple[bytes, bytes]]:
    """WebSocket frames from the client (RFC 6455, 5.2), with their payload unmasked."""
    while True:
        head = source.exactly(2)
        length, more = head[1] & 0x7F, b""
        if length >= 126:
            more = source.exactly(2 if length == 126 else 8)
            length = int.from_bytes(more, "big")
        mask = source.exactly(4)
        payload = source.exactly(length)
        repeated = (mask * (length // 4 + 1))[:length]
        plain = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")
        yield head + more + mask + payload, plain if head[0] & 0x0F < 8 else b""


def _lines(source: _Source, said: Callable[[], bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Lines, and after SMTP's DATA a whole mail with its final dot; what follows STARTTLS cannot be read."""
    while True:
        line = source.until(b"\n")
        yield line, line
        word = line.strip().upper()
        if word == b"DATA":
            first = source.until(b"\n")  # the server has answered by now
            if said().startswith(b"354"):
                mail = first if first == b".\r\n" else first + source.until(b"\r\n.\r\n")
                yield mail, b"\r\n" + mail
            else:
                yield first, first
        elif word.endswith(b"STARTTLS"):
            while True:
                data = source.some()
                yield data, b""


def _answer(fault: Fault) -> bytes:
    headers = {"Content-Length": str(len(fault.body)), "Content-Type": "text/plain", "Connection": "close"}
    told = [f"{name}: {value}" for name, value in (headers | fault.headers).items()]
    return "\r\n".join([f"HTTP/1.1 {fault.status} Fault", *told, "", ""]).encode() + fault.body


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=128)


def _reset(end: socket.socket) -> None:
    """End at once with a reset, so that both sides know. (Closing alone does not wake a thread that reads.)"""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RD)
    with suppress(OSError):
        end.close()


def _shut(listener: socket.socket) -> None:
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
