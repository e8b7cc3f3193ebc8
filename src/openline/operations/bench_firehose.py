"""What a stream of all posts of a network costs: a made-up sample of Jetstream is replayed and ours of it is stored."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice

import orjson
import psutil
from django.db import connection

from openline.accounts.models import Account
from openline.channels.base import Heard
from openline.channels.bluesky import firehose, reading
from openline.foundation.bulk import append_rows, query
from openline.foundation.ids import uuid7
from openline.inbox.receiving import receive
from openline.operations.figures import Figure, database_processes, processor_seconds, seconds

OURS = "did:plc:openlinebenchmark0000000"
ONE_IN = 10
_BATCH = 200
_START_MICROSECONDS = 1_793_000_000_000_000
_WORDS = "the street light tree water bus corner night school broken again please thanks park river game rain".split()


def frames(count: int) -> Iterator[bytes]:
    """`count` events in Jetstream's form, always the same: likes, follows and posts; one in ten is for us."""
    chance = random.Random(311)
    for n in range(count):
        did = f"did:plc:{chance.randrange(16**6):024x}"
        for_us = n % ONE_IN == 0
        kind = "app.bsky.feed.post" if for_us else chance.choice(_COLLECTIONS)
        commit = {
            "rev": f"3m{n:011d}",
            "operation": "create",
            "collection": kind,
            "rkey": f"3k{n:011d}",
            "record": _record(kind, for_us, chance),
            "cid": f"bafyrei{n:052d}",
        }
        event = {"did": did, "time_us": _START_MICROSECONDS + n * 700, "kind": "commit", "commit": commit}
        yield orjson.dumps(event)


_POST, _LIKE = "app.bsky.feed.post", "app.bsky.feed.like"
_COLLECTIONS = (_POST,) * 3 + (_LIKE,) * 5 + ("app.bsky.graph.follow", "app.bsky.feed.repost")


def _record(kind: str, for_us: bool, chance: random.Random) -> dict[str, object]:
    record: dict[str, object] = {"$type": kind, "createdAt": "2026-11-01T10:00:00.000Z"}
    if kind != "app.bsky.feed.post":
        number = chance.randrange(10**9)
        return record | {"subject": {"cid": f"bafyrei{number:052d}", "uri": f"at://did:plc:{number:024d}"}}
    text = " ".join(chance.choices(_WORDS, k=24))
    record |= {"text": text, "langs": ["en"]}
    if for_us:
        mention = {"$type": "app.bsky.richtext.facet#mention", "did": OURS}
        record["facets"] = [{"index": {"byteStart": 0, "byteEnd": 3}, "features": [mention]}]
    return record


def measure(count: int) -> Iterator[Figure]:
    """How many of our posts a second are stored out of `count` events, everything on one processor."""
    account = Account(network="bluesky", handle=f"bench-{uuid7()}", server="http://127.0.0.1:1", name="bench")
    account.credentials = {}
    account.save()
    sample = list(frames(count))
    ours = count // ONE_IN
    with one_processor() as alone:
        began, used = time.perf_counter(), _processor()
        stored = replay(account, sample)
        spent, used = time.perf_counter() - began, _processor() - used
        assert stored == ours, (stored, ours)
        raws = [bytes(raw) for (raw,) in query("SELECT raw FROM inbox_heard WHERE account_id = %s", [account.pk])]
        plain, plain_used = _rates(ours, lambda: _copied(raws))
        decoded = count / seconds(lambda: [orjson.loads(frame) for frame in sample])
    where = "one processor for all" if alone else "one process, the database elsewhere"
    yield Figure(
        f"firehose of {count:,} events, one in {ONE_IN} for us: stored ({where})",
        ours / spent,
        "posts/s",
        "COPY of the same bytes into a plain table",
        plain,
    )
    yield Figure(
        "firehose: stored in a second of processor time, worker and database",
        ours / used,
        "posts/s",
        "COPY of the same bytes into a plain table",
        plain_used,
    )
    yield Figure("firehose: read", count / spent, "events/s", "decoding all of its JSON", decoded)


def _processor() -> float:
    return processor_seconds(iter([psutil.Process(), *database_processes()]))


def _rates(count: int, call: Callable[[], object]) -> tuple[float, float]:
    """`count` by the time that `call` takes, and by the processor time."""
    used = _processor()
    spent = seconds(call)
    return count / spent, count / max(0.01, _processor() - used)


def replay(account: Account, sample: list[bytes]) -> int:
    """Read the events as the channel does and store what is ours, with the cursor; returns how many were new."""
    reader = firehose.Reader(firehose.JETSTREAM, OURS, "")
    found = (firehose.delivery(event, {}) for frame in sample for event in reader.events(frame))
    new = 0
    while batch := list(islice(found, _BATCH)):
        new += receive(account.pk, Heard(tuple(reading.parse(raw) for raw in batch), reader.cursor))
    return new


def _copied(raws: list[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_firehose (raw bytea)")
    for start in range(0, len(raws), _BATCH):
        append_rows("bench_firehose", ("raw",), [(raw,) for raw in raws[start : start + _BATCH]])


@contextmanager
def one_processor() -> Iterator[bool]:
    """This process and our embedded database on one processor; yields False where the database is not ours."""
    bound = [psutil.Process(), *database_processes()]
    before: list[tuple[psutil.Process, list[int]]] = []
    for process in bound:
        with suppress(psutil.Error, AttributeError):  # not every system binds processes
            known = process.cpu_affinity()
            process.cpu_affinity(known[:1])
            before.append((process, known))
    try:
        yield len(before) > 1
    finally:
        for process, known in before:
            with suppress(psutil.Error):
                process.cpu_affinity(known)
