"""A language model's server for tests, and the settings that lead to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openline.language_model import dialect
from openline.language_model.settings import Settings
from tests.language_model.standin import KEY, StandIn, running


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """The server, without memory of earlier tests."""
    dialect._known.clear()
    with running() as here:
        yield here


@pytest.fixture
def model(standin: StandIn) -> Settings:
    """Settings that lead to the stand-in."""
    return Settings(standin.url, "stand-in", KEY, seconds=5, price_in=0.1, price_out=0.4)
