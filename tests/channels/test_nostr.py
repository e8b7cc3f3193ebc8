"""What is peculiar to Nostr: several relays, proof of who we are, threads by tags, loose times, forged events."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import nostr_sdk
import orjson
import pytest

from openline.channels.base import (
    AccountRef,
    Incoming,
    NetworkDown,
    NotAllowed,
    Outgoing,
    RateLimited,
    Refused,
    Rejected,
    Unclear,
)
from openline.channels.nostr import deletions, ear, following, hearing, lists, profiles, relay, relays
from openline.channels.nostr.channel import NostrChannel
from openline.channels.nostr.cursor import Cursor
from openline.channels.nostr.signer import Local
from openline.sandbox.cast import RESIDENTS, Person
from openline.sandbox.servers import free_port
from tests.channels.conftest import DESK, Memory, Net, answer_to, listening, own_relay

MARIA, DEVON = RESIDENTS[:2]
NOBODY = f"ws://127.0.0.1:{free_port()}"


def words() -> str:
    return f"words {uuid.uuid4()}"


def account(*urls: str) -> AccountRef:
    return AccountRef("n", "philly311", ", ".join(urls), {"secret_key": DESK.secret_key})


def event(text: str, who: Person = MARIA, *, kind: int = 1, tags: tuple[list[str], ...] = (), at: int = 0) -> str:
    builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(kind), text)
    builder = builder.tags([nostr_sdk.Tag.parse(tag) for tag in (["p", DESK.public_key], *tags)])
    if at:
        builder = builder.custom_created_at(nostr_sdk.Timestamp.from_secs(at))
    return str(builder.finalize(who.keys).as_json())


def published(url: str, signed: str) -> str:
    relay.publish(url, signed)
    return str(orjson.loads(signed)["id"])


def on_relay(url: str, event_id: str) -> dict[str, Any]:
    with relay.relay(url) as line:
        return dict(relay.fetch(line, {"ids": [event_id]})[0])


@pytest.fixture(autouse=True)
def fresh_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(profiles, "_known", {})
    monkeypatch.setattr(lists, "_known", {})
    yield


def test_the_authors_name_comes_from_their_profile(on_nostr: Net) -> None:
    on_nostr.post(text := words())
    item = on_nostr.heard(text)
    assert item.author_name == MARIA.name
    assert item.author_handle.startswith("npub1")
    assert on_nostr.channel.parse(item.raw) == item


def test_a_relay_that_asks_who_we_are_gets_our_proof() -> None:
    """NIP-42: many relays give private messages only to those whom they are for."""
    mode = nostr_sdk.LocalRelayBuilderNip42(mode=nostr_sdk.LocalRelayBuilderNip42Mode.BOTH)
    with own_relay(lambda builder: builder.nip42(mode)) as url:
        gift = nostr_sdk.EventBuilder(nostr_sdk.Kind(14), text := words()).finalize_unsigned(MARIA.keys.public_key())
        wrap = nostr_sdk.nip59_make_gift_wrap(MARIA.keys, DESK.keys.public_key(), gift)
        with pytest.raises(NotAllowed):
            relay.publish(url, wrap.as_json())
        relay.publish(url, wrap.as_json(), Local(MARIA.keys))
        channel = NostrChannel()
        heard = [i for i in channel.poll(account(url), "").items if isinstance(i, Incoming)]
        assert [i.text for i in heard] == [text]
        assert channel.send(account(url), answer_to(heard[0], "yes"), "k", Memory()).network_id
        with listening(channel, account(url)) as listener:
            listener.hears(text)
            relay.publish(url, event(live := words()), Local(MARIA.keys))
            listener.hears(live)


def test_one_of_several_relays_is_enough(on_nostr: Net) -> None:
    both = replace(on_nostr.account, server=f"{NOBODY}, {on_nostr.server}")
    on_nostr.post(text := words())
    item = next(i for i in on_nostr.channel.poll(both, "").items if isinstance(i, Incoming) and text in i.text)
    receipt = on_nostr.channel.send(both, answer_to(item, "both"), words(), Memory())
    assert on_relay(on_nostr.server, receipt.network_id)["content"] == "both"
    assert on_nostr.channel.check(both).author_id == DESK.public_key
    with listening(on_nostr.channel, both) as listener:
        on_nostr.post(live := words())
        listener.hears(live)


def test_the_same_event_from_two_relays_is_heard_once_by_a_listener() -> None:
    with own_relay() as one, own_relay() as two, listening(NostrChannel(), account(one, two)) as listener:
        signed = event(text := words())
        published(one, signed)
        published(two, signed)
        listener.hears(text)
        published(two, event(last := words()))
        listener.hears(last)
        assert sum(text in getattr(i, "text", "") for i in listener.items) == 1


def test_a_relay_that_comes_back_is_read_from_where_it_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was published only there while it was away is heard, however long ago that was."""
    monkeypatch.setattr(following, "_FIRST_PAUSE_SECONDS", 0.2)
    with own_relay() as one, own_relay() as two:
        long_ago = int(time.time()) - 5 * 3600
        published(two, event(old := words(), at=long_ago))
        with listening(NostrChannel(), account(one, two), str(long_ago - 60)) as listener:
            listener.hears(old)
    lines = following.Lines(["a", "b"], Cursor(100))
    both = [following.News("a"), following.News("b")]
    assert lines.stand_anew(both, Cursor(100)) == {"a": Cursor(100), "b": Cursor(100)}
    assert lines.stand_anew([following.News("b", error=NetworkDown("x"))], Cursor(200)) == {}
    assert lines.stand_anew([following.News("b", error=NetworkDown("x"))], Cursor(300)) == {}
    assert lines.stand_anew([following.News("b")], Cursor(400)) == {"b": Cursor(200)}
    with pytest.raises(NetworkDown):
        lines.stand_anew([following.News(url, error=NetworkDown("x")) for url in "ab"], Cursor(500))


def test_no_relay_at_all(on_nostr: Net) -> None:
    for server in ("", " , ", NOBODY, "http://127.0.0.1:1", "ws://[", "nonsense"):
        with pytest.raises(NetworkDown):
            on_nostr.channel.poll(replace(on_nostr.account, server=server), "")
    with listening(on_nostr.channel, account(NOBODY)) as listener:
        time.sleep(0.5)
    assert isinstance(listener.error, NetworkDown)


def test_a_gap_longer_than_a_relays_page_is_read_whole() -> None:
    with own_relay(lambda builder: builder.max_filter_limit(10)) as url:
        now = int(time.time())
        sent = {published(url, event(f"number {n}", at=now - 1000 + n // 3)) for n in range(60)}
        heard = NostrChannel().poll(account(url), str(now - 2000))
        assert {i.network_id for i in heard.items if isinstance(i, Incoming)} == sent
        assert Cursor.read(heard.cursor).at == now - 1000 + 59 // 3
        assert NostrChannel().poll(account(url), heard.cursor).cursor == heard.cursor


@pytest.mark.parametrize("remembered", [True, False])
def test_a_long_gap_comes_in_batches_that_lose_nothing(monkeypatch: pytest.MonkeyPatch, remembered: bool) -> None:
    """Polls end once all is heard, whether the same process goes on or another; a second is never cut in two."""
    monkeypatch.setattr(hearing, "MOST_AT_ONCE", 7)
    monkeypatch.setattr(hearing, "MOST_AGAIN", 5)
    with own_relay() as url:
        now = int(time.time())
        times = [*range(20), *[20] * 12, *range(21, 30)]
        sent = {published(url, event(f"number {n}", at=now - 1000 + at)) for n, at in enumerate(times)}
        cursor, heard, counts = str(now - 2000), set[str](), list[int]()
        while len(counts) < 12 and not (remembered and counts and not counts[-1]):
            batch = NostrChannel().poll(account(url), cursor)
            heard |= {i.network_id for i in batch.items if isinstance(i, Incoming)}
            counts.append(len(batch.items))
            assert (batch.cursor == cursor) == (not batch.items)
            cursor = batch.cursor
            if not remembered:
                ear._memories.clear()
        assert heard == sent and max(counts) <= 5 + 7 + 12
        assert counts[-1] == (0 if remembered else 5)  # who does not remember hears the newest again
        with listening(NostrChannel(), account(url), str(now - 2000)) as listener:
            listener.wait(lambda _item: {i.network_id for i in listener.items} == sent)


def test_what_came_late_behind_many_others_is_heard_whoever_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each poll is another process's: it hears a part of the last hour again, and the cursor knows which is next."""
    monkeypatch.setattr(hearing, "MOST_AGAIN", 5)
    with own_relay() as url:
        now = int(time.time())
        for n in range(30):
            published(url, event(f"number {n}", at=now - 1000 + n // 2))
        cursor = NostrChannel().poll(account(url), str(now - 2000)).cursor
        late = {published(url, event(f"late {n}", at=now - 1000 + n // 3)) for n in range(40)}
        heard, counts = set[str](), list[int]()
        for _process in range(14):
            ear._memories.clear()
            batch = NostrChannel().poll(account(url), cursor)
            heard |= {i.network_id for i in batch.items if isinstance(i, Incoming)}
            counts.append(len(batch.items))
            cursor = Cursor.read(batch.cursor).text
        assert late <= heard and max(counts) == 5


@pytest.mark.parametrize("shift", [-400 * 86_400, 3_600])
def test_a_wrong_clock_hides_no_live_post_and_moves_no_cursor(shift: int) -> None:
    with own_relay() as url, listening(NostrChannel(), account(url), str(int(time.time()))) as listener:
        time.sleep(0.5)
        published(url, event(text := words(), at=int(time.time()) + shift))
        listener.hears(text)
        assert Cursor.read(listener.cursor).at <= int(time.time())


def test_deletions_by_the_author_and_by_nobody_else() -> None:
    with own_relay() as url, listening(NostrChannel(), account(url)) as listener:
        posts = [published(url, event(text := words())) for _ in range(2)]
        listener.hears(text)
        time.sleep(0.7)
        both = tuple(["e", post] for post in posts)
        published(url, event("", MARIA, kind=5, tags=both))
        for post in posts:
            listener.wait(lambda i, post=post: i.kind == "delete" and i.network_id == post)
        assert all(NostrChannel().parse(i.raw) == i for i in listener.items)
    watched = deletions.Watched(DESK.public_key, ["old"])
    watched.note([{"id": "post", "pubkey": "maria", "kind": 1}, {"id": "other", "pubkey": "devon", "kind": 1}, "x"])
    named = [["e", "post"], ["e", "other"], ["e", "old"], ["e", "unknown"], ["e", 7], "x"]
    assert watched.deleted({"pubkey": "maria", "tags": named}) == {"post": "post", "old": "old"}
    assert watched.deleted({"pubkey": "maria", "tags": "x"}) == {}


def test_an_answer_deep_in_a_thread_names_its_root_and_parent(on_nostr: Net) -> None:
    """NIP-10: the root is the thread's, also where the city only heard the last post of it."""
    root = published(on_nostr.server, event("a thread of others", DEVON))
    middle = published(on_nostr.server, event("and on", DEVON, tags=(["e", root, "", "root"],)))
    last = event(text := words(), tags=(["e", root, "", "root"], ["e", middle, "", "reply"]))
    published(on_nostr.server, last)
    item = on_nostr.heard(text)
    assert item.in_reply_to == middle
    receipt = on_nostr.channel.send(on_nostr.account, answer_to(item, "hello"), words(), Memory())
    tags = on_relay(on_nostr.server, receipt.network_id)["tags"]
    assert [(tag[1], tag[3]) for tag in tags if tag[0] == "e"] == [(root, "root"), (item.network_id, "reply")]
    assert [tag[1] for tag in tags if tag[0] == "p"] == [MARIA.public_key]


def test_a_comment_is_answered_by_a_comment(on_nostr: Net) -> None:
    """NIP-22: kind 1111 hangs from what its capital tags name; a kind 1 note is no answer to it."""
    above = (["E", "a" * 64], ["K", "34236"], ["P", DEVON.public_key], ["e", "a" * 64], ["k", "34236"])
    published(on_nostr.server, event(text := words(), kind=1111, tags=above))
    item = on_nostr.heard(text)
    receipt = on_nostr.channel.send(on_nostr.account, answer_to(item, "hello"), words(), Memory())
    answer = on_relay(on_nostr.server, receipt.network_id)
    assert answer["kind"] == 1111
    for tag in (["E", "a" * 64], ["K", "34236"], ["P", DEVON.public_key], ["k", "1111"], ["p", MARIA.public_key]):
        assert tag in answer["tags"]
    assert [tag[1] for tag in answer["tags"] if tag[0] == "e"] == [item.network_id]


def test_our_own_words_are_not_heard(on_nostr: Net) -> None:
    on_nostr.post(text := words(), private=True)
    on_nostr.channel.send(on_nostr.account, answer_to(on_nostr.heard(text), secret := words()), words(), Memory())
    published(on_nostr.server, event(own := words(), DESK))
    texts = [getattr(i, "text", "") for i in on_nostr.channel.poll(on_nostr.account, "").items]
    assert not any(secret in t or own in t for t in texts)


def test_nobody_can_speak_for_another_inside_a_gift_wrap(on_nostr: Net) -> None:
    rumor = nostr_sdk.EventBuilder(nostr_sdk.Kind(14), text := words()).finalize_unsigned(MARIA.keys.public_key())
    seal = nostr_sdk.EventBuilder(
        nostr_sdk.Kind(13),
        nostr_sdk.nip44_encrypt(
            DEVON.keys.secret_key(), DESK.keys.public_key(), rumor.ensure_id().as_json(), nostr_sdk.Nip44Version.V2
        ),
    ).finalize(DEVON.keys)
    key = nostr_sdk.Keys.generate()
    wrap = (
        nostr_sdk.EventBuilder(
            nostr_sdk.Kind(1059),
            nostr_sdk.nip44_encrypt(
                key.secret_key(), DESK.keys.public_key(), seal.as_json(), nostr_sdk.Nip44Version.V2
            ),
        )
        .tags([nostr_sdk.Tag.public_key(DESK.keys.public_key())])
        .finalize(key)
    )
    wrap_id = published(on_nostr.server, wrap.as_json())
    items = on_nostr.channel.poll(on_nostr.account, "").items
    refused = [i for i in items if isinstance(i, Refused) and wrap_id.encode() in i.raw]
    assert len(refused) == 1 and "cannot be opened" in refused[0].reason
    assert not any(text in getattr(i, "text", "") for i in items)


def test_a_tampered_event_is_refused(on_nostr: Net) -> None:
    on_nostr.post(text := words())
    found = on_nostr.channel.parse(on_nostr.heard(text).raw.replace(text.encode(), b"something else"))
    assert isinstance(found, Refused) and "signature" in found.reason.lower()


def test_people_files_and_warnings_in_a_note(on_nostr: Net) -> None:
    imeta = ["imeta", "url https://files.example/a.jpg", "m image/jpeg", "alt a hole in the road", 'x"y']
    bad = ["imeta", "url javascript:alert(1)"]
    npub = DESK.keys.public_key().to_bech32()
    published(
        on_nostr.server,
        event(f"nostr:{npub} look {(mark := words())}", tags=(imeta, bad, ["content-warning", "blood"])),
    )
    item = on_nostr.heard(mark)
    assert item.text.startswith("blood\n\n@npub1") and len(item.text) < 120
    assert [(m.url, m.kind, m.alt) for m in item.media] == [
        ("https://files.example/a.jpg", "image", "a hole in the road")
    ]


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("rate-limited: slow down", RateLimited),
        ("auth-required: who are you", NotAllowed),
        ("restricted: members only", NotAllowed),
        ("blocked: you are banned", NotAllowed),
        ("invalid: bad signature", Rejected),
        ("pow: 30 bits needed", Rejected),
        ("error: could not connect to the database", Unclear),
        ("no prefix at all", Rejected),
    ],
)
def test_a_relays_refusal_becomes_our_error(reason: str, error: type[Exception]) -> None:
    assert isinstance(relay._error(reason), error)


def test_a_real_relays_limits() -> None:
    with own_relay(lambda builder: builder.min_pow(24)) as url, pytest.raises(Rejected, match="pow"):
        NostrChannel().send(account(url), Outgoing(words()), "k", Memory())
    slow = nostr_sdk.RateLimit(max_reqs=500, notes_per_minute=1)
    with own_relay(lambda builder: builder.rate_limit(slow)) as url, relay.relay(url) as line:
        answers = []
        for _ in range(3):
            line.say("EVENT", orjson.loads(event(words())))
            answers.append(line.hear(5))
        assert any(answer and str(answer[3]).startswith("rate-limited") for answer in answers)


def test_of_many_failures_the_gravest_decides() -> None:
    def fail(url: str) -> None:
        raise {"u": Unclear("u"), "d": NetworkDown("d"), "r": Rejected("r")}[url]

    for urls, error in (["r", "d", "u"], Unclear), (["r", "d"], NetworkDown), (["r"], Rejected):
        with pytest.raises(error):
            relays.at_all(urls, fail)
    assert relays.at_first(["a", "b"], lambda url: url) == "a"


@pytest.mark.parametrize(
    ("hashes", "place"),
    [
        (["u4pruydq", "u4pruydqqvj"], (57.64911, 10.40744)),
        (["u4pru"], None),
        (["u4pruyd!"], None),
        ([], None),
    ],
)
def test_a_notes_place_is_its_geohash_if_that_means_a_spot(
    on_nostr: Net, hashes: list[str], place: tuple[float, float] | None
) -> None:
    published(on_nostr.server, event(mark := words(), tags=tuple(["g", each] for each in hashes)))
    found = on_nostr.heard(mark)
    assert (found.latitude, found.longitude) == (pytest.approx(place, abs=1e-5) if place else (None, None))


@pytest.mark.parametrize(
    "rumor",
    [
        {"kind": 15},
        {"kind": 15, "content": 5, "tags": "x", "pubkey": MARIA.public_key, "id": "a" * 64},
        {"kind": 15, "content": "ftp://x", "tags": [["file-type"], [], 5, ["alt", None]], "pubkey": "x", "id": "y"},
        {"kind": 14, "content": {}, "tags": {"a": 1}, "pubkey": [], "id": {}},
        {"kind": 14, "content": "hi", "tags": [["e", 5], ["a", "1:2:3"], ["imeta", 5]], "pubkey": "p", "id": "i"},
        {"kind": 34236, "content": "hi", "tags": [], "pubkey": "p", "id": "i"},
        {"kind": [], "created_at": "soon"},
        {"kind": 14, "created_at": 10**30, "pubkey": "p", "id": "i", "tags": [["published_at", "9" * 50]]},
    ],
)
def test_whatever_lies_in_a_gift_wrap_is_read_or_refused(rumor: dict[str, Any]) -> None:
    wrap = orjson.loads(event("sealed", kind=1059))
    raw = orjson.dumps({"event": wrap} | {"rumor": rumor}) if "created_at" not in rumor else None
    raw = raw or json.dumps({"event": wrap, "rumor": rumor}).encode()
    found = NostrChannel().parse(raw)
    assert isinstance(found, Incoming | Refused) and found.raw == raw
    if isinstance(found, Incoming):
        assert found.visibility == "private" and found.network_id and found.author_id


@pytest.mark.parametrize("kind", [1, 20, 21, 22, 1111, 34235, 34236, 5])
def test_strange_tags_of_every_kind_are_read_or_refused(kind: int) -> None:
    tags = (
        ["published_at", "٣"],
        ["a", "٣:" + "a" * 64 + ":x"],
        ["e", "x"],
        ["k", ""],
        ["imeta", "url"],
        ["title", ""],
    )
    for more in ((), (["A", "x"], ["E", ""]), (["d", "\u0000"],), (["e", ""], ["e", "", "", "root"])):
        raw = orjson.dumps({"event": orjson.loads(event("x", kind=kind, tags=(*tags, *more)))})
        found = NostrChannel().parse(raw)
        assert isinstance(found, Incoming | Refused) and found.raw == raw
