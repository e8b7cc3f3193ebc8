"""Proofs of possession (RFC 9449) and client assertions (RFC 7523): short signed tokens, made with joserfc.

Imported only for accounts that are connected by OAuth, as JOSE costs 20 MB.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from functools import lru_cache

from joserfc import jwt
from joserfc.jwk import ECKey

_ALGORITHM = "ES256"
_ASSERTION_SECONDS = 60


def new_key() -> str:
    """A new key for one account's proofs, as PEM."""
    return ECKey.generate_key("P-256").as_pem(private=True).decode()


@lru_cache(maxsize=64)
def _key(pem: str) -> ECKey:
    return ECKey.import_key(pem)


def name(pem: str) -> str:
    """The name of a key: its thumbprint (RFC 7638)."""
    return _key(pem).thumbprint()


def public(pem: str) -> dict[str, object]:
    """The public half of a key as a JWK with its thumbprint as name (RFC 7638)."""
    key = _key(pem)
    return {**key.as_dict(private=False), "kid": name(pem), "alg": _ALGORITHM, "use": "sig"}


def proof(pem: str, verb: str, url: str, nonce: str = "", token: str = "") -> str:
    """The proof that goes with one call: for this verb, address and access token, once."""
    key = _key(pem)
    claims: dict[str, object] = {"jti": secrets.token_urlsafe(16), "htm": verb, "htu": url.split("?")[0].split("#")[0]}
    claims["iat"] = int(time.time())
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = sha256(token)
    return jwt.encode({"typ": "dpop+jwt", "alg": _ALGORITHM, "jwk": key.as_dict(private=False)}, claims, key)


def assertion(pem: str, client_id: str, issuer: str) -> str:
    """Shows the authorization server at `issuer` that we are the client whose public key stands in its document."""
    key, now = _key(pem), int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": issuer, "jti": secrets.token_urlsafe(16)}
    times = {"iat": now, "exp": now + _ASSERTION_SECONDS}
    return jwt.encode({"alg": _ALGORITHM, "kid": key.thumbprint()}, claims | times, key)


def sha256(text: str) -> str:
    """SHA-256 in unpadded base64url, as PKCE and `ath` want it."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
