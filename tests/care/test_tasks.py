"""The jobs of the queue: the sweep beside the streams, and overdue requests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app

from openline.care import tasks
from openline.care.process import process
from openline.channels.base import Heard, NetworkDown
from openline.inbox.models import Attention, Conversation, Status
from openline.inbox.receiving import store
from openline.service_requests.models import ServiceRequest
from tests.world import FileNetwork, city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")


def test_the_queue_knows_its_schedules() -> None:
    names = set(app.tasks)
    assert {"openline.care.tasks.sweep_accounts", "openline.care.tasks.raise_overdue"} <= names
    scheduled = {periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()}
    assert {"openline.care.tasks.sweep_accounts", "openline.care.tasks.raise_overdue"} <= scheduled


def test_the_sweep_finds_what_a_stream_missed_and_one_dead_network_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive, dead = city_account(tmp_path / "net"), city_account(tmp_path / "gone", "@mayor")

    def poll(self: FileNetwork, account: object, cursor: str) -> Heard:
        if account.handle == dead.handle:  # type: ignore[attr-defined]
            raise NetworkDown("away")
        return Heard((post("1", "hello"),), "7")

    monkeypatch.setattr(FileNetwork, "poll", poll)
    assert tasks.sweep_accounts(0) == 1
    assert tasks.sweep_accounts(0) == 0
    alive.refresh_from_db()
    assert alive.cursor == "7"


def test_an_overdue_request_is_lifted_once(tmp_path: Path) -> None:
    store(city_account(tmp_path / "net").pk, [post("1", "pothole at 13th & Market")])
    process()
    assert tasks.raise_overdue(0) == 0
    ServiceRequest.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert tasks.raise_overdue(0) == 1
    lifted = Conversation.objects.get()
    assert lifted.status == Status.OPEN and lifted.attention == Attention.LOOK and "Overdue" in lifted.why
    assert tasks.raise_overdue(0) == 0
