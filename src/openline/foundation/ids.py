"""Identifiers made by the client, so that a batch of linked rows can be written without asking back."""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import UTC, datetime

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A new UUID version 7 (RFC 9562, section 5.7), always greater than the last one of this process.

    The order of ids is the order in which they were made, also within a millisecond: 48 bits of
    milliseconds, 12 bits of its fraction (section 6.2, method 3), counted up where the clock stands still.
    """
    global _last
    with _lock:
        milliseconds, rest = divmod(time.time_ns(), 1_000_000)
        _last = max(milliseconds << 12 | rest * 4096 // 1_000_000, _last + 1)
        moment = _last
    value = (moment >> 12) << 80 | 0x7 << 76 | (moment & 0xFFF) << 64
    value |= 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=value)


def moment_of(identifier: uuid.UUID) -> datetime:
    """When an id of `uuid7` was made, to the millisecond."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
