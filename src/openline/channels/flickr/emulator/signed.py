"""Who calls: the emulator's own reading of OAuth 1.0a (RFC 5849), independent of the library that the channel uses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

Pairs = Sequence[tuple[str, str]]
_HEADER = re.compile(r'(\w+)="([^"]*)"')
_CLOCKS_MAY_DIFFER_SECONDS = 300


class Unsigned(Exception):
    """The signature does not hold; the argument is OAuth's word for why."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A call whose signature holds; `oauth` are its parameters of that protocol."""

    oauth: Mapping[str, str]

    @property
    def token(self) -> str:
        """The token that it was signed with; "" for none."""
        return self.oauth.get("oauth_token", "")


def escape(text: str) -> str:
    """Section 3.6."""
    return quote(text, safe="-._~")


def parameters(header: str) -> dict[str, str]:
    """Those of an Authorization header (section 3.5.1)."""
    if not header.startswith("OAuth "):
        return {}
    return {name: unquote(value) for name, value in _HEADER.findall(header)}


def base_string(method: str, url: str, pairs: Pairs) -> str:
    """Section 3.4.1; `pairs` are all parameters but the signature itself."""
    sorted_pairs = sorted((escape(name), escape(value)) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in sorted_pairs)
    return "&".join((method.upper(), escape(url), escape(joined)))


def signature(base: str, app_secret: str, token_secret: str) -> str:
    """Section 3.4.2: HMAC-SHA1."""
    key = f"{escape(app_secret)}&{escape(token_secret)}"
    return base64.b64encode(hmac.digest(key.encode(), base.encode(), hashlib.sha1)).decode()


def check(
    method: str,
    url: str,
    header: str,
    pairs: Pairs,
    apps: Mapping[str, str],
    tokens: Mapping[str, str],
    seen: set[tuple[str, str]],
) -> Signed:
    """The call, if its signature holds; raises Unsigned. `apps` and `tokens` map keys to secrets, `seen` are nonces."""
    oauth = parameters(header)
    oauth.pop("realm", None)
    given = oauth.pop("oauth_signature", "")
    if oauth.get("oauth_consumer_key", "") not in apps:
        raise Unsigned("consumer_key_unknown")
    token = oauth.get("oauth_token", "")
    if token and token not in tokens:
        raise Unsigned("token_rejected")
    if oauth.get("oauth_signature_method") != "HMAC-SHA1":
        raise Unsigned("signature_method_rejected")
    base = base_string(method, url, [*pairs, *oauth.items()])
    right = signature(base, apps[oauth["oauth_consumer_key"]], tokens.get(token, ""))
    if not hmac.compare_digest(right.encode(), given.encode()):
        raise Unsigned("signature_invalid")
    at, nonce = oauth.get("oauth_timestamp", ""), oauth.get("oauth_nonce", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > _CLOCKS_MAY_DIFFER_SECONDS:
        raise Unsigned("timestamp_refused")
    if (at, nonce) in seen:
        raise Unsigned("nonce_used")
    seen.add((at, nonce))
    return Signed(oauth)
