"""What we ask of Threads and what its emulator answers, held against the official Postman collection.

`nets/threads.py` does the same while the whole conformance suite runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openline.channels.base import AccountRef, Outgoing, OutgoingMedia
from openline.channels.threads.channel import ThreadsChannel
from openline.channels.threads.emulator.api import APP_ID, APP_SECRET
from tests.channels.nets.base import Memory
from tests.channels.nets.threads import ThreadsNet, standing
from tests.channels.recording import Exchange, Recorder
from tests.channels.test_conformance import photo
from tests.channels.threads_contract import Contract

CHANNEL = ThreadsChannel()
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(100)


@pytest.fixture(scope="module")
def contract(shared: Path) -> Contract:
    return Contract(shared)


@pytest.fixture
def recorded(contract: Contract) -> Iterator[tuple[ThreadsNet, Recorder]]:
    recorder = Recorder(contract.check)
    with standing(recorder.wrap) as net:
        yield net, recorder


def logged_in(net: ThreadsNet) -> AccountRef:
    """The account by the login page, as a person does it."""
    values = {"app_id": APP_ID, "app_secret": APP_SECRET, "server": net.emulator.url}
    begun = CHANNEL.authorize(values, "https://city.example/back/", "s1")
    asked = {name: found[0] for name, found in parse_qs(urlsplit(begun.url).query).items()}
    assert httpx.get(begun.url).status_code == 200
    back = httpx.post(f"{net.emulator.url}/oauth/allow", data=asked).headers["location"]
    query = {name: found[0] for name, found in parse_qs(urlsplit(back).query).items()}
    found = CHANNEL.authorized(begun.kept, query)
    return AccountRef("x", found.handle, found.server, found.credentials, found.settings, author_id=found.who.author_id)


def use_all(net: ThreadsNet) -> None:
    """Every call that the channel knows."""
    account = replace(logged_in(net), hook=net.account.hook)
    net.emulator.tokens.known[account.credentials["access_token"]].issued -= timedelta(days=50)
    early = {**account.credentials, "since": "1", "expires_at": str(float(account.credentials["expires_at"]) - 4e6)}
    CHANNEL.check(replace(account, credentials=early))
    url = net.files.put("p.jpg", photo())
    picture = OutgoingMedia("p.jpg", "image/jpeg", alt="A road", url=url)
    film = OutgoingMedia("f.mp4", "video/mp4", alt="A film", url=net.files.put("f.mp4", FILM, "video/mp4"))
    posts = [
        Outgoing("words", tags=("Roads",), options={"reply_control": "followers_only"}),
        Outgoing("one", media=(picture,)),
        Outgoing("film", media=(film,)),
        Outgoing("many", media=(picture, film)),
    ]
    sent = [CHANNEL.send(account, one, f"k{n}", Memory()) for n, one in enumerate(posts)]
    reply = net.post("a reply", in_reply_to=sent[0].network_id, photos=(photo(),))
    CHANNEL.send(account, Outgoing("an answer", in_reply_to=reply), "k9", Memory())
    net.post("below the answer", in_reply_to=reply)
    net.post("a mention", photos=(photo(), photo()))
    assert len(CHANNEL.poll(account, "").items) == 3
    CHANNEL.send(account, Outgoing("", action="hide", about=reply), "h", Memory())
    assert CHANNEL.find_sent(account, Outgoing("", action="hide", about=reply), "h", Memory(), net.emulator.clock.now())
    CHANNEL.metrics(account, [one.network_id for one in sent])
    CHANNEL.inspect(account)
    CHANNEL.try_out(account, "try", "k")
    CHANNEL.send(account, Outgoing("", action="delete", about=sent[1].network_id), "d", Memory())
    assert net.emulator.calls.settled()


def test_every_request_of_ours_and_every_answer_of_the_emulator_is_as_the_collection_has_it(
    recorded: tuple[ThreadsNet, Recorder],
) -> None:
    net, recorder = recorded
    use_all(net)
    assert not recorder.wrong
    kinds = {(one.method, one.path.rpartition("/")[2] if not one.path[-1].isdecimal() else "id")
             for one in recorder.exchanges if not one.path.startswith("/files/")}  # fmt: skip
    assert kinds == {
        ("GET", "authorize"), ("POST", "allow"), ("POST", "access_token"), ("GET", "access_token"),
        ("GET", "refresh_access_token"), ("GET", "me"), ("POST", "threads"), ("GET", "threads"), ("GET", "replies"),
        ("POST", "threads_publish"), ("GET", "threads_publishing_limit"), ("GET", "mentions"), ("GET", "id"),
        ("GET", "conversation"), ("POST", "manage_reply"), ("GET", "insights"), ("DELETE", "id"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "/v1.0/me/thread"},
        {"body": b"media_type=TEXT&text=x&image_url=https%3A%2F%2Fx"},
        {"body": b"media_type=TEXTS&text=x"},
        {"query": {"access_token": "x"}},
        {"headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"answer": json.dumps({"id": 5}).encode()},
        {"answer": json.dumps({"ids": "5"}).encode()},
        {"status": 400},
    ],
    ids=str,
)
def test_the_contract_notices(
    contract: Contract, recorded: tuple[ThreadsNet, Recorder], wrong: dict[str, object]
) -> None:
    net, recorder = recorded
    CHANNEL.send(net.account, Outgoing("x"), "k", Memory())
    good = next(one for one in recorder.exchanges if one.method == "POST")
    contract.check(good)
    with pytest.raises(AssertionError):
        contract.check(Exchange(**{**vars(good), **wrong}))  # type: ignore[arg-type]
