"""The worker is killed while it processes a batch: everything is done exactly once afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from openline.care.process import waiting
from openline.inbox.models import Message
from openline.inbox.receiving import store
from openline.outbox.models import Delivery
from openline.service_requests.models import ServiceRequest
from tests.conftest import FEWER
from tests.outbox.test_crashes import ROOT, database_url
from tests.world import city_account, post

# Where to die: before and after each step that writes, in the order in which they are taken.
STEPS = ["keep", "situations", "carry_out", "open_requests", "say_all", "committed"]
POSTS = [("1", "pothole at 13th & Market"), ("2", "street light is out again!"), ("3", "gas smell at 5th and Lombard")]


def run_reader(die_at: str) -> int:
    environment = os.environ | {"DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.care.crashing_reader", die_at]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True).returncode


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("die_at", STEPS[::3] if FEWER else STEPS)
def test_killed_while_processing(tmp_path: Path, philadelphia: None, die_at: str) -> None:
    account = city_account(tmp_path / "net")
    store(account.pk, [post(network_id, text, by=f"r{network_id}") for network_id, text in POSTS])
    assert run_reader(die_at) == -signal.SIGKILL
    assert run_reader("never") == 0
    assert waiting() == 0
    assert Message.objects.filter(direction="in").count() == len(POSTS)
    assert ServiceRequest.objects.count() == 1
    assert Delivery.objects.count() == len(POSTS)
