"""How many waiting posts are understood and answered a second, beside storing the very same rows and nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import psutil
from django.db import connection, transaction

from openline.accounts.models import Account
from openline.care.process import BATCH, waiting
from openline.foundation.bulk import query
from openline.inbox.receiving import store
from openline.operations import made_up
from openline.operations.drain import START_LOCK
from openline.operations.figures import Figure, database_processes, processor_seconds, seconds

_TABLES = ("inbox_conversation", "inbox_message", "service_requests_servicerequest", "outbox_delivery")
"""The four of some fifteen tables in which a post becomes what people see."""


def measure(account: Account, posts: int) -> Iterator[Figure]:
    """Posts that wait at the door: by one worker, then by two.

    On a busy machine the processor time says more than the clock.
    """
    spent = {workers: _drained(account, workers, posts) for workers in (1, 2)}
    raws = [made_up.incoming(number).raw for number in range(posts)]
    plain, plain_processor = _stored_plainly(raws)
    reference = "storing four of their rows, nothing understood"
    for workers, (took, worker, database) in spent.items():
        name = f"{posts:,} waiting posts, {workers} worker{'s' * (workers > 1)}"
        yield Figure(name, posts / took, "posts/s", reference, posts / plain)
        used = worker + database
        yield Figure(
            f"{name}: processor ({worker / posts * 1e6:.0f} worker, {database / posts * 1e6:.0f} database)",
            used / posts * 1e6, "us/post", reference, plain_processor / posts * 1e6,
        )  # fmt: skip


def _drained(account: Account, workers: int, posts: int) -> tuple[float, float, float]:
    """Let so many workers empty the door: seconds, processor seconds of the workers, and of the database."""
    first = 1_000_000 * workers
    for start in range(0, posts, 1000):
        store(account.pk, [made_up.incoming(first + n) for n in range(start, min(start + 1000, posts))])
    with ready(workers) as started:
        running = [psutil.Process(process.pid) for process in started]
        before, before_database = processor_seconds(iter(running)), processor_seconds(database_processes())
        query("SELECT pg_advisory_unlock(%s)", [START_LOCK])
        began = time.perf_counter()
        while waiting():
            time.sleep(0.05)
        spent = time.perf_counter() - began
        return (
            spent, processor_seconds(iter(running)) - before, processor_seconds(database_processes()) - before_database
        )  # fmt: skip


@contextmanager
def ready(workers: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Worker processes, loaded, that begin when we let go of the lock, and end when we have measured."""
    query("SELECT pg_advisory_lock(%s)", [START_LOCK])
    command = [sys.executable, "-m", "openline.operations.drain"]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(workers)]
    waiting_for_us = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
    while query(waiting_for_us, [START_LOCK])[0][0] < workers:
        time.sleep(0.05)
    try:
        yield running
    finally:
        for process in running:
            if process.poll() is None:
                process.communicate()


def _stored_plainly(raws: list[bytes]) -> tuple[float, float]:
    """Parse as many posts and store the rows that the last ones led to: seconds, and processor seconds.

    In as large batches, by COPY, into tables with the same columns and indexes.
    """
    rows = {table: _newest(table, len(raws)) for table in _TABLES}
    for table in _TABLES:
        _execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
    before, mine = processor_seconds(database_processes()), time.process_time()
    spent = seconds(lambda: [_store_batch(raws, rows, start) for start in range(0, len(raws), BATCH)])
    used = processor_seconds(database_processes()) - before + time.process_time() - mine
    for table in _TABLES:
        _execute(f"DROP TABLE bench_{table}")
    return spent, used


def _newest(table: str, count: int) -> list[bytes]:
    """The rows that the last `count` posts led to, as COPY writes them: all whose ids were made after theirs."""
    [(arrived,)] = query("SELECT id FROM inbox_heard ORDER BY id DESC OFFSET %s LIMIT 1", [count - 1])
    statement = f"COPY (SELECT * FROM {table} WHERE id > '{arrived}' ORDER BY id) TO STDOUT"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        return [bytes(row) for row in copy]


@transaction.atomic
def _store_batch(raws: list[bytes], rows: dict[str, list[bytes]], start: int) -> None:
    for raw in raws[start : start + BATCH]:
        orjson.loads(raw)
    for table, all_rows in rows.items():
        first, last = (len(all_rows) * at // len(raws) for at in (start, min(start + BATCH, len(raws))))
        with connection.cursor() as cursor, cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
            copy.write(b"".join(all_rows[first:last]))


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
