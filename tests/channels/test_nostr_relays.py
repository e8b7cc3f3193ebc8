"""Two unrelated relays, nostr-sdk's LocalRelay and nostr-relay: the same life on both, and between them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nostr_sdk
import pytest

from openline.channels.base import (
    ChannelError,
    Incoming,
    NetworkDown,
    NotAllowed,
    Outgoing,
    RateLimited,
    Rejected,
)
from openline.channels.nostr import identity, limits, lists, mending, relay
from openline.channels.nostr.cursor import Cursor
from openline.channels.nostr.signer import Local
from openline.foundation import fetching
from openline.sandbox.servers import free_port
from tests.channels.conftest import listening, own_relay
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nostr_tools import (
    CHANNEL,
    DESK,
    DEVON,
    MARIA,
    NOBODY,
    account,
    asked,
    event,
    heard,
    on_relay,
    published,
    unwrapped,
    words,
    wrapped,
)
from tests.conftest import need
from tests.servers import nostr_relay

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def local() -> Iterator[str]:
    with own_relay() as url:
        yield url


@pytest.fixture(scope="module")
def unrelated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    need(nostr_relay.here(), "nostr-relay")
    with nostr_relay.serving(tmp_path_factory.mktemp("nostr-relay")) as url:
        yield url


@pytest.fixture(params=["local", "unrelated"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_known", {})
    monkeypatch.setattr(limits, "_known", {})


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Residents' relays are strangers' addresses; here they lie on this machine."""
    monkeypatch.setattr(fetching, "public", lambda address: True)


class Site:
    """The city's web site."""

    def __init__(self) -> None:
        self.document: object = {}
        self.status = 200
        self.asked: list[str] = []
        self.port = 0


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            found.asked.append(self.path)
            content = json.dumps(found.document).encode()
            self.send_response(found.status)
            self.send_header("Location", f"http://localhost:{found.port}/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def until(condition: Callable[[], object], seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_conversation_in_public(url: str) -> None:
    where = account(url)
    published(url, event(text := words()))
    item = heard(where, text)
    first = CHANNEL.send(where, answer_to(item, "where is it?"), words(), Memory())
    published(
        url, event(reply := words(), tags=(["e", item.network_id, "", "root"], ["e", first.network_id, "", "reply"]))
    )
    found = heard(where, reply)
    assert found.in_reply_to == first.network_id and found.references == (item.network_id,)
    last = CHANNEL.send(where, answer_to(found, "thank you"), words(), Memory())
    tags = [(tag[1], tag[3]) for tag in on_relay(url, last.network_id)["tags"] if tag[0] == "e"]
    assert tags == [(item.network_id, "root"), (found.network_id, "reply")]


def test_the_people_of_a_thread_are_told_but_not_ourselves(url: str) -> None:
    published(url, event(text := words(), tags=(["p", DEVON.public_key],)))
    receipt = CHANNEL.send(account(url), answer_to(heard(account(url), text), "hello"), words(), Memory())
    people = [tag[1] for tag in on_relay(url, receipt.network_id)["tags"] if tag[0] == "p"]
    assert people == [MARIA.public_key, DEVON.public_key]


def test_a_private_conversation(url: str) -> None:
    where = account(url)
    published(url, wrapped(text := words(), tags=(["subject", "my street"],)))
    item = heard(where, text)
    assert item.visibility == "private" and item.subject == "my street"
    receipt = CHANNEL.send(where, answer_to(item, reply := words()), words(), Memory())
    for person in (MARIA, DESK):  # the copy to ourselves is for the account's other programs
        [said] = [message for message in unwrapped(url, person) if message["content"] == reply]
        assert said["id"] == receipt.network_id and said["pubkey"] == DESK.public_key and "sig" not in said
        assert ["e", item.network_id] in [tag[:2] for tag in said["tags"]] and ["subject", "my street"] in said["tags"]
    wraps = asked(url, kinds=[1059])
    assert DESK.public_key not in {wrap["pubkey"] for wrap in wraps}
    assert all(wrap["created_at"] <= time.time() for wrap in wraps)


def test_a_long_answer_is_a_numbered_thread(url: str) -> None:
    where, memory, key = account(url), Memory(), words()
    published(url, event(text := words()))
    item = heard(where, text)
    outgoing = answer_to(item, "A sentence of some length. " * 160)
    receipt = CHANNEL.send(where, outgoing, key, memory)
    ids = [receipt.network_id, *receipt.parts]
    events = [on_relay(url, name) for name in ids]
    assert [one["content"].rsplit(" ", 1)[1] for one in events] == ["1/3", "2/3", "3/3"]
    parents = [[tag[1] for tag in one["tags"] if tag[0] == "e"][-1] for one in events]
    assert parents == [item.network_id, *ids[:-1]]
    assert all([tag[1] for tag in one["tags"] if tag[0] == "p"] == [MARIA.public_key] for one in events)
    del memory.kept["post 2"]  # a crash between the second and the third
    found = CHANNEL.find_sent(where, outgoing, key, memory, LONG_AGO)
    assert found and (found.network_id, found.parts) == (receipt.network_id, receipt.parts)
    published(url, event(reply := words(), tags=(["e", ids[2], "", "reply"],)))
    assert heard(where, reply).in_reply_to in receipt.parts


def test_a_send_that_broke_between_two_parts_goes_on_there(local: str) -> None:
    where, memory, outgoing = account(local), Memory(), Outgoing("word " * 600)
    receipt = CHANNEL.send(where, outgoing, "k", memory)
    memory.kept = {name: kept for name, kept in memory.kept.items() if name in ("sign", "post")}
    again = CHANNEL.send(where, outgoing, "k", memory)
    assert (again.network_id, again.parts) == (receipt.network_id, receipt.parts)


def test_a_deletion_of_ours(url: str) -> None:
    where, memory = account(url), Memory()
    said = CHANNEL.send(where, Outgoing(words()), words(), Memory())
    receipt = CHANNEL.send(where, out := Outgoing("", action="delete", about=said.network_id), "d", memory)
    assert receipt.network_id == said.network_id
    until(lambda: not asked(url, ids=[said.network_id]))
    assert CHANNEL.find_sent(where, out, "d", memory, LONG_AGO)
    assert CHANNEL.send(where, out, "d", memory).network_id == said.network_id
    with pytest.raises(Rejected):
        CHANNEL.send(where, Outgoing("", action="delete", about="0" * 64), "e", Memory())
    theirs = published(url, event(words()))
    for action in ("delete", "edit", "hide"):
        with pytest.raises(NotAllowed):
            CHANNEL.send(where, Outgoing("x", action=action, about=theirs), "f", Memory())


def test_a_deletion_made_while_we_were_away(url: str) -> None:
    where = account(url)
    gone, kept = published(url, event(text := words())), published(url, event(words()))
    heard(where, text)
    cursor = CHANNEL.poll(where, "").cursor
    published(url, event("", kind=5, tags=(["e", gone], ["k", "1"]), naming=False))
    with suppress(ChannelError):  # LocalRelay does not even take it
        published(url, event("", DEVON, kind=5, tags=(["e", kept], ["k", "1"]), naming=False))
    found = [i for i in CHANNEL.poll(where, cursor).items if isinstance(i, Incoming) and i.kind == "delete"]
    assert (gone, MARIA.public_key) in [(item.network_id, item.author_id) for item in found]
    # Who wrote a post is not in the cursor: the inbox holds the author of a deletion against the post's.
    assert all(item.author_id == DEVON.public_key for item in found if item.network_id == kept)
    with listening(CHANNEL, where, cursor) as listener:
        listener.wait(lambda item: item.kind == "delete" and item.network_id == gone)


def test_a_film_and_its_correction_are_one_on_every_relay(url: str) -> None:
    d = words()
    for at, text in ((100, "first"), (50, "second")):
        tags = (["d", d], ["title", text], ["imeta", "url https://f.example/a.mp4", "m video/mp4"])
        published(url, event("", kind=34236, tags=tags, at=int(time.time()) - at))
    assert [one["tags"][2][1] for one in asked(url, kinds=[34236], hash_d=[d])] == ["second"]


def test_a_relay_that_wants_to_know_us(tmp_path: Path) -> None:
    """NIP-42 at the unrelated relay."""
    need(nostr_relay.here(), "nostr-relay")
    with nostr_relay.serving(tmp_path, authentication=True) as url:
        receipt = CHANNEL.send(account(url), Outgoing(words()), words(), Memory())
        with relay.relay(url, Local(DESK.keys)) as line:
            assert relay.fetch(line, {"ids": [receipt.network_id]})


def test_a_relay_that_has_had_enough(tmp_path: Path, local: str) -> None:
    """The unrelated relay's own limit: the try comes back with a time; another relay that takes it is enough."""
    need(nostr_relay.here(), "nostr-relay")
    with nostr_relay.serving(tmp_path, more="rate_limits:\n  ip:\n    EVENT: 1/hour") as url:
        CHANNEL.send(account(url), Outgoing(words()), words(), Memory())
        with pytest.raises(RateLimited) as limited:
            CHANNEL.send(account(url), Outgoing(text := words()), "k", memory := Memory())
        assert limited.value.retry_at > datetime.now(UTC) and list(memory.kept) == ["sign"]
        assert text not in [one["content"] for one in asked(url)]
        receipt = CHANNEL.send(account(url, local), Outgoing(words()), words(), Memory())
        assert "rate-limited" in receipt.facts["relays that missed it"] and receipt.facts["relays"] == local


def test_what_a_relay_has_already_was_sent(url: str) -> None:
    memory, where, outgoing = Memory(), account(url), Outgoing(text := words())
    first = CHANNEL.send(where, outgoing, "k", memory)
    del memory.kept["post"]
    assert CHANNEL.send(where, outgoing, "k", memory).network_id == first.network_id
    assert [text] == [one["content"] for one in asked(url, authors=[DESK.public_key]) if one["content"] == text]


def test_which_relays_took_it_stands_with_the_receipt(local: str, unrelated: str) -> None:
    receipt = CHANNEL.send(account(local, NOBODY, unrelated), Outgoing(words()), words(), Memory())
    assert receipt.facts["relays"] == f"{local}, {unrelated}"
    assert receipt.facts["relays that missed it"].startswith(f"{NOBODY}: The relay cannot be reached")
    assert on_relay(local, receipt.network_id) == on_relay(unrelated, receipt.network_id)
    receipt = CHANNEL.send(account(local, unrelated), Outgoing(words()), words(), Memory())
    assert "relays that missed it" not in receipt.facts


def test_a_relay_that_missed_something_gets_it_later_and_never_what_was_taken_back(local: str, unrelated: str) -> None:
    said = CHANNEL.send(account(local, NOBODY), Outgoing(text := words()), words(), Memory())
    gone = CHANNEL.send(account(local, unrelated), Outgoing(taken := words()), words(), Memory())
    CHANNEL.send(account(local), Outgoing("", action="delete", about=gone.network_id), words(), Memory())
    assert not asked(unrelated, ids=[said.network_id])
    with listening(CHANNEL, account(local, unrelated)) as listener:
        published(local, event(live := words()))
        listener.hears(live)
        until(lambda: asked(unrelated, ids=[said.network_id]))
    until(lambda: not asked(unrelated, ids=[gone.network_id]))
    assert mending.mend([local, unrelated], Local(DESK.keys)) == 0
    for url in (local, unrelated):
        texts = [one["content"] for one in asked(url, authors=[DESK.public_key])]
        assert texts.count(text) == 1 and taken not in texts


def test_an_answer_goes_to_the_relays_that_the_resident_reads(local: str, loopback: None) -> None:
    """NIP-65: a relay that the city does not use, which only the resident's list names."""
    with own_relay() as theirs, own_relay() as writes:
        listed = (["r", theirs, "read"], ["r", writes, "write"], ["r", "https://no.relay"], ["r", ""])
        published(local, event("", kind=10002, tags=listed, naming=False))
        published(local, event(text := words()))
        item = heard(account(local), text)
        receipt = CHANNEL.send(account(local), answer_to(item, "seen?"), words(), Memory())
        assert on_relay(theirs, receipt.network_id)["content"] == "seen?"
        assert receipt.facts["relays"] == f"{local}, {theirs}" and not asked(writes, ids=[receipt.network_id])
    published(local, event("", kind=10002, tags=(["r", local],), naming=False, at=int(time.time()) + 5))


def test_a_deletion_follows_the_answer_to_the_residents_relays(local: str, loopback: None) -> None:
    with own_relay() as theirs:
        listed = event("", kind=10002, tags=(["r", theirs],), naming=False, at=int(time.time()) + 20)
        published(local, listed)
        published(local, event(text := words()))
        said = CHANNEL.send(account(local), answer_to(heard(account(local), text), "wrong"), words(), Memory())
        assert asked(theirs, ids=[said.network_id])
        CHANNEL.send(account(local), Outgoing("", action="delete", about=said.network_id), words(), Memory())
        until(lambda: not asked(theirs, ids=[said.network_id]))


def test_a_private_answer_goes_to_the_relays_for_private_messages_alone(local: str, loopback: None) -> None:
    """NIP-17, kind 10050; the copy for ourselves stays at ours."""
    with own_relay() as theirs:
        published(local, event("", DEVON, kind=10050, tags=(["relay", theirs],), naming=False))
        published(local, wrapped(text := words(), DEVON))
        receipt = CHANNEL.send(account(local), answer_to(heard(account(local), text), "psst"), words(), Memory())
        assert [message["id"] for message in unwrapped(theirs, DEVON)] == [receipt.network_id]
        assert receipt.network_id not in [message["id"] for message in unwrapped(local, DEVON)]
        assert receipt.network_id in [message["id"] for message in unwrapped(local, DESK)]
        assert not asked(theirs, hash_p=[DESK.public_key])


def test_a_relay_that_a_stranger_names_is_never_looked_for_in_our_own_network(local: str) -> None:
    with own_relay() as inside:
        published(local, event("", DEVON, kind=10002, tags=(["r", inside],), naming=False, at=int(time.time()) + 9))
        published(local, event(text := words(), DEVON))
        receipt = CHANNEL.send(account(local), answer_to(heard(account(local), text), "hello"), words(), Memory())
        assert "relays that missed it" in receipt.facts and not asked(inside, ids=[receipt.network_id])
        with pytest.raises(NetworkDown), relay.relay(inside, stranger=True):
            pass


def test_limits_that_a_relay_tells(unrelated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """NIP-11, read from the unrelated relay; what it does not say is put into its mouth."""
    assert limits.limits_of(unrelated).name == "unrelated relay"
    assert limits.limits_of(NOBODY) == limits.Limits()
    told = {unrelated: (time.monotonic(), limits.Limits(content=300))}
    monkeypatch.setattr(limits, "_known", told)
    receipt = CHANNEL.send(account(unrelated), Outgoing("A short sentence. " * 40), words(), Memory())
    sizes = [len(on_relay(unrelated, name)["content"]) for name in (receipt.network_id, *receipt.parts)]
    assert len(sizes) == 3 and max(sizes) <= 300
    told[unrelated] = (time.monotonic(), limits.Limits(message=500))
    with pytest.raises(Rejected, match="500 bytes"):
        CHANNEL.send(account(unrelated), Outgoing("A short sentence. " * 40), words(), Memory())


@pytest.mark.parametrize(
    ("content", "message", "limit"), [(0, 0, 2000), (500, 0, 500), (100, 0, 2000), (0, 5500, 1000), (9000, 0, 2000)]
)
def test_the_text_limit_of_several_relays(
    monkeypatch: pytest.MonkeyPatch, content: int, message: int, limit: int
) -> None:
    told = {"a": (time.monotonic(), limits.Limits()), "b": (time.monotonic(), limits.Limits(message, content))}
    monkeypatch.setattr(limits, "_known", told)
    assert limits.text_limit(["a", "b"], 2000) == limit


def test_a_private_message_fits_into_its_two_wrappings(unrelated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unrelated relay takes 4,096 characters of content, and does not say so; a relay that does is believed."""
    where, text = account(unrelated), words()
    published(unrelated, wrapped(text))
    item = heard(where, text)
    with pytest.raises(Rejected, match="280 characters"):
        CHANNEL.send(where, answer_to(item, "é" * 2000), words(), Memory())
    monkeypatch.setattr(limits, "_known", {unrelated: (time.monotonic(), limits.Limits(content=4096))})
    receipt = CHANNEL.send(where, answer_to(item, "é" * 2000), words(), Memory())
    texts = {one["id"]: one["content"] for one in unwrapped(unrelated)}
    sent = [texts[name] for name in (receipt.network_id, *receipt.parts)]
    assert len(sent) == 4 and "".join(part.rsplit(" ", 1)[0] for part in sent) == "é" * 2000


def test_connecting_says_where_the_city_is_reached_and_only_once(local: str, unrelated: str) -> None:
    key = nostr_sdk.Keys.generate()
    values = {"secret_key": key.secret_key().to_bech32(), "relays": f"{local},\n{unrelated}", "nip05": ""}
    made = CHANNEL.connect(values)
    me = key.public_key().to_hex()
    assert made.who.author_id == made.settings["public_key"] == me and made.handle.startswith("npub1")
    assert made.server == f"{local}, {unrelated}" and set(made.credentials) == set(CHANNEL.secrets)
    for url in (local, unrelated):
        found = {one["kind"]: one for one in asked(url, authors=[me])}
        assert found.keys() == {10002, 10050}
        assert [tag[1] for tag in found[10050]["tags"] if tag[0] == "relay"] == [local, unrelated]
    CHANNEL.connect(values | {"relays": local})
    assert len(asked(local, authors=[me])) == 2  # what stands there is left alone, and told of
    where = replace(account(local, unrelated), credentials=made.credentials, settings=made.settings)
    good, missing = CHANNEL.inspect(where)
    assert good.good and not missing.good and "city@example.gov" in missing.words
    found = CHANNEL.inspect(replace(where, server=f"{local}, {NOBODY}"))
    assert [one.good for one in found] == [False, False, False] and NOBODY in found[0].words


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"secret_key": "npub1nothing"}, "secret_key"),
        ({"relays": ""}, "relays"),
        ({"relays": "https://relay.example"}, "relays"),
        ({"nip05": "no address"}, "nip05"),
        ({"media_servers": "ftp://files"}, "media_servers"),
        ({"media_servers": "http://127.0.0.1:9"}, "media_servers"),
    ],
)
def test_what_was_filled_in_wrongly_is_named(local: str, change: dict[str, str], field: str) -> None:
    with pytest.raises(Rejected) as refused:
        CHANNEL.connect({"secret_key": DESK.secret_key, "relays": local} | change)
    assert refused.value.field_name == field


def test_a_profile_names_the_address_that_the_domain_proves(local: str, site: Site) -> None:
    key = nostr_sdk.Keys.generate()
    values = {"secret_key": key.secret_key().to_hex(), "relays": local, "nip05": f"City@localhost:{site.port}"}
    made = CHANNEL.connect(values)
    where = replace(account(local), credentials=made.credentials, settings=made.settings)
    site.document = identity.document([where])
    assert made.handle == f"city@localhost:{site.port}" and [one.good for one in CHANNEL.inspect(where)] == [True, True]
    [profile] = asked(local, kinds=[0], authors=[key.public_key().to_hex()])
    assert json.loads(profile["content"]) == {"name": "city", "nip05": made.handle}
    builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(0), '{"name": "Our city"}')
    later = builder.custom_created_at(nostr_sdk.Timestamp.from_secs(int(time.time()) + 5))
    published(local, later.finalize(key).as_json())
    CHANNEL.connect(values)  # what a person wrote into the profile stays
    assert [one.good for one in CHANNEL.inspect(where)] == [True, True, False]
    assert json.loads(asked(local, kinds=[0], authors=[key.public_key().to_hex()])[0]["content"]) == {
        "name": "Our city"
    }


def test_connecting_without_any_relay_keeps_nothing() -> None:
    with pytest.raises(NetworkDown):
        CHANNEL.connect({"secret_key": DESK.secret_key, "relays": NOBODY})


def test_the_live_test_is_a_private_message_to_ourselves(local: str, unrelated: str) -> None:
    cursor = CHANNEL.poll(account(local), "").cursor
    said = CHANNEL.try_out(account(local, unrelated, NOBODY), text := words(), "k")
    assert local in said and unrelated in said and f"{NOBODY}: " in said
    assert not any(text in str(one) for url in (local, unrelated) for one in asked(url))
    assert text in [message["content"] for message in unwrapped(unrelated, DESK)]
    assert text not in [getattr(item, "text", "") for item in CHANNEL.poll(account(local), cursor).items]
    with pytest.raises(NetworkDown):
        CHANNEL.try_out(account(NOBODY), text, "k")


def test_the_document_for_the_citys_site() -> None:
    accounts = [
        account("wss://a.example", "wss://b.example", settings={"nip05": "City@Example.gov", "public_key": "ab" * 32}),
        account("wss://a.example", settings={"nip05": "water@example.gov", "public_key": "cd" * 32}),
        account("wss://a.example", settings={"nip05": "", "public_key": "ef" * 32}),
    ]
    assert identity.document(accounts) == {
        "names": {"city": "ab" * 32, "water": "cd" * 32},
        "relays": {"ab" * 32: ["wss://a.example", "wss://b.example"], "cd" * 32: ["wss://a.example"]},
    }
    assert identity.document(accounts, "water")["names"] == {"water": "cd" * 32}
    assert identity.document(accounts, "nobody") == {"names": {}, "relays": {}}


def test_the_proof_by_the_citys_domain(site: Site) -> None:
    address, key = f"city@localhost:{site.port}", DESK.public_key
    site.document = identity.document([account("ws://x", settings={"nip05": address, "public_key": key})])
    assert identity.inspect(address, key).good
    assert site.asked == ["/.well-known/nostr.json?name=city"]
    for document, status in (({"names": {"city": "00" * 32}}, 200), ({}, 200), ({"names": 5}, 200), ({}, 302)):
        site.document, site.status = document, status
        found = identity.inspect(address, key)
        assert not found.good and str(site.port) in found.words
    assert not identity.inspect(f"city@localhost:{free_port()}", key).good
    assert not identity.inspect("", key).good


@pytest.mark.parametrize(
    "cursor",
    [Cursor(), Cursor(5, 5), Cursor(5, 3), Cursor(7, 7, ("ab" * 32, f"34236:{'cd' * 32}:a d,of: mine"))],
)
def test_a_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.read(cursor.text) == cursor
    for text in ("nonsense", "1 2 !!", "9" * 40, "1 1 abc x,y"):
        assert Cursor.read(text).at in (0, 1)


def test_a_cursor_never_goes_back_and_stays_small() -> None:
    cursor = Cursor(100, 100).behind(50, 0, [f"{n:064x}" for n in range(500)])
    cursor = cursor.behind(120, 0, [f"34236:{'cd' * 32}:{n}" for n in range(50)])
    assert (cursor.at, cursor.private_at) == (120, 100)
    assert len(cursor.watched) == 120 and f"{499:064x}" in cursor.watched and len(cursor.text) < 8000
    assert Cursor.read(cursor.text) == cursor
