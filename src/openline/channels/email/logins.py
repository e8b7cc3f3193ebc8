"""Proving to a mail server who we are: a password, or an access token (XOAUTH2) that is renewed when it runs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from openline.channels import http
from openline.channels.base import AccountRef, NetworkDown, Rejected, TokenExpired, Unclear
from openline.channels.reading import Unreadable, json_object, moment, text

Line = TypeVar("Line")
Credentials = dict[str, str]
_MARGIN = timedelta(minutes=2)
_USUAL_LIFE_SECONDS = 3600


class Denied(Exception):
    """The server refuses these credentials; the message is its reason."""


def uses_tokens(account: AccountRef) -> bool:
    """True if the account logs in by OAuth 2."""
    return account.settings.get("auth") == "oauth"


def user_of(account: AccountRef) -> str:
    """The name to log in with: the address, where no other is set."""
    return account.settings.get("user", "") or account.handle


def logged_in(account: AccountRef, connect: Callable[[Credentials], Line]) -> Line:
    """What `connect` returns, called with credentials that are good; with new ones if the token was refused.

    `connect` raises Denied if the server refuses them. Raises TokenExpired if a person has to connect anew.
    """
    credentials = account.credentials
    if not (user_of(account) + credentials.get("password", "")).isascii():
        raise TokenExpired("Mail servers take no logins with letters beyond ASCII: choose another password.")
    if uses_tokens(account) and _is_over(credentials):
        credentials = _renewed(account, credentials)
    try:
        return connect(credentials)
    except Denied as error:
        if not uses_tokens(account):
            raise TokenExpired(f"The mail server refuses the login: {error}") from None
    try:
        return connect(_renewed(account, credentials))
    except Denied as error:
        raise TokenExpired(f"The mail server refuses the new access token: {error}") from None


def xoauth2(user: str, token: str) -> str:
    """The initial response of the SASL mechanism XOAUTH2, before Base64."""
    return f"user={user}\1auth=Bearer {token}\1\1"


def _is_over(credentials: Credentials) -> bool:
    until = moment(credentials.get("expires_at", ""))
    return not credentials.get("access_token") or (until is not None and until - _MARGIN < datetime.now(UTC))


def _renewed(account: AccountRef, used: Credentials) -> Credentials:
    """New credentials, unless another worker has renewed the used ones meanwhile."""

    def renew(kept: Credentials) -> Credentials:
        now = account.credentials | kept
        other = now.get("access_token", "") not in ("", used.get("access_token", ""))
        return now if other and not _is_over(now) else now | _asked(account, now)

    return account.keeper.renew(renew)


def _asked(account: AccountRef, credentials: Credentials) -> Credentials:
    """A new access token from the provider (RFC 6749, 6; without a refresh token by 4.4, as a program)."""
    refresh = credentials.get("refresh_token", "")
    form = {
        "grant_type": "refresh_token" if refresh else "client_credentials",
        "refresh_token": refresh,
        "client_id": account.settings.get("client_id", ""),
        "client_secret": credentials.get("client_secret", ""),
        "scope": account.settings.get("scope", ""),
    }
    try:
        with http.client() as client:
            url = account.settings.get("token_url", "")
            answer = http.call(client, "POST", url, sending=True, data={k: v for k, v in form.items() if v})
        found = json_object(answer.content)
    except Rejected as error:
        raise TokenExpired(f"The provider gives no new access token: {error.reason}") from None
    except (Unclear, Unreadable) as error:
        raise NetworkDown(f"The provider's token server did not answer rightly: {error}") from None
    return _read(found)


def _read(answer: dict[str, object]) -> Credentials:
    token, life = text(answer, "access_token"), text(answer, "expires_in")
    if not token:
        raise TokenExpired("The provider gives no new access token.")
    seconds = int(life) if life.isdecimal() and len(life) < 9 else _USUAL_LIFE_SECONDS
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    fresh = {"access_token": token, "expires_at": until.isoformat(timespec="seconds")}
    refresh = text(answer, "refresh_token")
    return fresh | ({"refresh_token": refresh} if refresh else {})
