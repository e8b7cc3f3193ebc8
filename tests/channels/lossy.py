"""A proxy between a channel and its server that can lose the server's answer after the server has acted."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class LossyProxy:
    """Forwards bytes to `port` on loopback; while `losing`, answers to what was sent are swallowed and the line cut.

    Reading (HTTP GET, a WebSocket's handshake) always passes.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.losing = False
        self.lost = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> LossyProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()
            threading.Thread(target=self._back, args=(far, near), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                if data.startswith(b"GET "):
                    near_reads.add(near)
                elif data.startswith(b"POST "):
                    near_reads.discard(near)
                far.sendall(data)
        with suppress(OSError):
            far.shutdown(socket.SHUT_WR)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                handshake = data.startswith(b"HTTP/1.1 101")
                if self.losing and not handshake and (near not in near_reads):
                    self.lost += 1
                    break
                near.sendall(data)
                if handshake:
                    near_reads.discard(near)
        for end in (near, far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


near_reads: set[socket.socket] = set()
"""Connections whose newest request only reads."""
