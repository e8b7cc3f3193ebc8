"""Meta's signatures: of its calls to us, of its login's callbacks, and ours on every request.

- `X-Hub-Signature-256` (docs/graph-api/webhooks/getting-started): HMAC-SHA256 with the app secret over the raw body.
  Meta signs its text as it escaped it, so what counts is the bytes that came, never JSON written anew.
- `signed_request` (docs/games/gamesonfacebook/login#parsingsr): of deauthorisation and data deletion callbacks.
- `appsecret_proof` (docs/graph-api/guides/secure-requests): so that a stolen token alone is worth nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import Unverified

_HEADER = "x-hub-signature-256"
_PREFIX = "sha256="
_OLDEST_SECONDS = 24 * 3600
_LONGEST = 10_000


def proof(token: str, secret: str) -> str:
    """The `appsecret_proof` of an access token."""
    return _hmac(token.encode(), secret).hex()


def verify_token(secret: str) -> str:
    """The word by which Meta proves, with its first call, that our city's app has given it our address.

    It follows from the app secret, so that nobody has to make one up and keep it.
    """
    return _hmac(b"openline webhook verification", secret).hex()[:32]


def is_signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Whether the app with that secret signed this raw body. `headers` have names in lower case."""
    given = headers.get(_HEADER, "")
    wanted = _PREFIX + _hmac(body, secret).hex()
    return bool(secret) and hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def signature(body: bytes, secret: str) -> str:
    """The header's value for this body."""
    return _PREFIX + _hmac(body, secret).hex()


def signed_request(value: str, secret: str, now: float | None = None) -> dict[str, Any]:
    """What a `signed_request` says. Raises Unverified if another app signed it, or if it is older than a day."""
    sealed, _, payload = value.partition(".")
    if not secret or not payload or len(value) > _LONGEST:
        raise Unverified("This is no signed request.")
    if not hmac.compare_digest(_decoded(sealed), _hmac(payload.encode("utf-8", "replace"), secret)):
        raise Unverified("The signature is wrong.")
    try:
        said = reading.json_object(_decoded(payload))
    except reading.Unreadable as error:
        raise Unverified(f"The signed request cannot be read: {error}") from error
    if reading.text(said, "algorithm").upper() != "HMAC-SHA256":
        raise Unverified("The signed request names another algorithm.")
    issued = said.get("issued_at")
    if isinstance(issued, int) and (now or time.time()) - issued > _OLDEST_SECONDS:
        raise Unverified("The signed request is older than a day.")
    return said


def make_signed_request(said: Mapping[str, Any], secret: str) -> str:
    """The other way round: `said` (JSON-able) as Meta signs it."""
    payload = _encoded(orjson.dumps(dict(said)))
    return f"{_encoded(_hmac(payload.encode(), secret))}.{payload}"


def _hmac(body: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def _decoded(value: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(value.encode("ascii") + b"=" * (-len(value) % 4))
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return b""


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
