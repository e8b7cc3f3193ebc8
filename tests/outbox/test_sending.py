"""The outbox: everything is sent, nothing twice, whatever the network answers."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from openline.accounts.models import Account, Line
from openline.channels import base
from openline.outbox import actions, sending
from openline.outbox.models import Delivery, State
from tests.world import FileNetwork, city_account, posts

pytestmark = pytest.mark.django_db(transaction=True)


def deliver(account: Account, key: str = "k1", text: str = "hello", thread: str = "t1") -> Delivery:
    now = timezone.now()
    return Delivery.objects.create(
        account=account,
        key=key,
        thread=thread,
        next_try_at=now,
        created_at=now,
        outgoing={"text": text, "in_reply_to": "p1"},
    )


def send_all(rounds: int = 10) -> None:
    holder = sending.Holder()
    try:
        for _ in range(rounds):
            Delivery.objects.filter(state__in=["waiting", "unclear"]).update(next_try_at=timezone.now())
            if not sending.send_next(holder.id):
                break
    finally:
        holder.close()


def test_a_message_is_sent_once_and_keeps_its_receipt(tmp_path: Path) -> None:
    delivery = deliver(city_account(tmp_path / "net"))
    send_all()
    delivery.refresh_from_db()
    [post] = posts(str(tmp_path / "net"))
    assert delivery.state == State.SENT
    assert delivery.receipt["network_id"] == post["id"]


def test_a_lost_answer_is_looked_up_and_not_sent_again(tmp_path: Path) -> None:
    delivery = deliver(city_account(tmp_path / "net"))
    (tmp_path / "net.faults").write_text("1")
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    assert delivery.attempts == 2
    assert len(posts(str(tmp_path / "net"))) == 1


def test_of_one_thread_the_older_goes_first(tmp_path: Path) -> None:
    account = city_account(tmp_path / "net")
    first, second = deliver(account, "k1", "first"), deliver(account, "k2", "second")
    Delivery.objects.filter(pk=first.pk).update(next_try_at=timezone.now() + timedelta(hours=1))
    holder = sending.Holder()
    assert not sending.send_next(holder.id)
    Delivery.objects.filter(pk=first.pk).update(next_try_at=timezone.now())
    assert sending.send_next(holder.id)
    assert sending.send_next(holder.id)
    holder.close()
    assert [p["text"] for p in posts(str(tmp_path / "net"))] == ["first", "second"]
    second.refresh_from_db()
    assert second.state == State.SENT


@pytest.mark.parametrize(
    ("error", "state", "speaking"),
    [
        (base.TokenExpired("renew it"), State.FAILED, Line.REFUSED),
        (base.NotAllowed("blocked"), State.FAILED, Line.OK),
        (base.Rejected("too long", "text"), State.FAILED, Line.OK),
        (base.NetworkDown("away"), State.WAITING, Line.DOWN),
        (base.Unclear("who knows"), State.UNCLEAR, Line.OK),
        (ValueError("our own fault"), State.UNCLEAR, Line.OK),
    ],
)
def test_what_follows_from_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str, speaking: str
) -> None:
    account = city_account(tmp_path / "net")
    delivery = deliver(account)

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(FileNetwork, "send", fail)
    holder = sending.Holder()
    assert sending.send_next(holder.id)
    holder.close()
    delivery.refresh_from_db()
    account.refresh_from_db()
    assert delivery.state == state
    assert account.speaking == speaking
    assert account.hearing == Line.OK  # hearing never depends on speaking


def test_a_rate_limit_pauses_the_whole_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = city_account(tmp_path / "net")
    deliver(account, "k1"), deliver(account, "k2", thread="t2")
    until = datetime.now(UTC) + timedelta(minutes=5)

    def wait(*_: Any, **__: Any) -> None:
        raise base.RateLimited(until)

    monkeypatch.setattr(FileNetwork, "send", wait)
    holder = sending.Holder()
    assert sending.send_next(holder.id)
    assert not sending.send_next(holder.id)
    holder.close()
    account.refresh_from_db()
    assert account.paused_until == until


def test_a_failed_message_is_retried_by_a_person_after_a_look_on_the_network(
    tmp_path: Path, django_user_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = city_account(tmp_path / "net")
    delivery = deliver(account)
    original = FileNetwork.send

    def taken_but_refused(self: FileNetwork, *args: Any) -> None:
        original(self, *args)
        raise base.Rejected("says no, but took it")

    monkeypatch.setattr(FileNetwork, "send", taken_but_refused)
    send_all(1)
    monkeypatch.setattr(FileNetwork, "send", original)
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert actions.retry(delivery.pk, django_user_model.objects.create_user("ana"))
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    assert len(posts(str(tmp_path / "net"))) == 1  # an error is no proof of absence


def test_what_a_dead_worker_held_is_found(tmp_path: Path) -> None:
    delivery = deliver(city_account(tmp_path / "net"))
    holder = sending.Holder()
    assert sending.claim(holder.id)
    assert sending.recover() == 0  # the worker lives
    holder.close()
    patience = time.monotonic() + 20  # the server notices a closed connection when its turn comes
    while not sending.recover() and time.monotonic() < patience:
        time.sleep(0.05)
    delivery.refresh_from_db()
    assert delivery.state == State.UNCLEAR


def test_a_fault_of_ours_after_the_send_neither_hangs_nor_repeats_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery, original, failures = deliver(city_account(tmp_path / "net")), sending.settle, [1]

    def settle(*given: Any) -> None:
        if failures:
            failures.pop()
            raise RuntimeError("a handler broke")
        original(*given)

    monkeypatch.setattr(sending, "settle", settle)
    send_all()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT and delivery.attempts == 2
    assert len(posts(str(tmp_path / "net"))) == 1


@pytest.mark.parametrize("published", [True, False])
def test_what_was_begun_is_looked_up_before_its_time_is_called_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: bool
) -> None:
    delivery = deliver(city_account(tmp_path / "net"))
    original = FileNetwork.send

    def busy_after_the_first_step(
        self: FileNetwork, account: base.AccountRef, outgoing: base.Outgoing, key: str, progress: base.Progress
    ) -> base.Receipt:
        progress.step("file", lambda: "taken")
        if published:
            original(self, account, outgoing, key, progress)
        Delivery.objects.update(not_after=timezone.now())
        raise base.RateLimited(datetime.now(UTC))

    monkeypatch.setattr(FileNetwork, "send", busy_after_the_first_step)
    send_all(2)
    delivery.refresh_from_db()
    assert delivery.state == (State.SENT if published else State.FAILED)
    assert "look on the network" in delivery.error or published
