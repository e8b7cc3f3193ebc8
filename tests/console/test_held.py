"""What is held after a restore, on the page of all that was not sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from openline.accounts.models import Account
from openline.outbox.models import HELD, Delivery, State
from tests.world import city_account


@pytest.fixture
def held(philadelphia: None, tmp_path: Path) -> list[Delivery]:
    """Three answers that wait for a decision."""
    desk: Account = city_account(tmp_path / "net")
    now = timezone.now()
    return [
        Delivery.objects.create(
            account=desk, key=key, thread=key, outgoing={"text": key}, state=State.FAILED, error_kind=HELD,
            error="The network shows no answer of ours to it.", next_try_at=now, created_at=now,
        )
        for key in "abc"
    ]  # fmt: skip


def decide(client: Client, what: str, *chosen: Delivery, name: str = "chosen") -> list[str]:
    """The states afterwards."""
    answer = client.post(reverse("console:held"), {"what": what, name: [str(one.pk) for one in chosen]})
    assert answer.status_code in (302, 403)
    return list(Delivery.objects.order_by("key").values_list("state", flat=True))


def test_a_supervisor_decides(login: Callable[[str], Client], held: list[Delivery]) -> None:
    boss = login("supervisor")
    page = boss.get(reverse("console:unsent")).content.decode()
    assert "Held after a restore" in page and "shows no answer" in page
    assert "Send all failed ones" not in page  # that is for a token that was renewed
    assert decide(boss, "send", held[0]) == ["unclear", "failed", "failed"]
    assert decide(boss, "drop", held[1]) == ["unclear", "cancelled", "failed"]
    assert decide(boss, "send_all", *held, name="listed") == ["unclear", "cancelled", "unclear"]


def test_without_a_choice_or_a_right_nothing_changes(login: Callable[[str], Client], held: list[Delivery]) -> None:
    assert set(decide(login("supervisor"), "send")) == {"failed"}
    assert set(decide(login("supervisor"), "no such thing", held[0])) == {"failed"}
    assert set(decide(login("agent"), "send", held[0])) == {"failed"}
