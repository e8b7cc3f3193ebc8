"""Sessions: by an app password (com.atproto.server.createSession, refreshSession) or by OAuth (see `oauth`).

Kept in the account's credentials: access_token, refresh_token, expires_at (Unix seconds), did; with an app password
also app_password, with OAuth dpop_key.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from openline.channels import http, reading
from openline.channels.accounts import AccountRef
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, RateLimited, TokenExpired

MARGIN_SECONDS = 120.0
_USUAL_SECONDS = 600.0
_nonces: dict[str, str] = {}


class NonceWanted(NetworkDown):
    """The server first wants its newest nonce in the proof (RFC 9449, 8): nothing was done."""


def fresh(tokens: Mapping[str, str], now: float | None = None) -> bool:
    """Is there an access token that is good for a while?"""
    try:
        expires = float(tokens.get("expires_at") or 0)
    except ValueError:
        expires = 0
    return bool(tokens.get("access_token")) and expires - MARGIN_SECONDS > (now or time.time())


def by_oauth(account: AccountRef) -> bool:
    """Was the account connected by a login page? (A key of an earlier such login may still be kept.)"""
    return bool(account.settings.get("token_endpoint"))


def proof(verb: str, url: str, tokens: Mapping[str, str], bound: bool) -> dict[str, str]:
    """The headers that show who calls; of a `bound` token also the proof that we hold its key."""
    token = tokens.get("access_token", "")
    if not bound:
        return {"Authorization": f"Bearer {token}"}
    from openline.channels.bluesky import dpop  # JOSE is heavy, and most accounts need none

    return {
        "Authorization": f"DPoP {token}",
        "DPoP": dpop.proof(tokens["dpop_key"], verb, url, _nonces.get(_origin(url), ""), token),
    }


def nonce_for(url: str) -> str:
    """The newest nonce that the server at `url` gave us; empty if it never did."""
    return _nonces.get(_origin(url), "")


def note_nonce(answer: httpx.Response) -> None:
    """Keep the server's newest nonce for DPoP proofs."""
    if nonce := answer.headers.get("dpop-nonce", ""):
        _nonces[_origin(str(answer.request.url))] = nonce


def wants_nonce(answer: httpx.Response) -> bool:
    """Was the call refused only because our nonce was missing or old?"""
    if answer.status_code not in (400, 401) or not answer.headers.get("dpop-nonce"):
        return False
    return "use_dpop_nonce" in answer.headers.get("www-authenticate", "") or "use_dpop_nonce" in answer.text


def renewed(client: httpx.Client, account: AccountRef, kept: Mapping[str, str]) -> dict[str, str]:
    """New tokens: by the refresh token where there is one that is taken, else by the app password."""
    if by_oauth(account):
        from openline.channels.bluesky import oauth

        return oauth.refreshed(client, account, kept)
    if kept.get("refresh_token"):
        try:
            bearer = {"Authorization": f"Bearer {kept['refresh_token']}"}
            return tokens(_ask(client, account.server, "com.atproto.server.refreshSession", headers=bearer))
        except (NetworkDown, RateLimited):
            raise
        except ChannelError:
            pass  # it has run out, or was used before: log in anew
    identifier = account.settings.get("did") or account.author_id or account.handle
    return login(client, account.server, identifier, kept.get("app_password", ""))


def login(client: httpx.Client, server: str, identifier: str, password: str) -> dict[str, str]:
    """The tokens of a new session; `identifier` is a DID, a handle or an e-mail address."""
    return tokens(begin(client, server, identifier, password))


def begin(client: httpx.Client, server: str, identifier: str, password: str) -> dict[str, Any]:
    """The server's answer to a login: tokens, did, handle, and the DID document that names the account's own server."""
    if not password or not password.isprintable():
        raise TokenExpired("The account has no usable app password.")
    body = {"identifier": identifier.removeprefix("@"), "password": password}
    return _ask(client, server, "com.atproto.server.createSession", json=body)


def _ask(client: httpx.Client, server: str, method: str, **more: Any) -> dict[str, Any]:
    """A login or renewal: made twice it does no harm, so that a broken line is NetworkDown."""
    answer = http.call(client, "POST", f"{server.rstrip('/')}/xrpc/{method}", **more)
    try:
        return reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(f"The server's answer to the login makes no sense: {error}") from error


def tokens(said: dict[str, Any]) -> dict[str, str]:
    """What is kept of the answer to a login or a renewal."""
    access, refresh, did = (reading.text(said, name) for name in ("accessJwt", "refreshJwt", "did"))
    if not access or not did:
        raise TokenExpired("The server gives no session.")
    if said.get("active") is False:
        raise NotAllowed(f"The account is not active ({reading.text(said, 'status') or 'no reason given'}).")
    return {"access_token": access, "refresh_token": refresh, "did": did, "expires_at": str(expiry(access))}


def expiry(token: str) -> float:
    """When a JWT runs out (Unix seconds), as it says itself; in ten minutes if it does not say."""
    try:
        payload = token.split(".")[1]
        said = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]
        return float(said)
    except (IndexError, KeyError, TypeError, ValueError):
        return time.time() + _USUAL_SECONDS


def _origin(url: str) -> str:
    parsed = httpx.URL(url)
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"
