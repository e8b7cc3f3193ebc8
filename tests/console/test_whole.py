"""A text that is too long to be kept for reading: staff are told, and can read all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from openline.accounts.models import Account
from openline.care.process import process
from openline.channels.base import Incoming
from openline.foundation.text import MESSAGE_LIMIT
from openline.inbox.models import Message
from openline.inbox.receiving import store
from tests.world import city_account, post

LONG = "A pothole at 13th & Market. " + "It is deep. " * 3000 + "My number is at the very end."


@pytest.fixture
def desk(philadelphia: None, tmp_path: Path) -> Account:
    return city_account(tmp_path / "net")


def heard(desk: Account, *items: Incoming) -> Message:
    store(desk.pk, items)
    while process():
        pass
    return Message.objects.get(direction="in")


def whole(client: Client, message: Message) -> str:
    page = client.get(reverse("console:conversation", args=[message.conversation_id])).content.decode()
    there = reverse("console:whole", args=[message.conversation_id, message.pk])
    assert ("This is the beginning" in page) == (there in page)
    if there not in page:
        return ""
    answer = client.get(there)
    assert answer["Content-Type"].startswith("text/plain")
    return answer.content.decode()


def test_all_of_it_can_be_read(desk: Account, login: Callable[[str], Client]) -> None:
    message = heard(desk, post("1", LONG))
    assert len(message.text) <= MESSAGE_LIMIT < len(LONG)
    assert whole(login("agent"), message) == LONG


def test_an_edit_is_cut_and_made_whole_too(desk: Account, login: Callable[[str], Client]) -> None:
    message = heard(desk, post("1", "A pothole at 13th & Market."), post("1", LONG, kind="edit", event="2"))
    assert whole(login("agent"), message) == LONG
    shorter = post("1", "Never mind.", kind="edit", event="3")
    assert whole(login("agent"), heard(desk, shorter)) == ""
    assert heard(desk).details is None


def test_who_may_not_read_the_conversation_may_not_read_this(desk: Account, login: Callable[[str], Client]) -> None:
    message = heard(desk, post("1", LONG, visibility="private"))
    there = reverse("console:whole", args=[message.conversation_id, message.pk])
    assert login("communications").get(there).status_code in (403, 404)
    assert Client().get(there).status_code == 302
