"""Talking to a relay: NIP-01 over a WebSocket, one short conversation at a time, with NIP-42 where it asks who we are.

`websockets` carries the frames. A relay that a stranger names is reached only if it has a public address.
"""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from openline.channels.base import ChannelError, NetworkDown, NotAllowed, RateLimited, Rejected, Unclear
from openline.channels.nostr.kinds import AUTHENTICATION
from openline.channels.nostr.signer import Signer
from openline.foundation import fetching

ANSWER_SECONDS = 10.0
_LARGEST_FRAME, _LARGEST_OF_STRANGERS = 16_000_000, 200_000
_MOST_EVENTS = 20_000
_PAGE = 5000
_numbers = itertools.count(1)


class Line:
    """An open connection to one relay; says who we are (`signer`) if the relay asks."""

    def __init__(self, connection: ClientConnection, url: str, signer: Signer | None) -> None:
        self.url = url
        self._connection = connection
        self._signer = signer
        self._challenge = ""
        self._introduced = ""

    def say(self, *frame: Any) -> None:
        """Send one message."""
        self._connection.send(orjson.dumps(frame).decode())

    def hear(self, seconds: float) -> list[Any] | None:
        """The relay's next message; None if none comes in time or it is none that we need."""
        try:
            frame = orjson.loads(self._connection.recv(timeout=max(0.05, seconds)))
        except (TimeoutError, orjson.JSONDecodeError):
            return None
        if not isinstance(frame, list) or len(frame) < 2:
            return None
        if frame[0] == "AUTH" and isinstance(frame[1], str):
            self._challenge = frame[1]
            return None
        return frame

    def introduce(self) -> bool:
        """Prove who we are (NIP-42), once for each challenge. False if the relay gave none, or we have no key."""
        if self._signer is None or not self._challenge:
            return False
        if self._challenge == self._introduced:
            return True
        proof = self._signer.sign(AUTHENTICATION, "", [["relay", self.url], ["challenge", self._challenge]])
        self._introduced = self._challenge
        self.say("AUTH", proof)
        return True


@contextmanager
def relay(
    url: str, signer: Signer | None = None, seconds: float = ANSWER_SECONDS, *, stranger: bool = False
) -> Iterator[Line]:
    """An open line to the relay at `url`; raises NetworkDown if it cannot be had or breaks while reading.

    `stranger`: the address comes from somebody whom the city does not know, so it must not lead into our own network.
    """
    with ExitStack() as stack:
        try:
            more: dict[str, Any] = {"sock": _public_socket(url, seconds)} if stranger else {}
            connection = stack.enter_context(
                connect(
                    url,
                    open_timeout=seconds,
                    close_timeout=1,
                    max_size=_LARGEST_OF_STRANGERS if stranger else _LARGEST_FRAME,
                    user_agent_header="openline",
                    **more,
                )
            )
        except (OSError, WebSocketException, TimeoutError, ValueError, fetching.FetchFailed) as error:
            raise NetworkDown(f"The relay cannot be reached ({type(error).__name__}).") from error
        try:
            yield Line(connection, url, signer)
        except (OSError, WebSocketException) as error:
            raise NetworkDown(f"The relay broke off ({type(error).__name__}).") from error


def _public_socket(url: str, seconds: float) -> socket.socket:
    """A connection to the very machine that was checked; raises FetchFailed if the address leads into our network."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    found = socket.create_connection((fetching.public_machine(parts.hostname or "", port), port), seconds)
    found.settimeout(None)
    return found


def fetch(line: Line, *filters: dict[str, Any], seconds: float = ANSWER_SECONDS) -> list[Any]:
    """All stored events that match, as the relay sent them (NIP-01 REQ until EOSE)."""
    name = f"o{next(_numbers)}"
    line.say("REQ", name, *filters)
    events: list[Any] = []
    again = False
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        frame = line.hear(until - time.monotonic())
        if frame and frame[0] == "NOTICE" and _prefix(str(frame[1])) == "rate-limited":
            raise _error(str(frame[1]))
        if frame is None or frame[1] != name:
            continue
        if frame[0] == "EVENT" and len(frame) > 2:
            events.append(frame[2])
            until = time.monotonic() + seconds
        elif frame[0] == "EOSE":
            line.say("CLOSE", name)
            return events
        elif frame[0] == "CLOSED":
            closed(line, frame, again)
            again = True
            line.say("REQ", name, *filters)
    raise NetworkDown("The relay does not answer.")


def closed(line: Line, frame: list[Any], again: bool) -> None:
    """The relay ended a subscription: introduce ourselves if it wants that, else, or if `again`, raise the reason."""
    words = str(frame[2]) if len(frame) > 2 else ""
    if not again and _prefix(words) == "auth-required" and line.introduce():
        return
    error = _error(words)
    raise error if isinstance(error, NotAllowed | RateLimited) else NetworkDown(words or "The relay refuses to answer.")


def stored(line: Line, wanted: dict[str, Any], since: int) -> list[Any]:
    """Every stored event that matches since then (Unix seconds): relays answer the newest first, so page backwards."""
    found: dict[str, Any] = {}
    until = int(time.time()) + 86_400
    while until >= since and len(found) < _MOST_EVENTS:
        page = fetch(line, wanted | {"since": since, "until": until, "limit": _PAGE})
        new = {name: event for event in page if (name := identity(event)) not in found}
        if not page:
            break
        found |= new
        # The oldest second may have more events than fit, and some relays take `until` as a border that is left out:
        # so it is asked for once more, and left out only when it brings nothing new.
        oldest = min((created_at(event) for event in page), default=since)
        until = oldest + 1 if new and oldest + 1 < until else min(until - 1, oldest)
    return list(found.values())


def identity(event: Any) -> str:
    """The event's id, or some name for what is none."""
    name = event.get("id") if isinstance(event, dict) else None
    return name if isinstance(name, str) else repr(event)[:200]


def created_at(event: Any) -> int:
    """The event's own time (Unix seconds), never later than now: a post dated 2090 must not move a cursor there."""
    value = event.get("created_at") if isinstance(event, dict) else 0
    return min(value, int(time.time())) if isinstance(value, int) and value > 0 else 0


def publish(
    url: str, event_json: str, signer: Signer | None = None, *, stranger: bool = False, seconds: float = ANSWER_SECONDS
) -> None:
    """Give a signed event to the relay and wait for its OK (NIP-01).

    A relay that has the event already proves that an earlier try arrived: that is success.
    """
    event = orjson.loads(event_json)
    with relay(url, signer, seconds, stranger=stranger) as line:
        try:
            line.say("EVENT", event)
            words = _answer(line, event, seconds)
            if _prefix(words) == "auth-required" and line.introduce():
                line.say("EVENT", event)
                words = _answer(line, event, seconds)
        except (OSError, WebSocketException) as error:
            raise Unclear("The relay broke off before it answered.") from error
    if words:
        raise _error(words)


def _answer(line: Line, event: dict[str, Any], seconds: float) -> str:
    """Why the relay does not take the event; empty if it has it now, or a newer one in its place.

    Some relays (nostr-relay) name no event when they refuse one; ours is the only one that is under way here.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        frame = line.hear(until - time.monotonic())
        if frame and frame[0] == "OK" and len(frame) > 2 and frame[1] in (event["id"], ""):
            words = str(frame[3]) if len(frame) > 3 else ""
            taken = frame[2] is True or _prefix(words) in ("duplicate", "replaced")
            return "" if taken else words or "error: no reason given"
    raise Unclear("The relay did not answer in time.")


def _prefix(words: str) -> str:
    """NIP-01's machine-readable word at the beginning of a reason."""
    return words.split(":", 1)[0].strip().lower()


def _error(words: str) -> ChannelError:
    """What a relay's reason means for us."""
    prefix, reason = _prefix(words), words[:300]
    if prefix == "rate-limited":
        return RateLimited(datetime.now(UTC) + timedelta(minutes=1), reason)
    if prefix in ("auth-required", "restricted", "blocked", "mute"):
        return NotAllowed(reason)
    return Unclear(reason) if prefix == "error" else Rejected(reason)
