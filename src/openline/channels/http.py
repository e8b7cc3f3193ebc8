"""One HTTP call to a network's server, with whatever goes wrong told in our closed set of errors.

Nothing is ever repeated here, and no redirect of a call that changes something is followed: whether to try again is
the outbox's to decide. What may have reached the server is Unclear.
"""

from __future__ import annotations

import email.utils
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx

from openline.channels.accounts import Budget
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, RateLimited, Rejected, TokenExpired, Unclear
from openline.channels.concealing import conceal

TIMEOUT_SECONDS = 20.0
AGENT = "Openline"
_COME_BACK = ("retry-after", "ratelimit-reset", "x-ratelimit-reset")
_USUAL_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=24)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

Words = Callable[[httpx.Response], str]
Refuse = Callable[[httpx.Response, bool], ChannelError]
"""What an answer that is no success means; the second argument as `sending` of `call`."""


@cache
def tls() -> ssl.SSLContext:
    """Whom to trust, also the city's own authority that SSL_CERT_FILE names. Made once: reading all certificates of the
    machine takes 30 milliseconds, longer than most calls."""
    return httpx.create_ssl_context()


def client(headers: Mapping[str, str] | None = None, *, transfer: float = TIMEOUT_SECONDS, **more: Any) -> httpx.Client:
    """A line to a network's servers: it trusts whom `tls` trusts, says who we are, and does not wait for ever.

    `headers` go with every call; a file may take `transfer` seconds each way. Use it as a context, or close it.
    """
    timeout = httpx.Timeout(TIMEOUT_SECONDS, read=transfer, write=transfer)
    return httpx.Client(verify=tls(), timeout=timeout, headers={"User-Agent": AGENT, **(headers or {})}, **more)


class NotThere(Rejected):
    """What was asked for is not on the server (404 or 410)."""


def words_of(response: httpx.Response) -> str:
    """What the server says is wrong, in a line: the usual fields of a JSON answer, else the status."""
    try:
        said = response.json()
    except ValueError:
        said = None
    if isinstance(said, dict):
        for name in ("message", "error_description", "detail", "error"):
            if isinstance(said.get(name), str) and said[name]:
                return f"{said[name][:300]} ({response.status_code})"
    return f"The server answers {response.status_code} {response.reason_phrase}".strip()


def noting(refused: list[httpx.Response], words: Words = words_of) -> Words:
    """`words`, and the answer that is no success put into `refused`: for networks that name their errors in it."""

    def note(response: httpx.Response) -> str:
        refused.append(response)
        return words(response)

    return note


def call(
    client: httpx.Client,
    method: str,
    url: str,
    *,
    sending: bool = False,
    words: Words = words_of,
    refuse: Refuse | None = None,
    **more: Any,
) -> httpx.Response:
    """The answer of a success (2xx); raises a ChannelError for all else. `sending`: the call changes something.

    `refuse`: a network's own reading of its refusals, in place of `refusal`.
    """
    try:
        response = client.request(method, url, follow_redirects=not sending, **more)
    except _NEVER_LEFT as error:
        raise NetworkDown(f"The server cannot be reached ({type(error).__name__}).") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        trouble = Unclear if sending else NetworkDown
        raise trouble(f"The line to the server broke ({type(error).__name__}).") from error
    if not response.is_success:
        refused = refuse(response, sending) if refuse else refusal(response, sending, words)
        raise conceal(refused, response.request)
    return response


def refusal(response: httpx.Response, sending: bool, words: Words = words_of) -> ChannelError:
    """What an answer that is no success means for us."""
    status, reason = response.status_code, words(response)
    if status == 429:
        return RateLimited(retry_at(response.headers))
    if status == 401:
        return TokenExpired(reason)
    if status == 403:
        return NotAllowed(reason)
    if status in (404, 410):
        return NotThere(reason)
    if status >= 500 or status in (408, 425) or status < 400:
        # A server that was too busy to take it says 503 as well as one that broke while it worked.
        return (Unclear if sending else NetworkDown)(reason)
    return Rejected(reason)


def retry_at(headers: Mapping[str, str], now: datetime | None = None) -> datetime:
    """When to come back, by `Retry-After` (RFC 9110, 10.2.3: seconds or a date) or `ratelimit-reset` (also as
    `x-ratelimit-reset`, also in ISO 8601); else in a minute."""
    now = now or datetime.now(UTC)
    said = next((found for name in _COME_BACK if (found := headers.get(name, "").strip())), "")
    at = now + _USUAL_WAIT
    if said.isdecimal() and len(said) < 12:
        seconds = int(said)
        # `ratelimit-reset` is a number of seconds in the draft standard, a Unix time on some servers.
        at = datetime.fromtimestamp(seconds, UTC) if seconds > 1_000_000_000 else now + timedelta(seconds=seconds)
    elif said:
        at = _date(said) or at
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(at, now + timedelta(seconds=1)), now + _LONGEST_WAIT)


def _date(said: str) -> datetime | None:
    for read in (email.utils.parsedate_to_datetime, datetime.fromisoformat):
        with suppress(ValueError):
            return read(said)
    return None


def budget(headers: Mapping[str, str], what: str = "", now: datetime | None = None) -> Budget | None:
    """What is left of our allowance, by `RateLimit-*` or `X-RateLimit-*`; None if the server does not say."""
    for prefix in ("ratelimit-", "x-ratelimit-", "x-rate-limit-"):
        limit, left = headers.get(prefix + "limit", ""), headers.get(prefix + "remaining", "")
        if limit.isdecimal() and left.isdecimal():
            reset = {"ratelimit-reset": headers.get(prefix + "reset", "")}
            return Budget(int(limit), int(left), _reset(reset, now), what)
    return None


def _reset(headers: Mapping[str, str], now: datetime | None) -> datetime:
    try:
        at = datetime.fromisoformat(headers["ratelimit-reset"])
    except ValueError:
        return retry_at(headers, now)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
