"""Fetching what a stranger names: only from public addresses, within a size and a time, whatever the address leads to.

An address in a post could name a machine inside the city's network (server-side request forgery). So every host is
resolved here, every one of its addresses is checked, and the connection goes to the very address that was checked; a
redirect is a new address and is checked the same. The name stays in the Host header and where the certificate is read.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

SECONDS = 30.0
"""A fetch takes at most so long in all, redirects included."""
_WAIT_SECONDS = 5.0
"""So long for a connection or the next bytes: a fetch that was cut short ends after so much more at the latest."""
_MOST_REDIRECTS = 3
_MOST_ADDRESS = 2_000
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
    )
)
"""What the IANA registries of special addresses hold beyond what older Pythons know: relays, translations, tunnels."""
_AGENT = "Openline (+https://github.com/openline)"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchFailed(Exception):
    """It could not be fetched; the message says why, for a person. `passing`: another try may help.

    `arrived`: the server may have got what was sent to it, and may have done something with it.
    """

    def __init__(self, reason: str, *, passing: bool = False, arrived: bool = False) -> None:
        super().__init__(reason)
        self.passing, self.arrived = passing, arrived


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whatever its status."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def exchange(
    method: str,
    address: str,
    *,
    most_bytes: int,
    own: str = "",
    seconds: float = SECONDS,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Answer:
    """Send one HTTP request to `address` and take the answer, at most `most_bytes`; no redirect is followed.

    `own` as in `fetch`. Raises FetchFailed, with `arrived` true if the request may have reached the server.
    """
    until = time.monotonic() + seconds
    url, host, target = _aim(address, own)
    sent = {**_headers(url), "Accept": "*/*", **(headers or {})}
    try:
        with (
            _limited(until) as client,
            client.stream(
                method, target, headers=sent, content=content, extensions={"sni_hostname": host}, timeout=seconds
            ) as response,
        ):
            return Answer(response.status_code, _read(response, most_bytes, until), response.headers)
    except FetchFailed as error:
        raise FetchFailed(str(error), passing=error.passing, arrived=True) from None
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise FetchFailed("The server cannot be reached.", passing=True) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError, ValueError) as error:
        raise FetchFailed(f"No answer came ({type(error).__name__}).", passing=True, arrived=True) from error


def fetch(address: str, *, most_bytes: int, own: str = "", seconds: float = SECONDS) -> bytes:
    """The bytes at the http(s) `address`, at most `most_bytes`.

    `own` is a server that the city itself named: its very origin (scheme, host and port) may have a private address.
    Raises FetchFailed.
    """
    until = time.monotonic() + seconds
    for _hop in range(_MOST_REDIRECTS + 1):
        content, further = _get(address, most_bytes, own, until)
        if not further:
            return content
        address = urljoin(address, further)
    raise FetchFailed("The address leads to ever other addresses.")


def _get(address: str, most_bytes: int, own: str, until: float) -> tuple[bytes, str]:
    """What stands at `address`, or the address that it redirects to."""
    url, host, target = _aim(address, own)
    request = {"headers": _headers(url), "extensions": {"sni_hostname": host}}
    try:
        with _limited(until) as client, client.stream("GET", target, **request) as response:  # type: ignore[arg-type]
            if response.is_redirect:
                return b"", response.headers.get("location", "")
            if not response.is_success:
                passing = response.status_code in (408, 425, 429) or response.status_code >= 500
                raise FetchFailed(f"The server answered {response.status_code}.", passing=passing)
            return _read(response, most_bytes, until), ""
    except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError, ValueError) as error:
        raise FetchFailed(f"The server could not be read ({type(error).__name__}).", passing=True) from error


def _aim(address: str, own: str) -> tuple[httpx.URL, str, httpx.URL]:
    """The address, its host, and the address with the very machine that was checked in the host's place."""
    url, host = _checked(address)
    port = url.port or _port(url.scheme)
    return url, host, url.copy_with(host=_resolve(host, port, private=_same_origin(address, own)))


def _checked(address: str) -> tuple[httpx.URL, str]:
    """The address as a URL, and its host; refused if it is no plain http(s) address."""
    try:
        url = httpx.URL(address[: _MOST_ADDRESS + 1])
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError, TypeError, UnicodeError):
        raise FetchFailed("The address cannot be read.") from None
    if len(address) > _MOST_ADDRESS or url.scheme not in ("http", "https") or not host or url.userinfo:
        raise FetchFailed("Only plain http and https addresses are fetched.")
    return url, host.strip("[]")


def _headers(url: httpx.URL) -> dict[str, str]:
    return {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": _AGENT,
        "Accept": "image/*, application/pdf",
        "Accept-Encoding": "identity",
    }


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _resolve(host: str, port: int, *, private: bool) -> str:
    """An address of `host`; refused if any of its addresses is not public, unless `private` ones are allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchFailed("The server's name is not known.", passing=True) from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    if not addresses or not (private or all(public(one) for one in addresses)):
        raise FetchFailed("The address leads into a private network.")
    return str(addresses[0])


def public_machine(host: str, port: int) -> str:
    """The public address behind a name that a stranger gave, for protocols other than HTTP; raises FetchFailed."""
    return _resolve(host, port, private=False)


def public(address: Address) -> bool:
    """Whether anybody on the internet can reach `address`; false for every form that hides another address in it."""
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address.is_site_local):
        return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _same_origin(address: str, own: str) -> bool:
    one, other = urlsplit(address), urlsplit(own)
    try:
        return bool(own) and _origin(one) == _origin(other)
    except ValueError:
        return False


def _origin(parts: object) -> tuple[str, str, int]:
    scheme, host, port = parts.scheme, parts.hostname, parts.port  # type: ignore[attr-defined]
    return scheme, host or "", port or _port(scheme)


@contextmanager
def _limited(until: float) -> Iterator[httpx.Client]:
    """A client that takes no proxy and no redirect, and is closed when the time is over, whatever it waits for."""
    left = until - time.monotonic()
    if left <= 0:
        raise FetchFailed("The server is too slow.", passing=True)
    with httpx.Client(timeout=_WAIT_SECONDS, follow_redirects=False, trust_env=False) as client:
        alarm = threading.Timer(left, client.close)
        alarm.daemon = True
        alarm.start()
        try:
            yield client
        finally:
            alarm.cancel()


def _read(response: httpx.Response, most_bytes: int, until: float) -> bytes:
    """The body as it is sent, no more than allowed; nothing is unpacked."""
    if response.headers.get("content-encoding", "identity") not in ("", "identity"):
        raise FetchFailed("The server sent it packed, which was not asked for.")
    told = response.headers.get("content-length", "")
    too_large = FetchFailed(f"It is larger than {most_bytes / 1e6:.0f} MB.")
    if told.isascii() and told.isdigit() and int(told[:18]) > most_bytes:
        raise too_large
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > most_bytes:
            raise too_large
        if time.monotonic() > until:
            raise FetchFailed("The server is too slow.", passing=True)
    return bytes(body)
