"""Deliveries that nobody sane would send: read or refused with a reason, never an exception, never slowly."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openline.channels.base import Channel, Incoming, Refused
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.nostr.channel import NostrChannel
from openline.channels.reading import json_items, moment
from openline.sandbox.cast import RESIDENTS
from tests.channels.test_nostr import event

MASTODON, NOSTR = MastodonChannel(), NostrChannel()
CHANNELS = [MASTODON, NOSTR]

STATUS: dict[str, Any] = {
    "id": "1",
    "uri": "https://m.example/1",
    "url": "https://m.example/@maria/1",
    "created_at": "2026-11-23T10:00:00.000Z",
    "content": "<p>hello</p>",
    "visibility": "public",
    "language": "en",
    "in_reply_to_id": None,
    "spoiler_text": "",
    "account": {"id": "2", "acct": "maria", "url": "https://m.example/@maria", "display_name": "Maria"},
    "media_attachments": [{"type": "image", "url": "https://m.example/a.png", "description": "a hole"}],
}


def mention(**changes: Any) -> bytes:
    return orjson.dumps({"id": "9", "type": "mention", "status": STATUS | changes})


def sane(found: Incoming | Refused, raw: bytes) -> Incoming | Refused:
    """What `parse` promises whatever it is given."""
    assert found.raw == raw
    if isinstance(found, Refused):
        assert found.reason and found.reason[-1] == "."
        return found
    assert found.kind in ("post", "edit", "delete") and found.visibility in ("public", "private")
    assert found.network_id and found.event_id
    for name in ("uri", "text", "author_id", "author_handle", "author_name", "in_reply_to", "url", "language"):
        assert isinstance(getattr(found, name), str)
        getattr(found, name).encode("utf-8")
    assert found.posted_at is None or found.posted_at.utcoffset() is not None
    return found


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"7",
        b'"text"',
        b"\xff\xfe\x00",
        b"{}",
        b'{"event": {}}',
        b'{"event": 5}',
        b'{"event": null, "status": null}',
        b'{"status": []}',
        b'{"status": {"id": 1}}',
        b'{"status": {"id": {}, "account": 5}}',
        b'{"type": "favourite", "status": {"id": "1", "account": {"id": "2"}}}',
        b"[" * 100_000,
        b'{"a":' * 5000,
        b'{"a":' * 19_000 + b"1" + b"}" * 19_000,
        b'{"status":{"id":"1","account":{"id":"2"},"created_at":1e308,"content":"<b>\\u0000"}}',
        b'{"status":{"id":"1","account":{"id":"\\ud800"},"content":"\\ud83d"}}',
        b'{"status":{"id":' + b"9" * 5000 + b',"account":{"id":"2"}}}',
        b'{"status":{"id":NaN,"account":{"id":"2"}}}',
        b'{"event": {"id": "x", "kind": "1", "tags": [[["e"]]], "content": 7}}',
        b'{"event": "delete"}',
        b'{"event": "delete", "payload": {"id": 5}}',
        b'{"event": "status.update", "payload": "x"}',
        b"x" * 10_000_000,
        b'{"status": "' + b"x" * 10_000_000 + b'"}',
    ],
    ids=range(28),
)
def test_nonsense(channel: Channel, raw: bytes) -> None:
    began = time.process_time()
    sane(channel.parse(raw), raw)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "changes",
    [
        {"account": {"id": "2", "acct": "h" * 500}},
        {"account": {"id": "2"}},
        {"content": "x" * 1_500_000},
        {"content": "<a " * 30_000},
        {"content": "<div><p>" * 9_000},
        {"content": None},
        {"content": ["<p>"]},
        {"created_at": "1970-01-01T00:00:00Z"},
        {"created_at": "2090-01-01T00:00:00Z"},
        {"created_at": "9999-12-31T23:59:59-12:00"},
        {"created_at": "0001-01-01T00:00:00+12:00"},
        {"created_at": "garbage"},
        {"created_at": {"$date": 5}},
        {"url": "javascript:alert(1)", "uri": 5},
        {"media_attachments": [{"url": "javascript:alert(1)"}, 5, None, {"description": ["x"]}] * 100},
        {"media_attachments": "x", "visibility": ["public"], "language": 7, "in_reply_to_id": {}},
        {"unknown": {"field": [1, 2, 3]}},
    ],
)
def test_odd_statuses_are_heard_all_the_same(changes: dict[str, Any]) -> None:
    began = time.process_time()
    raw = mention(**changes)
    found = sane(MASTODON.parse(raw), raw)
    assert isinstance(found, Incoming)
    assert "javascript:" not in found.url + "".join(media.url for media in found.media)
    assert len(found.media) <= 20
    assert time.process_time() - began < 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(key=st.sampled_from([*STATUS, "edited_at"]), value=JSON, kind=st.sampled_from(["post", "edit"]))
def test_any_value_in_any_field_of_a_status(key: str, value: Any, kind: str) -> None:
    status = STATUS | {key: value}
    whole = {"status": status} if kind == "post" else {"event": "status.update", "payload": status}
    raw = orjson.dumps(whole)
    sane(MASTODON.parse(raw), raw)


@FEW
@given(
    value=JSON,
    inside=st.sampled_from(["rumor", "profile", "target"]),
    key=st.text(max_size=8),
    kind=st.sampled_from([0, 1, 5, 7, 14, 1059, 1111]),
)
def test_any_value_beside_a_signed_event(value: Any, inside: str, key: str, kind: int) -> None:
    signed = event("hello", RESIDENTS[0], kind=kind, tags=(["e", "a" * 64],))
    rumor = {"id": "1", "pubkey": "2", "kind": 14, "content": "hello", "tags": [["e"]], key: value}
    delivery = {"event": orjson.loads(signed), "rumor": rumor} | ({inside: value} if key else {})
    raw = orjson.dumps(delivery)
    sane(NOSTR.parse(raw), raw)


@FEW
@given(raw=st.binary(max_size=60), channel=st.sampled_from(CHANNELS))
def test_any_bytes(raw: bytes, channel: Channel) -> None:
    sane(channel.parse(raw), raw)


@FEW
@given(st.lists(JSON, max_size=6), st.sampled_from(["", " ", "\n\t "]))
def test_a_page_is_cut_into_the_very_bytes_of_its_items(items: list[Any], space: str) -> None:
    parts = [orjson.dumps(item) for item in items]
    page = (space + "[" + space).encode() + f"{space},{space}".encode().join(parts) + (space + "]").encode()
    assert [raw for raw, _value in json_items(page)] == parts


@pytest.mark.parametrize("page", [b"", b"{}", b"[", b"[1", b"[1 2]", b"5", b"\xff", b'["\xff"]'])
def test_what_is_no_page_is_told(page: bytes) -> None:
    with pytest.raises(ValueError):
        json_items(page)


@pytest.mark.parametrize("value", [True, None, [], float("nan"), float("inf"), 10**30, "", "yesterday", b"x"])
def test_what_is_no_moment_is_none(value: Any) -> None:
    assert moment(value) is None
