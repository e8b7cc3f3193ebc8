"""The replayed firehose: always the same, and exactly ours of it is stored, once."""

from __future__ import annotations

from itertools import islice

import pytest

from openline.accounts.models import Account
from openline.inbox.models import Heard
from openline.operations import bench_firehose

pytestmark = pytest.mark.usefixtures("philadelphia")


def test_the_sample_is_always_the_same() -> None:
    assert list(bench_firehose.frames(50)) == list(islice(bench_firehose.frames(100), 50))


def test_ours_of_it_is_stored_once() -> None:
    account = Account.objects.create(network="bluesky", handle="f", server="http://127.0.0.1:1")
    sample = list(bench_firehose.frames(1000))
    assert bench_firehose.replay(account, sample) == 100
    assert bench_firehose.replay(account, sample) == 0
    assert Heard.objects.filter(account=account).count() == 100
    account.refresh_from_db()
    assert account.cursor.isdecimal()


def test_every_figure_has_its_reference() -> None:
    figures = list(bench_firehose.measure(500))
    assert len(figures) == 3 and all(figure.value > 0 and figure.reference_value > 0 for figure in figures)
