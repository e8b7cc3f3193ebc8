"""Long messages in parts, by calls of a gateway: at once, again, in disorder, under a name that was used before."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from openline.accounts.models import Account
from openline.channels.base import Incoming
from openline.channels.registry import channel_for
from openline.inbox.ledger import PATIENCE, hand_on_late_parts
from openline.inbox.models import Heard, Piece

SECRET = "a-secret-of-24-letters-or-more"


def made() -> Account:
    number = "+12155553110"
    account = Account(network="sms", handle=number, server="http://127.0.0.1:9")
    account.settings = {"provider": "kannel", "sender": number, "username": "city", "allowed_from": "127.0.0.0/8"}
    account.credentials = {"password": "pw", "hook_secret": SECRET}
    account.save()
    return account


@pytest.fixture
def account(db: None) -> Account:
    return made()


def call(account: Account, query: str, **more: object) -> int:
    login = base64.b64encode(f"openline:{SECRET}".encode()).decode()
    address = f"/hooks/sms/{account.pk}/?{query}"
    return Client().get(address, headers={"Authorization": f"Basic {login}"}, **more).status_code  # type: ignore[arg-type]


def part(number: int, text: str, key: str = "p") -> str:
    sender = f"kind=message&id={key}{number}&from=%2B12155551000&to=2&text={text}"
    return f"{sender}&coding=0&charset=UTF-8&udh=%05%00%03%07%02%0{number}&at=1"


def heard(account: Account) -> list[str]:
    raws = Heard.objects.filter(account=account).order_by("id").values_list("raw", flat=True)
    items = (channel_for("sms").parse(bytes(raw)) for raw in raws)
    return [item.text for item in items if isinstance(item, Incoming)]


def age() -> None:
    Piece.objects.update(at=timezone.now() - PATIENCE - timedelta(minutes=1))


def test_parts_become_one_message_in_any_order_and_once(account: Account) -> None:
    for query in (part(2, "world"), part(2, "world"), part(1, "hello+"), part(2, "world")):
        assert call(account, query) == 200
    assert heard(account) == ["hello world"]


@pytest.mark.django_db(transaction=True)
def test_parts_that_come_at_the_same_moment_find_each_other() -> None:
    account, start = made(), Barrier(2)

    def one(number: int) -> None:
        start.wait(10)
        call(account, part(number, "hello+" if number == 1 else "world"))
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, (1, 2)))
    assert heard(account) == ["hello world"]


def test_a_name_that_was_used_before_is_another_message(account: Account) -> None:
    for key in ("p", "q"):
        call(account, part(1, f"one+{key}+", key))
        call(account, part(2, f"two+{key}", key))
        age()
    assert heard(account) == ["one p two p", "one q two q"]
    assert hand_on_late_parts() == 0


def test_half_a_message_of_that_name_is_heard_before_the_next_one(account: Account) -> None:
    call(account, part(1, "half", "p"))
    age()
    call(account, part(2, "two", "q"))
    assert heard(account) == ["(1/2) half"]
    call(account, part(1, "one+", "q"))
    assert heard(account) == ["(1/2) half", "one two"]


def test_calls_from_elsewhere_are_refused(account: Account) -> None:
    assert call(account, part(1, "x"), REMOTE_ADDR="203.0.113.5") == 403
    assert not Piece.objects.exists()
