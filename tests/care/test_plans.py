"""Every statement of a batch finds its rows by index, whatever the planner believes of the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from openline.care.process import process
from openline.inbox.receiving import store
from tests.world import city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")
GROWING = r"inbox_\w+|care_\w+|records_record|outbox_delivery|triage_assessment|service_requests_servicerequest"
TEXTS = (
    "huge pothole at 13th & Market, bent my rim", "street light is out again!", "what a game last night",
    "same problem at the same place as last time", "the street light at 1500 Market St is out",
)  # fmt: skip


@contextmanager
def plans() -> Iterator[list[str]]:
    """The plans of all statements meanwhile, each made right before its statement, in its own transaction."""
    found: list[str] = []

    def explained(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if re.match(r"\s*(SELECT|INSERT|UPDATE|WITH)\b", sql):
            execute(f"EXPLAIN {sql}", params, many, context)
            found.append("\n".join([sql, *(row[0] for row in context["cursor"].fetchall())]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        yield found


def test_no_statement_of_a_batch_reads_a_whole_table(tmp_path: Path) -> None:
    account = city_account(tmp_path / "net")
    store(account.pk, [post(str(n), text, by=f"r{n}") for n, text in enumerate(TEXTS)])
    process()
    store(account.pk, [post(f"again-{n}", text, to=str(n), by=f"r{n}") for n, text in enumerate(TEXTS)])
    with plans() as found:
        assert process() == len(TEXTS)
    assert len(found) > 15
    for plan in found:
        assert not re.search(rf"(?:Seq Scan|Bitmap Heap Scan) on (?:{GROWING})\b", plan), plan


def test_what_is_offered_as_the_same_is_found_by_its_id_and_not_among_all_open_requests(tmp_path: Path) -> None:
    account = city_account(tmp_path / "net")
    store(account.pk, [post("1", "the street light at 1500 Market St is out")])
    process()
    store(account.pk, [post("2", "it is still out", to="1")])
    with plans() as found:
        assert process() == 1
    [situation] = [plan for plan in found if "care_survey" in plan and "knowledge_placeasked" in plan]
    assert "request_open_by_due" not in situation, situation


def test_nothing_is_looked_up_for_conversations_that_begin(tmp_path: Path) -> None:
    account = city_account(tmp_path / "net")
    store(account.pk, [post("1", "the street light at 1500 Market St is out")])
    with plans() as found:
        assert process() == 1
    assert not [plan for plan in found if "knowledge_placeasked" in plan]


def test_the_door_is_not_slowed_down_by_what_was_taken_from_it(tmp_path: Path) -> None:
    account = city_account(tmp_path / "net")
    store(account.pk, [post(str(n), "what a game last night", by=f"r{n}") for n in range(3)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inbox_heard SET state = 'kept'")
        cursor.execute("ANALYZE inbox_heard")
    store(account.pk, [post("new", "what a game last night")])
    with plans() as found:
        assert process() == 1
    [claim] = [plan for plan in found if "SKIP LOCKED" in plan]
    assert "Index Scan using heard_waiting" in claim, claim
    assert "Sort" not in claim, claim
