"""The benchmarks: figures of this machine, each as a ratio to a reference measured in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial

import orjson
from django.contrib.auth.models import User
from django.db import connection

from openline.accounts.models import Account
from openline.care.process import process
from openline.care.understanding import understanding
from openline.channels.base import Incoming
from openline.foundation.ids import uuid7
from openline.inbox.receiving import store
from openline.operations import bench_processes, latency, made_up, throughput
from openline.operations.figures import Figure, seconds
from openline.triage.assessment import Post


def measure(posts: int) -> Iterator[Figure]:
    """All figures. Writes for good: run it on a database of its own."""
    understanding()
    account = made_up.account()
    yield from _idle(account)
    yield from throughput.measure(account, posts)
    yield from latency.measure(account)
    yield from _reading(posts)
    yield from bench_processes.measure(account)


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


def database() -> str:
    """Name and version of the database that is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"
