"""Lines that break, on Bluesky's own servers: answers that are lost, servers that are away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from openline.channels.base import NetworkDown, Outgoing, OutgoingMedia, Unclear
from openline.channels.bluesky import names
from tests.channels import faults
from tests.channels.bluesky.test_speaking import picture
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.bluesky import BlueskyNet

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_a_lost_answer_is_unclear_and_the_post_is_found(net: BlueskyNet, words: str) -> None:
    item = net.heard(net.post(words) and words)
    outgoing, memory = answer_to(item, f"lost {words}"), Memory()
    with FaultProxy(net.port, net.is_send) as proxy:
        account = net.through(proxy.port)
        net.channel.check(account)
        with proxy.striking(faults.CUT_AFTER, 1), pytest.raises(Unclear):
            net.channel.send(account, outgoing, words, memory)
        assert proxy.struck
        found = net.channel.find_sent(account, outgoing, words, memory, LONG_AGO)
        assert found and net.channel.send(account, outgoing, words, Memory()) == found
    posts = net.city.ask("com.atproto.repo.listRecords", repo=net.city.did, collection=names.POST, limit=100)
    assert sum(post["value"]["text"] == f"lost {words}" for post in posts["records"]) == 1


def test_an_upload_whose_answer_is_lost_leaves_nothing_unclear(net: BlueskyNet, words: str) -> None:
    outgoing = Outgoing(words, media=(OutgoingMedia("a", "image/png", alt="a"),))
    memory = Memory({"a": picture(9, 9)})
    with FaultProxy(net.port, net.is_send) as proxy:
        account = net.through(proxy.port)
        net.channel.check(account)
        with proxy.striking(faults.CUT_AFTER, 1), pytest.raises(NetworkDown):
            net.channel.send(account, outgoing, words, memory)
        receipt = net.channel.send(account, outgoing, words, memory)
    assert net.residents[0].record(receipt.network_id)["value"]["embed"]["images"][0]["alt"] == "a"


def test_a_server_that_is_away_is_told_and_heard_again_from_the_cursor(net: BlueskyNet, words: str) -> None:
    cursor = net.channel.poll(net.account, "").cursor
    with net.away():
        with pytest.raises(NetworkDown):
            net.channel.poll(net.account, cursor)
        with pytest.raises(NetworkDown):
            net.channel.send(net.account, Outgoing(words), words, Memory())
    uri = net.post(words)
    assert uri in {item.network_id for item in net.hearing(cursor=cursor)}
    assert net.channel.find_sent(net.account, Outgoing(words), words, Memory(), LONG_AGO) is None


def test_no_secret_stands_in_what_is_shown_of_an_account(net: BlueskyNet) -> None:
    shown = repr(net.account) + repr(
        net.channel.connect(
            {
                "handle": net.city.handle,
                "server": net.servers.url("pds"),
                "app_password": (word := net.city.app_password()),
            }
        )
    )
    assert word not in shown and not any(secret in shown for secret in net.account.credentials.values())
