"""Start and memory of the processes of an installation."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import httpx
import psutil
from django.db import connection

from openline.accounts.models import Account
from openline.care.process import waiting
from openline.inbox.receiving import store
from openline.operations import made_up
from openline.operations.figures import Figure, database_processes, processor_seconds, seconds
from openline.operations.processes import Processes, wait_for
from openline.sandbox.servers import free_port

_REFERENCE = "Python with Django alone"
_LONGEST_SECONDS = 60.0
_POSTS = 1000
"""Read by the worker before its memory is measured: by then it holds all that it loads and remembers."""
_PAGES = ("/", "/requests/", "/open311/v2/requests.json")


def measure(account: Account) -> Iterator[Figure]:
    """Start and memory. Shared pages are shared out among those that share them.

    Timed is the second start: the first one may have to compile what changed since the installation.
    """
    port = free_port()
    environment = {
        "PORT": str(port),
        "OPENLINE_EVENTS_PORT": str(free_port()),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    answers, works = partial(_answers, port), _Works(account)
    with Processes(environment) as first:
        for name, command, ready in (("web", "serve", answers), ("worker", "work", works)):
            _start(first, name, command, ready)
    with Processes(environment) as running:
        yield from _timed(running, "web", "serve", answers, "start to first answer")
        yield from _timed(running, "worker", "work", works, "start to first post read")
        for path in _PAGES:
            httpx.get(f"http://127.0.0.1:{port}{path}")
        works.read(_POSTS)
        for name in ("web", "worker"):
            yield Figure(f"{name}: memory", _memory_mb(running.pid(name)), "MB")
        yield Figure("embedded database: memory", _database_memory_mb(), "MB")


class _Works:
    """Called, it gives the worker one post to read and waits until that is done."""

    def __init__(self, account: Account) -> None:
        self._account, self._next = account, 90_000_000

    def __call__(self) -> None:
        self.read(1)

    def read(self, posts: int) -> None:
        """Give the worker so many posts, and wait until they are read."""
        store(self._account.pk, [made_up.incoming(self._next + number) for number in range(posts)])
        self._next += posts
        until = time.monotonic() + _LONGEST_SECONDS
        while waiting() and time.monotonic() < until:
            time.sleep(0.02)
        connection.close()  # ours is no part of an installation


def _answers(port: int) -> None:
    wait_for(f"http://127.0.0.1:{port}/healthz", _LONGEST_SECONDS)


def _start(running: Processes, name: str, command: str, ready: Callable[[], None]) -> tuple[float, float]:
    """Seconds of the clock until it is ready, and processor seconds of it and those that it started."""
    began = time.perf_counter()
    running.start(name, command)
    ready()
    return time.perf_counter() - began, processor_seconds(iter(_family(running.pid(name))))


def _timed(running: Processes, name: str, command: str, ready: Callable[[], None], what: str) -> Iterator[Figure]:
    took, processor = _start(running, name, command, ready)
    yield Figure(f"{name}: {what}", took, "s", _REFERENCE, _bare())
    yield Figure(f"{name}: {what}, processor", processor, "s")


def _bare() -> float:
    command = [sys.executable, "-c", "import django; from django.conf import settings"]
    return seconds(partial(subprocess.run, command, check=True))


def _family(pid: int) -> list[psutil.Process]:
    """A process and all below it, but no database."""
    try:
        found = psutil.Process(pid)
        return [one for one in (found, *found.children(recursive=True)) if one.name() != "postgres"]
    except psutil.Error:
        return []


def _memory_mb(pid: int) -> float:
    """Proportional memory (PSS) of a process and all below it; 0 where the system does not tell."""
    return _pss_mb(iter(_family(pid)))


def _database_memory_mb() -> float:
    """Proportional memory of our embedded PostgreSQL, with all its connections."""
    return _pss_mb(database_processes())


def _pss_mb(processes: Iterator[psutil.Process]) -> float:
    total = 0
    for found in processes:
        with suppress(psutil.Error, AttributeError):
            total += found.memory_full_info().pss
    return total / 1e6
