"""The worker is killed between every two steps of a send: no message is lost, none is sent twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from openline.outbox.models import Delivery, State
from tests.conftest import FEWER
from tests.outbox.test_sending import deliver
from tests.world import city_account, posts

pytestmark = pytest.mark.django_db(transaction=True)
MESSAGES = 3
CHECKPOINTS = 7  # claimed, looked, before, after, kept, answered, settled
ROOT = Path(__file__).resolve().parent.parent.parent


def database_url() -> str:
    """The address of the test database, for other processes."""
    settings = connection.settings_dict
    return make_conninfo(
        dbname=settings["NAME"],
        user=settings["USER"],
        host=settings["HOST"],
        port=settings["PORT"] or None,
        password=settings["PASSWORD"] or None,
    )


def run_worker(kill_at: int) -> int:
    """One worker in a process of its own on the test database; returns its exit status."""
    environment = os.environ | {"DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "tests.outbox.crashing_worker", str(kill_at)],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
    ).returncode


@pytest.mark.parametrize("kill_at", range(1, CHECKPOINTS * 2 + 1, 4 if FEWER else 1))
def test_killed_at_every_checkpoint(tmp_path: Path, kill_at: int) -> None:
    network = tmp_path / "net"
    account = city_account(network)
    for number in range(MESSAGES):
        deliver(account, f"k{number}", f"message {number}", thread=f"t{number}")
    assert run_worker(kill_at) == -signal.SIGKILL
    for _ in range(6):
        Delivery.objects.exclude(state=State.SENT).update(next_try_at=timezone.now())
        status = run_worker(kill_at=10_000)
        assert status == 0
        if not Delivery.objects.exclude(state=State.SENT).exists():
            break
    assert not Delivery.objects.exclude(state=State.SENT).exists()
    assert Counter(p["text"] for p in posts(str(network))) == {f"message {n}": 1 for n in range(MESSAGES)}
