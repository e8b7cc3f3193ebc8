"""Accounts on screens: only who administers, kept only if the network accepts, secrets never shown, health in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from openline.accounts import health
from openline.accounts.models import Account, Line
from openline.channels import registry
from openline.channels.accounts import Authorizing, Connected, Connection, Field, Finding, Who
from openline.channels.base import AccountRef, Rejected, TokenExpired
from openline.records.models import Record
from tests.world import FileNetwork, city_account

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]
SECRET = "hunter2-and-more"


class Paper(FileNetwork):
    """The file network with a form, and with a login page of its own."""

    network = "paper"
    label = "Paper"
    connection = Connection(
        (Field("server", "Folder"), Field("token", "Token", kind="secret"), Field("loud", "Loud", kind="yes_no")),
        ("Open the drawer.",),
        own_login=True,
    )

    def connect(self, values: Mapping[str, str]) -> Connected:
        if values["token"] == "wrong":
            raise Rejected("No such token.", "token")
        who = Who(f"id-{values['server']}", "@city", "The city")
        return Connected(who, "@city", values["server"], {"token": values["token"]}, {"loud": values["loud"]})

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        return Authorizing(f"https://paper.example/login?state={state}&to={return_to}", {"server": values["server"]})

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        return self.connect({"server": kept["server"], "token": query["code"], "loud": ""})

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        return (Finding(False, "The drawer is not locked."),)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        if account.credentials["token"] == "stale":
            raise TokenExpired("The token is stale.")
        return f"We read our own words: {text}"


@pytest.fixture(autouse=True)
def _paper() -> Iterator[None]:
    health.forget_count()
    registry.channels()["paper"] = Paper()
    yield
    del registry.channels()["paper"]


def connect(client: Client, **more: str) -> object:
    sent = {"server": "s1", "token": SECRET, "mandate": "service_desk", "owner": "311", **more}
    return client.post(reverse("console:account_connect", args=["paper"]), sent)


def test_only_who_administers_sees_accounts(login: Login) -> None:
    for role in ("agent", "supervisor", "crew", "communications", "official"):
        client = login(role)
        assert client.get(reverse("console:accounts")).status_code == 403
        assert client.post(reverse("console:account_connect", args=["paper"])).status_code == 403
    assert login("administrator").get(reverse("console:accounts")).status_code == 200
    assert Client().get(reverse("console:accounts")).status_code == 302


def test_the_guide_and_the_fields_of_the_network_are_shown(login: Login) -> None:
    page = login("administrator").get(reverse("console:account_connect", args=["paper"])).content.decode()
    assert "Open the drawer." in page and 'name="token"' in page and 'type="password"' in page
    assert login("administrator").get(reverse("console:account_connect", args=["nowhere"])).status_code == 404


def test_a_question_of_yes_or_no_begins_as_the_network_says(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = (Field("loud", "Loud", kind="yes_no", initial="no"), Field("soft", "Soft", kind="yes_no", initial="yes"))
    monkeypatch.setattr(Paper, "connection", replace(Paper.connection, fields=asked))
    page = login("administrator").get(reverse("console:account_connect", args=["paper"])).content.decode()
    boxes = re.findall(r'<input type="checkbox" name="(loud|soft)"([^>]*)>', page)
    assert [(name, "checked" in more) for name, more in boxes] == [("loud", False), ("soft", True)]


def test_the_addresses_that_the_network_asks_for_are_shown(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    address = reverse("console:account_connect", args=["paper"])
    client = login("administrator")
    page = client.get(address).content.decode()
    assert "/hooks/paper/" not in page and "/console/accounts/back/" not in page
    asking = replace(Paper.connection, names_return=True, hook="network")
    monkeypatch.setattr(Paper, "connection", asking)
    page = client.get(address).content.decode()
    assert "/hooks/paper/</code>" in page and "/console/accounts/back/</code>" in page


def test_an_account_is_kept_encrypted_and_its_secret_is_never_shown(login: Login) -> None:
    client = login("administrator")
    answer = connect(client)
    account = Account.objects.get()
    assert answer.status_code == 302  # type: ignore[attr-defined]
    assert account.credentials == {"token": SECRET} and SECRET.encode() not in bytes(account.credentials_encrypted)
    assert (account.owner, account.network_user_id, account.settings) == ("311", "id-s1", {"loud": ""})
    for name in ("console:account", "console:account_try"):
        page = (
            client.post(reverse(name, args=[account.pk]))
            if name.endswith("try")
            else client.get(reverse(name, args=[account.pk]))
        )
        assert page.status_code == 200 and SECRET not in page.content.decode()
    assert SECRET not in client.get(reverse("console:account_again", args=["paper", account.pk])).content.decode()
    assert all(SECRET not in str(record.body) for record in Record.objects.all())


def test_what_the_network_refuses_is_told_beside_the_field_and_nothing_is_kept(login: Login) -> None:
    answer = connect(login("administrator"), token="wrong")
    assert answer.status_code == 422 and "No such token." in answer.content.decode()  # type: ignore[attr-defined]
    assert not Account.objects.exists()


def test_the_networks_own_login_page(login: Login) -> None:
    client = login("administrator")
    begun = client.post(
        reverse("console:account_connect", args=["paper"]),
        {"how": "login", "server": "s1", "mandate": "official", "owner": "The Mayor"},
    )
    address = begun["Refresh"].removeprefix("0;url=")
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert begun.status_code == 200 and "form-action 'self'" in begun["Content-Security-Policy"]
    assert address.startswith("https://paper.example/login")
    assert 'href="https://paper.example/login' in begun.content.decode()
    forged = login("administrator").get(reverse("console:account_back"), {"state": "guess", "code": SECRET})
    assert forged.status_code == 302 and not Account.objects.exists()
    back = client.get(reverse("console:account_back"), {"state": state, "code": SECRET})
    account = Account.objects.get()
    assert back["Location"] == reverse("console:account", args=[account.pk])
    assert (account.mandate, account.owner, account.credentials) == ("official", "The Mayor", {"token": SECRET})
    again = client.get(reverse("console:account_back"), {"state": state, "code": SECRET})
    assert again["Location"] == reverse("console:accounts")  # a login is ended once


def test_connecting_again_keeps_what_was_not_given_and_refuses_another_account(login: Login) -> None:
    client = login("administrator")
    connect(client)
    account = Account.objects.get()
    Account.objects.update(speaking=Line.REFUSED, hearing=Line.REFUSED)
    address = reverse("console:account_again", args=["paper", account.pk])
    other = client.post(address, {"server": "s2", "token": "new"})
    assert other.status_code == 422 and "another account" in other.content.decode()
    assert client.post(address, {"server": "s1", "token": "new", "loud": "on"}).status_code == 302
    account.refresh_from_db()
    assert (account.credentials, account.settings) == ({"token": "new"}, {"loud": "yes"})
    assert (account.speaking, account.owner) == (Line.OK, "311")


def test_a_live_test_message_and_what_else_to_mend(login: Login) -> None:
    client = login("administrator")
    connect(client)
    account = Account.objects.get()
    page = client.post(reverse("console:account_try", args=[account.pk])).content.decode()
    assert "We read our own words" in page and "The drawer is not locked." in page
    connect(client, token="stale")
    assert "The token is stale." in client.post(reverse("console:account_try", args=[account.pk])).content.decode()


def test_troubles_in_words(tmp_path: Path) -> None:
    now = timezone.now()
    account = city_account(tmp_path / "net")
    account.last_heard_at = now
    assert health.troubles(account) == []
    account.expires_at = now + timedelta(days=5, hours=1)
    [soon] = health.troubles(account)
    assert "5 days" in soon.words and not soon.urgent
    account.expires_at, account.speaking = now - timedelta(days=1), Line.REFUSED
    assert len(health.troubles(account)) == 2
    account.expires_at, account.speaking, account.last_heard_at = None, Line.OK, now - timedelta(hours=1)
    assert "openline work" in health.troubles(account)[0].words
    account.enabled = False
    assert health.troubles(account) == []


def test_an_account_in_need_stands_beside_the_inbox(login: Login, tmp_path: Path) -> None:
    city_account(tmp_path / "net", hearing=Line.DOWN, hearing_error="no route")
    assert "Accounts in need" in login("administrator").get(reverse("console:inbox")).content.decode()
    assert "no route" in login("administrator").get(reverse("console:accounts")).content.decode()
    assert "Accounts in need" not in login("agent").get(reverse("console:inbox")).content.decode()


def test_switching_off_and_describing_are_on_the_record(login: Login) -> None:
    client = login("administrator")
    connect(client)
    account = Account.objects.get()
    client.post(reverse("console:account_switch", args=[account.pk]))
    client.post(
        reverse("console:account", args=[account.pk]), {"name": "Desk", "owner": "311", "mandate": "publishing"}
    )
    account.refresh_from_db()
    assert not account.enabled and account.mandate == "publishing"
    noted = set(Record.objects.filter(account_id=account.pk).values_list("body__what", flat=True))
    assert noted == {"account connected", "account switched off", "account described"}
