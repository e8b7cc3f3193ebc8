"""What needs no server: rich text, names and keys, reading of whatever arrives; the protocol's own test vectors."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import libipld
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.channels.base import Incoming, Refused
from openline.channels.bluesky import facets, firehose, names, people, reading
from openline.channels.bluesky.place import Place

TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")  # atproto.com/specs/tid


def rich(text: str) -> list[tuple[str, str]]:
    """(what is shown, what it means) of every facet."""
    shown, found = facets.rich(text, lambda handle: f"did:plc:{handle}" if handle != "nobody.example" else "")
    said = shown.encode()
    result = []
    for facet in found:
        index, [feature] = facet["index"], facet["features"]
        value = next(value for name, value in feature.items() if name != "$type")
        result.append((said[index["byteStart"] : index["byteEnd"]].decode(), value))
    return result


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://example.org", [("example.org", "https://example.org")]),
        ("(https://example.org/a_(b)).", [("example.org/a_(b)", "https://example.org/a_(b)")]),
        ("see https://example.org/a, or", [("example.org/a", "https://example.org/a")]),
        ("漢字 https://example.org/" + "a" * 30, [("example.org/aaaaaaaaaaaaa...", "https://example.org/" + "a" * 30)]),
        ("mail me@city.example", []),
        ("@city.example hi", [("@city.example", "did:plc:city.example")]),
        ("(@City.Example)", [("@City.Example", "did:plc:city.example")]),
        ("@city.example.", [("@city.example", "did:plc:city.example")]),
        ("@nobody.example and @nodot", []),
        ("https://example.org/@city.example", [("example.org/@city.example", "https://example.org/@city.example")]),
        ("#one #zwei, #3 #4th #", [("#one", "one"), ("#zwei", "zwei"), ("#4th", "4th")]),
        ("a#b https://example.org/#c", [("example.org/#c", "https://example.org/#c")]),
        ("#" + "x" * 65, []),
        ("👨‍👩‍👧 #👨‍👩‍👧 @a.example", [("#👨‍👩‍👧", "👨‍👩‍👧"), ("@a.example", "did:plc:a.example")]),
        ("#️⃣ keycap", []),
    ],
)
def test_what_in_a_text_is_a_facet(text: str, found: list[tuple[str, str]]) -> None:
    assert rich(text) == found


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
@settings(max_examples=300, deadline=None)
def test_facets_never_overlap_and_always_cut_between_characters(text: str) -> None:
    shown, found = facets.rich(f"https://example.org/{text} #{text} @a.example {text}", lambda _handle: "did:plc:a")
    said, end = shown.encode(), 0
    for facet in found:
        start, stop = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert end <= start < stop <= len(said)
        said[start:stop].decode()
        end = stop
    assert facets.length(shown) <= facets.length(text) * 3 + 60


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("hello", 5),
        ("👨‍👩‍👧‍👦" * 10, 25),
        ("漢" * 10, 10),
        ("e\u0301", 1),
        ("https://example.org/" + "a" * 100, 28),
        ("", 0),
    ],
)
def test_the_length_is_graphemes_or_a_tenth_of_the_bytes(text: str, length: int) -> None:
    assert facets.length(text) == length


@given(st.text(max_size=50), st.integers(0, 30))
def test_record_keys_are_of_the_form_of_a_tid_and_follow_from_the_message(key: str, part: int) -> None:
    found = names.record_key("account", key, part)
    assert TID.fullmatch(found) and found == names.record_key("account", key, part)
    assert found != names.record_key("account", key, part + 1) and found != names.record_key("other", key, part)


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place("2026-01-01T00:00:00Z", ("a", "b"), "rev", "7", (names.post("did:web:a.example", "k1"),))
    assert Place.read(str(place)) == place
    for nonsense in ("", "nonsense", "[]", '{"pages": 5, "watched": [1]}'):
        assert Place.read(nonsense) == Place()
    many = Place().watching(names.post("did:plc:a", str(n)) for n in range(200))
    assert len(many.watched) == 50 and many.watched[-1].endswith("/199")


POST: dict[str, Any] = {
    "uri": "at://did:plc:a/app.bsky.feed.post/3k",
    "author": {"did": "did:plc:a", "handle": "a.example", "displayName": "A"},
    "reason": "mention",
    "indexedAt": "2026-01-01T00:00:00.000Z",
    "record": {"text": "see exam…", "createdAt": "2026-01-01T00:00:00.000Z"},
}


def parsed(**record: Any) -> Incoming:
    found = reading.parse(orjson.dumps({**POST, "record": {**POST["record"], **record}}))
    assert isinstance(found, Incoming)
    return found


def test_short_links_are_read_in_full_and_cards_give_their_address() -> None:
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/whole"}
    facet = {"index": {"byteStart": 4, "byteEnd": 11}, "features": [link]}
    assert parsed(facets=[facet]).text == "see https://example.org/whole"
    assert parsed(facets=[{**facet, "index": {"byteStart": 4, "byteEnd": 999}}]).text == "see exam…"
    assert parsed(facets=[{**facet, "features": [{**link, "uri": "https://other.test/"}]}]).text.endswith(
        "exam… (https://other.test/)"
    )
    card = {"$type": "app.bsky.embed.external", "external": {"uri": "https://card.example/x", "title": "t"}}
    assert parsed(embed=card).text == "see exam…\n\nhttps://card.example/x"


def test_pictures_of_every_kind_of_post_are_found() -> None:
    blob = {"$type": "blob", "ref": {"$link": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}}
    images = {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "one"}, {"image": {}, "alt": "none"}]}
    assert [media.alt for media in parsed(embed=images).media] == ["one"]
    gallery = {"$type": "app.bsky.embed.gallery", "items": [{"image": blob, "alt": "two"}]}
    assert [media.alt for media in parsed(embed=gallery).media] == ["two"]
    quoted = {"record": {"record": {"uri": "at://did:plc:us/app.bsky.feed.post/1"}}, "media": images}
    found = parsed(embed={"$type": "app.bsky.embed.recordWithMedia", **quoted})
    assert [media.alt for media in found.media] == ["one"]
    assert found.facts == {"quotes": "https://bsky.app/profile/did:plc:us/post/1"}
    [film] = parsed(embed={"$type": "app.bsky.embed.video", "video": blob, "alt": "film"}).media
    assert (film.kind, film.alt) == ("video", "film") and names.blob(film.url) == ("did:plc:a", blob["ref"]["$link"])


def test_somebody_without_a_valid_handle_is_named_by_did() -> None:
    raw = orjson.dumps({**POST, "author": {"did": "did:plc:a", "handle": "handle.invalid"}})
    found = reading.parse(raw)
    assert isinstance(found, Incoming) and found.author_handle == "did:plc:a"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"deleted": 5}',
        b'{"deleted": "https://example.org"}',
        b'{"stream": []}',
        b'{"stream": {"did": "did:plc:a"}}',
        b'{"$type": "chat.bsky.convo.defs#logCreateMessage"}',
        orjson.dumps({**POST, "author": {"did": "did:plc:another"}}),
        orjson.dumps({**POST, "uri": "at://did:plc:a/app.bsky.feed.like/3k"}),
        b"[" * 50_000,
    ],
)
def test_what_is_no_delivery_is_refused_with_a_reason(raw: bytes) -> None:
    found = reading.parse(raw)
    assert isinstance(found, Refused) and found.reason and found.raw == raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(st.sampled_from(["uri", "author", "record", "indexedAt", "stream", "deleted", "$type", "message"]), JSON, JSON)
@settings(max_examples=300, deadline=None)
def test_parse_never_raises(key: str, value: Any, record: Any) -> None:
    for found in ({**POST, key: value}, {**POST, "record": {**POST["record"], "embed": value, "facets": record}}):
        assert isinstance(reading.parse(json.dumps(found).encode()), Incoming | Refused)


@pytest.fixture
def vectors(shared: Path) -> Path:
    folder = shared / "contracts" / "atproto" / "interop-tests"
    if not folder.is_dir():
        pytest.skip("the AT Protocol's test vectors are not here")
    return folder


def lines(file: Path) -> list[str]:
    return [line for line in file.read_text().split("\n") if line.strip() and not line.startswith("#")]


def test_handles_of_the_protocols_vectors(vectors: Path) -> None:
    def whole(handle: str) -> bool:
        return rich(f"@{handle}") == [(f"@{handle}", f"did:plc:{handle.lower()}")]

    for handle in lines(vectors / "syntax" / "handle_syntax_valid.txt"):
        assert whole(handle), handle
    for handle in lines(vectors / "syntax" / "handle_syntax_invalid.txt"):
        assert not whole(handle), handle


def test_dids_keys_and_addresses_of_the_protocols_vectors(vectors: Path) -> None:
    for did in lines(vectors / "syntax" / "did_syntax_valid.txt"):
        assert people.is_did(did), did
    for key in lines(vectors / "syntax" / "recordkey_syntax_valid.txt"):
        assert names.split(names.post("did:plc:a", key)) == ("did:plc:a", names.POST, key), key
    for key in lines(vectors / "syntax" / "tid_syntax_valid.txt"):
        assert TID.fullmatch(key), key
    for key in lines(vectors / "syntax" / "tid_syntax_invalid.txt"):
        assert not TID.fullmatch(key), key


def test_records_are_read_from_the_firehose_as_the_protocols_vectors_say(vectors: Path) -> None:
    for fixture in json.loads((vectors / "data-model" / "data-model-fixtures.json").read_text()):
        content = fixture["cbor_base64"]
        decoded = libipld.decode_dag_cbor(base64.b64decode(content + "=" * (-len(content) % 4)))
        assert firehose._as_json(decoded) == fixture["json"]


def test_the_channel_is_light_until_its_heavy_parts_are_needed() -> None:
    program = (
        "import sys, openline.channels.bluesky.channel;"
        "print([name for name in ('joserfc', 'PIL', 'libipld', 'atproto') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
