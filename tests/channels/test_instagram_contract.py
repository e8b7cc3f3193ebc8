"""What we ask of Instagram and what its emulator answers, held against Meta's Graph specifications.

`nets/instagram.py` does the same while the whole conformance suite runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openline.channels.base import AccountRef, Outgoing
from openline.channels.instagram.channel import InstagramChannel
from openline.channels.instagram.emulator.api import APP_ID, APP_SECRET
from tests.channels.instagram_contract import Contract
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.instagram import InstagramNet, plain, standing
from tests.channels.recording import Exchange, Recorder
from tests.channels.test_conformance import photo
from tests.channels.test_threads import LONG_AGO, film, picture

CHANNEL = InstagramChannel()


@pytest.fixture(scope="module")
def contract(shared: Path) -> Contract:
    return Contract(shared)


@pytest.fixture
def recorded(contract: Contract) -> Iterator[tuple[InstagramNet, Recorder]]:
    recorder = Recorder(contract.check)
    with standing(recorder.wrap) as net:
        yield net, recorder


def logged_in(net: InstagramNet) -> AccountRef:
    """The account by the login page, as a person does it."""
    values = {"app_id": APP_ID, "app_secret": APP_SECRET, "server": net.emulator.url, "human_agent": "yes"}
    begun = CHANNEL.authorize(values, "https://city.example/back/", "s1")
    asked = {name: found[0] for name, found in parse_qs(urlsplit(begun.url).query).items()}
    assert httpx.get(begun.url).status_code == 200
    back = httpx.post(f"{net.emulator.url}/oauth/allow", data=asked).headers["location"]
    query = {name: found[0] for name, found in parse_qs(urlsplit(back).query).items()}
    found = CHANNEL.authorized(begun.kept, query)
    assert found.settings["human_agent"] == "yes" and found.settings["user_id"] != found.who.author_id
    return AccountRef("x", found.handle, found.server, found.credentials, found.settings, author_id=found.who.author_id)


def use_all(net: InstagramNet) -> None:
    """Every call that the channel knows."""
    account = replace(logged_in(net), hook=net.account.hook)
    net.emulator.tokens.known[account.credentials["access_token"]].issued = LONG_AGO
    early = {**account.credentials, "since": "1", "expires_at": str(float(account.credentials["expires_at"]) - 4e6)}
    CHANNEL.check(replace(account, credentials=early))
    posts = [
        Outgoing("one", media=(picture(net),)),
        Outgoing("a reel", media=(film(net),), form="video"),
        Outgoing("", media=(picture(net),), form="story"),
        Outgoing("many", media=(picture(net), film(net))),
    ]
    sent = []
    for n, one in enumerate(posts):
        sent.append(CHANNEL.send(account, one, f"k{n}", memory := Memory()))
        del memory.kept["post"]
        assert CHANNEL.find_sent(account, one, f"k{n}", memory, LONG_AGO) == sent[-1]
    CHANNEL.send(
        account, Outgoing("first", in_reply_to=sent[0].network_id, thread_root=sent[0].network_id), "f", Memory()
    )
    net.post("a comment", in_reply_to=sent[0].network_id)
    item = net.heard("a comment")
    for private in (False, True):
        answer = replace(answer_to(item, f"answer {private}"), visibility="private" if private else "public")
        CHANNEL.send(account, answer, "a", Memory())
        assert CHANNEL.find_sent(account, answer, "a", Memory(), LONG_AGO)
    net.post("in private", private=True, photos=(photo(),))
    message = net.heard("in private")
    CHANNEL.send(account, answer_to(message, "our answer", media=(picture(net),)), "b", Memory())
    mention = net.emulator.post(net.emulator.residents[1], "look, @philly311", (photo(),))
    net.emulator.say(net.emulator.residents[2], "hey @philly311", in_reply_to=mention)
    for words in ("look", "hey"):
        heard = net.hook.wait(lambda item, words=words: words in item.text)  # type: ignore[misc]
        CHANNEL.send(account, answer_to(heard, "we saw it"), "c", Memory())
    assert CHANNEL.poll(account, "").items
    for action in ("hide", "delete"):
        change = Outgoing("", action=action, about=item.network_id)  # type: ignore[arg-type]
        CHANNEL.send(account, change, "h", Memory())
        assert CHANNEL.find_sent(account, change, "h", Memory(), LONG_AGO)
    CHANNEL.metrics(account, [one.network_id for one in sent])
    CHANNEL.settle(account)
    CHANNEL.inspect(account)
    CHANNEL.try_out(account, "try", "k")
    assert net.emulator.calls.settled()


def test_every_request_of_ours_and_every_answer_of_the_emulator_is_as_the_specifications_have_it(
    recorded: tuple[InstagramNet, Recorder],
) -> None:
    net, recorder = recorded
    use_all(net)
    assert not recorder.wrong
    kinds = {(one.method, name if not (name := one.path.rpartition("/")[2]).isdecimal() else "id")
             for one in recorder.exchanges if one.path.startswith("/v26.0/")}  # fmt: skip
    assert kinds == {
        ("GET", "me"), ("POST", "media"), ("GET", "media"), ("POST", "media_publish"), ("GET", "stories"),
        ("GET", "tags"), ("GET", "content_publishing_limit"), ("POST", "mentions"), ("POST", "messages"),
        ("GET", "conversations"), ("GET", "messages"), ("POST", "subscribed_apps"), ("GET", "subscribed_apps"),
        ("GET", "comments"), ("POST", "comments"), ("GET", "replies"), ("POST", "replies"), ("GET", "insights"),
        ("GET", "id"), ("POST", "id"), ("DELETE", "id"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "/v26.0/me/mediapublish"},
        {"path": "/v26.0/me/medias"},
        {"body": b"image=https%3A%2F%2Fx"},
        {"body": b"image_url=https%3A%2F%2Fx&is_carousel_item=yes"},
        {"query": {"access_token": "x"}},
        {"headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"path": "/v26.0/me/media_publish", "body": b""},
        {"path": "/v26.0/me/media_publish", "body": b"creation_id=x"},
        {"path": "/v26.0/me/messages", "body": b"recipient=%7B%7D&message=hi"},
        {"path": "/v26.0/me/messages", "body": b"recipient=%7B%7D&message=%7B%7D&messaging_type=REPLY"},
        {"path": "/v26.0/me/subscribed_apps", "body": b"subscribed_fields=feeds"},
        {"status": 400},
    ],
    ids=str,
)
def test_the_contract_notices(
    contract: Contract, recorded: tuple[InstagramNet, Recorder], wrong: dict[str, object]
) -> None:
    net, recorder = recorded
    CHANNEL.send(net.account, Outgoing("x", media=(picture(net),)), "k", Memory())
    good = next(one for one in recorder.exchanges if one.method == "POST")
    contract.check(good)
    with pytest.raises(AssertionError):
        contract.check(Exchange(**{**vars(good), **wrong}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"ids": "1"}, {"id": "1", "caption": 5}, {"id": "1", "text": "not asked for"}], ids=str
)
def test_the_contract_notices_a_lying_answer(
    contract: Contract, recorded: tuple[InstagramNet, Recorder], wrong: dict[str, object]
) -> None:
    net, recorder = recorded
    CHANNEL.metrics(net.account, [net.above])
    good = next(one for one in recorder.exchanges if one.method == "GET" and one.path.endswith(plain(net.above)))
    contract.check(good)
    with pytest.raises(AssertionError):
        contract.check(replace(good, answer=json.dumps(wrong).encode()))
