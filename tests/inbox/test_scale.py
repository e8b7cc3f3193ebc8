"""What is asked for every batch stays an index look-up when the tables have grown."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.accounts.models import Account
from openline.foundation.bulk import append_rows, query
from openline.foundation.ids import uuid7
from openline.inbox.keeping import _known_messages

ROWS = 20_000


@pytest.mark.django_db
def test_known_posts_are_looked_up_by_index_however_many_an_account_has() -> None:
    account = Account.objects.create(network="mastodon", handle="@busy", server="http://127.0.0.1:1", name="busy")
    resident, identity, conversation, now = uuid7(), uuid7(), uuid7(), timezone.now()
    append_rows("inbox_resident", ("id", "created_at"), [(resident, now)])
    names = ("id", "resident_id", "network", "network_user_id", "handle", "name", "ours")
    append_rows("inbox_identity", names, [(identity, resident, "mastodon", "1", "ann", "Ann", False)])
    columns = "id account_id identity_id thread visibility status attention why unread summary opened_at"
    append_rows(
        "inbox_conversation", (*columns.split(), "last_message_at", "machine_answers"),
        [(conversation, account.pk, identity, "t", "public", "open", 0, "", True, "", now, now, 0)],
    )  # fmt: skip
    columns = "id conversation_id account_id direction network_id uri url parent_network_id text language visibility"
    append_rows(
        "inbox_message", (*columns.split(), "media", "posted_at", "kept_at", "purpose"),
        ((uuid7(), conversation, account.pk, "in", str(n), "", "", "", "x", "", "public", "[]", now, now, "")
         for n in range(ROWS)),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inbox_message")
    with CaptureQueriesContext(connection) as asked:
        known = _known_messages((account.pk, str(n)) for n in range(ROWS - 100, ROWS + 100))
    assert len(known) == 100
    plan = "\n".join(row[0] for row in query(f"EXPLAIN {asked.captured_queries[0]['sql']}"))
    assert "message_once" in plan, plan
    assert "Seq Scan on inbox_message" not in plan
