"""The worker is killed between every two steps of a send: no message is lost, none is sent twice."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone

from openline.outbox.models import Delivery, State
from tests import apart
from tests.conftest import FEWER
from tests.outbox import crashing_worker
from tests.outbox.test_sending import deliver
from tests.world import city_account, posts

pytestmark = pytest.mark.django_db(transaction=True)
MESSAGES = 3
CHECKPOINTS = 7  # claimed, looked, before, after, kept, answered, settled


@pytest.mark.parametrize("kill_at", range(1, CHECKPOINTS * 2 + 1, 4 if FEWER else 1))
def test_killed_at_every_checkpoint(tmp_path: Path, kill_at: int) -> None:
    network = tmp_path / "net"
    account = city_account(network)
    for number in range(MESSAGES):
        deliver(account, f"k{number}", f"message {number}", thread=f"t{number}")
    assert apart.run(crashing_worker.main, str(kill_at)) == -signal.SIGKILL
    for _ in range(6):
        Delivery.objects.exclude(state=State.SENT).update(next_try_at=timezone.now())
        status = apart.run(crashing_worker.main, "10000")
        assert status == 0
        if not Delivery.objects.exclude(state=State.SENT).exists():
            break
    assert not Delivery.objects.exclude(state=State.SENT).exists()
    assert Counter(p["text"] for p in posts(str(network))) == {f"message {n}": 1 for n in range(MESSAGES)}
