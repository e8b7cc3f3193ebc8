"""The benchmarks: figures of this machine, each as a ratio to a reference measured in the same run."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import httpx
import orjson
import psutil
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from openline.accounts.models import Account
from openline.care.process import process, waiting
from openline.care.understanding import understanding
from openline.channels.base import Incoming
from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.inbox.receiving import store
from openline.operations.drain import START_LOCK
from openline.operations.processes import Processes, wait_for
from openline.sandbox.servers import free_port
from openline.triage.assessment import Post

_TEXTS = (
    "@philly311 huge pothole at {place}, bent my rim on the way to work this morning and I am not the only one, it has"
    " been there since before Christmas and gets deeper every time it rains",
    "the street light at {place} has been out for two weeks now, it is pitch dark at night, please send somebody before"
    " one of the kids who walk home from practice gets hurt",
    "someone dumped mattresses and tires again near {place}, third time this month, can we get a camera here? My"
    " neighbor saw a white pickup around midnight",
    "what day is trash pickup this week around {place} with the holiday on Thursday? nobody seems to know and half of"
    " the block already has the bins out",
    "what a game last night, the whole bar near {place} went wild and we did not sleep at all, go birds! Best season"
    " since I moved here, not even the rain could stop us",
    "Car with no plates and two flat tires at {place}. It has not moved since August and somebody broke the window"
    " yesterday, glass all over the sidewalk.",
    "Thank you to the crew that fixed the sinkhole by {place}, they were fast and friendly. First time in years that"
    " I feel somebody is listening to this neighborhood",
    "The tree in front of {place} lost a big branch in the storm, it hangs over the sidewalk and looks like it could"
    " come down any minute when the wind picks up again",
)
_PLACES = 4000


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, and the reference that it is compared with (same unit)."""

    name: str
    value: float
    unit: str
    reference: str = ""
    reference_value: float = 0.0

    def line(self) -> str:
        """The figure in words, with its ratio."""
        text = f"{self.name}: {self.value:,.1f} {self.unit}"
        if self.reference_value:
            text += f" = {self.value / self.reference_value:.2f} x {self.reference} ({self.reference_value:,.1f})"
        return text


def measure(posts: int) -> Iterator[Figure]:
    """All figures. Writes for good: run it on a database of its own."""
    understanding()
    account = _account()
    yield from _idle(account)
    yield from _burst(account, posts)
    yield from _reading(posts)
    yield from processes()


def _account() -> Account:
    """An account on a network that is spoken here but never asked: deliveries are given to the door."""
    account = Account(network="mastodon", handle=f"@bench-{uuid7()}", server="http://127.0.0.1:1", name="bench")
    account.credentials = {"access_token": "none"}
    account.save()
    return account


def _incoming(number: int) -> Incoming:
    """One post of a made-up resident as Mastodon delivers it."""
    text = _text(number)
    author = {"id": str(number), "acct": f"resident{number}", "url": f"http://bench/@resident{number}"}
    network_id = str(10_000_000_000 + number)
    status = {
        "id": network_id,
        "uri": f"http://bench/{uuid7()}",
        "content": f"<p>{text}</p>",
        "account": author,
        "created_at": timezone.now().isoformat(),
        "visibility": "public",
        "language": "en",
    }
    raw = orjson.dumps({"id": network_id, "type": "mention", "status": status})
    return Incoming("post", network_id, network_id, raw)


@cache
def _places() -> list[str]:
    """Addresses all over the city, in no order."""
    gazetteer = understanding().gazetteer
    found = gazetteer.table.sample(_PLACES) if gazetteer else ["13th & Market"]
    random.Random(0).shuffle(found)
    return found


def _text(number: int) -> str:
    """What made-up resident `number` writes."""
    return _TEXTS[number % len(_TEXTS)].format(place=_places()[number % len(_places())])


def _idle(account: Account) -> Iterator[Figure]:
    """One post at a time, from arrival to the answer in the outbox."""
    process()
    times, references = [], []
    for number in range(60):
        item = _incoming(number)
        times.append(_seconds(partial(_arrive, account, item)) * 1000)
        references.append(_seconds(_orm_write) * 1000)
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


def _orm_writes(count: int) -> None:
    for _ in range(count):
        _orm_write()


def _burst(account: Account, posts: int) -> Iterator[Figure]:
    """Many posts that wait at the door: by one worker, then by two."""
    few = max(200, posts // 10)
    reference = few / _seconds(partial(_orm_writes, few))
    for workers in (1, 2):
        first = 1_000_000 * workers
        store(account.pk, [_incoming(first + number) for number in range(posts)])
        name = f"{posts:,} waiting posts, {workers} worker{'s' * (workers > 1)}"
        yield Figure(name, posts / _drained(workers), "posts/s", "users saved by the ORM a second", reference)


def _drained(workers: int) -> float:
    """Seconds that so many processes, loaded and ready, need until nothing waits."""
    query("SELECT pg_advisory_lock(%s)", [START_LOCK])
    command = [sys.executable, "-m", "openline.operations.drain"]
    running = [subprocess.Popen(command) for _ in range(workers)]
    ready = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
    while query(ready, [START_LOCK])[0][0] < workers:
        time.sleep(0.05)
    query("SELECT pg_advisory_unlock(%s)", [START_LOCK])
    began = time.perf_counter()
    while waiting():
        time.sleep(0.02)
    spent = time.perf_counter() - began
    for process_ in running:
        process_.wait()
    return spent


def _reading(posts: int) -> Iterator[Figure]:
    """Reading alone: no database."""
    reader = understanding().reader
    batch = [Post(str(n), _text(n)) for n in range(min(posts, 2000))]

    def read() -> None:
        for start in range(0, len(batch), 200):
            reader.assess(batch[start : start + 200])

    read()
    seconds = _seconds(read)
    reference = _seconds(lambda: [orjson.loads(orjson.dumps({"id": p.id, "text": p.text})) for p in batch])
    yield Figure(
        "reading a post (triage with places)",
        seconds / len(batch) * 1e6,
        "us",
        "writing and parsing it as JSON",
        reference / len(batch) * 1e6,
    )


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


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
    return _seconds(partial(subprocess.run, command, check=True))


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
    for found in psutil.process_iter(["name"]):
        if found.info["name"] != "postgres":
            continue
        try:
            line = [found, *found.parents()]
            if any("postgres" in " ".join(p.cmdline()) and str(settings.VAR) in " ".join(p.cmdline()) for p in line):
                total += found.memory_full_info().pss
        except (psutil.Error, AttributeError):
            continue
    return total / 1e6


def database() -> str:
    """Name and version of the database that is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"
