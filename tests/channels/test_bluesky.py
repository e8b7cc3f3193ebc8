"""What is peculiar to Bluesky."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from openline.channels.base import Incoming
from tests.channels.nets import bluesky
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.bluesky import BlueskyNet


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlueskyNet]:
    with bluesky.start(tmp_path_factory.mktemp("bluesky")) as net:
        yield net


def words() -> str:
    return f"words {uuid.uuid4()}"


def test_first(net: BlueskyNet) -> None:
    text = words()
    uri = net.post(text)
    item = net.heard(text)
    assert item.network_id == uri and item.author_id == net.residents[0].did
    print(item)
    mem = Memory()
    r = net.channel.send(net.account, answer_to(item, "thank you 👨‍👩‍👧 https://example.org/some/long/path/for/this"), "k1", mem)
    r2 = net.channel.send(net.account, answer_to(item, "thank you 👨‍👩‍👧 https://example.org/some/long/path/for/this"), "k1", Memory())
    assert r == r2
    print(net.thread(uri))
    p = net.post(words(), private=True)
    items = net.hearing()
    print([i for i in items if i.visibility == "private"])
    dm = [i for i in items if i.visibility == "private"][-1]
    mem = Memory()
    r = net.channel.send(net.account, answer_to(dm, "privately"), "k2", mem)
    print(net.thread(r.network_id), mem.kept)
    print(net.channel.inspect(net.account))
    print(net.channel.try_out(net.account, "hello", "kk"))
    print(net.channel.check(net.expiring()))
