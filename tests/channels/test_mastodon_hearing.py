"""What is heard on Mastodon: nothing lost by a cut stream or a long absence, polls and warnings read, the rate kept."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from mastodon import Mastodon

from openline.channels.accounts import Budget, NoKeeper
from openline.channels.base import Incoming, Refused
from openline.channels.mastodon import channel as channel_module
from openline.channels.mastodon import hearing, reading
from openline.channels.mastodon import stream as stream_module
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.mastodon.watch import WATCHED, Place
from openline.sandbox.cast import RESIDENTS
from tests.channels.conftest import listening
from tests.channels.faults import Fault, FaultProxy
from tests.channels.nets.mastodon import MastodonNet

STREAM = "/api/v1/streaming/user"


def words() -> str:
    return f"words {uuid.uuid4()}"


@pytest.fixture
def net(on_mastodon: MastodonNet) -> MastodonNet:
    return on_mastodon


@pytest.fixture
def maria(net: MastodonNet) -> Mastodon:
    return Mastodon(access_token=RESIDENTS[0].token, api_base_url=net.server, mastodon_version="4.2.0")


@pytest.fixture
def proxy(net: MastodonNet) -> Iterator[FaultProxy]:
    with FaultProxy(net.port) as found:
        yield found


@pytest.fixture
def only_the_stream(net: MastodonNet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timers are out of the way: what is heard is heard because the stream said so."""
    monkeypatch.setattr(channel_module, "POLL_EVERY_SECONDS", 600.0)
    monkeypatch.setattr(channel_module, "LOOK_AGAIN_EVERY_SECONDS", 600.0)
    monkeypatch.setattr(stream_module, "TRY_AGAIN_SECONDS", 0.1)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


class Streams:
    """Watches through the proxy which streams the channel opens, and refuses them while `closed`."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.opened, self.closed, self._asked = 0, False, 0.0
        proxy.choose = self._choose

    def quiet(self) -> None:
        """Wait until nothing was asked for a while."""
        until(lambda: time.monotonic() - self._asked > 1)

    def _choose(self, unit: bytes) -> Fault | None:
        self._asked = time.monotonic()
        if not unit.startswith(f"GET {STREAM} ".encode()):
            return None
        self.opened += 1
        return Fault("answer", status=503) if self.closed else None


# The stream


@pytest.mark.usefixtures("only_the_stream")
def test_what_was_posted_while_the_stream_was_cut_is_heard_once_it_stands_again(
    net: MastodonNet, proxy: FaultProxy
) -> None:
    streams, cursor = Streams(proxy), net.position()
    with listening(net.channel, net.through(proxy.port), cursor) as listener:
        until(lambda: streams.opened > 0)
        net.post(before := words())
        listener.hears(before)
        streams.quiet()  # only the stream is to be cut, not a question that is being answered
        streams.closed = True
        proxy.cut()
        opened = streams.opened
        until(lambda: streams.opened >= opened + 2)  # it is told that the stream broke, and tries in vain
        posts = [net.post(words()), net.post(words(), private=True)]
        heard = len(listener.items)
        time.sleep(0.5)
        assert len(listener.items) == heard, "it is heard without the stream: this test proves nothing"
        streams.closed = False
        for post in posts:
            listener.wait(lambda item, post=post: item.network_id == post)  # type: ignore[misc]
        net.post(after := words())
        listener.hears(after)
    assert len({item.event_id for item in listener.items}) == len(listener.items), "nothing is handed on twice"


@pytest.mark.usefixtures("only_the_stream")
def test_a_stream_that_ends_without_a_word_is_opened_again_but_not_at_once_for_ever(
    net: MastodonNet, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "TRY_AGAIN_SECONDS", 0.5)
    streams = Streams(proxy)
    choose = proxy.choose

    def ends_at_once(unit: bytes) -> Fault | None:
        return choose(unit) or (Fault("answer", status=200) if unit.startswith(f"GET {STREAM} ".encode()) else None)

    proxy.choose = ends_at_once
    with listening(net.channel, net.through(proxy.port), net.position()):
        until(lambda: streams.opened > 1)
        began = streams.opened
        time.sleep(1.2)
        assert streams.opened - began <= 4


# While we were away


def test_deletions_and_edits_made_while_we_were_away_are_found(net: MastodonNet, maria: Mastodon) -> None:
    deleted, edited, kept = (net.post(words()) for _ in range(3))
    cursor = net.position()
    net.delete(deleted)
    net.edit(edited, better := words())
    with listening(net.channel, net.account, cursor) as listener:
        gone = listener.wait(lambda item: item.kind == "delete")
        edit = listener.wait(lambda item: item.kind == "edit")
        net.post(last := words())
        listener.hears(last)
    assert gone.network_id == deleted and edit.network_id == edited and better in edit.text
    assert all(net.channel.parse(item.raw) == item for item in (gone, edit))
    with listening(net.channel, net.account, listener.cursor) as again:
        net.post(later := words())
        again.hears(later)
    changes = [item for item in (*listener.items, *again.items) if item.kind != "post"]
    assert [item.network_id for item in changes].count(deleted) == 1, "it is told once, also after another restart"
    assert [item.network_id for item in changes].count(edited) == 1
    assert kept not in [item.network_id for item in changes]


def test_they_are_found_behind_more_mentions_than_a_page_holds(net: MastodonNet) -> None:
    deleted, edited = net.post(words()), net.post(words())
    cursor = net.position()
    net.delete(deleted)
    net.edit(edited, words())
    last = [net.post(words(), who=1) for _ in range(hearing.PAGE + 5)][-1]
    with listening(net.channel, net.account, cursor) as listener:
        listener.wait(lambda item: item.network_id == last, 30)
        listener.wait(lambda item: item.kind == "delete" and item.network_id == deleted, 30)
        listener.wait(lambda item: item.kind == "edit" and item.network_id == edited, 30)


def test_a_post_whose_notification_staff_dismissed_is_not_taken_for_deleted(net: MastodonNet) -> None:
    post = net.post(text := words())
    cursor = net.position()
    desk = Mastodon(
        access_token=net.account.credentials["access_token"], api_base_url=net.server, mastodon_version="4.2.0"
    )
    note = next(one for one in desk.notifications(limit=40) if text in str(one["status"]["content"]))
    dismiss = f"{net.server}/api/v1/notifications/{note['id']}/dismiss"
    httpx.post(dismiss, headers={"Authorization": f"Bearer {desk.access_token}"}).raise_for_status()
    heard = net.channel.poll(net.account, cursor)
    assert not [item for item in heard.items if getattr(item, "network_id", "") == post]
    assert post in Place.read(cursor).posts and post not in Place.read(heard.cursor).posts


def test_the_cursor_stays_small_and_an_old_one_is_understood() -> None:
    place = Place.read("123")
    assert place.after == "123" and not place.posts
    items: list[Any] = [(b"", {"id": "1", "status": None})] + [
        (b"", {"id": f"{n:018}", "status": {"id": f"{n:018}", "edited_at": "2026-11-27T19:00:00.000Z"}})
        for n in range(500)
    ]
    place.note(items)
    assert list(place.posts) == [f"{n:018}" for n in range(500 - WATCHED, 500)]
    assert Place.read(place.cursor()) == place and len(place.cursor()) < 8000


# A server that reads `min_id` as "the newest ones since" (snac), with a page of 40


class NewestFirst:
    """Notifications 1 to `count`; each page holds the newest that are asked for."""

    def __init__(self, count: int) -> None:
        self.ids, self.asked = [f"{n:06}" for n in range(1, count + 1)], 0

    def items(self, call: Callable[[Any], Any]) -> list[hearing.Notification]:
        self.asked += 1
        page: list[str] = call(self)
        return [(i.encode(), {"id": i, "type": "mention", "status": {"id": i}}) for i in page]

    def notifications(self, limit: int, types: list[str], min_id: str = "", max_id: str = "") -> list[str]:
        asked = [i for i in reversed(self.ids) if i > min_id and (not max_id or i < max_id)]
        return asked[:limit]


@pytest.mark.parametrize("count", [39, 40, 41, 80, 137, 10_000])
def test_no_gap_on_a_server_that_gives_the_newest_first(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    server = NewestFirst(count + 7)
    monkeypatch.setattr(hearing, "Server", lambda account: server)
    found, after = hearing.mentions(None, "000007")  # type: ignore[arg-type]
    assert [raw.decode() for raw, _item in found] == server.ids[7:] and after == server.ids[-1]


# What is read


def post(**status: Any) -> Incoming:
    raw = {"id": "1", "type": "mention", "status": {"id": "8", "account": {"id": "2", "acct": "m"}, **status}}
    found = reading.parse(orjson.dumps(raw))
    assert isinstance(found, Incoming)
    return found


def test_a_warning_a_poll_and_descriptions_come_in(net: MastodonNet, maria: Mastodon) -> None:
    text = words()
    photo = maria.media_post(b"photo", "image/jpeg", description="A broken lamp")
    maria.status_post(f"@philly311 {text}", spoiler_text="Glass", media_ids=[photo])
    item = net.heard(text)
    assert item.text == f"Glass\n\n@philly311 {text}" and item.media[0].alt == "A broken lamp"
    maria.status_post(f"@philly311 {(asked := words())}", poll=maria.make_poll(["Elm", "Oak"], 3600))
    assert net.heard(asked).text.endswith("\n\n- Elm\n- Oak")


@pytest.mark.parametrize(
    ("visibility", "found"),
    [
        ("public", "public"),
        ("unlisted", "public"),
        ("private", "private"),
        ("direct", "private"),
        ("local", "private"),
        ("list", "private"),
        (None, "public"),
    ],
)
def test_what_is_not_for_everybody_is_private(visibility: str | None, found: str) -> None:
    assert post(visibility=visibility).visibility == found


def test_a_machine_is_known_by_its_mark() -> None:
    assert post().automatic is False
    assert post(account={"id": "2", "acct": "m", "bot": True}).automatic is True


def test_a_boosted_post_is_still_the_post() -> None:
    """snac shows a post that somebody boosted as the boost."""
    inside = {"id": "8", "account": {"id": "2", "acct": "maria"}, "content": "<p>a hole</p>"}
    item = post(account={"id": "3", "acct": "devon"}, content="", reblog=inside)
    assert (item.text, item.author_handle, item.network_id) == ("a hole", "@maria", "8")


@pytest.mark.parametrize("reblog", [{}, [], "x", None])
def test_an_empty_boost_is_no_boost(reblog: Any) -> None:
    assert post(reblog=reblog, content="a hole").text == "a hole"


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("1795805895eb18817ef728890476976596bc4d0b32", "0000000000eb18817ef728890476976596bc4d0b32"),
        ("115600000000000001", "115600000000000001"),
        ("01JDPZ8Q2V3W4X5Y6Z7A8B9C0D", "01JDPZ8Q2V3W4X5Y6Z7A8B9C0D"),
        ("AnTJsFQuNxMEQfYH4y", "AnTJsFQuNxMEQfYH4y"),
    ],
)
def test_a_posts_id_is_the_same_for_ever(said: str, known: str) -> None:
    assert post(id=said, in_reply_to_id=said).network_id == known == post(in_reply_to_id=said).in_reply_to


def test_a_poll_of_nonsense_is_read_without_trouble() -> None:
    for poll in ([], "x", {"options": 5}, {"options": [5, {"title": None}, {}]}):
        assert not isinstance(reading.parse(orjson.dumps({"status": {"id": "8", "poll": poll}})), Incoming)
        assert isinstance(post(poll=poll, content="a"), Incoming)
    assert isinstance(reading.parse(b"[]"), Refused)


# The rate


@pytest.mark.parametrize(
    ("left", "seconds", "least", "most"),
    [(300, 200, 0, 0), (150, 200, 0, 0), (149, 200, 5, 6), (20, 200, 39, 41), (1, 200, 60, 60), (0, -5, 0, 0)],
)
def test_hearing_slows_down_before_the_wall(left: int, seconds: int, least: float, most: float) -> None:
    noted: list[Budget] = []

    class Keeper(NoKeeper):
        def note_budget(self, budget: Budget) -> None:
            noted.append(budget)

    allowance = hearing.Allowance(Keeper())
    allowance.note_budget(Budget(300, left, datetime.now(UTC) + timedelta(seconds=seconds)))
    assert least <= allowance.wait_seconds() <= most
    assert [budget.remaining for budget in noted] == [left], "the account's keeper knows it as well"


def test_what_the_server_says_is_left_while_hearing_is_noted(net: MastodonNet, proxy: FaultProxy) -> None:
    noted: list[Budget] = []

    class Keeper(NoKeeper):
        def note_budget(self, budget: Budget) -> None:
            noted.append(budget)

    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "12", "X-RateLimit-Reset": "2999-01-01T00:00:00Z"}
    proxy.choose = lambda unit: Fault("answer", status=200, headers=headers, body=b"[]")
    account = replace(net.through(proxy.port), keeper=Keeper())
    MastodonChannel().poll(account, "")
    assert [(budget.remaining, budget.limit, budget.what) for budget in noted] == [(12, 300, "")]
