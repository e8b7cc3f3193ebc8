"""Malformed and hostile deliveries at the door: nothing lost, nothing doubled, nothing crashes, all shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from openline.accounts.models import Account
from openline.care.process import process, waiting
from openline.channels.base import Incoming, Refused
from openline.inbox.models import Conversation, Heard, Message, Revision
from openline.inbox.receiving import store
from tests.world import FileNetwork, city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def desk(tmp_path: Path, philadelphia: None) -> Account:
    return city_account(tmp_path / "net")


def hear(account: Account, *items: Incoming | Refused) -> None:
    store(account.pk, items)
    while process():
        pass
    assert waiting() == 0


def raw(**fields: object) -> Incoming | Refused:
    return FileNetwork().parse(json.dumps(fields).encode())


HOSTILE_TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b pothole at 13th & Market",
    "\ud800 lone surrogate",
    "pothole \u202egnirts desrever",
    "<script>alert(1)</script><img src=x onerror=alert(1)> pothole",
    "'; DROP TABLE inbox_message; --",
    "🕳️" * 500,
    "ا" * 1000,
    "x" * 10_000_000,
    "pothole " * 200_000,
    "@" * 5000,
    "\n" * 5000,
    "{{ 7*7 }} {% load x %}",
    "a" + "\u0301" * 5000,
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_any_text_is_kept_once(desk: Account, text: str) -> None:
    hear(desk, post("1", text))
    message = Message.objects.get(direction="in")
    assert len(message.text) <= 20_000
    assert "\x00" not in message.text
    assert bytes(Heard.objects.get().raw) == post("1", text).raw  # kept whole, as it came


@pytest.mark.parametrize("when", ["1970-01-01T00:00:00+00:00", "2090-01-01T00:00:00+00:00"])
def test_an_unbelievable_date_is_replaced_by_the_time_of_arrival(desk: Account, when: str) -> None:
    hear(desk, post("1", "pothole at 13th & Market", posted_at=when))
    assert abs((Message.objects.get(direction="in").posted_at - datetime.now(UTC)).total_seconds()) < 60


def test_ids_and_handles_of_any_length(desk: Account) -> None:
    hear(desk, post("x" * 5000, "hello", by="h" * 5000), post("y" * 5000, "hello", by="g" * 5000))
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "content", [b"", b"null", b"[]", b"42", b"{", b"\xff\xfe", b'{"id": []}', b'{"text": "x"}', b"[" * 100_000]
)
def test_what_cannot_be_read_is_kept_and_shown_with_the_reason(desk: Account, content: bytes) -> None:
    found = FileNetwork().parse(content) if content[:1] != b"[" else Refused(content, "unreadable: too deep")
    hear(desk, found if isinstance(found, Refused) else Refused(content, "odd"))
    heard = Heard.objects.get()
    assert heard.state == "refused"
    assert heard.reason
    assert bytes(heard.raw) == content


def test_a_delivery_that_breaks_us_does_not_hold_up_the_others(desk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    original = FileNetwork.parse

    def parse(self: FileNetwork, content: bytes) -> Incoming | Refused:
        if b"poison" in content:
            raise MemoryError("bug of ours")
        return original(self, content)

    items = [post("1", "hello"), post("2", "poison"), post("3", "hello again", by="sam")]
    store(desk.pk, items)
    monkeypatch.setattr(FileNetwork, "parse", parse)
    while process():
        pass
    assert set(Message.objects.values_list("network_id", flat=True)) == {"1", "3"}
    refused = Heard.objects.get(state="refused")
    assert "MemoryError" in refused.reason


def test_a_reply_whose_parent_is_unknown_finds_it_when_it_arrives(desk: Account) -> None:
    hear(desk, post("2", "yes, still there", to="1"))
    hear(desk, post("1", "hello neighbours"))
    assert Conversation.objects.count() == 1


def test_an_edit_becomes_a_revision(desk: Account) -> None:
    hear(desk, post("1", "hello"))
    hear(desk, raw(id="1", event="e1", kind="edit", text="hello there", by="maria"))
    assert Message.objects.get().text == "hello there"
    assert Revision.objects.get().text == "hello"


def test_an_edit_before_its_original_stands_for_it(desk: Account) -> None:
    hear(desk, raw(id="1", event="e1", kind="edit", text="second words", by="maria"))
    hear(desk, post("1", "first words"))
    assert Message.objects.get(direction="in").text == "second words"
    assert Revision.objects.get().text == "first words"


def test_a_deletion_keeps_the_words_for_the_record(desk: Account) -> None:
    hear(desk, post("1", "hello"))
    hear(desk, raw(id="1", event="d1", kind="delete"))
    message = Message.objects.get()
    assert message.deleted_at
    assert Revision.objects.get().kind == "deleted"


def test_only_the_author_changes_a_post(desk: Account) -> None:
    hear(desk, post("1", "hello"))
    hear(desk, raw(id="1", event="e1", kind="edit", text="forged", by="devon"))
    assert Message.objects.get().text == "hello"
    assert Heard.objects.get(state="refused").reason


def test_a_deletion_of_something_unknown_changes_nothing(desk: Account) -> None:
    hear(desk, raw(id="9", event="d9", kind="delete"))
    assert not Message.objects.exists()
    assert Heard.objects.get().state == "kept"


def test_what_was_heard_cannot_be_changed(desk: Account) -> None:
    hear(desk, post("1", "hello"))
    for statement in (
        "UPDATE inbox_heard SET raw = ''",
        "DELETE FROM inbox_heard",
        "UPDATE records_record SET body = '{}'",
        "DELETE FROM records_record",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
