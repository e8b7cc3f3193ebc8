"""Signing webhooks as Standard Webhooks 1.0 describes it (standardwebhooks.com, "Signature scheme"), symmetric, "v1".

The secret is `whsec_` and base64; signed are id, time and the raw body, joined by dots, with HMAC-SHA256.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Mapping

TOLERANCE_SECONDS = 300
"""A message older or newer than that is not taken: it may be a replay."""
_PREFIX = "whsec_"
_SECRET_BYTES = 32


class BadSignature(Exception):
    """The message is not from who knows the secret, or it is old; the message says which."""


def new_secret() -> str:
    """A new random secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers(secret: str, message_id: str, body: bytes, *, at: int | None = None) -> dict[str, str]:
    """The three headers of a message that is sent now, or `at` (seconds since 1970)."""
    stamp = str(int(time.time()) if at is None else at)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + _signature(secret, message_id, stamp, body),
    }


def check(secret: str, given: Mapping[str, str], body: bytes) -> str:
    """The id of a message whose headers (`webhook-...`) are right. Raises BadSignature."""
    message_id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not message_id or len(message_id) > 200 or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):
        raise BadSignature("The headers webhook-id, webhook-timestamp and webhook-signature are needed.")
    expected = _signature(secret, message_id, stamp, body).encode()
    found = False
    for one in given.get("webhook-signature", "")[:2_000].split():
        version, _comma, value = one.partition(",")
        found |= version == "v1" and hmac.compare_digest(value.encode(), expected)
    if not found:
        raise BadSignature("The signature is not right.")
    if abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
        raise BadSignature("The message is too old, or the clocks differ by more than five minutes.")
    return message_id


def _signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    return base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise BadSignature("The secret is to be whsec_ and base64.")
    return key
