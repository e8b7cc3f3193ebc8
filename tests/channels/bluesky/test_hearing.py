"""Hearing from Bluesky's own servers: notifications, both streams, backlogs, deletions, files."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openline.channels.base import Incoming, Rejected
from openline.channels.bluesky import channel as channel_module
from openline.channels.bluesky import firehose, hearing
from openline.channels.bluesky.place import Place
from tests.channels.bluesky.test_speaking import picture
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.bluesky import BlueskyNet, Person, mention, until


def test_mentions_replies_and_quotes_are_heard_and_likes_are_not(net: BlueskyNet, words: str) -> None:
    maria = net.residents[0]
    item = net.heard(net.post(words) and words)
    ours = net.channel.send(net.account, answer_to(item, "see"), words, Memory()).network_id
    reply = net.post(f"{words} reply", in_reply_to=ours)
    ref = {"uri": ours, "cid": maria.record(ours)["cid"]}
    quote = maria.post(f"{words} quote", embed={"$type": "app.bsky.embed.record", "record": ref})
    like = {"$type": "app.bsky.feed.like", "subject": ref, "createdAt": "2026-01-01T00:00:00Z"}
    maria.ask("com.atproto.repo.createRecord", {"repo": maria.did, "collection": like["$type"], "record": like})
    until(lambda: any(one["uri"] == quote for one in net.city.notifications()))
    heard = {one.network_id: one for one in net.hearing() if words in one.text}
    assert set(heard) == {item.network_id, reply, quote}
    assert (heard[reply].in_reply_to, heard[reply].thread) == (ours, item.network_id)
    assert heard[quote].facts["quotes"].endswith(ours.rsplit("/", 1)[1]) and not heard[quote].in_reply_to


def test_people_are_known_by_their_did_whatever_their_handle(net: BlueskyNet, words: str) -> None:
    person = Person(net.servers, "before")
    net.residents.append(person)
    try:
        before = net.heard(net.post(f"{words} one", who=-1) and f"{words} one")
        new = person.handle.replace("before", "after")
        person.ask("com.atproto.identity.updateHandle", {"handle": new})
        until(lambda: net.city.ask("app.bsky.actor.getProfile", actor=person.did)["handle"] == new)
        after = net.heard(net.post(f"{words} two", who=-1) and f"{words} two")
    finally:
        net.residents.remove(person)
    assert (before.author_handle, after.author_handle) == (f"@{person.handle}", f"@{new}")
    assert before.author_id == after.author_id == person.did
    # The old name in our words still means the person whom we answer.
    answer = answer_to(before, f"@{person.handle} thank you")
    receipt = net.channel.send(net.account, answer, words, Memory())
    [facet] = person.record(receipt.network_id)["value"]["facets"]
    assert facet["features"][0]["did"] == person.did


def test_our_own_handle_may_change_too(net: BlueskyNet) -> None:
    account = replace(net.account, handle="@a-handle-of-yesterday.test")
    assert net.channel.check(account).author_id == net.city.did


def test_a_deleted_post_is_noticed(net: BlueskyNet, words: str) -> None:
    uri = net.post(words)
    cursor = net.channel.poll(net.account, "").cursor
    net.delete(uri)
    gone = [item for item in net.hearing(cursor=cursor) if item.kind == "delete"]
    assert [(item.network_id, item.event_id) for item in gone] == [(uri, f"delete:{uri}")]
    assert net.channel.parse(gone[0].raw) == gone[0]
    again = net.channel.poll(net.account, net.channel.poll(net.account, cursor).cursor).items
    assert not [item for item in again if isinstance(item, Incoming) and item.kind == "delete"]


def test_a_post_that_is_hidden_by_a_block_is_not_taken_for_deleted(net: BlueskyNet, words: str) -> None:
    person = Person(net.servers, "hider")
    net.residents.append(person)
    uri = net.post(words, who=-1)
    net.residents.remove(person)
    cursor = net.channel.poll(net.account, "").cursor
    block = {"$type": "app.bsky.graph.block", "subject": net.city.did, "createdAt": "2026-01-01T00:00:00Z"}
    person.ask("com.atproto.repo.createRecord", {"repo": person.did, "collection": block["$type"], "record": block})
    until(lambda: not net.city.ask("app.bsky.feed.getPosts", uris=[uri])["posts"])
    assert not [item for item in net.hearing(cursor=cursor) if item.kind == "delete"]


def test_a_post_that_claims_to_be_older_is_heard_behind_newer_ones(net: BlueskyNet, words: str) -> None:
    net.post(words)
    cursor = net.channel.poll(net.account, "").cursor
    text = f"@{net.city.handle} late {words}"
    before = (datetime.now(UTC) - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    uri = net.residents[0].post(text, facets=mention(net.city.did, text, f"@{net.city.handle}"), createdAt=before)
    until(lambda: any(one["uri"] == uri for one in net.city.notifications()))
    items = net.channel.poll(net.account, cursor).items
    assert uri in {item.network_id for item in items if isinstance(item, Incoming)}


def test_a_backlog_is_heard_oldest_first_and_goes_on_after_a_restart(
    net: BlueskyNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "PAGE", 5)
    cursor = net.asleep()
    uris = net.backlog(40)
    found, polls = list[str](), 0
    while polls < 400:
        heard = net.channel.poll(net.account, cursor)  # every poll is a new start: only the cursor is kept
        found += [item.network_id for item in heard.items if isinstance(item, Incoming)]
        if heard.cursor == cursor:
            break
        cursor, polls = heard.cursor, polls + 1
    firsts = [uri for uri in dict.fromkeys(found) if uri in set(uris)]
    assert firsts == uris and polls > 4


def test_many_posts_of_one_moment_are_all_heard(net: BlueskyNet, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own page border leaves out what has the border's very time."""
    monkeypatch.setattr(hearing, "PAGE", 5)
    person, text = net.residents[0], f"@{net.city.handle} {words}"
    cursor = net.channel.poll(net.account, "").cursor
    facets, at = mention(net.city.did, text, f"@{net.city.handle}"), datetime.now(UTC)
    times = [at.isoformat(timespec="milliseconds"), (at + timedelta(seconds=1)).isoformat(timespec="milliseconds")]
    value = {"$type": "app.bsky.feed.post", "text": text, "facets": facets}
    create = {"$type": "com.atproto.repo.applyWrites#create", "collection": "app.bsky.feed.post"}
    writes = [{**create, "value": {**value, "createdAt": times[n // 4].replace("+00:00", "Z")}} for n in range(8)]
    done = person.ask("com.atproto.repo.applyWrites", {"repo": person.did, "writes": writes})
    uris = {one["uri"] for one in done["results"]}
    until(lambda: uris <= {one["uri"] for one in net.city.notifications()})
    assert uris <= {item.network_id for item in net.hearing(cursor=cursor)}


class Scripted:
    """Notifications as the AppView pages them: newest first, strictly older than the border, new ones on top."""

    def __init__(self, count: int) -> None:
        self.times, self.calls = [n // 3 for n in range(count)], 0  # three in each millisecond

    def get(self, _method: str, params: Any) -> Any:
        self.calls += 1
        top = len(self.times)
        if params.get("cursor"):
            border = _number(params["cursor"])
            top = next((n for n in range(len(self.times)) if self.times[n] >= border), top)
        page = range(top - 1, max(top - 1 - params["limit"], -1), -1)
        more = {"cursor": _time(self.times[page[-1]])} if page and page[-1] > 0 else {}
        return {"notifications": [self._item(n) for n in page], **more}

    def _item(self, n: int) -> Any:
        return {"uri": f"at://did:plc:a/app.bsky.feed.post/{n}", "reason": "mention", "indexedAt": _time(self.times[n])}


def _time(number: int) -> str:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def _number(border: str) -> float:
    return round((datetime.fromisoformat(border) - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def test_ten_thousand_are_collected_back_to_the_cursor_without_losing_any() -> None:
    session = Scripted(10_000)
    place, found = Place(at=_time(-1)), list[int]()
    for poll in range(1_000):
        raws, after = hearing.mentions(session, Place.read(str(place)))  # type: ignore[arg-type]
        found += [int(raw.split(b"post/")[1].split(b'"')[0]) for raw in raws]
        if poll == 40:
            session.times += [session.times[-1] + 1] * 3  # meanwhile new ones come on top
        if not after.pages and after == place:
            break
        place = after
    assert list(dict.fromkeys(found)) == list(range(10_003))
    assert session.calls < 250  # the way back is walked once, then each page is asked for once
    assert len(str(place)) < 10_000


@contextmanager
def listening(net: BlueskyNet, cursor: str = "", **settings: str) -> Iterator[list[Incoming]]:
    """The channel listens while the block runs, with these settings."""
    account = replace(net.account, settings={**net.account.settings, **settings})
    items, stopping, trouble = list[Incoming](), threading.Event(), list[BaseException]()
    items_cursor = [cursor]

    def listen() -> None:
        try:
            for heard in net.channel.listen(account, cursor, stopping.is_set):
                items.extend(item for item in heard.items if isinstance(item, Incoming))
                items_cursor[0] = heard.cursor
        except BaseException as error:
            trouble.append(error)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield items
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive() and not trouble, trouble


@pytest.mark.parametrize("kind", [firehose.FIREHOSE, firehose.JETSTREAM])
def test_a_stream_brings_what_is_for_us_at_once(
    net: BlueskyNet, words: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POLL_SECONDS", "POLL_BESIDE_STREAM_SECONDS", "LOOK_AGAIN_SECONDS"):
        monkeypatch.setattr(channel_module, name, 600.0)  # so that only the stream can have brought it
    part = "pds" if kind == firehose.FIREHOSE else "jetstream"
    with listening(net, stream=kind, stream_server=f"ws://localhost:{net.servers.ports[part]}") as items:
        until(lambda: net.post(f"{words} hello") and any(b'{"stream"' in item.raw for item in items))
        photo = net.post(f"{words} photo", photos=(picture(8, 8),))
        net.residents[1].post(f"{words} not for us")
        found = until(lambda: next((item for item in items if item.network_id == photo), None))
        net.residents[0].delete(photo)
        gone = until(lambda: next((item for item in items if item.kind == "delete"), None))
    assert gone.network_id == photo and not any("not for us" in item.text for item in items)
    assert net.channel.parse(found.raw) == found
    [first, *_] = [item for item in items if "hello" in item.text]
    asked = {item.network_id: item for item in net.hearing()}[first.network_id]
    assert replace(asked, raw=b"") == replace(first, raw=b"")  # the same by either way
    assert found.media[0].alt == "photo 0" and found.author_handle == f"@{net.residents[0].handle}"


def test_a_stream_that_is_away_costs_nothing(net: BlueskyNet, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "POLL_SECONDS", 0.5)
    with listening(net, stream=firehose.JETSTREAM, stream_server="ws://127.0.0.1:9") as items:
        net.post(words)
        until(lambda: any(words in item.text for item in items))


def test_a_place_in_another_stream_begins_with_what_is_new(net: BlueskyNet, words: str) -> None:
    server = f"ws://localhost:{net.servers.ports['pds']}"
    cursor = str(Place(at=_time(0), stream="999999999"))
    with listening(net, cursor, stream=firehose.FIREHOSE, stream_server=server) as items:
        until(lambda: net.post(words) and any(b'{"stream"' in item.raw and words in item.text for item in items))


def test_a_frame_that_makes_no_sense_is_passed_over() -> None:
    for kind in (firehose.FIREHOSE, firehose.JETSTREAM):
        reader = firehose.Reader(kind, "did:plc:us", "7")
        for frame in (b"", b"\xff did:plc:us", b'{"did:plc:us": 1}', b'[{"delete": {}}]', '{"commit": "delete"}'):
            assert list(reader.events(frame)) == []
        assert reader.cursor == "7"


def test_a_million_events_that_are_not_for_us_are_hardly_looked_at() -> None:
    reader = firehose.Reader(firehose.JETSTREAM, "did:plc:us", "")
    frame = b'{"did":"did:plc:other","time_us":5,"kind":"commit","commit":{"operation":"create","record":{}}}'
    begun = time.process_time()
    for _ in range(100_000):
        assert not list(reader.events(frame))
    assert reader.cursor == "5" and time.process_time() - begun < 5


def test_a_picture_comes_from_its_authors_server_and_is_checked(net: BlueskyNet, words: str) -> None:
    content = picture(20, 10)
    item = net.heard(net.post(words, photos=(content,)) and words)
    [photo] = item.media
    assert (photo.kind, photo.alt) == ("image", "photo 0") and photo.url.startswith("https://cdn.bsky.app/")
    assert net.channel.fetch(net.account, item.raw, photo, 1_000_000) == content
    with pytest.raises(Rejected):
        net.channel.fetch(net.account, item.raw, photo, 10)
    assert net.channel.fetch(net.account, item.raw, replace(photo, url="https://example.org/a.jpg"), 10) is None
