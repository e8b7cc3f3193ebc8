"""Fixtures of the tests about files: a storage of their own, and a server that residents' photos lie on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import storages
from pytest_django import Settings

from tests.files.standin import Standin


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Files are kept in a folder that goes with the test."""
    own = settings.STORAGES["files"]
    place = tmp_path / "files"
    settings.STORAGES = settings.STORAGES | {"files": own | {"OPTIONS": own["OPTIONS"] | {"location": place}}}
    assert storages["files"].location == str(place)  # type: ignore[attr-defined]
    return place


@pytest.fixture
def server() -> Iterator[Standin]:
    """A web server on loopback."""
    with Standin() as running:
        yield running
