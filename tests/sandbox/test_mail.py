"""The sandbox's mail provider: the e-mail channel works with it, and people read there what the city sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from openline.accounts.models import Account
from openline.channels.base import Outgoing
from openline.channels.registry import channel_for
from openline.community import joining
from openline.outbox.models import Delivery
from openline.outbox.sending import Holder, send_next
from openline.sandbox import mails
from openline.sandbox.servers import SandboxServers, free_port
from openline.sandbox.setup import connect_mail
from tests.channels.nets.base import Memory

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account(tmp_path: Path, settings: Settings) -> Iterator[Account]:
    """The city's mailbox at a provider that runs."""
    settings.VAR, settings.SANDBOX = tmp_path, True
    folder = tmp_path / "sandbox"
    folder.mkdir()
    servers, ports = SandboxServers(folder, 0, 0), (free_port(), free_port())
    try:
        servers.start_mail(*ports)
        yield connect_mail(*ports)
    finally:
        servers.stop()


def test_the_channel_sends_finds_and_hears(account: Account) -> None:
    channel, ref = channel_for("email"), account.ref()
    assert channel.check(ref).handle == "help@city.sandbox"
    before = channel.poll(ref, "")
    said = Outgoing(".first line\nsecond — líne", "private", to_handle="ana@residents.sandbox", subject="Grüße")
    memory = Memory()
    receipt = channel.send(ref, said, "key-1", memory)
    found = channel.find_sent(ref, said, "key-1", memory, account.created_at)
    assert found and found.network_id == receipt.network_id
    assert channel.poll(ref, before.cursor).items == (), "a copy of our own mail is nothing to hear"
    shown = mails.newest()
    assert [(one.to, one.subject) for one in shown] == [("ana@residents.sandbox", "Grüße")]
    assert ".first line" in shown[0].text and "second — líne" in shown[0].text


def test_somebody_joins_in_the_demo(account: Account) -> None:
    asked = joining.begin("Ana@residents.sandbox", language="en")
    assert asked
    holder = Holder()
    try:
        assert send_next(holder.id)
    finally:
        holder.close()
    assert Delivery.objects.get().state == "sent" and Delivery.objects.get().outgoing == {"text": ""}
    shown = mails.newest("ana@residents.sandbox")[0]
    assert f'<a href="{joining.address(asked).partition("/join/")[0]}/join/' in shown.html
    assert mails.newest("somebody@else.test") == []


def test_what_a_mail_says_is_no_markup(account: Account) -> None:
    said = Outgoing("<script>alert(1)</script> http://a.test/?x=<b>", "private", to_handle="ana@residents.sandbox")
    channel_for("email").send(account.ref(), said, "key-2", Memory())
    assert "<script>" not in mails.newest()[0].html and "<b>" not in mails.newest()[0].html
