"""What a network tells of our posts, on its real server: counts, and that a post is no longer there."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import nostr_sdk
import pytest
from websockets.sync.client import connect

from openline.channels.base import Article, Outgoing, Receipt, TokenExpired
from openline.channels.nostr import measuring
from openline.sandbox.cast import RESIDENTS
from tests.channels.conftest import Nets
from tests.channels.nets.base import Memory, Net
from tests.channels.nets.bluesky import BlueskyNet, now
from tests.channels.nets.mastodon import MastodonNet
from tests.channels.nets.nostr import NostrNet
from tests.channels.nets.nostr import _publish as publish

TELLING = ["mastodon", "nostr", "nostr_relay", "bluesky", "wordpress"]


@pytest.fixture(params=TELLING, scope="module")
def net(request: pytest.FixtureRequest, nets: Nets) -> Iterator[Net]:
    found = nets(request.param)
    if isinstance(found, BlueskyNet):
        found.servers.forget_limits()
    yield found
    found.tidy()


def say(net: Net, text: str = "") -> Receipt:
    """A publication of the city."""
    text = text or f"words {uuid.uuid4()}"
    article = Article("News", text) if net.channel.capabilities.articles else None
    return net.channel.send(net.account, Outgoing(text, article=article), str(uuid.uuid4()), Memory())


def react(net: Net, post: str) -> dict[str, int]:
    """A resident likes it, shares it and answers, as far as this network lets one; returns what is to be counted."""
    if isinstance(net, MastodonNet):
        client = net._client(1)
        client.status_favourite(post)
        client.status_reblog(post)
        net.post("Thanks!", in_reply_to=post)
        return {"likes": 1, "reposts": 1, "replies": 1}
    if isinstance(net, NostrNet):
        with connect(net.server) as line:
            for kind, words in ((7, "+"), (6, "")):
                tags = [nostr_sdk.Tag.parse(["e", post])]
                event = nostr_sdk.EventBuilder(nostr_sdk.Kind(kind), words).tags(tags).finalize(RESIDENTS[1].keys)
                publish(line, event.as_json())
        net.post("Thanks!", in_reply_to=post)
        return {"likes": 1, "reposts": 1, "zaps": 0, "replies": 1}
    if isinstance(net, BlueskyNet):
        person, place = net.residents[1], net.reply_to(net.residents[1], post)
        for deed in ("like", "repost"):
            record = {"$type": f"app.bsky.feed.{deed}", "subject": place["parent"], "createdAt": now()}
            body = {"repo": person.did, "collection": f"app.bsky.feed.{deed}", "record": record}
            person.ask("com.atproto.repo.createRecord", body)
        net.post("Thanks!", in_reply_to=post)
        return {"likes": 1, "reposts": 1, "replies": 1, "quotes": 0}
    if net.network == "wordpress":
        net.post(f"Thanks {uuid.uuid4()}", in_reply_to="", under=int(post.removeprefix("post:")))  # type: ignore[call-arg]
        return {"replies": 1}
    net.post("Thanks!", in_reply_to=post)
    return {"replies": 1}


def settled(net: Net, posts: list[str], fine: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Mapping[str, int]]:
    """What the network tells, as soon as it is `fine`; the last that it told, if it never is."""
    until = time.monotonic() + net.patience
    while not fine(found := net.channel.metrics(net.account, posts)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_what_residents_make_of_a_post_is_counted(net: Net) -> None:
    loved, quiet = say(net).network_id, say(net).network_id
    expected = react(net, loved)
    found = settled(net, [loved, quiet], lambda told: expected.items() <= told.get(loved, {}).items())
    assert expected.items() <= found[loved].items()
    assert set(found[loved]) <= set(net.channel.capabilities.metrics)
    assert set(found[quiet].values()) == {0}


def test_a_post_that_is_gone_is_left_out(net: Net) -> None:
    standing, gone = say(net).network_id, say(net).network_id
    settled(net, [standing, gone], lambda told: bool(told.get(gone)))
    net.channel.send(net.account, Outgoing("", action="delete", about=gone), str(uuid.uuid4()), Memory())
    found = settled(net, [standing, gone], lambda told: gone not in told)
    assert gone not in found
    assert standing in found


def test_more_posts_than_fit_in_one_call_are_asked_for(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    module = importlib.import_module(f"openline.channels.{net.network}.measuring")
    for name in ("_AT_ONCE", "PAGE"):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, 2)
    posts = [say(net).network_id for _ in range(5)]
    found = settled(net, posts, lambda told: all(told.get(post) for post in posts))
    assert set(found) == set(posts)


def test_a_refused_token_is_no_sign_that_posts_are_gone(net: Net) -> None:
    post = say(net).network_id
    try:
        found = net.channel.metrics(net.refused(), [post])  # some servers show public posts to anybody
    except TokenExpired:
        return
    assert post in found


def test_a_relay_that_does_not_count_is_counted_for(nets: Nets, monkeypatch: pytest.MonkeyPatch) -> None:
    net = cast(NostrNet, nets("nostr"))
    post = say(net).network_id
    expected = react(net, post)
    assert net.channel.metrics(net.account, [post])[post] == expected
    monkeypatch.setattr(measuring, "_counts_not", {net.server})
    assert net.channel.metrics(net.account, [post])[post] == expected


def test_one_relay_that_is_away_makes_no_post_gone(nets: Nets) -> None:
    from dataclasses import replace

    net = cast(NostrNet, nets("nostr"))
    account = replace(net.account, server=f"{net.server},ws://127.0.0.1:9")
    post = say(net).network_id
    assert net.channel.metrics(account, [post, "f" * 64]) == {
        post: {"likes": 0, "reposts": 0, "zaps": 0, "replies": 0},
        "f" * 64: {},
    }
