"""One address for all accounts of an app: proved, told apart, and what follows when a permission is taken back."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from openline.accounts.models import Account, Line
from openline.inbox.models import Heard
from openline.records.models import Kind, Record
from tests.world import city_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path: Path) -> Account:
    return city_account(tmp_path / "net", "@desk")


@pytest.fixture
def mayor(tmp_path: Path) -> Account:
    return city_account(tmp_path / "net", "@mayor")


def call(said: object, secret: str = "secret", network: str = "file", **more: object) -> HttpResponse:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Client(enforce_csrf_checks=True).post(  # type: ignore[return-value]
        f"/hooks/{network}/", body, content_type="application/json", headers={"X-Secret": secret}
    )


def entry(handle: str, *ids: str) -> dict[str, object]:
    return {"account": handle, "posts": [{"id": one, "text": "pothole"} for one in ids]}


def kept() -> set[tuple[str, str]]:
    return {(one.account.handle, one.event_id) for one in Heard.objects.select_related("account")}


def test_each_account_gets_what_is_its_own(desk: Account, mayor: Account) -> None:
    answer = call({"entry": [entry("@desk", "1"), entry("@mayor", "2"), entry("@desk", "3"), entry("@nobody", "4")]})
    assert (answer.status_code, answer.content) == (200, b"thanks")
    assert kept() == {("@desk", "1"), ("@mayor", "2"), ("@desk", "3")}


def test_the_same_batch_again_is_stored_once(desk: Account) -> None:
    for _ in range(3):
        assert call({"entry": [entry("@desk", "1", "2")]}).status_code == 200
    assert Heard.objects.count() == 2


def test_an_account_of_another_app_gets_nothing(desk: Account, mayor: Account) -> None:
    mayor.credentials = {"token": "of another app"}
    mayor.save()
    assert call({"entry": [entry("@desk", "1"), entry("@mayor", "2")]}).status_code == 200
    assert kept() == {("@desk", "1")}


def test_an_account_that_is_switched_off_goes_on_hearing(desk: Account) -> None:
    Account.objects.filter(pk=desk.pk).update(enabled=False, speaking=Line.REFUSED)
    assert call({"entry": [entry("@desk", "1")]}).status_code == 200 and kept() == {("@desk", "1")}


def test_what_is_forged_or_unreadable_or_too_large_leaves_nothing(desk: Account) -> None:
    forged = call({"entry": [entry("@desk", "1")], "gone": ["@desk"]}, secret="guess")
    assert forged.status_code == 403 and b"secret" not in forged.content
    for body in (b"{", b"[]", b"null", b'{"entry": 1}', b'{"entry": [{}]}'):
        assert call(body).status_code == 400
    assert call(b"x" * 5_000_001).status_code == 413
    desk.refresh_from_db()
    assert not kept() and desk.speaking == Line.OK


def test_without_accounts_nobody_can_prove_anything() -> None:
    Account.objects.all().delete()
    assert call({"entry": []}, secret="").status_code == 403
    assert call({}, network="nowhere").status_code == 404


def test_a_challenge_is_answered_as_it_was_put(desk: Account) -> None:
    asked = Client().get("/hooks/file/?challenge=123", headers={"X-Secret": "secret"})
    assert (asked.status_code, asked.content, asked["Content-Type"]) == (200, b"123", "text/plain; charset=utf-8")
    assert Client().get("/hooks/file/?challenge=123").status_code == 403


def test_a_permission_that_is_taken_back_stops_that_account_alone(desk: Account, mayor: Account) -> None:
    assert call({"gone": ["@desk", "@nobody"]}).content == b"thanks"
    desk.refresh_from_db()
    mayor.refresh_from_db()
    assert (desk.speaking, desk.hearing, mayor.speaking) == (Line.REFUSED, Line.REFUSED, Line.OK)
    assert "taken back" in desk.speaking_error and desk.credentials == {"token": "secret"}
    [record] = Record.objects.filter(kind=Kind.ADMINISTERED, body__handle="@desk")
    assert record.body["what"] == "permission withdrawn" and "secret" not in json.dumps(record.body)


def test_a_wish_to_erase_forgets_the_login_and_names_a_page_about_it(desk: Account, mayor: Account) -> None:
    Account.objects.filter(pk=mayor.pk).update(handle="@m")
    said = json.loads(call({"gone": ["@desk"], "erase": True}).content)
    desk.refresh_from_db()
    mayor.refresh_from_db()
    assert desk.credentials == {} and mayor.credentials == {"token": "secret"}
    page = Client().get(urlsplit(said["url"]).path)
    assert page.status_code == 200 and "was erased" in page.content.decode() and said["code"] in said["url"]
    assert Client().get(f"/hooks/erased/{said['code']}x/").status_code == 404
    # Without credentials it can prove nothing any more.
    assert call({"gone": ["@desk"]}).status_code == 200
    mayor.delete()
    assert call({"gone": ["@desk"]}).status_code == 403


def test_no_credential_renewed_meanwhile_is_written_over(desk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account was read before, and its token is renewed before the withdrawal is kept."""
    from openline.accounts import connecting

    stale = Account.objects.get(pk=desk.pk)
    desk.credentials = {"token": "renewed"}
    desk.save()
    connecting.withdrawn(stale, by="file")
    desk.refresh_from_db()
    assert desk.credentials == {"token": "renewed"} and desk.speaking == Line.REFUSED


def test_an_account_whose_secrets_cannot_be_read_stops_no_other(desk: Account, mayor: Account) -> None:
    Account.objects.filter(pk=mayor.pk).update(credentials_encrypted=b"of a key that is gone")
    assert call({"entry": [entry("@desk", "1"), entry("@mayor", "2")]}).status_code == 200
    assert kept() == {("@desk", "1")}


def test_a_batch_as_large_as_networks_send_is_taken(desk: Account) -> None:
    posts = [{"id": str(n), "text": "pothole " * 1000} for n in range(500)]
    assert call({"entry": [{"account": "@desk", "posts": posts}]}).status_code == 200
    assert Heard.objects.count() == 500
