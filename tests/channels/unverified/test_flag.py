"""Unverified networks are there only for a city that names them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openline.channels import registry

NAMES = {"nextdoor", "reddit", "tiktok"}


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    kept = dict(registry.channels())
    registry.channels.cache_clear()
    yield
    registry.channels.cache_clear()
    registry.channels().update(kept)


def test_they_are_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENLINE_UNVERIFIED_NETWORKS", raising=False)
    assert not NAMES & set(registry.channels())


def test_a_city_names_those_that_it_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINE_UNVERIFIED_NETWORKS", "reddit, tiktok,unheard_of")
    found = registry.channels()
    assert NAMES & set(found) == {"reddit", "tiktok"} and "mastodon" in found
    for name in ("reddit", "tiktok"):
        assert "unverified" in found[name].label and "never tried" in str(found[name].connection.guide[0])
