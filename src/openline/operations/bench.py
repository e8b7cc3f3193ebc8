"""The benchmarks: figures of this machine, each as a ratio to a reference measured in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import httpx
import orjson
import psutil
from django.contrib.auth.models import User
from django.db import connection

from openline.accounts.models import Account
from openline.care.process import process
from openline.care.understanding import understanding
from openline.channels.base import Incoming
from openline.foundation.ids import uuid7
from openline.inbox.receiving import store
from openline.operations import latency, made_up, throughput
from openline.operations.figures import Figure, database_processes, seconds
from openline.operations.processes import Processes, wait_for
from openline.sandbox.servers import free_port
from openline.triage.assessment import Post


def measure(posts: int) -> Iterator[Figure]:
    """All figures. Writes for good: run it on a database of its own."""
    understanding()
    account = made_up.account()
    yield from _idle(account)
    yield from throughput.measure(account, posts)
    yield from latency.measure(account)
    yield from _reading(posts)
    yield from processes()


def _idle(account: Account) -> Iterator[Figure]:
    """One post at a time, from arrival to the answer in the outbox."""
    process()
    times, references = [], []
    for number in range(60):
        item = made_up.incoming(number)
        times.append(seconds(partial(_arrive, account, item)) * 1000)
        references.append(seconds(_orm_write) * 1000)
    yield Figure(
        "one post, arrival to answer in the outbox, idle (median)",
        statistics.median(times),
        "ms",
        "saving one user by the ORM",
        statistics.median(references),
    )


def _arrive(account: Account, item: Incoming) -> None:
    store(account.pk, [item])
    process()


def _orm_write() -> None:
    User.objects.create(username=str(uuid7()))


def _reading(posts: int) -> Iterator[Figure]:
    """Reading alone: no database."""
    reader = understanding().reader
    batch = [Post(str(n), made_up.text(n)) for n in range(min(posts, 2000))]

    def read() -> None:
        for start in range(0, len(batch), 200):
            reader.assess(batch[start : start + 200])

    read()
    spent = seconds(read)
    reference = seconds(lambda: [orjson.loads(orjson.dumps({"id": p.id, "text": p.text})) for p in batch])
    yield Figure(
        "reading a post (triage with places)",
        spent / len(batch) * 1e6,
        "us",
        "writing and parsing it as JSON",
        reference / len(batch) * 1e6,
    )


def processes() -> Iterator[Figure]:
    """Start and memory of the processes of an installation. Shared pages are shared out among those that share them."""
    connection.close()  # ours is no part of an installation
    with Processes({"PORT": str(port := free_port()), "OPENLINE_EVENTS_PORT": str(free_port())}) as running:
        began = time.perf_counter()
        running.start("web", "serve")
        wait_for(f"http://127.0.0.1:{port}/healthz", 60)
        yield Figure(
            "web: start to first answer", time.perf_counter() - began, "s", "Python with Django alone", _bare()
        )
        running.start("worker", "work")
        time.sleep(8)
        for path in ("/", "/requests/", "/open311/v2/requests.json"):
            httpx.get(f"http://127.0.0.1:{port}{path}")
        for name in ("web", "worker"):
            yield Figure(f"{name}: memory", _memory_mb(running.pid(name)), "MB")
        yield Figure("embedded database: memory", _database_memory_mb(), "MB")


def _bare() -> float:
    command = [sys.executable, "-c", "import django; from django.conf import settings"]
    return seconds(partial(subprocess.run, command, check=True))


def _memory_mb(pid: int) -> float:
    """Proportional memory (PSS) of a process and all below it; 0 where the system does not tell."""
    try:
        found = psutil.Process(pid)
        family = [found, *found.children(recursive=True)]
        return sum(p.memory_full_info().pss for p in family if p.name() != "postgres") / 1e6
    except (psutil.Error, AttributeError):
        return 0.0


def _database_memory_mb() -> float:
    """Proportional memory of our embedded PostgreSQL, with all its connections."""
    total = 0
    for found in database_processes():
        with suppress(psutil.Error, AttributeError):
            total += found.memory_full_info().pss
    return total / 1e6


def database() -> str:
    """Name and version of the database that is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"
