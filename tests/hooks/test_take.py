"""Calls from networks: proved, stored as they came, answered."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
from django.test import Client

from openline.accounts.models import Account
from openline.inbox.models import Heard
from tests.world import city_account

pytestmark = pytest.mark.django_db
BODY = json.dumps({"id": "p1", "text": "pothole"}).encode()


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return city_account(tmp_path / "net")


def call(account: Account, secret: str = "secret", body: bytes = BODY, network: str = "file", **more: object):  # type: ignore[no-untyped-def]
    address = f"/hooks/{network}/{account.pk}/"
    return Client(enforce_csrf_checks=True).post(
        address, body, content_type="application/json", headers={"X-Secret": secret}
    )


def test_a_call_is_stored_as_it_came_and_answered(account: Account) -> None:
    answer = call(account)
    assert (answer.status_code, answer.content) == (200, b"thanks")
    [heard] = Heard.objects.all()
    assert bytes(heard.raw) == BODY and heard.account == account
    account.refresh_from_db()
    assert account.last_heard_at


def test_the_same_call_again_is_stored_once(account: Account) -> None:
    assert [call(account).status_code for _ in range(3)] == [200, 200, 200]
    assert Heard.objects.count() == 1


def test_a_forged_call_leaves_nothing(account: Account) -> None:
    answer = call(account, secret="guess")
    assert answer.status_code == 403 and b"secret" not in answer.content
    assert not Heard.objects.exists()


def test_an_account_that_cannot_speak_goes_on_hearing(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(speaking="refused", enabled=False)
    assert call(account).status_code == 200
    assert Heard.objects.count() == 1


def test_unreadable_calls_are_kept_with_the_reason(account: Account) -> None:
    assert call(account, body=b"{").status_code == 200
    assert Heard.objects.count() == 1


def test_what_is_too_large_or_for_nobody_is_refused(account: Account) -> None:
    assert call(account, body=b"x" * 5_000_001).status_code == 413
    assert call(account, network="other").status_code == 404
    account.pk = uuid.uuid4()
    assert call(account).status_code == 404
    assert not Heard.objects.exists()


def test_a_network_that_never_calls_takes_no_calls(tmp_path: Path) -> None:
    account = Account.objects.create(network="mastodon", handle="@c", server="https://m.example")
    answer = Client().post(f"/hooks/mastodon/{account.pk}/", b"{}", content_type="application/json")
    assert answer.status_code == 403


def test_the_citys_site_names_its_nostr_keys_to_every_origin() -> None:
    key = "0d" * 32
    Account.objects.create(
        network="nostr", handle="c", server="wss://r.example", settings={"nip05": "c@city.example", "public_key": key}
    )
    answer = Client().get("/.well-known/nostr.json?name=c")
    assert answer.json() == {"names": {"c": key}, "relays": {key: ["wss://r.example"]}}
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert Client().get("/.well-known/nostr.json?name=other").json()["names"] == {}
    assert Client().get("/.well-known/nothing").status_code == 404
    assert Client().get("/oauth/nothing/here").status_code == 404


def test_a_call_that_cannot_be_checked_now_is_to_be_brought_again(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(credentials_encrypted=b"of a key that is gone")
    assert call(account).status_code == 503 and not Heard.objects.exists()
