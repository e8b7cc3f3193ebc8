"""Talking to a relay: NIP-01 over a WebSocket, one short conversation at a time.

`websockets` carries the frames; nostr-sdk makes and checks keys, signatures and encryption.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from openline.channels.base import NetworkDown, NotAllowed, RateLimited, Rejected, Unclear

ANSWER_SECONDS = 10.0
_LARGEST_FRAME = 2_000_000
_numbers = itertools.count(1)


@contextmanager
def relay(url: str) -> Iterator[ClientConnection]:
    """An open connection to the relay at `url`; raises NetworkDown if it cannot be had or breaks while reading."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(
                connect(
                    url,
                    open_timeout=ANSWER_SECONDS,
                    close_timeout=2,
                    max_size=_LARGEST_FRAME,
                    user_agent_header="openline",
                )
            )
        except (OSError, WebSocketException, TimeoutError, ValueError) as error:
            raise NetworkDown(f"The relay cannot be reached: {type(error).__name__}.") from error
        try:
            yield connection
        except (OSError, WebSocketException) as error:
            raise NetworkDown(f"The relay broke off: {type(error).__name__}.") from error


def _frame(connection: ClientConnection, seconds: float) -> list[Any] | None:
    """The next message of the relay as a list; None if none comes in time or it is no list."""
    try:
        value = orjson.loads(connection.recv(timeout=seconds))
    except (TimeoutError, orjson.JSONDecodeError):
        return None
    return value if isinstance(value, list) and value else None


def fetch(connection: ClientConnection, *filters: dict[str, Any]) -> list[Any]:
    """All stored events that match, as the relay sent them (NIP-01 REQ until EOSE)."""
    name = f"o{next(_numbers)}"
    connection.send(orjson.dumps(["REQ", name, *filters]).decode())
    events = []
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until:
        frame = _frame(connection, max(0.1, until - time.monotonic()))
        if frame is None:
            continue
        if frame[0] == "EVENT" and len(frame) > 2 and frame[1] == name:
            events.append(frame[2])
        elif frame[0] in ("EOSE", "CLOSED") and len(frame) > 1 and frame[1] == name:
            connection.send(orjson.dumps(["CLOSE", name]).decode())
            return events
    raise NetworkDown("The relay does not answer.")


def follow(
    connection: ClientConnection, filters: list[dict[str, Any]], stopping: Callable[[], bool]
) -> Iterator[Any | None]:
    """Stored and then live events, one by one; None every half second of silence, until `stopping`."""
    connection.send(orjson.dumps(["REQ", f"o{next(_numbers)}", *filters]).decode())
    while not stopping():
        frame = _frame(connection, 0.5)
        if frame is None:
            yield None
        elif frame[0] == "EVENT" and len(frame) > 2:
            yield frame[2]
        elif frame[0] == "CLOSED":
            raise NetworkDown("The relay closed the subscription.")


def publish(url: str, event_json: str) -> None:
    """Give a signed event to the relay and wait for its OK (NIP-20 words in NIP-01).

    A relay that has the event already proves that an earlier try arrived: that is success.
    """
    event = orjson.loads(event_json)
    with relay(url) as connection:
        connection.send(orjson.dumps(["EVENT", event]).decode())
        until = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < until:
            try:
                frame = _frame(connection, max(0.1, until - time.monotonic()))
            except (OSError, WebSocketException) as error:
                raise Unclear("The relay broke off before it answered.") from error
            if frame and frame[0] == "OK" and len(frame) > 2 and frame[1] == event["id"]:
                return _judge(bool(frame[2]), str(frame[3]) if len(frame) > 3 else "")
    raise Unclear("The relay did not answer in time.")


def _judge(accepted: bool, words: str) -> None:
    """Turn the relay's machine-readable prefix into our errors."""
    prefix = words.split(":", 1)[0].strip().lower()
    if accepted or prefix == "duplicate":
        return
    if prefix == "rate-limited":
        raise RateLimited(datetime.now(UTC) + timedelta(minutes=1), words)
    if prefix in ("auth-required", "restricted", "blocked", "mute"):
        raise NotAllowed(words or "The relay does not take our posts.")
    if prefix == "error":
        raise Unclear(words)
    raise Rejected(words or "The relay refuses the post.")
