"""What goes out: quotations, polls, who may answer, taking back, hiding; and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openline.channels.base import NotAllowed, Outgoing, Poll, Rejected, Unclear
from tests.channels import faults
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory, answer_to
from tests.channels.x.conftest import City

SINCE = datetime.now(UTC) - timedelta(minutes=5)


def test_a_post_is_quoted_and_who_may_answer_is_chosen(city: City) -> None:
    first = city.channel.send(city.account, Outgoing("the bridge is closed"), "a", Memory())
    options = {"quote": first.url, "reply_settings": "mentionedUsers"}
    second = city.channel.send(city.account, Outgoing("it is open again", options=options), "b", Memory())
    assert city.x.state.posts[second.network_id].quoted == first.network_id
    asked = [one.body for one in city.contract.exchanges if one.path == "/2/tweets"][-1]
    assert b'"reply_settings":"mentionedUsers"' in asked.replace(b" ", b"")
    assert second.url == f"https://x.com/philly311/status/{second.network_id}"


@pytest.mark.parametrize("quote", ["https://x.com/a/status/12?s=20", "https://twitter.com/a/status/12", "12"])
def test_a_post_to_quote_is_named_by_any_of_its_addresses(city: City, quote: str) -> None:
    with pytest.raises(NotAllowed):  # X: there is no such post
        city.channel.send(city.account, Outgoing("see", options={"quote": quote}), "k", Memory())


def test_a_self_serve_app_quotes_no_strangers(city: City) -> None:
    post = city.x.say(city.x.residents[0], "@philly311 hello")
    city.x.state.posts[post].text = "hello"
    with pytest.raises(NotAllowed, match="link"):
        city.channel.send(city.account, Outgoing("see", options={"quote": post}), "k", Memory())


def test_a_poll(city: City) -> None:
    poll = Poll(("Monday", "Tuesday"), 86_400)
    receipt = city.channel.send(city.account, Outgoing("Which day?", poll=poll), "k", Memory())
    assert city.x.state.posts[receipt.network_id].poll == {"options": ["Monday", "Tuesday"], "duration_minutes": 1440}


@pytest.mark.parametrize(
    ("outgoing", "field"),
    [
        (Outgoing("?", poll=Poll(("a",), 600)), "poll"),
        (Outgoing("?", poll=Poll(("a", "b" * 26), 600)), "poll"),
        (Outgoing("?", poll=Poll(("a", "b"), 600, multiple=True)), "poll"),
        (Outgoing("?", poll=Poll(("a", "b"), 600), visibility="private"), "poll"),
        (Outgoing("see", options={"quote": "https://example.com/status/5"}), "quote"),
        (Outgoing("$ABC and $DEF"), "text"),
        (Outgoing("  "), "text"),
        (Outgoing("a\ufffe"), "text"),
        (Outgoing("a" * 10_001, visibility="private", in_reply_to_author="5"), "text"),
        (Outgoing("to whom?", visibility="private"), "to"),
    ],
)
def test_what_x_does_not_take_is_named(city: City, outgoing: Outgoing, field: str) -> None:
    with pytest.raises(Rejected) as raised:
        city.channel.send(city.account, outgoing, "k", Memory())
    assert raised.value.field_name == field and not city.calls("POST", "/2/")


def test_with_premium_a_long_text_is_one_post(city: City) -> None:
    premium = replace(city.account, settings={**city.account.settings, "long_posts": "yes"})
    assert city.channel.capabilities_of(premium).text_limit == 25_000
    assert city.channel.capabilities_of(city.account).text_limit == 280


def test_what_was_said_is_taken_back(city: City) -> None:
    receipt = city.channel.send(city.account, Outgoing("wrong"), "k", Memory())
    gone = Outgoing("", action="delete", about=receipt.network_id)
    assert city.channel.find_sent(city.account, gone, "d", Memory(), SINCE) is None
    assert city.channel.send(city.account, gone, "d", Memory()).network_id == receipt.network_id
    assert receipt.network_id not in city.x.state.posts
    assert city.channel.find_sent(city.account, gone, "d", Memory(), SINCE)
    city.channel.send(city.account, gone, "d2", Memory())  # gone already is fine


def test_a_private_message_is_taken_back(city: City) -> None:
    maria = city.x.residents[0].id
    out = Outgoing("wrong", visibility="private", in_reply_to_author=maria)
    receipt = city.channel.send(city.account, out, "k", Memory())
    gone = Outgoing("", visibility="private", action="delete", about=receipt.network_id)
    city.channel.send(city.account, gone, "d", Memory())
    assert not city.x.state.messages


def test_answers_under_our_posts_are_hidden_and_no_others(city: City) -> None:
    maria = city.x.residents[0]
    ours = city.channel.send(city.account, Outgoing("news"), "k", Memory())
    rude = city.x.say(maria, "a threat", in_reply_to=ours.network_id)
    city.channel.send(city.account, Outgoing("", action="hide", about=rude), "h", Memory())
    assert [one.id for one in city.x.thread(ours.network_id, city.x.residents[1])] == [ours.network_id]
    city.channel.send(city.account, Outgoing("", action="show", about=rude), "s", Memory())
    assert rude in [one.id for one in city.x.thread(ours.network_id, city.x.residents[1])]
    elsewhere = city.x.say(maria, "@philly311 a post of my own")
    with pytest.raises(NotAllowed):
        city.channel.send(city.account, Outgoing("", action="hide", about=elsewhere), "h2", Memory())


def test_nothing_is_edited(city: City) -> None:
    with pytest.raises(NotAllowed):
        city.channel.send(city.account, Outgoing("new", action="edit", about="5"), "k", Memory())


# Never twice


def test_a_refusal_as_duplicate_is_looked_up_and_believed_if_it_is_there(city: City) -> None:
    """The answer of the first try was lost, and nothing of it is remembered."""
    first = city.channel.send(city.account, Outgoing("sent once"), "k", Memory())
    second = city.channel.send(city.account, Outgoing("sent once"), "k", Memory())
    assert second.network_id == first.network_id and len(city.x.state.posts) == 1


def test_the_same_words_as_an_older_message_of_ours_are_no_proof(city: City) -> None:
    """ "Thank you" was said yesterday, by another message: X refuses it, and a person is told to change it."""
    first = city.channel.send(city.account, Outgoing("thank you"), "one", Memory())
    city.hook.ledger.known.add(first.network_id)
    with pytest.raises(Rejected, match="very words"):
        city.channel.send(city.account, Outgoing("thank you"), "two", Memory())
    assert city.channel.find_sent(city.account, Outgoing("thank you"), "two", Memory(), SINCE) is None


def test_reported_as_broken_and_yet_published(city: City) -> None:
    """X answers 503 after it took the post: an error is no proof of absence."""
    with FaultProxy(int(city.x.url.rpartition(":")[2])) as proxy:
        account = replace(city.account, server=f"http://127.0.0.1:{proxy.port}")
        with proxy.striking(faults.CUT_AFTER, 1), pytest.raises(Unclear):
            city.channel.send(account, Outgoing("with a link https://city.org/a&b <now>"), "k", Memory())
        found = city.channel.find_sent(
            account, Outgoing("with a link https://city.org/a&b <now>"), "k", Memory(), SINCE
        )
    assert found and found.network_id in city.x.state.posts


@pytest.mark.parametrize("lost", range(1, 4))
def test_a_thread_goes_on_behind_what_stands(city: City, lost: int) -> None:
    text = "The road at the corner is closed until Friday. " * 12
    memory = Memory()
    with FaultProxy(int(city.x.url.rpartition(":")[2])) as proxy:
        account = replace(city.account, server=f"http://127.0.0.1:{proxy.port}")
        with proxy.striking(faults.CUT_AFTER, lost), pytest.raises(Unclear):
            city.channel.send(account, Outgoing(text), "k", memory)
        assert city.channel.find_sent(account, Outgoing(text), "k", memory, SINCE) is None or lost == 3
        receipt = city.channel.send(account, Outgoing(text), "k", memory)
    assert len(city.x.state.posts) == 1 + len(receipt.parts) == 3
    chain = [city.x.state.posts[one].replied_to for one in (receipt.network_id, *receipt.parts)]
    assert chain == ["", receipt.network_id, receipt.parts[0]]


def test_a_message_whose_answer_was_lost_is_found(city: City) -> None:
    city.x.say(city.x.residents[0], "hello", private=True)
    (item,) = (one for one in city.channel.poll(city.account, "").items)
    out = answer_to(item, "in private")  # type: ignore[arg-type]
    with FaultProxy(int(city.x.url.rpartition(":")[2])) as proxy:
        account = replace(city.account, server=f"http://127.0.0.1:{proxy.port}")
        with proxy.striking(faults.CUT_AFTER, 1), pytest.raises(Unclear):
            city.channel.send(account, out, "k", Memory())
        found = city.channel.find_sent(account, out, "k", Memory(), SINCE)
    assert found and [one.id for one in city.x.state.messages][1:] == [found.network_id]


def test_metrics_in_a_batch_and_what_is_gone(city: City) -> None:
    ids = [city.channel.send(city.account, Outgoing(f"post {n}"), str(n), Memory()).network_id for n in range(3)]
    city.x.state.posts[ids[0]].counts = {"like_count": 4, "retweet_count": 2, "impression_count": 90, "quote_count": 1}
    city.x.say(city.x.residents[0], "well", in_reply_to=ids[0])
    city.x.state.posts.pop(ids[1])
    wanted = {"views": 90, "likes": 4, "reposts": 2, "quotes": 1, "replies": 1}
    nothing = dict.fromkeys(wanted, 0)
    for posts in (False, True):
        city.x.shapes.posts, city.contract.version = posts, "2.167" if posts else "2.159"
        assert city.channel.metrics(city.account, ids) == {ids[0]: wanted, ids[2]: nothing}
    assert set(wanted) == set(city.channel.capabilities.metrics)


def test_the_test_of_an_account_posts_nothing_and_says_so(city: City) -> None:
    said = city.channel.try_out(city.account, "A test", "k")
    assert "@philly311" in said and "Nothing was posted" in said and not city.x.state.posts


def options(city: City) -> dict[str, Any]:
    return {one.name: one for one in city.channel.options(city.account, "")}


def test_the_composer_is_told_of_its_choices(city: City) -> None:
    assert set(options(city)) == {"quote", "reply_settings"}
