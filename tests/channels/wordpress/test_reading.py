"""Deliveries that nobody sane would send."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.channels.base import (
    Refused,
)
from openline.channels.wordpress import hearing
from openline.channels.wordpress.channel import WordPressChannel
from openline.channels.wordpress.reading import site_of
from tests.channels.test_hostile import JSON, sane

COMMENT: dict[str, Any] = {
    "id": 5,
    "post": 1,
    "parent": 4,
    "author": 0,
    "author_name": "Ana",
    "author_email": "ana@residents.example",
    "author_url": "https://ana.example/",
    "date_gmt": "2026-11-27T10:00:00",
    "content": {"raw": "a &amp; b", "rendered": "<p>a &amp; b</p>"},
    "link": "https://city.example/x/#comment-5",
    "status": "approved",
    "type": "pingback",
    "meta": {"webmention_source_url": "https://ana.example/1"},
    "_links": {"self": [{"href": "https://city.example/wp-json/wp/v2/comments/5"}]},
}


@settings(max_examples=120, deadline=None)
@given(key=st.sampled_from([*COMMENT, "change", "gone", "how", "about", "title"]), value=JSON)
def test_any_value_in_any_field(key: str, value: Any) -> None:
    whole = {"comment": COMMENT | {key: value}, "about": {"title": "A"}} | ({} if key in COMMENT else {key: value})
    raw = orjson.dumps(whole)
    sane(WordPressChannel().parse(raw), raw)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"comment":{}}', b'{"gone":{}}', b'{"comment":[]}', b"[" * 9999])
def test_what_is_no_comment_is_refused(raw: bytes) -> None:
    assert isinstance(sane(WordPressChannel().parse(raw), raw), Refused)


@pytest.mark.parametrize(
    "address",
    [
        "https://city.example/wp-json/wp/v2/comments/5",
        "https://city.example/index.php?rest_route=/wp/v2/comments/5",
        "https://city.example/?rest_route=/wp/v2/comments/5",
    ],
)
def test_a_site_is_the_same_however_its_addresses_are_written(address: str) -> None:
    assert site_of({"_links": {"self": [{"href": address}]}}) == "https://city.example"


@pytest.mark.parametrize(
    "cursor", ["x", "[]", "7", '{"last":1}', '{"last":1,"before":2,"known":[]}', '{"known":{"a":1}}']
)
def test_a_cursor_that_makes_no_sense_is_the_beginning(cursor: str) -> None:
    assert hearing.Cursor.read(cursor) == hearing.Cursor()
