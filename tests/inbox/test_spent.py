"""What was sent is added up from its receipts, by account and month."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from openline.accounts.models import Account
from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.inbox.ledger import _SPENT, AccountLedger
from openline.outbox.models import Delivery
from tests.world import city_account

pytestmark = pytest.mark.django_db


def sent(account: Account, at: datetime, **facts: str) -> None:
    receipt = {"network_id": "1", "url": "", "uri": "", "parts": [], "facts": facts}
    Delivery.objects.create(
        account=account, key=str(uuid7()), thread="t", outgoing={"text": "a"}, state="sent", receipt=receipt,
        next_try_at=at, created_at=at, sent_at=at,
    )  # fmt: skip


def test_the_month_of_one_account(tmp_path: Path, django_assert_num_queries: object) -> None:
    desk, other = city_account(tmp_path, "@desk"), city_account(tmp_path, "@other")
    now = timezone.now()
    sent(desk, now, cost_usd="0.015")
    sent(desk, now, cost_usd="0.200", dkim="pass")
    sent(desk, now)
    sent(desk, now - timedelta(days=40), cost_usd="9.000")
    sent(other, now, cost_usd="5.000")
    ledger = AccountLedger(desk.pk)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert ledger.spent(now - timedelta(days=30)) == Decimal("0.215")
    assert AccountLedger(uuid7()).spent(now) == 0
    assert desk.public_ref().ledger.spent(now - timedelta(days=30)) == Decimal("0.215")


def test_it_is_found_by_its_index(tmp_path: Path) -> None:
    desk = city_account(tmp_path, "@desk")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = query("EXPLAIN " + _SPENT, [desk.pk, timezone.now()])
    assert "delivery_priced" in str(plan)
