"""The site of the conformance suite."""

from __future__ import annotations

from typing import cast

import pytest

from tests.channels.conftest import Nets
from tests.channels.nets.wordpress import WordPressNet


@pytest.fixture(scope="module")
def net(nets: Nets) -> WordPressNet:
    """The city's newsroom; all that was said before is heard."""
    found = cast(WordPressNet, nets("wordpress"))
    found.position()
    return found
