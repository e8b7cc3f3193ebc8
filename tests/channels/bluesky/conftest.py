"""One network of Bluesky's own servers for all tests."""

from __future__ import annotations

import uuid

import pytest

from tests.channels.conftest import Nets
from tests.channels.nets.base import Net


@pytest.fixture(scope="session")
def net(nets: Nets) -> Net:
    return nets("bluesky")


@pytest.fixture(autouse=True)
def unlimited(request: pytest.FixtureRequest) -> None:
    """Every test has the whole allowance: the PDS lets nobody log in more than 30 times in five minutes."""
    if "net" in request.fixturenames:
        request.getfixturevalue("net").servers.forget_limits()


@pytest.fixture
def words() -> str:
    return f"words {uuid.uuid4()}"
