"""A city's whole day due in one minute: thousands of scheduled posts on twenty accounts, sent by whole workers.

The network is a process of its own. Beside it, in the same run, the same posts as plain calls by eight threads, with no
plan, no record and nothing that survives a crash.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from statistics import quantiles

import httpx
from django.utils import timezone

from openline.accounts.models import Account
from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.operations.figures import Figure
from openline.operations.storm import channel
from openline.operations.storm.run import FIRST_TOKENS, kill, network_of, worker
from openline.publishing.models import Post, PostText, Variant
from openline.publishing.states import PostState, VariantState

ACCOUNTS, WORKERS, THREADS = 20, 2, 8
_AHEAD = timedelta(seconds=15)
_STALLED_SECONDS = 120.0


def measure(posts: int) -> Iterator[Figure]:
    """All figures, with so many posts. Writes for good: run it on a database of its own."""
    with network_of(0, 0.0) as server:
        plain = _plain_calls(server, posts)
        due = timezone.now() + _AHEAD
        _plan(_accounts(server), posts, due)
        workers = [worker("speak") for _ in range(WORKERS)]
        try:
            late = _wait(posts, due)
        finally:
            for one in workers:
                kill(one)
        said = [post["text"] for post in httpx.get(server + "/count", timeout=60).json()["posts"]]
    twice = len(said) - len(set(said))
    assert not twice, f"{twice} posts were published twice"
    cut = quantiles(late, n=100)
    about = f"{posts:,} posts due at once on {ACCOUNTS} accounts"
    yield Figure(f"{about}: the last one is out after", max(late), "s", f"plain calls by {THREADS} threads", plain)
    yield Figure(f"{about}: half are out after", cut[49], "s", f"plain calls by {THREADS} threads", plain)
    yield Figure(f"{about}: published", posts / max(late), "posts/s", "plain calls", posts / plain)


def _accounts(server: str) -> list[Account]:
    found = []
    for number in range(ACCOUNTS):
        account = Account(network=channel.NETWORK, handle=f"@news{number}-{uuid7()}", server=server, name="News")
        account.credentials = FIRST_TOKENS
        account.save()
        found.append(account)
    return found


def _plan(accounts: list[Account], posts: int, due: datetime) -> None:
    now = timezone.now()
    rows = [
        Post(state=PostState.SCHEDULED, leave_at=due, created_at=now, changed_at=now, name=f"post {n}")
        for n in range(posts)
    ]
    Post.objects.bulk_create(rows, 1000)
    PostText.objects.bulk_create(
        [PostText(post=post, language="en", text=f"News: {post.name}.") for post in rows], 1000
    )
    Variant.objects.bulk_create(
        [
            Variant(post=post, account=accounts[n % len(accounts)], leave_at=due, state=VariantState.PLANNED)
            for n, post in enumerate(rows)
        ],
        1000,
    )


def _plain_calls(server: str, posts: int) -> float:
    """Seconds that so many plain calls take."""
    headers = {"Authorization": f"Bearer {FIRST_TOKENS['access_token']}"}
    with httpx.Client(timeout=30, headers=headers) as client, ThreadPoolExecutor(THREADS) as pool:

        def say(number: int) -> None:
            body = {"text": f"plain {number}", "to": "", "thread": ""}
            client.post(server + "/posts", json=body).raise_for_status()

        began = time.perf_counter()
        list(pool.map(say, range(posts)))
        return time.perf_counter() - began


def _wait(posts: int, due: datetime) -> list[float]:
    """Seconds after their time at which the posts were out. Raises TimeoutError if nothing moves for long."""
    moved, last = time.monotonic(), 0
    while (sent := query("SELECT count(*) FROM publishing_variant WHERE state = 'sent'")[0][0]) < posts:
        if sent != last or timezone.now() < due:
            moved, last = time.monotonic(), sent
        if time.monotonic() - moved > _STALLED_SECONDS:
            raise TimeoutError(f"{sent} of {posts} posts are out, and nothing moves.")
        time.sleep(0.5)
    return [(at - due).total_seconds() for (at,) in query("SELECT sent_at FROM publishing_variant")]
