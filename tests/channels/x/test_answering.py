"""Whom we may answer: said before anything is written, and as X itself decides it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from openline.channels.base import Incoming, NotAllowed, Outgoing
from tests.channels.nets.base import Memory, answer_to
from tests.channels.x.conftest import City

NOW = datetime.now(UTC)


def heard(city: City, post: str) -> Incoming:
    found = city.channel.poll(city.account, "").items
    return next(item for item in found if isinstance(item, Incoming) and item.network_id == post)


def test_who_names_us_is_answered_and_who_is_only_in_the_thread_is_not(city: City) -> None:
    maria, devon = city.x.residents[:2]
    named = heard(city, city.x.say(maria, "@philly311 the light is out"))
    ours = city.channel.send(city.account, answer_to(named, "which corner?"), "k1", Memory())
    under = heard(city, city.x.say(devon, "mine too", in_reply_to=ours.network_id))
    again = heard(city, city.x.say(devon, "@philly311 mine too!", in_reply_to=ours.network_id))
    for item, may in ((named, True), (under, False), (again, True)):
        told = city.channel.can_answer(city.account, item.raw, NOW, False)
        assert (not told.reason) is may
        assert bool(told.instead) is not may
        if may:
            city.channel.send(
                city.account, answer_to(item, f"we look at it, {item.network_id}"), item.network_id, Memory()
            )
        else:
            with pytest.raises(NotAllowed, match="self-serve"):
                city.channel.send(city.account, answer_to(item, "we look at it"), "k3", Memory())


def test_who_quotes_us_is_answered(city: City) -> None:
    ours = city.channel.send(city.account, Outgoing("the pool opens on Monday"), "k", Memory())
    post = city.x.say(city.x.residents[3], "@philly311 at last", quoted=ours.network_id)
    item = heard(city, post)
    assert item.facts["quotes"].endswith(ours.network_id)
    city.x.state.posts[post].text = "at last"  # quoted, and not named
    city.hook.ledger.known.add(ours.network_id)
    assert not city.channel.can_answer(city.account, item.raw, NOW, False).reason
    city.channel.send(city.account, answer_to(item, "come and swim"), "k2", Memory())


def test_with_public_utility_or_enterprise_access_everybody_is_answered(city: City) -> None:
    ours = city.channel.send(city.account, Outgoing("the pool opens on Monday"), "k", Memory())
    item = heard(city, city.x.say(city.x.residents[0], "great", in_reply_to=ours.network_id))
    for tier in ("public_utility", "enterprise"):
        city.x.tier = tier
        account = replace(city.account, settings={**city.account.settings, "tier": tier})
        assert not city.channel.can_answer(account, item.raw, NOW, False).reason
        city.channel.send(account, answer_to(item, f"see you there {tier}"), tier, Memory())


def test_private_answers(city: City) -> None:
    maria = city.x.residents[0]
    post = heard(city, city.x.say(maria, "@philly311 my neighbour …"))
    assert city.channel.can_answer(city.account, post.raw, NOW, True).note
    message = heard(city, city.x.say(maria, "in private then", private=True))
    assert city.channel.can_answer(city.account, message.raw, NOW, True).note == ""
    city.channel.send(city.account, answer_to(post, "tell us more", visibility="private"), "k", Memory())
    assert city.x.thread(message.network_id, maria)[-1].text == "tell us more"
    city.x.state.closed.add(maria.id)
    with pytest.raises(NotAllowed, match="takes no messages"):
        city.channel.send(city.account, answer_to(message, "hello?"), "k2", Memory())


def test_nothing_that_can_arrive_breaks_the_question(city: City) -> None:
    for raw in (
        b"",
        b"[]",
        b'{"data": 5}',
        b'{"kind": "post", "data": {"entities": {"mentions": [5, {"start": "x"}]}}}',
    ):
        city.channel.can_answer(city.account, raw, NOW, False)
