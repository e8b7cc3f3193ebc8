"""The login that Instagram and Threads give (docs/threads/get-started/long-lived-tokens, 2026).

A code becomes a token of an hour, that a long one of 60 days. A long one can be renewed once it is a day old, for 60
days more; one that has run out is dead, and a person has to log in again. So it is renewed a month before, and whatever
goes wrong with that leaves a month to mend it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from openline.channels import http, reading
from openline.channels.base import AccountRef, ChannelError, NetworkDown, NotAllowed
from openline.channels.graph import errors

RENEW_BEFORE_SECONDS = 30 * 86_400
_DAY_SECONDS = 86_400
_LONG_SECONDS = 60 * _DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Grants:
    """What a network calls the exchange of a short token for a long one, and the renewal of that."""

    exchange: str
    refresh: str


def fresh(account: AccountRef, grants: Grants) -> AccountRef:
    """The account with a token that lasts; renewed under the account's lock if it runs out within a month.

    While the old one still holds, whatever goes wrong with the renewal stops nothing: the next call tries again.
    """
    if not _due(account.credentials):
        return account
    try:
        renewed = account.keeper.renew(partial(_renewed, account, grants))
    except ChannelError:
        if _left(account.credentials) > 0:
            return account
        raise
    if until := expires_at(renewed):
        account.keeper.note_end(until)
    return replace(account, credentials=renewed)


def expires_at(credentials: Mapping[str, str]) -> datetime | None:
    """When a person has to log in again, unless it is renewed before."""
    at = _number(credentials, "expires_at")
    return datetime.fromtimestamp(at, UTC) if at else None


def short(server: str, app_id: str, secret: str, code: str, return_to: str) -> str:
    """The short token for a code that the browser brought back."""
    form = {"client_id": app_id, "client_secret": secret, "code": code, "grant_type": "authorization_code"}
    said = _ask("POST", f"{server}/oauth/access_token", data=form | {"redirect_uri": return_to})
    rows = reading.children(said, "data")  # Instagram wraps it in a list
    return reading.text(rows[0] if rows else said, "access_token")


def long_lived(server: str, secret: str, short: str, grants: Grants) -> dict[str, str]:
    """The long token for a short one, as credentials. That the app secret goes in the address alone is Meta's rule."""
    asked = {"grant_type": grants.exchange, "client_secret": secret}
    return _kept(_ask("GET", f"{server}/access_token", params=asked, headers=_bearer(short)))


def _renewed(account: AccountRef, grants: Grants, kept: dict[str, str]) -> dict[str, str]:
    kept = account.credentials | kept
    if not _due(kept):  # another worker was faster
        return kept
    asked = {"grant_type": grants.refresh}
    said = _ask(
        "GET", f"{account.server}/refresh_access_token", params=asked, headers=_bearer(kept.get("access_token", ""))
    )
    return kept | _kept(said)


def _due(credentials: Mapping[str, str]) -> bool:
    """True if it runs out within a month, and is old enough to be renewed."""
    if not _number(credentials, "expires_at"):
        return False
    return _left(credentials) < RENEW_BEFORE_SECONDS and time.time() - _number(credentials, "since") > _DAY_SECONDS


def _left(credentials: Mapping[str, str]) -> float:
    return _number(credentials, "expires_at") - time.time()


def _kept(said: dict[str, Any]) -> dict[str, str]:
    token, seconds = reading.text(said, "access_token"), said.get("expires_in")
    if not token:
        raise NotAllowed("The network gives no access token.")
    lasts = seconds if isinstance(seconds, int) and seconds > 0 else _LONG_SECONDS
    now = time.time()
    return {"access_token": token, "expires_at": str(now + lasts), "since": str(now)}


def _ask(method: str, url: str, **more: Any) -> dict[str, Any]:
    with http.client() as client:
        answer = http.call(client, method, url, refuse=errors.refusal, **more)
    try:
        return reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(f"The network's answer makes no sense: {error}") from error


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _number(credentials: Mapping[str, str], name: str) -> float:
    try:
        return float(credentials.get(name) or 0)
    except ValueError:
        return 0.0
