"""The site of the conformance suite."""

from __future__ import annotations

from typing import cast

import pytest

from tests.channels.conftest import Nets
from tests.channels.nets.wordpress import WordPressNet


@pytest.fixture(scope="module")
def net(nets: Nets) -> WordPressNet:
    """The city's newsroom, beginning with the newest that was said before, as a long backlog may lie there."""
    found = cast(WordPressNet, nets("wordpress"))
    found.hearing()
    return found
