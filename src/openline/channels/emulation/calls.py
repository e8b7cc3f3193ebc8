"""The calls of an emulated network to us (webhooks): signed by the network's rule, repeated when they fail, logged."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

_TRIES = 4
_KEPT = 200


@dataclass(slots=True)
class Call:
    """One call: what was said, and how we answered each time (a status, 0 for no answer)."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    answers: list[int] = field(default_factory=list)
    milliseconds: int = 0


class Calls:
    """Makes calls one after the other, in a thread of its own.

    `held` collects instead of calling, for batches and other orders: `release` hands over what it took.
    """

    def __init__(self, hook: str) -> None:
        self.hook = hook
        self.log: deque[Call] = deque(maxlen=_KEPT)
        self.held = False
        self.retry_seconds = 1.0
        self._waiting: list[tuple[bytes, Mapping[str, str]]] = []
        self._queue: queue.Queue[Call] = queue.Queue()
        self._client = httpx.Client(timeout=10)
        threading.Thread(target=self._work, daemon=True).start()

    def push(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Call the hook with `body`; nothing happens where there is none."""
        if self.held:
            self._waiting.append((body, headers))
        elif self.hook:
            self._queue.put(Call("POST", self.hook, headers, body))

    def release(self) -> list[tuple[bytes, Mapping[str, str]]]:
        """What was collected while `held`; the caller pushes it again, joined, doubled or in another order."""
        found, self._waiting, self.held = self._waiting, [], False
        return found

    def ask(self, url: str) -> httpx.Response:
        """One GET of the network to us, as for a challenge; logged, answered at once."""
        call = Call("GET", url, {}, b"")
        self.log.append(call)
        answer = self._client.get(url)
        call.answers.append(answer.status_code)
        return answer

    def settled(self, seconds: float = 10.0) -> bool:
        """Wait until all calls are made; False if that takes longer."""
        until = time.monotonic() + seconds
        while self._queue.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.01)
        return not self._queue.unfinished_tasks

    def _work(self) -> None:
        while True:
            call = self._queue.get()
            try:
                self._make(call)
            finally:
                self._queue.task_done()

    def _make(self, call: Call) -> None:
        self.log.append(call)
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(self.retry_seconds)
            began = time.monotonic()
            try:
                status = self._client.post(call.url, content=call.body, headers=dict(call.headers)).status_code
            except httpx.HTTPError:
                status = 0
            call.milliseconds = round((time.monotonic() - began) * 1000)
            call.answers.append(status)
            if 200 <= status < 300:
                return
