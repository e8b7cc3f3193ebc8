"""The storm from outside: start the network and the workers, kill workers, and compare what each side holds."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from openline.accounts.models import Account
from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.operations.storm import channel, network
from openline.sandbox.servers import free_port

_WORKERS = 2
_STALLED_SECONDS = 300.0
"""How long nothing may move while something is due. An answer that waits for its next try is not a stall."""
FIRST_TOKENS = {"access_token": "access-0", "refresh_token": "refresh-0"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a storm. `lost`, `doubled` and `disordered` must be 0."""

    messages: int
    lost: int
    doubled: int
    disordered: int
    faults: dict[str, int]
    kills: int
    seconds: float

    @property
    def good(self) -> bool:
        """Nothing was lost, said or kept twice, or out of order."""
        return not (self.lost or self.doubled or self.disordered)

    def lines(self) -> list[str]:
        """In words."""
        faults = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.faults.items()))
        return [
            f"{self.messages:,} messages, half in and half out: {self.lost} lost, {self.doubled} doubled,"
            f" {self.disordered} conversations out of order",
            f"faults of the network: {sum(self.faults.values()):,} ({faults}); workers killed: {self.kills}",
            f"{self.seconds:,.0f} s, {self.messages / self.seconds:,.0f} messages/s",
        ]


def storm(messages: int, faults: float = 0.09, kill_every_seconds: float = 45.0) -> Outcome:
    """Send `messages` through, half of them in and half out, while calls fail and workers are killed.

    Half of the messages take a call of their own, the others come in pages: with 9 % of all calls struck there are
    about 5 faults to 100 messages.
    """
    count = max(network.TALK, messages // 2 // network.TALK * network.TALK)
    with network_of(count, faults) as server:
        account = Account(network=channel.NETWORK, handle=f"@storm-{uuid7()}", server=server, name="storm")
        account.credentials = FIRST_TOKENS
        account.save()
        began = time.monotonic()
        kills = _work_until_done(account, count, kill_every_seconds)
        seconds = time.monotonic() - began
        held = httpx.get(server + "/count", timeout=60).json()
    return _compared(account, count, held["posts"], held["struck"], kills, seconds)


@contextmanager
def network_of(count: int, faults: float) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "openline.operations.storm.network", str(port), str(count), str(faults)]
    process = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                httpx.get(url + "/count")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


def _work_until_done(account: Account, count: int, kill_every: float) -> int:
    """Let workers work, kill one now and then, until all is settled; returns how many were killed.

    Raises TimeoutError if nothing moves for long though something is due, or is left to a person.
    """
    chance, kills = random.Random(311), 0
    workers = [worker() for _ in range(_WORKERS)]
    moved, last, next_kill = time.monotonic(), -1, time.monotonic() + kill_every
    try:
        while (done := _settled(account)) < count:
            now = time.monotonic()
            if done != last or _waits(account):
                moved, last = now, done
            if now - moved > _STALLED_SECONDS:
                raise TimeoutError(f"{done} of {count} answers are sent, and nothing moves.")
            if now > next_kill:
                victim = chance.randrange(_WORKERS)
                kill(workers[victim])
                workers[victim], kills, next_kill = worker(), kills + 1, now + kill_every
            time.sleep(0.5)
    finally:
        for one in workers:
            kill(one)
    return kills


def worker(*words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"OPENLINE_LOG": "error"}
    return subprocess.Popen(
        [sys.executable, "-m", "openline.operations.storm.worker", *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _settled(account: Account) -> int:
    return int(
        query(
            "SELECT count(*) FROM outbox_delivery WHERE account_id = %s AND state = 'sent' AND key LIKE '%%:storm:%%'",
            [account.pk],
        )[0][0]
    )


def _waits(account: Account) -> bool:
    """Nothing is due before the time of somebody's next try."""
    return bool(query(_NEXT_TRY_IS_AHEAD, [account.pk])[0][0])


_NEXT_TRY_IS_AHEAD = """
SELECT min(next_try_at) > now() FROM outbox_delivery WHERE account_id = %s AND state IN ('waiting', 'unclear')
"""


def _compared(
    account: Account, count: int, posts: list[dict[str, str]], struck: dict[str, int], kills: int, seconds: float
) -> Outcome:
    """Hold what the network has against what the residents said and what we kept."""
    kept = Counter(row[0] for row in query(_KEPT, [account.pk]))
    said = Counter((post["text"], post["to"]) for post in posts)
    wanted = {f"post-{n}" for n in range(count)}
    answered = {to for text, to in said if text == f"answer to {to}"}
    lost = len(wanted - kept.keys()) + len(wanted - answered)
    doubled = sum(n - 1 for n in kept.values()) + sum(n - 1 for n in said.values())
    return Outcome(count * 2, lost, doubled, _disordered(account, posts), struck, kills, seconds)


_KEPT = "SELECT network_id FROM inbox_message WHERE account_id = %s AND direction = 'in'"
_IN_ORDER = """
SELECT d.thread, d.outgoing->>'text', d.outgoing->>'in_reply_to' FROM outbox_delivery d
WHERE d.account_id = %s ORDER BY d.thread, d.id
"""
_TALKS = """
SELECT c.id, count(DISTINCT c.thread), array_agg(m.network_id ORDER BY m.posted_at) FROM inbox_message m
JOIN inbox_conversation c ON c.id = m.conversation_id WHERE m.account_id = %s AND m.direction = 'in' GROUP BY c.id
"""


def _disordered(account: Account, posts: list[dict[str, str]]) -> int:
    """Conversations whose answers stand on the network in another order than they were written in, or whose messages
    are not those of one resident's talk in their order."""
    place = {(post["text"], post["to"]): n for n, post in enumerate(posts)}
    wrong, behind = set(), dict[str, int]()
    for thread, text, to in query(_IN_ORDER, [account.pk]):
        at = place.get((text, to), -1)
        if at < behind.get(thread, -1):
            wrong.add(thread)
        behind[thread] = at
    for talk, _threads, ids in query(_TALKS, [account.pk]):
        numbers = [int(name.removeprefix("post-")) for name in ids]
        if numbers != sorted(numbers) or len(numbers) != network.TALK:
            wrong.add(str(talk))
    return len(wrong)
