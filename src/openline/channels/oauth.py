"""OAuth 2 with a refresh token (RFC 6749), as several networks have it: codes and tokens, renewed under one lock."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from openline.channels import http, reading
from openline.channels.base import AccountRef, NetworkDown, Rejected, TokenExpired

MARGIN_SECONDS = 300.0


def challenge(verifier: str) -> str:
    """What a login page is told of the secret that proves later who began the login (PKCE, RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def ask(url: str, form: Mapping[str, str], login: tuple[str, str] | None = None) -> dict[str, Any]:
    """What a token endpoint says to a form; `login` goes as Basic authentication."""
    auth = httpx.BasicAuth(*login) if login else None
    with http.client() as client:
        answer = http.call(client, "POST", url, data=dict(form), auth=auth or httpx.USE_CLIENT_DEFAULT)
    try:
        return reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(f"The server's answer makes no sense: {error}") from error


def tokens(said: Mapping[str, Any]) -> dict[str, str]:
    """The tokens in an answer, as credentials. Raises TokenExpired if there are none."""
    if not (access := reading.text(said, "access_token")):
        raise TokenExpired(reading.text(said, "error_description") or "The server gives no token.")
    seconds = said.get("expires_in")
    expires = time.time() + (seconds if isinstance(seconds, int) and seconds > 0 else 3600)
    return {"access_token": access, "refresh_token": reading.text(said, "refresh_token"), "expires_at": str(expires)}


def fresh(kept: Mapping[str, str]) -> bool:
    """Whether the access token is good for a while."""
    try:
        return bool(kept.get("access_token")) and float(kept.get("expires_at") or 0) - MARGIN_SECONDS > time.time()
    except ValueError:
        return False


def access_token(account: AccountRef, renew: Callable[[str], Mapping[str, Any]]) -> str:
    """The account's access token; `renew` changes a refresh token into new ones, once, whoever else wants it too."""
    if fresh(account.credentials):
        return account.credentials["access_token"]

    def renewed(kept: dict[str, str]) -> dict[str, str]:
        if fresh(kept):
            return kept
        if not kept.get("refresh_token"):
            raise TokenExpired("The login has ended: connect the account again.")
        try:
            return kept | {name: value for name, value in tokens(renew(kept["refresh_token"])).items() if value}
        except Rejected as error:
            raise TokenExpired(f"The login has ended: {error.reason}") from error

    account.credentials.update(account.keeper.renew(renewed))
    return account.credentials["access_token"]
