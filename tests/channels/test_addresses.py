"""Where secrets of ours may go."""

from __future__ import annotations

import pytest

from openline.channels.addresses import NAMED_HERE, is_safe, server
from openline.channels.base import Rejected

USUAL = "https://api.example"


@pytest.mark.parametrize(
    "typed", ["https://api.city.example", "https://api.city.example:8443/v1", "http://127.0.0.1:8321"]
)
def test_who_reads_it_is_the_server_alone(typed: str) -> None:
    assert server(f" {typed}/ ", USUAL) == typed and server("", USUAL) == USUAL


@pytest.mark.parametrize(
    "typed",
    [
        "http://api.city.example",
        "http://127.0.0.1.example:8321",
        "http://127.0.0.1",
        "http://127.0.0.1:80@evil.example",
        "http://localhost:8321",
        "ftp://api.city.example",
        "wss://api.city.example",
        "https://",
        "http://[::1",
        "api.city.example",
    ],
)
def test_nothing_goes_in_the_open(typed: str) -> None:
    with pytest.raises(Rejected) as raised:
        server(typed, USUAL)
    assert raised.value.field_name == "server"


def test_a_relay_and_a_name_of_this_machine() -> None:
    assert is_safe("wss://relay.example") and is_safe("ws://127.0.0.1:7000") and not is_safe("ws://relay.example")
    assert is_safe("http://localhost:8321", NAMED_HERE) and not is_safe("http://localhost.example:1", NAMED_HERE)
