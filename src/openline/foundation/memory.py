"""Memory that the C library would keep for each thread: a worker has many, of which one computes at a time."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8  # malloc.h of glibc


def share_one_heap() -> None:
    """Have all threads allocate from one heap: with one each, what a thread has freed no other can use.

    To be called before threads are started. Only glibc has it; elsewhere nothing happens.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
