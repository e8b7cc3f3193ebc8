"""Access tokens of an hour, renewed by the refresh token under the account's one lock."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx
from django.utils.translation import gettext as _

from openline.channels import http, reading
from openline.channels.base import AccountRef, ChannelError, NetworkDown, NotAllowed, Rejected, TokenExpired
from openline.channels.youtube import places

MARGIN_SECONDS = 120.0


def fresh(kept: Mapping[str, str]) -> bool:
    """Is there an access token that is good for a while?"""
    try:
        expires = float(kept.get("expires_at") or 0)
    except ValueError:
        expires = 0.0
    return bool(kept.get("access_token")) and expires - MARGIN_SECONDS > time.time()


def renewed(client: httpx.Client, account: AccountRef, refused: str = "") -> dict[str, str]:
    """The account's credentials with a token that is good; `refused` is one that the server did not take."""

    def renew(kept: dict[str, str]) -> dict[str, str]:
        if fresh(kept) and kept.get("access_token") != refused:
            return kept  # another worker was faster
        form = {"grant_type": "refresh_token", "refresh_token": kept.get("refresh_token", "")}
        return kept | ask(client, account.server, form | _app(kept))

    return account.keeper.renew(renew)


def _app(kept: Mapping[str, str]) -> dict[str, str]:
    return {"client_id": kept.get("client_id", ""), "client_secret": kept.get("client_secret", "")}


def ask(client: httpx.Client, server: str, form: Mapping[str, str]) -> dict[str, str]:
    """Tokens for a code or a refresh token. Google's refresh tokens stay the same; a call made twice does no harm."""
    try:
        answer = http.call(client, "POST", places.token(server), data=dict(form), refuse=_refuse)
        said: dict[str, Any] = reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(_("Google's answer to the login makes no sense: %(error)s") % {"error": error}) from error
    access, seconds = reading.text(said, "access_token"), reading.text(said, "expires_in")
    if not access:
        raise NetworkDown(_("Google gives no token."))
    expires = time.time() + (int(seconds) if seconds.isdecimal() else 600)
    found = {"access_token": access, "expires_at": str(int(expires))}
    refresh = reading.text(said, "refresh_token")
    return found | ({"refresh_token": refresh} if refresh else {})


def _refuse(response: httpx.Response, sending: bool) -> ChannelError:
    """RFC 6749, 5.2. An `invalid_grant` is the only sign that a person has to connect again."""
    try:
        code = reading.text(reading.json_object(response.content), "error")
    except reading.Unreadable:
        code = ""
    if code == "invalid_grant":
        return TokenExpired(_("Google takes our login no longer: it was taken back, or not used for half a year."))
    if code in ("invalid_client", "unauthorized_client"):
        return TokenExpired(_("Google does not know our client ID and secret."))
    if code in ("redirect_uri_mismatch", "invalid_scope", "access_denied"):
        return NotAllowed(_("Google does not let Openline in (%(code)s).") % {"code": code})
    return (
        Rejected(_("Google refuses the login (%(code)s).") % {"code": code})
        if code
        else http.refusal(response, sending)
    )
