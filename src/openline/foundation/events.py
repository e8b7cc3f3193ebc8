"""Events between rooms: what happens in a later room reaches an earlier one without an import.

Synchronous and inside the transaction of the change: a handler writes rows (or enqueues a job),
it never calls a network. Each room documents its own events in its `events.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Payload = TypeVar("Payload")


class Event(Generic[Payload]):
    """One kind of event. `subscribe` is a decorator; `publish` calls every handler in order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._handlers: list[Callable[[Payload], None]] = []

    def subscribe(self, handler: Callable[[Payload], None]) -> Callable[[Payload], None]:
        """Register `handler`, once, to be called with each payload."""
        if handler not in self._handlers:
            self._handlers.append(handler)
        return handler

    def publish(self, payload: Payload) -> None:
        """Tell every handler. An exception of a handler undoes the whole change: nothing half-done stays."""
        for handler in self._handlers:
            handler(payload)
