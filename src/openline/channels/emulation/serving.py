"""Running an emulator in a thread (`python -m openline.channels.emulation` runs several in a process of their own)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from openline.channels.emulation import page
from openline.channels.emulation.base import Emulator

_START_SECONDS = 10.0


def app_of(emulator: Emulator) -> Starlette:
    """The network's API, and the page for residents at /sandbox/."""
    return Starlette(routes=[*page.routes(emulator), *emulator.routes()])


@contextmanager
def serving(
    emulator: Emulator, port: int = 0, wrapped: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> Iterator[str]:
    """Serve `emulator` on loopback while the block runs; yields its address. `wrapped` puts something before it, such
    as a check of each request and answer against the network's contract."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    emulator.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(_config(wrapped(app_of(emulator))))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    until = time.monotonic() + _START_SECONDS
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield emulator.url
    finally:
        server.should_exit = server.force_exit = True
        thread.join(_START_SECONDS)
        listener.close()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
