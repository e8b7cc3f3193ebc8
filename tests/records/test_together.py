"""Records that are written together: in their order, in one statement, and none where the work failed."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from openline.foundation import bulk
from openline.records import log
from openline.records.models import Record

pytestmark = pytest.mark.django_db


def entry(actor: str) -> log.Entry:
    return log.Entry("decided", f"together-{actor}")


def kept() -> list[str]:
    found = Record.objects.filter(actor__startswith="together-").order_by("id")
    return [record.actor.removeprefix("together-") for record in found]


def test_records_are_appended_at_the_end_in_their_order_by_one_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = []
    real = bulk.append_rows

    def counted(*arguments: object) -> None:
        copied.append(arguments[0])
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "append_rows", counted)
    with log.together():
        log.write([entry("ann"), entry("bob")])
        log.write([entry("cid")])
        assert kept() == []
    assert kept() == ["ann", "bob", "cid"]
    assert copied == ["records_record"]


def test_what_fails_leaves_no_record_and_nothing_for_later() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(), log.together():
        log.write([entry("ann")])
        raise ZeroDivisionError
    with log.together():
        pass
    assert kept() == []
    log.write([entry("bob")])
    assert kept() == ["bob"]


def test_nothing_to_write_asks_the_database_nothing() -> None:
    with CaptureQueriesContext(connection) as asked, log.together():
        log.write([])
    assert len(asked) == 0
