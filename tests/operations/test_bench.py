"""What the benchmarks measure with: made-up posts, the plain loop beside them, and the time from arrival to commit."""

from __future__ import annotations

import time

import pytest

from openline.care.process import process
from openline.foundation.bulk import query
from openline.inbox.models import Message
from openline.inbox.receiving import store
from openline.operations import latency, made_up, throughput
from openline.operations.figures import Figure
from openline.service_requests.models import ServiceRequest

pytestmark = pytest.mark.usefixtures("philadelphia")


def test_a_made_up_post_is_read_as_a_real_one() -> None:
    account = made_up.account()
    store(account.pk, [made_up.incoming(number) for number in range(8)])
    assert process() == 8
    texts = list(Message.objects.filter(direction="in").values_list("text", flat=True))
    assert len(texts) == 8
    assert all(text.startswith("@philly311 ") and 120 < len(text) < 260 for text in texts)
    assert ServiceRequest.objects.count() >= 4


def test_the_plain_loop_stores_the_same_rows_and_leaves_nothing_behind() -> None:
    account = made_up.account()
    items = [made_up.incoming(number) for number in range(8)]
    store(account.pk, items)
    process()
    assert len(throughput._newest("inbox_conversation", 8)) == 8
    assert len(throughput._newest("service_requests_servicerequest", 8)) == ServiceRequest.objects.count()
    took, _processor = throughput._stored_plainly([item.raw for item in items])
    assert took > 0
    assert not query("SELECT 1 FROM pg_class WHERE starts_with(relname, 'bench_')")


def test_a_post_is_committed_with_the_first_batch_that_ends_after_it_was_read() -> None:
    account = made_up.account()
    first, second = made_up.incoming(1), made_up.incoming(2)
    store(account.pk, [first])
    store(account.pk, [second])
    process()
    ended = time.time() + 1
    [taken] = latency._times(account, first.event_id, [ended - 60, ended, ended + 60])
    assert 0.5 < taken < 30


def test_a_figure_says_its_ratio() -> None:
    assert Figure("speed", 50, "posts/s", "storing", 200).line() == "speed: 50.0 posts/s = 0.25 x storing (200.0)"
