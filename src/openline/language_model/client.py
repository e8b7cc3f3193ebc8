"""The only door to the network: one request to the endpoint that the operator named, within its limits.

No redirects (the words of residents go where the operator said and nowhere else), no proxies from the environment, no
repeats, an answer of at most LARGEST_ANSWER bytes, everything within the time limit.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import httpx
import orjson

from openline.foundation.text import clean
from openline.language_model.settings import Settings

LARGEST_ANSWER = 64 * 1024
"""So many bytes of an answer are read; an answer with more is refused."""
_DETAIL = 300


class Outcome(StrEnum):
    """What became of a call."""

    ASKING = "asking"
    ANSWERED = "answered"
    OFF_SCHEMA = "off_schema"
    SLOW = "slow"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    BROKEN = "broken"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    TOO_LARGE = "too_large"


TROUBLE = frozenset({Outcome.SLOW, Outcome.UNREACHABLE, Outcome.BUSY, Outcome.BROKEN})
"""Troubles that may pass by themselves: worth one more try, later."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server did: the outcome, its HTTP status (0: none), its bytes, and in words what went wrong."""

    outcome: Outcome
    status: int = 0
    data: bytes = b""
    detail: str = ""


class _TooLate(Exception):
    pass


class _TooLarge(Exception):
    pass


def exchange(settings: Settings, path: str, body: dict[str, Any] | None = None) -> Reply:
    """POST `body` as JSON to `path` below the endpoint, or GET it without a body. Never raises."""
    ends = time.monotonic() + settings.seconds
    method, content = ("GET", None) if body is None else ("POST", orjson.dumps(body))
    try:
        with _client(settings) as client, client.stream(method, settings.url + path, content=content) as response:
            data = b"".join(_within_limits(response, ends))
            return _reply(response.status_code, data, settings.key)
    except (httpx.TimeoutException, _TooLate):
        return Reply(Outcome.SLOW, detail=f"No whole answer within {settings.seconds:g} seconds.")
    except _TooLarge:
        return Reply(Outcome.TOO_LARGE, detail=f"The answer has more than {LARGEST_ANSWER:,} bytes.")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Reply(Outcome.UNREACHABLE, detail=f"The server cannot be reached ({type(error).__name__}).")


def _client(settings: Settings) -> httpx.Client:
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "openline"}
    if settings.key:
        headers["Authorization"] = f"Bearer {settings.key}"
    return httpx.Client(
        headers=headers, timeout=settings.seconds, follow_redirects=False, trust_env=False, verify=_trusted()
    )


@lru_cache(1)
def _trusted() -> ssl.SSLContext:
    """Whom to trust: also the city's own authority that SSL_CERT_FILE names. Made once, as it takes 30 milliseconds."""
    return httpx.create_ssl_context(trust_env=True)


def _within_limits(response: httpx.Response, ends: float) -> Iterator[bytes]:
    """The bytes as they come. The limit of httpx is for each read alone: a server that drips would hold us for ever."""
    size = 0
    for chunk in response.iter_raw():
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise _TooLarge
        if time.monotonic() > ends:
            raise _TooLate
        yield chunk


def _reply(status: int, data: bytes, key: str) -> Reply:
    if 200 <= status < 300:
        return Reply(Outcome.ANSWERED, status, data)
    if 300 <= status < 400:
        return Reply(Outcome.REDIRECTED, status, detail="The server sends us elsewhere: name its own address.")
    said = data.decode("utf-8", "replace")
    said = said.replace(key, "[key]") if key else said
    outcome = Outcome.BUSY if status == 429 else Outcome.BROKEN if status >= 500 else Outcome.REFUSED
    return Reply(outcome, status, detail=clean(" ".join(said.split()), _DETAIL))
