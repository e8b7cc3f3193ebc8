"""Fetching from strangers: nothing private is ever reached, by name, number, redirect or a name that changes."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from openline.foundation import fetching
from openline.foundation.fetching import FetchFailed, fetch, public
from tests.files.standin import Standin


@pytest.fixture
def server() -> Iterator[Standin]:
    with Standin() as running:
        yield running


def refused(address: str, **more: Any) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        fetch(address, **({"most_bytes": 1000} | more))
    return caught.value


PRIVATE = """127.0.0.1 127.1.2.3 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.8 198.18.0.1
224.0.0.1 255.255.255.255 240.0.0.1 :: ::1 fe80::1 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8
2002:7f00:1:: 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 fec0::1 2001:db8::1 100::1""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_that_is_not_public_counts_as_public(address: str) -> None:
    assert not public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "193.0.6.139"])
def test_what_anybody_reaches_is_public(address: str) -> None:
    assert public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]"]
)
def test_our_own_machine_is_not_fetched_however_it_is_written(server: Standin, host: str) -> None:
    server.put("/photo", b"secret")
    refused(f"http://{host}:{server.port}/photo")
    assert server.seen == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://example.org/a",
        "gopher://a",
        "http://",
        "",
        "nonsense",
        "http://user:pw@example.org/",
        "https://example.org/" + "a" * 3000,
        "http://\x00/",
        "unix:/run/x",
        "//example.org/a",
    ],
)
def test_only_plain_web_addresses_are_fetched(address: str) -> None:
    assert not refused(address).passing


def named(monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> list[str]:
    """Names as a hostile name server answers them; returns the list of what was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else host
        asked.append(text)
        if text in answers:
            return [entry for ip in answers[text] for entry in real(ip, port, *args, **more)]
        return real(host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_leads_inside_is_refused_even_if_it_leads_outside_too(
    server: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(
        monkeypatch,
        {
            "inside.example": ["127.0.0.1"],
            "both.example": ["93.184.216.34", "10.0.0.1"],
            "metadata.example": ["169.254.169.254"],
        },
    )
    for name in ("inside.example", "both.example", "metadata.example"):
        assert "private" in str(refused(f"http://{name}:{server.port}/photo"))
    assert server.seen == []


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_asked_for_once(
    server: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/photo", b"a photo")
    asked = named(monkeypatch, {"photos.example": ["127.0.0.1"]})
    monkeypatch.setattr(fetching, "public", lambda address: True)  # stands for a public address that we can reach
    assert fetch(f"http://photos.example:{server.port}/photo", most_bytes=1000) == b"a photo"
    assert asked.count("photos.example") == 1 and server.seen[0][1]["Host"] == f"photos.example:{server.port}"


def test_a_redirect_inside_is_refused(server: Standin) -> None:
    with Standin() as inside:
        inside.put("/secret", b"secret")
        server.redirects["/photo"] = f"{inside.url}/secret"
        assert "private" in str(refused(f"{server.url}/photo", own=server.url))
        server.redirects["/photo"] = "http://169.254.169.254/latest/meta-data/"
        assert "private" in str(refused(f"{server.url}/photo", own=server.url))
        server.redirects["/photo"] = "file:///etc/passwd"
        refused(f"{server.url}/photo", own=server.url)
        assert inside.seen == []


def test_a_redirect_is_followed_where_it_may_be_and_not_for_ever(server: Standin) -> None:
    server.put("/photo", b"a photo")
    server.redirects["/moved"] = "/photo"
    assert fetch(f"{server.url}/moved", most_bytes=1000, own=server.url) == b"a photo"
    server.redirects["/round"] = "/round"
    assert "ever other" in str(refused(f"{server.url}/round", own=server.url))


def test_only_the_very_origin_of_the_accounts_server_may_be_private(server: Standin) -> None:
    address = server.put("/photo", b"a photo")
    assert fetch(address, most_bytes=1000, own=server.url + "/") == b"a photo"
    for own in (
        "",
        f"http://127.0.0.1:{server.port + 1}",
        f"https://127.0.0.1:{server.port}",
        f"ws://127.0.0.1:{server.port}",
        f"http://localhost:{server.port}",
        "http://127.0.0.1:port",
    ):
        refused(address, own=own)


def test_size_is_limited_whatever_the_server_says(server: Standin) -> None:
    address = server.put("/large", b"x" * 2000)
    assert "larger" in str(refused(address, own=server.url))
    server.headers["/large"] = {"Content-Length": "10"}
    assert len(fetch(address, most_bytes=1000, own=server.url)) == 10
    server.headers["/large"] = {"Content-Length": "9" * 30}
    refused(address, own=server.url)
    server.headers["/large"] = {"Content-Encoding": "gzip"}
    assert "packed" in str(refused(address, own=server.url, most_bytes=5000))


def test_a_cut_off_body_is_a_failure_that_may_pass(server: Standin) -> None:
    address = server.put("/cut", b"x" * 10)
    server.headers["/cut"] = {"Content-Length": "500", "Connection": "close"}
    assert refused(address, own=server.url, seconds=8).passing


def test_time_is_limited_also_for_a_head_that_never_ends(server: Standin) -> None:
    server.drip["/slow"] = 0.05
    began = time.monotonic()
    assert refused(f"{server.url}/slow", own=server.url, seconds=1).passing
    assert time.monotonic() - began < 8


def test_which_answers_may_pass(server: Standin) -> None:
    for status, passing in ((404, False), (403, False), (410, False), (429, True), (500, True), (503, True)):
        server.put("/x", b"")
        server.statuses["/x"] = status
        assert refused(f"{server.url}/x", own=server.url).passing is passing
