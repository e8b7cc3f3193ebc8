"""Ids, clean text, secrets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openline.channels.base import AccountRef
from openline.channels.text import text_of_html
from openline.foundation import keys, secrets
from openline.foundation.bulk import array, query
from openline.foundation.ids import uuid7
from openline.foundation.text import clean, shorten


def test_ids_are_version_7_and_each_is_greater_than_the_last() -> None:
    ids = [uuid7() for _ in range(20_000)]
    assert all(i.version == 7 and i.variant == "specified in RFC 4122" for i in ids)
    assert ids == sorted(set(ids))
    made = datetime.fromtimestamp((ids[0].int >> 80) / 1000, UTC)
    assert abs((made - datetime.now(UTC)).total_seconds()) < 60


@given(st.text())
def test_clean_text_can_be_stored(text: str) -> None:
    found = clean(text)
    found.encode("utf-8")
    assert "\x00" not in found
    assert clean(found) == found


@pytest.mark.parametrize("value", [None, 5, [], {}, b"bytes"])
def test_what_is_no_text_is_empty(value: object) -> None:
    assert clean(value) == ""


@given(st.text(), st.integers(2, 50))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


def test_secrets_are_read_only_with_their_key() -> None:
    token = secrets.encrypt({"access_token": "abc"}, "one key")
    assert b"abc" not in token
    assert secrets.decrypt(token, "one key") == {"access_token": "abc"}
    with pytest.raises(secrets.UnreadableSecret):
        secrets.decrypt(token, "another key")


def test_a_signing_key_follows_from_the_installations_key_and_its_purpose() -> None:
    key = secrets.signing_key("installation", "one")
    assert key.startswith("-----BEGIN PRIVATE KEY-----") and key == secrets.signing_key("installation", "one")
    assert len({key, secrets.signing_key("installation", "two"), secrets.signing_key("another", "one")}) == 3


def test_the_installations_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENLINE_SECRET_KEY", raising=False)
    assert keys.installation_keys(tmp_path) == keys.installation_keys(tmp_path)
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_credentials_are_not_printed() -> None:
    assert "hush" not in repr(AccountRef("1", "@x", "https://x", {"access_token": "hush"}))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ('<a href="https://example.org/long/path"><span>example.org/lo…</span></a>', "https://example.org/long/path"),
        ('<a href="https://x.example/@maria" class="u-url mention">@maria</a> hi', "@maria hi"),
        ('<a href="https://x.example/tags/snow">#snow</a>', "#snow"),
        ("<script>alert(1)</script>a &amp; b", "a & b"),
        ("plain", "plain"),
        ("a < b", "a < b"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert text_of_html(html) == text


@given(st.text())
def test_any_html_is_survived(html: str) -> None:
    text_of_html(html)


@pytest.mark.django_db
def test_arrays_say_what_was_put_into_them() -> None:
    texts = ["plain", 'a "quoted" one', "back\\slash", "{braces, and commas}", "", "NULL", "línea\nnueva", None]
    assert query("SELECT x FROM unnest(%s::text[]) AS x", [array(texts)]) == [(text,) for text in texts]
    now, key = datetime.now(UTC), uuid7()
    for kind, values in {
        "timestamptz": [now, None],
        "uuid": [key],
        "bytea": [b"\x00\xff'\"", b""],
        "float8": [1.5, -0.0, None],
        "int8": [2**40],
        "bool": [True, False],
    }.items():
        found = query(f"SELECT x FROM unnest(%s::{kind}[]) AS x", [array(values)])
        assert [bytes(x) if isinstance(x, memoryview) else x for (x,) in found] == values
