"""Servers repeat our secrets in what they say is wrong ("Malformed access token ABC"): those are taken out."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl

import httpx
import orjson

from openline.channels.errors import ChannelError

_SECRET = re.compile(r"token|secret|passw|proof|assertion|verifier|api_?key|signature|^(code|key|sig)$", re.IGNORECASE)
_SHORTEST = 6
_MOST_BYTES = 20_000
_MASK = "…"
_HEAD = 12
"""So much of the beginning of a secret gives it away: a server's words may be cut off within it."""


def conceal(error: ChannelError, request: httpx.Request) -> ChannelError:
    """`error`, without the secrets of the request to which the server answered so."""
    return without(error, _secrets(request))


def without(error: ChannelError, secrets: Iterable[str]) -> ChannelError:
    """`error`, without these secrets in its words."""
    words = error.reason
    for secret in sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True):
        words = _masked(words, secret)
    if words != error.reason:
        error.reason, error.args = words, (words,)
    return error


def _masked(words: str, secret: str) -> str:
    """`words` without `secret`, and without what stands of it where they were cut off."""
    head, at = secret[:_HEAD], 0
    while (at := words.find(head, at)) >= 0:
        end = at + len(head)
        while end < len(words) and words[at : end + 1] == secret[: end + 1 - at]:
            end += 1
        words = words[:at] + _MASK + words[end:]
        at += len(_MASK)
    return words


def _secrets(request: httpx.Request) -> Iterator[str]:
    """What a request carries to prove who sends it, and what it carries under the name of a secret."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    found = [rest, *_basic(rest)] if scheme.lower() == "basic" else [rest, *re.findall(r'"([^"]+)"', rest)]
    pairs = [*request.headers.items(), *parse_qsl(request.url.query.decode("ascii", "replace")), *_body(request)]
    found += [value for name, value in pairs if _SECRET.search(name)]
    yield from found


def _basic(credentials: str) -> list[str]:
    """The password of Basic authentication (RFC 7617)."""
    try:
        return [base64.b64decode(credentials).decode().partition(":")[2]]
    except (binascii.Error, ValueError):
        return []


def _body(request: httpx.Request) -> list[tuple[str, str]]:
    """The fields of a form, or the topmost of a JSON object."""
    try:
        body = request.content if int(request.headers.get("content-length", 0)) <= _MOST_BYTES else b""
        kind = request.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return parse_qsl(body.decode("ascii", "replace"))
        said = orjson.loads(body) if kind.startswith("application/json") else None
    except (httpx.RequestNotRead, ValueError):
        return []
    return [(name, value) for name, value in said.items() if isinstance(value, str)] if isinstance(said, dict) else []
