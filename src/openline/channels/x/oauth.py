"""X's login: OAuth 2.0 with PKCE, as a confidential client (docs.x.com, 2026).

An access token lasts two hours. The refresh token may be used once: the new one comes with the new access token, and is
saved under the account's lock before anything is done with it.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
from django.utils.translation import gettext as _

from openline.channels import http, reading
from openline.channels.accounts import AccountRef, Authorizing
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, Rejected, TokenExpired, Unclear
from openline.channels.oauth import challenge

SERVER = "https://api.x.com"
LOGIN = "https://x.com"
SCOPES = (
    "tweet.read",
    "tweet.write",
    "tweet.moderate.write",
    "users.read",
    "dm.read",
    "dm.write",
    "media.write",
    "offline.access",
)
MARGIN_SECONDS = 300.0
_USUAL_SECONDS = 7200


def fresh(tokens: Mapping[str, str], now: float | None = None) -> bool:
    """Is there an access token that is good for a while? One without a known end counts as good."""
    try:
        expires = float(tokens.get("expires_at") or "inf")
    except ValueError:
        expires = 0.0
    return expires - MARGIN_SECONDS > (now or time.time())


def authorize(server: str, client_id: str, kept: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """Where the person allows our app; `kept` is what is needed again when the browser is back."""
    verifier = secrets.token_urlsafe(48)
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": return_to,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    }
    page = LOGIN if server == SERVER else server
    more = {"verifier": verifier, "state": state, "return_to": return_to}
    return Authorizing(f"{page}/i/oauth2/authorize?{urlencode(query)}", {**kept, **more})


def authorized(client: httpx.Client, account: AccountRef, kept: Mapping[str, str], query: Params) -> dict[str, str]:
    """Change the code that the browser brought into tokens."""
    if said := query.get("error_description") or query.get("error"):
        raise Rejected(_("X says: %s") % said[:300])
    if not hmac.compare_digest(query.get("state", "").encode(), kept["state"].encode()):
        raise NotAllowed(_("This answer does not belong to the login that was begun."))
    form = {
        "grant_type": "authorization_code",
        "code": query.get("code", ""),
        "redirect_uri": kept["return_to"],
        "code_verifier": kept["verifier"],
    }
    return _tokens(client, account, account.credentials, form)


def refreshed(client: httpx.Client, account: AccountRef, kept: Mapping[str, str]) -> dict[str, str]:
    """New tokens for the refresh token, which is spent thereby."""
    token = kept.get("refresh_token", "")
    if not token:
        raise TokenExpired(_("The login has ended: connect the account again."))
    return _tokens(client, account, kept, {"grant_type": "refresh_token", "refresh_token": token})


def _tokens(
    client: httpx.Client, account: AccountRef, secret: Mapping[str, str], form: Mapping[str, str]
) -> dict[str, str]:
    client_id, client_secret = account.settings.get("client_id", ""), secret.get("client_secret", "")
    url = f"{account.server.rstrip('/')}/2/oauth2/token"
    sent = {**form, "client_id": client_id}
    try:
        auth = httpx.BasicAuth(client_id, client_secret)
        said = _object(http.call(client, "POST", url, sending=True, refuse=_refusal, data=sent, auth=auth))
    except Unclear as error:
        raise NetworkDown(error.reason) from error
    access, refresh = reading.text(said, "access_token"), reading.text(said, "refresh_token")
    if not access or not refresh:
        raise TokenExpired(_("X gives no lasting login. Is the app a confidential client, with offline.access?"))
    seconds = said.get("expires_in")
    end = time.time() + (seconds if isinstance(seconds, int) else _USUAL_SECONDS)
    found = {"access_token": access, "refresh_token": refresh, "expires_at": str(int(end))}
    return found | {"scope": reading.text(said, "scope") or " ".join(SCOPES)}


def _refusal(answer: httpx.Response, sending: bool) -> ChannelError:
    """X refuses a spent or withdrawn token, and a wrong client, with 400 or 401: then a person has to log in again."""
    if answer.status_code in (400, 401, 403):
        return TokenExpired(_("The login has ended: %s") % http.words_of(answer))
    return http.refusal(answer, sending)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        return reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(f"X's answer makes no sense: {error}") from error


Params = Mapping[str, str]
