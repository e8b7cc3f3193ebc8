"""The worker is killed while it processes a batch: everything is done exactly once afterwards."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from openline.care.process import waiting
from openline.inbox.models import Message
from openline.inbox.receiving import store
from openline.outbox.models import Delivery
from openline.service_requests.models import ServiceRequest
from tests import apart
from tests.care import crashing_reader
from tests.conftest import FEWER
from tests.world import city_account, post

# Where to die: before and after each step that writes, in the order in which they are taken.
STEPS = ["keep", "situations", "carry_out", "open_requests", "say_all", "committed"]
POSTS = [("1", "pothole at 13th & Market"), ("2", "street light is out again!"), ("3", "gas smell at 5th and Lombard")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("die_at", STEPS[::3] if FEWER else STEPS)
def test_killed_while_processing(tmp_path: Path, philadelphia: None, die_at: str) -> None:
    account = city_account(tmp_path / "net")
    store(account.pk, [post(network_id, text, by=f"r{network_id}") for network_id, text in POSTS])
    assert apart.run(crashing_reader.main, die_at) == -signal.SIGKILL
    assert apart.run(crashing_reader.main, "never") == 0
    assert waiting() == 0
    assert Message.objects.filter(direction="in").count() == len(POSTS)
    assert ServiceRequest.objects.count() == 1
    assert Delivery.objects.count() == len(POSTS)
