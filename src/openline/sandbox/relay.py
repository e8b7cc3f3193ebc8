"""`python -m openline.sandbox.relay PORT`: a Nostr relay (nostr-sdk's LocalRelay) on loopback, until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys

import nostr_sdk


async def serve(port: int) -> None:
    """Run the relay until the process is told to stop."""
    relay = nostr_sdk.LocalRelayBuilder().addr("127.0.0.1").port(port).build()
    await relay.run()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    relay.shutdown()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
