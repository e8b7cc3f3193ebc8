"""What the calendar of posts costs with a month of N posts: whole pages, in this process, beside a plain reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from openline.accounts.models import Account
from openline.console.permissions import create_demo_users
from openline.foundation.ids import uuid7
from openline.operations import made_up
from openline.operations.bench_requests import _cost, _figures, _plain
from openline.operations.figures import Figure
from openline.publishing.models import Post, PostText, Variant
from openline.publishing.states import PostState, VariantState
from openline.service_requests.jurisdiction import local

_TIMES = 30
_CALENDAR = "/console/calendar-of-posts/"


def measure(count: int) -> Iterator[Figure]:
    """All figures, with `count` posts in this month. Writes for good: run it on a database of its own."""
    user = create_demo_users(str(uuid7()))[-1]
    _seed(count, made_up.account(), user)
    client = Client()
    client.force_login(user)
    reference = _cost(_plain, 300)
    for name, address in (("month", ""), ("week", "?view=week"), ("list", "?view=list")):
        yield from _figures(
            f"{name} of {count:,} posts", _cost(_getting(client, _CALENDAR + address), _TIMES), reference
        )


def _getting(client: Client, address: str) -> Callable[[], object]:
    def call() -> object:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        return answer

    return call


def _seed(count: int, account: Account, user: User) -> None:
    """Scheduled posts, spread evenly over the days of this month."""
    now = timezone.now()
    first = local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    step = timedelta(days=28) / count
    posts = [
        Post(state=PostState.SCHEDULED, leave_at=first + step * n, written_by=user, created_at=now, changed_at=now)
        for n in range(count)
    ]
    Post.objects.bulk_create(posts, batch_size=2000)
    texts = [PostText(post=post, language="en", text=made_up.text(n)) for n, post in enumerate(posts)]
    PostText.objects.bulk_create(texts, batch_size=2000)
    variants = [Variant(post=p, account=account, leave_at=p.leave_at, state=VariantState.HELD) for p in posts]
    Variant.objects.bulk_create(variants, batch_size=2000)
