"""What a Mastodon server is sent: files with descriptions, warnings, polls, threads, changes, within its limits."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from mastodon import Mastodon

from openline.channels.accounts import NoLedger
from openline.channels.base import (
    AccountRef,
    NetworkDown,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Poll,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
)
from openline.channels.mastodon import client, limits, media, writing
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.mastodon.limits import Limits
from openline.sandbox.cast import RESIDENTS
from tests.channels import faults
from tests.channels.conftest import DESK, Memory, Net, answer_to
from tests.channels.faults import FaultProxy
from tests.channels.nets.mastodon import MastodonNet

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
INSTANCE, UPLOAD, STATUSES = "/api/v2/instance/", "/api/v2/media", "/api/v1/statuses"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)
PHOTO = OutgoingMedia("photo", "image/png", alt="A hole in the road, a bicycle beside it", focus=(-0.5, 0.25))
FILES = {"photo": PNG, "film": b"film"}


def words() -> str:
    return f"words {uuid.uuid4()}"


@pytest.fixture(autouse=True)
def _ask_each_server_again() -> Iterator[None]:
    limits._kept.clear()
    yield
    limits._kept.clear()


@pytest.fixture
def net(on_mastodon: MastodonNet) -> MastodonNet:
    return on_mastodon


@pytest.fixture
def desk(net: MastodonNet) -> Mastodon:
    """The city's account, seen by an independent client."""
    return Mastodon(access_token=DESK.token, api_base_url=net.server, mastodon_version="4.2.0")


def send(net: Net, outgoing: Outgoing, memory: Memory | None = None, key: str = "", account: Any = None) -> Any:
    return net.channel.send(account or net.account, outgoing, key or words(), memory or Memory(FILES))


class Answering:
    """The server behind a proxy that answers some paths itself, and counts what it was asked."""

    def __init__(self, net: Net) -> None:
        self.proxy = FaultProxy(net.port)
        self.proxy.choose = self._choose
        self.account: AccountRef = net.through(self.proxy.port)
        self.answers: dict[str, list[faults.Fault]] = {}
        self.asked: list[str] = []

    def _choose(self, unit: bytes) -> faults.Fault | None:
        method, path, *_rest = unit.decode("latin-1").split(" ", 2)
        name = f"{method} {path.split('?')[0]}"
        self.asked.append(name)
        waiting = self.answers.get(name)
        return waiting.pop(0) if waiting else None


@pytest.fixture
def answering(net: MastodonNet) -> Iterator[Answering]:
    found = Answering(net)
    with found.proxy:
        yield found


def json_answer(status: int, body: bytes) -> faults.Fault:
    return faults.Fault("answer", status=status, headers={"Content-Type": "application/json"}, body=body)


# Files


def test_a_picture_arrives_with_its_description_and_focal_point(net: MastodonNet, desk: Mastodon) -> None:
    receipt = send(net, Outgoing(words(), media=(PHOTO,)))
    [attachment] = desk.status(receipt.network_id)["media_attachments"]
    assert attachment["description"] == PHOTO.alt
    assert (attachment["meta"]["focus"]["x"], attachment["meta"]["focus"]["y"]) == PHOTO.focus
    assert httpx.get(attachment["url"]).content == PNG


def test_a_film_is_waited_for_until_the_server_has_prepared_it(
    net: MastodonNet, desk: Mastodon, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "_LOOK_EVERY_SECONDS", 0.01)
    made = desk.media_post(b"film", "video/mp4", description="The new crossing")
    path = f"GET /api/v1/media/{made['id']}"
    answering.answers = {
        f"POST {UPLOAD}": [
            json_answer(202, b'{"id": "%s", "url": null, "description": null}' % str(made["id"]).encode())
        ],
        path: [json_answer(206, b'{"id": "1", "url": null}')] * 3,
    }
    film, memory = OutgoingMedia("film", "video/mp4", alt="The new crossing"), Memory(FILES)
    receipt = send(net, Outgoing(words(), media=(film,)), memory, account=answering.account)
    assert answering.asked.count(path) == 4
    assert list(memory.kept) == ["media 0", "limits", "post"], "waiting is no step of its own"
    assert desk.status(receipt.network_id)["media_attachments"][0]["description"] == film.alt


def test_a_film_that_takes_too_long_is_posted_later_without_a_second_upload(
    net: MastodonNet, desk: Mastodon, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "_LOOK_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(media, "WAIT_SECONDS", 0.05)
    made = desk.media_post(b"film", "video/mp4")
    path = f"GET /api/v1/media/{made['id']}"
    processing = json_answer(206, b'{"id": "1", "url": null}')
    answering.answers = {
        f"POST {UPLOAD}": [json_answer(202, b'{"id": "%s"}' % str(made["id"]).encode())],
        path: [processing] * 10_000,
    }
    outgoing, memory = Outgoing(words(), media=(OutgoingMedia("film", "video/mp4"),)), Memory(FILES)
    with pytest.raises(RateLimited):
        send(net, outgoing, memory, "k", answering.account)
    answering.answers = {}
    receipt = send(net, outgoing, memory, "k", answering.account)
    assert answering.asked.count(f"POST {UPLOAD}") == 1
    assert len(desk.status(receipt.network_id)["media_attachments"]) == 1


def test_an_upload_whose_answer_was_lost_is_made_again_and_nothing_is_posted_twice(
    net: MastodonNet, desk: Mastodon, answering: Answering
) -> None:
    text, memory = words(), Memory(FILES)
    outgoing = Outgoing(text, media=(PHOTO, replace(PHOTO, alt="Another view")))
    answering.answers = {f"POST {UPLOAD}": [faults.Fault("delay", seconds=0), faults.CUT_AFTER]}
    with pytest.raises(NetworkDown):
        send(net, outgoing, memory, "k-" + text, answering.account)
    assert list(memory.kept) == ["media 0"]
    answering.answers = {f"POST {STATUSES}": [faults.CUT_AFTER]}
    with pytest.raises(Unclear):
        send(net, outgoing, memory, "k-" + text, answering.account)
    found = net.channel.find_sent(answering.account, outgoing, "k-" + text, memory, LONG_AGO)
    assert found and answering.asked.count(f"POST {UPLOAD}") == 3
    shown = [post for post in desk.account_statuses(desk.me()["id"], limit=40) if text in post["content"]]
    assert [str(post["id"]) for post in shown] == [found.network_id]
    assert [one["description"] for one in shown[0]["media_attachments"]] == [PHOTO.alt, "Another view"]


def test_a_description_that_the_server_lost_is_said_again(
    net: MastodonNet, desk: Mastodon, answering: Answering
) -> None:
    made = desk.media_post(PNG, "image/png")
    answering.answers = {f"POST {UPLOAD}": [json_answer(200, b'{"id": "%s"}' % str(made["id"]).encode())]}
    receipt = send(net, Outgoing(words(), media=(PHOTO,)), account=answering.account)
    assert desk.status(receipt.network_id)["media_attachments"][0]["description"] == PHOTO.alt


def test_without_its_description_a_picture_is_not_posted(net: MastodonNet, answering: Answering) -> None:
    answering.answers = {
        f"POST {UPLOAD}": [json_answer(200, b'{"id": "7"}')],
        "PUT /api/v1/media/7": [json_answer(200, b'{"id": "7", "description": null}')],
    }
    with pytest.raises(Rejected) as raised:
        send(net, Outgoing(words(), media=(PHOTO,)), account=answering.account)
    assert raised.value.field_name == "alt"
    assert f"POST {STATUSES}" not in answering.asked


def test_what_the_server_says_against_a_file_is_told(net: MastodonNet, answering: Answering) -> None:
    later = datetime.now(UTC) + timedelta(minutes=20)
    limited = faults.Fault("answer", status=429, headers={"X-RateLimit-Reset": f"{later:%Y-%m-%dT%H:%M:%S.000Z}"})
    scopes = json_answer(403, b'{"error": "This action is outside the authorized scopes"}')
    answering.answers = {f"POST {UPLOAD}": [limited, scopes, json_answer(403, b"{}"), json_answer(422, b"{}")]}
    outgoing, raised = Outgoing("a", media=(PHOTO,)), list[Any]()
    for error in (RateLimited, TokenExpired, NotAllowed, Rejected):
        with pytest.raises(error) as found:
            send(net, outgoing, account=answering.account)
        raised.append(found.value)
    assert abs(raised[0].retry_at - later) < timedelta(seconds=2)
    assert raised[3].field_name == "media" and f"POST {STATUSES}" not in answering.asked


# Warnings, polls, threads


def test_a_warning_goes_out_and_stands_before_the_text(net: MastodonNet, desk: Mastodon) -> None:
    text = words()
    receipt = send(net, Outgoing(text, warning="Picture of an accident"))
    status = desk.status(receipt.network_id)
    assert status["spoiler_text"] == "Picture of an accident" and text in status["content"]


def test_a_poll_goes_out(net: MastodonNet, desk: Mastodon) -> None:
    outgoing, memory = Outgoing(words(), poll=Poll(("Benches", "Trees"), 3600, multiple=True)), Memory()
    receipt = send(net, outgoing, memory)
    poll = desk.status(receipt.network_id)["poll"]
    assert [option["title"] for option in poll["options"]] == ["Benches", "Trees"] and poll["multiple"]
    assert timedelta(minutes=55) < poll["expires_at"] - datetime.now(UTC) < timedelta(minutes=65)
    assert net.channel.find_sent(net.account, outgoing, "k", Memory(), LONG_AGO)
    assert not net.channel.find_sent(net.account, replace(outgoing, poll=None), "k", Memory(), LONG_AGO)


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_a_long_answer_is_a_numbered_thread_that_reaches_the_resident_part_by_part(
    net: MastodonNet, private: bool
) -> None:
    net.post(text := words(), private=private)
    item = net.heard(text)
    long = " ".join(f"Sentence {n} of {text}." for n in range(30))
    receipt = send(net, answer_to(item, long, warning="Long"))
    ids = [receipt.network_id, *receipt.parts]
    said = {post.network_id: post for post in net.thread(item.network_id) if post.by_city}
    assert len(ids) > 2 and [said[one].in_reply_to for one in ids] == [item.network_id, *ids[:-1]]
    for number, one in enumerate(ids, 1):
        assert said[one].text.startswith("@maria ") and said[one].text.endswith(f" {number}/{len(ids)}")
        assert MastodonChannel().length(said[one].text) + len("Long") <= 500
        assert said[one].private == private
    told = Mastodon(access_token=RESIDENTS[0].token, api_base_url=net.server, mastodon_version="4.2.0")
    assert set(ids) <= {str(one["status"]["id"]) for one in told.notifications(types=["mention"], limit=40)}


def test_a_thread_whose_line_broke_in_the_middle_goes_on_and_has_every_part_once(
    net: MastodonNet, answering: Answering
) -> None:
    net.post(text := words())
    item = net.heard(text)
    outgoing, memory = answer_to(item, " ".join(f"Part {n} of {text}." for n in range(30))), Memory()
    answering.answers = {f"POST {STATUSES}": [faults.Fault("delay", seconds=0), faults.CUT_AFTER]}
    with pytest.raises(Unclear):
        send(net, outgoing, memory, "k-" + text, answering.account)
    limits._kept[answering.account.server] = (1e12, Limits(text=5000))  # the admin has changed the limit meanwhile
    assert net.channel.find_sent(answering.account, outgoing, "k-" + text, memory, LONG_AGO) is None
    assert "post 1" in memory.kept, "the part whose answer was lost is found"
    receipt = send(net, outgoing, memory, "k-" + text, answering.account)
    said = [post.text for post in net.thread(item.network_id) if post.by_city]
    assert len(said) == 1 + len(receipt.parts) == len(set(said))
    assert sum(post.count(f"of {text}") for post in said) == 30


def test_the_same_words_said_before_are_not_taken_for_the_ones_that_were_lost(net: MastodonNet) -> None:
    net.post(text := words())
    outgoing = answer_to(net.heard(text), "Thank you.")
    first = send(net, outgoing)

    class Ledger(NoLedger):
        def ours(self, network_id: str) -> bool:
            return network_id == first.network_id

    account = replace(net.account, ledger=Ledger())
    assert net.channel.find_sent(account, outgoing, "k", Memory(), LONG_AGO) is None
    second = send(net, outgoing)
    found = net.channel.find_sent(account, outgoing, "k", Memory(), LONG_AGO)
    assert found and found.network_id == second.network_id


# Changes


def test_an_edit_is_a_revision_and_keeps_the_files(net: MastodonNet, desk: Mastodon, answering: Answering) -> None:
    receipt = send(net, Outgoing(first := words(), media=(PHOTO,)))
    change = Outgoing(second := words(), action="edit", about=receipt.network_id, warning="Corrected")
    memory = Memory()
    answering.answers = {f"PUT {STATUSES}/{receipt.network_id}": [faults.CUT_AFTER]}
    with pytest.raises(Unclear):
        send(net, change, memory, "k", answering.account)
    found = net.channel.find_sent(answering.account, change, "k", memory, LONG_AGO)
    assert found and found.network_id == receipt.network_id
    status = desk.status(receipt.network_id)
    assert second in status["content"] and status["spoiler_text"] == "Corrected"
    assert [one["description"] for one in status["media_attachments"]] == [PHOTO.alt]
    assert [first in one["content"] for one in desk.status_history(receipt.network_id)] == [True, False]
    assert not net.channel.find_sent(net.account, replace(change, text=words()), "k", memory, LONG_AGO)


def test_what_was_said_is_taken_back_once(net: MastodonNet, desk: Mastodon, answering: Answering) -> None:
    receipt = send(net, Outgoing(words()))
    back, memory = Outgoing("", action="delete", about=receipt.network_id), Memory()
    assert net.channel.find_sent(net.account, back, "k", memory, LONG_AGO) is None
    answering.answers = {f"DELETE {STATUSES}/{receipt.network_id}": [faults.CUT_AFTER]}
    with pytest.raises(Unclear):
        send(net, back, memory, "k", answering.account)
    found = net.channel.find_sent(net.account, back, "k", memory, LONG_AGO)
    assert found and found.network_id == receipt.network_id
    assert send(net, back, memory, "k").network_id == receipt.network_id, "what is gone already is fine"


def test_what_cannot_be_changed(net: MastodonNet) -> None:
    poll = send(net, Outgoing(words(), poll=Poll(("a", "b"), 3600)))
    with pytest.raises(NotAllowed):
        send(net, Outgoing(words(), action="edit", about=poll.network_id))
    with pytest.raises(NotAllowed):
        send(net, Outgoing("", action="hide", about=poll.network_id))
    send(net, Outgoing("", action="delete", about=poll.network_id))
    with pytest.raises(Rejected) as raised:
        send(net, Outgoing(words(), action="edit", about=poll.network_id))
    assert raised.value.field_name == "about"
    plain = send(net, Outgoing(words()))
    with pytest.raises(Rejected, match="one post"):
        send(net, Outgoing("A sentence. " * 50, action="edit", about=plain.network_id))


# Limits


@pytest.mark.parametrize(
    ("outgoing", "field"),
    [
        (Outgoing("a", media=(PHOTO,) * 5), "media"),
        (Outgoing("a", media=(replace(PHOTO, media_type="image/x-odd"),)), "media"),
        (Outgoing("a", media=(replace(PHOTO, alt="x" * 1501),)), "alt"),
        (Outgoing("a", media=(replace(PHOTO, file="large"),)), "media"),
        (Outgoing("a", poll=Poll(("one",), 3600)), "poll"),
        (Outgoing("a", poll=Poll(("one", "x" * 51), 3600)), "poll"),
        (Outgoing("a", poll=Poll(("one", "two"), 5)), "poll"),
        (Outgoing("word " * 5000), "text"),
        (Outgoing(" "), "text"),
        (Outgoing("a \ud83d"), "text"),
        (Outgoing("a " * 300, warning="w" * 500), "warning"),
    ],
)
def test_what_the_server_would_refuse_is_refused_before_anything_is_sent(
    answering: Answering, net: MastodonNet, outgoing: Outgoing, field: str
) -> None:
    large = FILES | {"large": b"x" * 16_777_217}
    with pytest.raises(Rejected) as raised:
        send(net, outgoing, Memory(large), account=answering.account)
    assert raised.value.field_name == field
    assert not [one for one in answering.asked if not one.startswith("GET")]


def test_the_limits_are_the_servers_own(net: MastodonNet, desk: Mastodon, answering: Answering) -> None:
    small = b'{"configuration": {"statuses": {"max_characters": 60, "characters_reserved_per_url": 10}}}'
    answering.answers = {f"GET {INSTANCE}": [json_answer(200, small)]}
    receipt = send(net, Outgoing("One. Two. " * 12), account=answering.account)
    assert len(receipt.parts) == 2
    assert answering.asked.count(f"GET {INSTANCE}") == 1, "asked for once an hour"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, Limits()),
        ({"configuration": {"statuses": {"max_characters": "no"}, "polls": []}}, Limits()),
        (
            {  # Akkoma 3
                "max_toot_chars": 5000,
                "upload_limit": 16_000_000,
                "description_limit": 5000,
                "poll_limits": {
                    "max_options": 20,
                    "max_option_chars": 200,
                    "min_expiration": 0,
                    "max_expiration": 31_536_000,
                },
            },
            Limits(5000, 23, 4, (), 16_000_000, 16_000_000, 5000, 20, 200, 300, 31_536_000),
        ),
        (
            {  # GoToSocial 0.17
                "configuration": {
                    "statuses": {
                        "max_characters": 5000,
                        "max_media_attachments": 6,
                        "characters_reserved_per_url": 25,
                    },
                    "media_attachments": {
                        "supported_mime_types": ["image/jpeg", 5],
                        "image_size_limit": 1000,
                        "video_size_limit": 2000,
                        "description_limit": 1500,
                    },
                    "polls": {"max_options": 6, "max_characters_per_option": 50},
                }
            },
            Limits(5000, 25, 6, ("image/jpeg",), 1000, 2000, 1500, 6, 50),
        ),
    ],
)
def test_limits_of_many_servers_are_read(said: dict[str, Any], found: Limits) -> None:
    assert limits.read(said) == found


# What the server says is left


class Noting:
    def __init__(self) -> None:
        self.noted: list[Any] = []

    def renew(self, renew: Any) -> dict[str, str]:
        raise AssertionError

    def note_budget(self, budget: Any) -> None:
        self.noted.append(budget)


def test_what_the_server_says_is_left_is_noted_whatever_it_looks_like(net: MastodonNet, answering: Answering) -> None:
    keeper = Noting()
    account = replace(answering.account, keeper=keeper)
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "tomorrow"}
    odd = faults.Fault("answer", status=200, headers=headers, body=b'{"id": "5"}')
    answering.answers = {f"POST {STATUSES}": [odd]}
    assert send(net, Outgoing(words()), account=account).network_id == "5", "an odd header undoes no post"
    assert [(one.limit, one.remaining, one.what) for one in keeper.noted] == [(300, 299, "posts")]


def test_a_moved_server_is_told_and_nothing_is_sent_twice(net: MastodonNet, answering: Answering) -> None:
    moved = faults.Fault("answer", status=301, headers={"Location": net.server + STATUSES})
    answering.answers = {f"POST {STATUSES}": [moved]}
    with pytest.raises(NetworkDown):
        send(net, Outgoing(words()), account=answering.account)


def test_secrets_stand_in_no_error(net: MastodonNet) -> None:
    with pytest.raises(NetworkDown) as raised:
        send(net, Outgoing("a"), account=replace(net.account, server="http://127.0.0.1:9"))
    assert DESK.token not in f"{raised.value!r} {raised.value.reason} {net.account!r}"
    assert client.AGENT and writing.URL_LENGTH == 23
