"""`python -m openline.sandbox.relay PORT [FOLDER]`: a Nostr relay (nostr-sdk's LocalRelay) on loopback, until SIGTERM.

With a folder its events survive a restart.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import nostr_sdk

# Drills post many times faster than people; the library's own limit is 60 notes a minute.
_FAST = nostr_sdk.RateLimit(max_reqs=500, notes_per_minute=60_000)


async def serve(port: int, folder: str = "") -> None:
    """Run the relay until the process is told to stop."""
    loop = asyncio.get_running_loop()
    builder = nostr_sdk.LocalRelayBuilder().addr("127.0.0.1").port(port)
    builder = builder.rate_limit(_FAST).max_filter_limit(5000)
    if folder:
        nostr_sdk.uniffi_set_event_loop(loop)  # the relay calls the database back
        builder = builder.database(await nostr_sdk.NostrLmdb.open(folder))
    relay = builder.build()
    await relay.run()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    relay.shutdown()
    await asyncio.sleep(0.1)
    os._exit(0)  # the library's own threads call back into Python until the end: taking it down under them crashes


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:3]))
