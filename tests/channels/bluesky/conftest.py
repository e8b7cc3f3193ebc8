"""One network of Bluesky's own servers for all these tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.channels.nets import bluesky
from tests.channels.nets.bluesky import BlueskyNet


@pytest.fixture(scope="session")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlueskyNet]:
    with bluesky.start(tmp_path_factory.mktemp("bluesky")) as net:
        yield net


@pytest.fixture
def words() -> str:
    return f"words {uuid.uuid4()}"
