"""Twilio's signature of its calls (docs: usage/webhooks/webhooks-security, 2026).

HMAC-SHA1 (or SHA256 where the call says so) over the address and the sorted parameters of a form; of any other body
the address carries a SHA-256. Twilio is not consistent about naming the usual port, so both forms are tried.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit

from openline.channels.base import Pushed, Unverified

_ALGORITHMS = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_MOST_FIELDS = 500


def verify(pushed: Pushed, addresses: Iterable[str], secrets: Iterable[str]) -> None:
    """Raise Unverified unless one of the `secrets` signed the call to one of the `addresses`."""
    given = pushed.headers.get("x-twilio-signature", "").encode("latin-1", "replace")
    algorithm = _algorithm(pushed.headers.get("x-twilio-webhooks-signature-settings", ""))
    known = [secret for secret in secrets if secret]
    if not given or algorithm not in _ALGORITHMS or not known:
        raise Unverified("The call carries no signature that can be checked.")
    form = form_of(pushed)
    if form is None:
        _check_body(pushed)
    signed = [f"{address}{_joined(form or [])}" for base in addresses for address in _ports(base)]
    matches = [hmac.compare_digest(given, sign(text, secret, algorithm)) for text in signed for secret in known]
    if not any(matches):
        raise Unverified("The signature is wrong.")


def form_of(pushed: Pushed) -> list[tuple[str, str]] | None:
    """The parameters of a form; None for any other body. Raises Unverified if there are too many."""
    kind = pushed.headers.get("content-type", "").split(";")[0].strip().lower()
    if pushed.body and kind != "application/x-www-form-urlencoded":
        return None
    return fields(pushed.body)


def fields(body: bytes) -> list[tuple[str, str]]:
    """The parameters of a form's body; raises Unverified if there are too many."""
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Unverified("The call has too many parameters.") from None


def sign(text: str, secret: str, algorithm: str = "HMAC_SHA1") -> bytes:
    """The signature of `text`, as it stands in the header."""
    digest = hmac.new(secret.encode(), text.encode("utf-8", "replace"), _ALGORITHMS[algorithm]).digest()
    return base64.b64encode(digest)


def _joined(form: list[tuple[str, str]]) -> str:
    """Names and values, sorted; a value that stands twice under a name counts once."""
    return "".join(name + value for name, value in sorted(set(form)))


def _check_body(pushed: Pushed) -> None:
    told = parse_qs(urlsplit(pushed.url).query).get("bodySHA256", [""])[0]
    found = hashlib.sha256(pushed.body).hexdigest()
    if not hmac.compare_digest(told.lower().encode("latin-1", "replace"), found.encode()):
        raise Unverified("The body is not the one that was signed.")


def _algorithm(said: str) -> str:
    pairs = dict(part.strip().partition("=")[::2] for part in said.split(","))
    return pairs.get("algorithm", "").strip().upper() or "HMAC_SHA1"


def _ports(address: str) -> set[str]:
    """The address without a port and with the usual one (or its own)."""
    parts = urlsplit(address)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return {address}
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}") if parts.port else parts.netloc
    return {address, _at(parts, host), _at(parts, f"{host}:{port}")}


def _at(parts: SplitResult, netloc: str) -> str:
    return parts._replace(netloc=netloc).geturl()
