"""The whole of it on a real server: a backup, answers after it, the backup brought back, and one answer each."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from openline.accounts.models import Account
from openline.care.process import process
from openline.channels.registry import channel_for
from openline.inbox.people import know_own_voice
from openline.inbox.receiving import receive
from openline.operations import backup
from openline.operations.processes import Processes
from openline.outbox import sending
from openline.sandbox import people
from openline.sandbox.cast import resident
from openline.sandbox.servers import SandboxServers, free_port
from openline.sandbox.setup import connect_accounts
from tests.apart import database_url
from tests.operations.test_backup import ask, empty_database

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["empty_database"]

MARIA, DEVON = resident("maria"), resident("devon")
_PATIENCE_SECONDS = 120


@pytest.fixture
def desk(tmp_path: Path, philadelphia: None) -> Iterator[Account]:
    """The city's account on a Mastodon server that we did not write."""
    with SandboxServers(tmp_path / "servers", free_port(), free_port(), in_memory=True) as servers:
        account = next(one for one in connect_accounts(servers) if one.network == "mastodon")
        Account.objects.exclude(pk=account.pk).update(enabled=False)
        know_own_voice(account)
        yield account


def work(desk: Account) -> None:
    """Hear, understand and answer, until there is nothing left to do."""
    desk.refresh_from_db()
    receive(desk.pk, channel_for(desk.network).poll(desk.ref(), desk.cursor))
    while process():
        pass
    holder = sending.Holder()
    while sending.send_next(holder.id):
        pass
    holder.close()


def answers(desk: Account, network_id: str) -> list[str]:
    """What the city says below a post, as everybody sees it there."""
    return [one.text for one in people.thread(desk, network_id, MARIA) if one.by_city]


def test_every_post_has_one_answer_on_the_network(desk: Account, tmp_path: Path, empty_database: str) -> None:
    before = people.post(desk, MARIA, "huge pothole at 13th & Market, bent my rim")
    work(desk)
    var = tmp_path / "var"
    backup.save(tmp_path / "one.tar", database_url(), var, None)
    lost = people.post(desk, DEVON, "street light is out again!")
    work(desk)
    [asked] = [one for one in people.thread(desk, lost, MARIA) if one.by_city]
    more = people.post(desk, DEVON, "2300 block of Aspen St", in_reply_to=asked.network_id)
    work(desk)
    said = {post: answers(desk, post) for post in (before, lost)}
    assert len(said[before]) == 1 and len(said[lost]) == 2
    unheard = people.post(desk, MARIA, "graffiti on the wall at Broad and Snyder")  # nobody was there to answer

    environment = {"DATABASE_URL": empty_database, "OPENLINE_VAR": str(var), "PORT": str(free_port())}
    environment["OPENLINE_SECRET_KEY"] = settings.SECRET_KEY
    restore = [sys.executable, "-m", "openline", "restore", str(tmp_path / "one.tar")]
    subprocess.run(restore, env=os.environ | environment, check=True, capture_output=True, timeout=_PATIENCE_SECONDS)
    with Processes(environment) as processes:
        processes.start("work", "work")
        new = people.post(desk, MARIA, "pothole at 5th and Lombard")
        until = time.monotonic() + _PATIENCE_SECONDS
        while not answers(desk, new) and not processes.ended() and time.monotonic() < until:
            time.sleep(0.2)
        assert len(answers(desk, new)) == 1
    assert {post: answers(desk, post) for post in (before, lost)} == said
    assert answers(desk, unheard) == []
    held = "SELECT outgoing->>'in_reply_to' FROM outbox_delivery WHERE state = 'failed' AND error_kind = 'Restored'"
    assert ask(empty_database, held) == unheard
    assert ask(empty_database, "SELECT count(*) FROM outbox_delivery WHERE state NOT IN ('sent', 'failed')") == 0
    assert ask(empty_database, f"SELECT count(*) FROM inbox_message WHERE network_id = '{more}'") == 1
    assert ask(empty_database, "SELECT count(*) FROM inbox_conversation") == 4
    with psycopg.connect(empty_database) as connection:
        texts = connection.execute("SELECT text FROM inbox_message WHERE direction = 'out'").fetchall()
    assert len(texts) == 5
