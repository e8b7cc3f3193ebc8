"""`python -m openline.operations.live HOST PORT`: the server of live events, alone in one small process."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys

from granian.constants import Interfaces
from granian.server.embed import Server

_PR_SET_PDEATHSIG = 1


async def serve(host: str, port: int) -> None:
    """Serve until SIGTERM."""
    from openline.events_server import application

    server = Server(
        application, address=host, port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve()


def end_with_parent() -> None:
    """Ask the kernel to stop this process when the one that started it ends (Linux; elsewhere nothing happens)."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):
        return
    if os.getppid() == 1:
        sys.exit(0)


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
