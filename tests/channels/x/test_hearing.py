"""What comes in by asking: order, cursors, edits, deletions, both spellings, and what is not to be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openline.channels.accounts import Budget, NoKeeper
from openline.channels.base import Heard, Incoming, Outgoing, RateLimited, Refused, TokenExpired
from openline.channels.x import hearing, spelling
from openline.channels.x.channel import XChannel
from openline.channels.x.emulator import network
from tests.channels.nets.base import Memory
from tests.channels.x.conftest import City


def items(heard: Heard) -> list[Incoming]:
    assert all(isinstance(item, Incoming) for item in heard.items)
    return list(heard.items)  # type: ignore[arg-type]


def test_what_was_said_comes_oldest_first_and_once(city: City) -> None:
    maria = city.x.residents[0]
    first = city.channel.poll(city.account, "")
    texts = [f"number {n}" for n in range(130)]
    for text in texts:
        city.x.say(maria, text)
    heard = city.channel.poll(city.account, first.cursor)
    assert [item.text.removeprefix("@philly311 ") for item in items(heard)] == texts
    assert not city.channel.poll(city.account, heard.cursor).items


def test_a_new_account_takes_the_newest_page_only(city: City) -> None:
    for n in range(120):
        city.x.say(city.x.residents[0], f"number {n}")
    assert len(city.channel.poll(city.account, "").items) == 100


def test_an_edit_is_heard_where_x_tells_of_no_new_mention(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    post = city.x.say(city.x.residents[0], "@philly311 the ligth is out")
    cursor = city.channel.poll(city.account, "").cursor
    city.x.edit(post, "the light is out")  # names us no more
    city.x.state.posts[city.x.state.posts[post].history[-1]].text = "the light is out"
    assert not city.channel.poll(city.account, cursor).items
    monkeypatch.setattr(hearing, "LOOK_EVERY_SECONDS", 0.0)
    heard = city.channel.poll(city.account, cursor)
    (edit,) = items(heard)
    assert (edit.kind, edit.network_id, edit.text) == ("edit", post, "the light is out")
    assert not city.channel.poll(city.account, heard.cursor).items


def test_a_deletion_is_found_within_hours(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = [city.x.say(city.x.residents[0], f"@philly311 {n}") for n in range(3)]
    cursor = city.channel.poll(city.account, "").cursor
    city.x.delete(posts[1])
    assert not city.channel.poll(city.account, cursor).items, "it is not looked every time: that costs money"
    monkeypatch.setattr(hearing, "LOOK_EVERY_SECONDS", 0.0)
    heard = city.channel.poll(city.account, cursor)
    (gone,) = items(heard)
    assert (gone.kind, gone.network_id) == ("delete", posts[1]) and city.channel.parse(gone.raw) == gone
    assert not city.channel.poll(city.account, heard.cursor).items


def test_looking_for_deletions_can_be_switched_off(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "LOOK_EVERY_SECONDS", 0.0)
    thrifty = replace(city.account, settings={**city.account.settings, "look_again": "no"})
    city.x.say(city.x.residents[0], "@philly311 hello")
    cursor = city.channel.poll(thrifty, "").cursor
    before = city.calls("GET", "/2/tweets")
    city.channel.poll(thrifty, cursor)
    assert city.calls("GET", "/2/tweets") == before


@pytest.mark.parametrize("posts", [False, True])
def test_both_spellings_are_asked_and_read(city: City, posts: bool) -> None:
    city.x.shapes.posts, city.contract.version = posts, "2.167" if posts else "2.159"
    ours = city.channel.send(city.account, Outgoing("news"), "k", Memory())
    city.x.say(
        city.x.residents[0], "@philly311 see https://city.org/x?a=1&b=2", in_reply_to=ours.network_id, photos=[b"1"]
    )
    (item,) = items(city.channel.poll(city.account, ""))
    assert item.text == "@philly311 see https://city.org/x?a=1&b=2" and item.in_reply_to == ours.network_id
    assert item.author_handle == "@maria" and [one.kind for one in item.media] == ["image"]
    refused = sum(one.status == 400 for one in city.contract.exchanges)
    city.channel.poll(city.account, "")
    assert refused == posts == sum(one.status == 400 for one in city.contract.exchanges), "it is learnt once"


def test_a_film_s_best_file_is_taken(city: City) -> None:
    raw = (
        b'{"kind":"post","data":{"id":"5","text":"a","author_id":"9","attachments":{"media_keys":["13_1"]}},"includes":'
        b'{"media":[{"media_key":"13_1","type":"video","preview_image_url":"https://pbs.example/p.jpg","variants":['
        b'{"content_type":"application/x-mpegURL","url":"https://v.example/a.m3u8"},'
        b'{"bit_rate":256000,"content_type":"video/mp4","url":"https://v.example/s.mp4"},'
        b'{"bit_rate":832000,"content_type":"video/mp4","url":"https://v.example/l.mp4"}]}]}}'
    )
    item = city.channel.parse(raw)
    assert (
        isinstance(item, Incoming) and item.media[0].url == "https://v.example/l.mp4" and item.media[0].kind == "video"
    )


def test_a_long_post_is_read_whole(city: City) -> None:
    for name in ("note_tweet", "note_post"):
        raw = f'{{"kind":"post","data":{{"id":"5","text":"short…","{name}":{{"text":"long &amp; whole"}}}}}}'.encode()
        item = city.channel.parse(raw)
        assert isinstance(item, Incoming) and item.text == "long & whole"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{}",
        b'{"data":{"event_type":"like.create","payload":{"id":"5"}}}',
        b'{"kind":"dm"}',
        b'{"kind":"gone"}',
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(raw: bytes) -> None:
    found = XChannel().parse(raw)
    assert isinstance(found, Refused) and found.reason and found.raw == raw


def test_without_leave_to_read_messages_mentions_are_heard(city: City) -> None:
    city.x.unlimited = False
    for _n in range(20):
        city.channel.poll(city.account, "")  # 15 lists of messages are allowed in a quarter of an hour
    city.x.say(city.x.residents[0], "@philly311 still here?")
    city.x.say(city.x.residents[0], "in private", private=True)
    heard = city.channel.poll(city.account, city.channel.poll(city.account, "").cursor or "")
    assert "in private" not in [item.text for item in items(heard)]
    assert "@philly311 still here?" in [item.text for item in items(city.channel.poll(city.account, ""))]


class Noting(NoKeeper):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[Budget] = []

    def note_budget(self, budget: Budget) -> None:
        self.told.append(budget)


def test_allowances_come_with_every_answer_and_the_wall_says_when(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    most, keeper = 5, Noting()
    monkeypatch.setattr(network, "LIMITS", [(network.LIMITS[0][0], most, 900)])
    city.x.unlimited = False
    account = replace(city.account, keeper=keeper)
    for n in range(most):
        city.channel.send(account, Outgoing(f"post {n}"), str(n), Memory())
    spoken = [one for one in keeper.told if one.what == "posts"]
    assert [one.remaining for one in spoken] == list(range(most - 1, -1, -1)) and spoken[0].limit == most
    with pytest.raises(RateLimited) as raised:
        city.channel.send(account, Outgoing("one more"), "more", Memory())
    assert raised.value.retry_at == spoken[-1].resets_at


def test_a_dead_token_stops_asking_and_not_being_called(city: City) -> None:
    """Hearing never depends on speaking."""
    city.channel.settle(city.account)
    dead = {**city.account.credentials, "access_token": "dead", "refresh_token": "dead"}
    city.hook.account = replace(city.account, credentials=dead)
    with pytest.raises(TokenExpired):
        city.channel.poll(city.account, "")
    city.x.say(city.x.residents[0], "can you hear me?")
    assert city.hook.wait(lambda item: "hear me" in item.text)


def test_the_spelling_is_learnt_for_each_server() -> None:
    spelling.change("https://one.example")
    assert "post.fields" in spelling.wanted("https://one.example")
    assert "tweet.fields" in spelling.wanted("https://two.example")
    spelling.change("https://one.example")


def test_a_film_in_a_private_message_is_its_best_file(city: City) -> None:
    variants = (
        b'[{"bitrate":1,"content_type":"video/mp4","url":"https://v.example/s.mp4"},'
        b'{"bitrate":9,"content_type":"video/mp4","url":"https://v.example/l.mp4"}]'
    )
    raw = (
        b'{"data":{"event_type":"dm.received","filter":{"user_id":"1"},"payload":{"direct_message_events":[{"id":"7",'
        b'"created_timestamp":"1784928224372","message_create":{"target":{"recipient_id":"1"},"sender_id":"22",'
        b'"message_data":{"text":"see","attachment":{"type":"media","media":{"type":"video","media_url_https":'
        b'"https://pbs.example/t.jpg","video_info":{"variants":' + variants + b"}}}}}}],"
        b'"users":{"22":{"data":{"id":"22","username":"OtherUser","name":"Other"}}}}}}'
    )
    item = city.channel.parse(raw)
    assert isinstance(item, Incoming) and [(one.kind, one.url) for one in item.media] == [
        ("video", "https://v.example/l.mp4")
    ]
    assert (item.author_handle, item.thread, item.visibility) == ("@OtherUser", "dm:1-22", "private")
    assert item.posted_at and item.posted_at.isoformat() == "2026-07-24T21:23:44.372000+00:00"
