"""Renewing credentials under one lock, and slowing down before the network's wall."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from openline.accounts import keeping
from openline.accounts.models import Account
from openline.channels.accounts import Budget
from tests.world import city_account

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(tmp_path: Path) -> Account:
    keeping._written.clear()
    found = city_account(tmp_path / "net")
    found.credentials = {"access": "a0", "refresh": "r0"}
    found.save()
    return found


def test_what_was_renewed_is_kept(account: Account) -> None:
    found = account.ref().keeper.renew(lambda old: {**old, "access": "a1", "refresh": "r1"})
    assert found == {"access": "a1", "refresh": "r1"}
    account.refresh_from_db()
    assert account.credentials == found


def test_an_empty_value_never_takes_the_place_of_a_secret(account: Account) -> None:
    found = account.ref().keeper.renew(lambda _old: {"access": "a1", "refresh": ""})
    assert found == {"access": "a1", "refresh": "r0"}


def test_an_end_that_was_put_off_is_kept(account: Account) -> None:
    ends_at = datetime.now(UTC) + timedelta(days=60)
    account.ref().keeper.note_end(ends_at)
    account.refresh_from_db()
    assert account.expires_at == ends_at


def test_a_renewal_that_fails_changes_nothing(account: Account) -> None:
    def fail(_old: dict[str, str]) -> dict[str, str]:
        raise RuntimeError("the network is away")

    with pytest.raises(RuntimeError):
        account.ref().keeper.renew(fail)
    account.refresh_from_db()
    assert account.credentials == {"access": "a0", "refresh": "r0"}


def test_a_refresh_token_that_works_once_is_used_once(account: Account) -> None:
    """Eight workers find the token stale at the same moment: one renews, the others take what it kept."""
    used: list[str] = []

    def renew(old: dict[str, str]) -> dict[str, str]:
        if old["access"] != "a0":
            return old
        used.append(old["refresh"])
        return {"access": "a1", "refresh": "r1"}

    def work() -> None:
        assert account.ref().keeper.renew(renew)["access"] == "a1"
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert used == ["r0"]


def test_an_account_with_little_left_pauses_before_the_wall(account: Account) -> None:
    at = datetime.now(UTC) + timedelta(minutes=3)
    account.ref().keeper.note_budget(Budget(300, 200, at))
    account.refresh_from_db()
    assert account.paused_until is None and account.budget["remaining"] == 200
    account.ref().keeper.note_budget(Budget(300, 4, at))
    account.refresh_from_db()
    assert account.paused_until == at
    assert account.budget["remaining"] == 4


def test_a_scarce_reading_allowance_does_not_stop_speaking(account: Account) -> None:
    account.ref().keeper.note_budget(Budget(300, 0, datetime.now(UTC) + timedelta(minutes=3), "read"))
    account.refresh_from_db()
    assert account.paused_until is None
