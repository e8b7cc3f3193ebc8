"""No token and no secret in what anybody reads: logs, errors, records, addresses, pages, the database.

Every network in `nets` is driven here through the rooms (connect, hear, answer, fail in many ways), and then everything
that was written is searched for the account's secrets.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import httpx
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from openline.accounts import connecting
from openline.accounts.connecting import About
from openline.accounts.models import Account
from openline.care import process
from openline.channels import http
from openline.channels.accounts import AccountRef, Connected
from openline.channels.base import ChannelError, Pushed, Rejected
from openline.channels.concealing import conceal
from openline.inbox import receiving
from openline.outbox import sending
from openline.outbox.models import Delivery
from tests.channels import faults
from tests.channels.faults import Fault, FaultProxy
from tests.channels.nets.base import Memory, Net

SHORTEST = 8
"""Shorter ones (of test servers) would be found by chance."""


@dataclass
class Written:
    """All that somebody could read afterwards."""

    texts: list[str] = field(default_factory=list)
    errors: int = 0

    def trying(self, do: Callable[[], object]) -> None:
        """Do it, and keep what it gives or how it fails, as a log would show it."""
        try:
            self.texts.append(repr(do()))
        except Exception as error:
            self.errors += 1
            self.texts += [str(error), repr(error)]
            if not isinstance(error, ChannelError):  # a fault of ours is logged with all that led to it
                self.texts.append("".join(traceback.format_exception(error)))

    def holds(self, secret: str) -> list[str]:
        spelt = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode(), secret.encode().hex()}
        return [text[:2000] for text in self.texts if any(one in text for one in spelt)]


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Iterator[Written]:
    """Collects what the product logs, at the levels at which it does."""
    caplog.handler.setLevel(logging.INFO)
    yield Written()


NAMES_ONLY = {"api_key"}
"""Flickr's key names the app, as a client id does elsewhere, and goes in addresses by its API; its secret signs."""


def secrets_of(*accounts: AccountRef) -> set[str]:
    kept = [pair for account in accounts for pair in account.credentials.items()]
    found = {value for name, value in kept if name not in NAMES_ONLY}
    return {value for value in found if len(value) >= SHORTEST}


def keep(net: Net) -> Account:
    """The account, connected as the console does."""
    ref = net.account
    connected = Connected(net.channel.check(ref), ref.handle, ref.server, dict(ref.credentials), ref.settings)
    return connecting.keep(net.network, connected, About("City"), by="test")


def go_round(account: Account) -> None:
    """Understand and answer, as the worker does."""
    while process.process():
        pass
    while sending.send_next(1):
        pass
    Delivery.objects.filter(account=account, state="waiting").update(next_try_at=None)


def database() -> str:
    """Every row of every table, but those with nothing that an account could bring."""
    rows: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith(("geography_", "triage_", "django_", "auth_permission", "cities_")):
                cursor.execute(f'SELECT t::text FROM "{table}" t')
                rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def repeating(unit: bytes) -> Fault:
    """A server that repeats in its refusal what it was sent, as far as it has room for it."""
    head, _, body = unit.decode("latin-1").partition("\r\n\r\n")
    proof = [line for line in head.split("\r\n") if line.lower().startswith("authorization")]
    words = f"Malformed: {proof} {body}"
    told = json.dumps({"error": {"message": words, "code": 190}, "message": words, "error_description": words})
    return Fault("answer", status=400, headers={"Content-Type": "application/json"}, body=told.encode())


def drive(net: Net, account: Account, written: Written) -> None:
    """Hear and answer, and fail in all ways at each of them."""
    net.post(text := "There is a big pothole, cars swerve around it.")
    item = net.heard(text)
    receiving.store(account.pk, [item])
    go_round(account)
    answer = net.answer(item, "We are looking into it.")
    struck = (faults.CUT_AFTER, faults.UNAVAILABLE, faults.too_many(1), None)
    with FaultProxy(net.port, net.is_send) as proxy:
        through = replace(account.ref(), server=net.through(proxy.port).server)
        proxy.choose = lambda unit: written.texts.append(unit.split(b"\r\n")[0].decode("latin-1"))  # type: ignore[func-returns-value]
        written.trying(lambda: net.channel.check(through))
        for fault in struck:
            proxy.choose = lambda unit, fault=fault: fault or repeating(unit)
            written.trying(lambda: net.channel.check(through))
            written.trying(lambda: net.channel.poll(through, ""))
            written.trying(lambda: net.send(answer, "k", Memory(), through))
        gone = proxy.port
    away = replace(account.ref(), server=net.through(gone).server)
    for ref in (away, net.refused()):
        written.trying(lambda ref=ref: net.channel.check(ref))
        written.trying(lambda ref=ref: net.channel.inspect(ref))
        written.trying(lambda ref=ref: net.send(answer, "k", Memory(), ref))
    written.trying(lambda: net.channel.try_out(net.account, "A test.", "k"))


def pages(account: Account, client: Client) -> Iterator[str]:
    """What the console shows of the account."""
    for name, parts in (
        ("console:accounts", []),
        ("console:account", [account.pk]),
        ("console:account_again", [account.network, account.pk]),
    ):
        yield client.get(reverse(name, args=parts)).content.decode()
    yield client.post(reverse("console:account_try", args=[account.pk])).content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("philadelphia")
def test_no_secret_is_to_be_read_anywhere(
    net: Net, written: Written, admin_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = secrets_of(net.account, net.refused()) if net.account.credentials else set()
    if not secrets:
        pytest.skip("the network has no secrets")
    account = keep(net)
    drive(net, account, written)
    assert written.errors >= 3
    Account.objects.filter(pk=account.pk).update(speaking="ok", paused_until=None)
    account.refresh_from_db()
    written.texts += [
        repr(account),
        str(account),
        repr(account.ref()),
        repr(net.account),
        *pages(account, admin_client),
    ]
    out = io.StringIO()
    with suppress(SystemExit):
        call_command("doctor", stdout=out)
    written.texts += [out.getvalue(), caplog.text, *(repr(one.__dict__) for one in caplog.records), database()]
    for secret in secrets:
        assert not written.holds(secret)
    assert account.credentials.keys() >= net.account.credentials.keys()  # they are there, encrypted


def test_a_server_that_repeats_our_secrets_is_not_repeated() -> None:
    def repeat(request: httpx.Request) -> httpx.Response:
        words = f"{request.url} {request.headers.raw} {request.content.decode()}"
        return httpx.Response(400, json={"message": words})

    basic = base64.b64encode(b"city:correct-horse-battery-staple").decode()
    with httpx.Client(transport=httpx.MockTransport(repeat)) as client:
        for asked in (
            {"headers": {"Authorization": "Bearer correct-horse-battery-staple"}},
            {"headers": {"Authorization": f"Basic {basic}"}},
            {"headers": {"Authorization": 'OAuth oauth_token="correct-horse-battery-staple", oauth_nonce="x"'}},
            {"headers": {"X-Auth-Token": "correct-horse-battery-staple"}},
            {"params": {"access_token": "correct-horse-battery-staple"}},
            {"data": {"client_secret": "correct-horse-battery-staple", "grant_type": "x"}},
            {"json": {"password": "correct-horse-battery-staple", "text": "hello"}},
        ):
            with pytest.raises(ChannelError) as caught:
                http.call(client, "POST", "https://x.example/", **asked)  # type: ignore[arg-type]
            shown = "".join(traceback.format_exception(caught.value))
            assert "correct-horse" not in shown and basic not in shown and "…" in shown


def test_a_call_to_us_shows_nothing_of_its_proof() -> None:
    call = Pushed("POST", "https://c.example/?token=hush", {"authorization": "hush"}, {"token": "hush"}, b"hush")
    assert "hush" not in repr(call)


@pytest.mark.parametrize("room", [20, 40, 60])
def test_nor_where_its_words_are_cut_off(room: int) -> None:
    request = httpx.Request("GET", "https://x.example/", headers={"Authorization": f"Bearer {'abcdefghij' * 5}"})
    error = conceal(Rejected(f"Malformed token {'abcdefghij' * 5}"[: 16 + room]), request)
    assert error.reason == str(error) == "Malformed token …"
