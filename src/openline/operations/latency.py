"""How long it takes from a post's arrival until all that follows from it is committed, at a steady rate of posts."""

from __future__ import annotations

import math
import statistics
import time
from bisect import bisect_left
from collections.abc import Iterator

import orjson
from django.contrib.auth.models import User

from openline.accounts.models import Account
from openline.care.process import waiting
from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.inbox.receiving import store
from openline.operations import made_up
from openline.operations.drain import START_LOCK
from openline.operations.figures import Figure, seconds
from openline.operations.throughput import ready

RATES = (500, 2000)
SECONDS = 5
_PAUSE_SECONDS = 0.005
"""Networks deliver in bursts: what falls due meanwhile arrives together."""


def measure(account: Account) -> Iterator[Figure]:
    """The median and the 99th percentile, by one worker, at each rate."""
    for number, rate in enumerate(RATES, 10):
        times = _offered(account, rate, 1_000_000 * number)
        reference = statistics.median(seconds(_one_write) for _ in range(200)) * 1000
        name = f"arrival to commit at {rate:,} posts/s offered"
        for percent in (50, 99):
            value = times[min(len(times) - 1, len(times) * percent // 100)] * 1000
            yield Figure(f"{name}, p{percent}", value, "ms", "saving one user by the ORM (median)", reference)


def _offered(account: Account, rate: int, first: int) -> list[float]:
    """Seconds from arrival to commit of each post, sorted; the first second is for warming up.

    Endless for those that were not read in twice the time: the worker fell behind.
    """
    with ready(1) as workers:
        query("SELECT pg_advisory_unlock(%s)", [START_LOCK])
        done, total = 0, rate * (SECONDS + 1)
        posts = [made_up.incoming(first + number) for number in range(total)]
        began = time.perf_counter()
        while done < total:
            due = min(total, int((time.perf_counter() - began) * rate))
            if due > done:
                store(account.pk, posts[done:due])
                done = due
            time.sleep(_PAUSE_SECONDS)
        while waiting() and time.perf_counter() - began < 2 * SECONDS:
            time.sleep(0.05)
        commits: list[float] = orjson.loads(workers[0].communicate()[0])
    query("UPDATE inbox_heard SET state = 'refused', processed_at = now() WHERE state = 'waiting' RETURNING id")
    return _times(account, posts[rate].event_id, commits)


def _times(account: Account, since: str, commits: list[float]) -> list[float]:
    """A post was committed with the first batch that ended after it was marked as read; never: counts as endless."""
    rows = query(
        "SELECT extract(epoch FROM received_at)::float8, extract(epoch FROM processed_at)::float8 FROM inbox_heard"
        " WHERE id > (SELECT id FROM inbox_heard WHERE account_id = %s AND event_id = %s)",
        [account.pk, since],
    )
    ends = [*commits, math.inf]
    return sorted(ends[bisect_left(commits, read)] - arrived for arrived, read in rows)


def _one_write() -> None:
    User.objects.create(username=str(uuid7()))
