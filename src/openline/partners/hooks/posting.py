"""Posting one signed message: what came of it, without an exception."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from openline.foundation.fetching import FetchFailed, exchange
from openline.partners.hooks import signatures

SECONDS = 15.0
MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer: HTTP status (0: none), body, what is wrong in words ("" if it was taken), and the duration."""

    code: int
    body: bytes
    error: str
    duration_ms: int
    wait_seconds: int = 0

    @property
    def taken(self) -> bool:
        """Whether they took it (2xx)."""
        return not self.error


def message(event: str, data: Mapping[str, Any]) -> bytes:
    """The body of a message: type, time and data, as Standard Webhooks advises."""
    return orjson.dumps({"type": event, "timestamp": datetime.now(UTC).isoformat(timespec="seconds"), "data": data})


def post(address: str, secret: str, message_id: str, body: bytes, *, private_network: bool = False) -> Posted:
    """Send `body`, signed now. A redirect is not followed: it is their mistake, and it is told."""
    started = time.monotonic()
    try:
        headers = signatures.headers(secret, message_id, body) | {"Content-Type": "application/json"}
        own = address if private_network else ""
        answer = exchange(
            "POST", address, most_bytes=MOST_BYTES, own=own, seconds=SECONDS, headers=headers, content=body
        )
    except (FetchFailed, signatures.BadSignature) as error:
        return Posted(0, b"", str(error), _since(started))
    wrong = "" if 200 <= answer.status < 300 else f"They answered {answer.status}."
    wait = answer.headers.get("retry-after", "")
    seconds = min(int(wait), 86_400) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 0
    return Posted(answer.status, answer.body, wrong, _since(started), seconds)


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
