"""Calls to TikTok (developers.tiktok.com/doc/content-posting-api-*): JSON both ways, errors by word in `error.code`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from openline.channels import http, oauth, reading
from openline.channels.accounts import AccountRef
from openline.channels.base import (
    ChannelError,
    NetworkDown,
    NotAllowed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
)  # fmt: skip

API, LOGIN = "https://open.tiktokapis.com", "https://www.tiktok.com"
_NOT_ALLOWED = {
    "scope_not_authorized",
    "unaudited_client_can_only_post_to_private_accounts",
    "privacy_level_option_mismatch",
    "spam_risk_user_banned_from_posting",
    "reached_active_user_cap",
    "url_ownership_unverified",
}


def call(account: AccountRef, path: str, value: Mapping[str, Any], *, sending: bool = False) -> dict[str, Any]:
    """The `data` of an answer. Every call is a POST; `sending`: it changes something."""
    token = oauth.access_token(account, lambda refresh: renew(account, refresh))
    headers = {"Authorization": f"Bearer {token}"}
    with http.client(headers) as client:
        url = f"{account.server.rstrip('/') or API}/v2/{path}"
        answer = http.call(client, "POST", url, sending=sending, refuse=_refused, json=dict(value))
    try:
        said = reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise (Unclear if sending else NetworkDown)(f"TikTok's answer makes no sense: {error}") from error
    code = reading.text(reading.child(said, "error"), "code")
    if code not in ("", "ok"):
        raise _refused(answer, sending)
    return reading.child(said, "data")


def put(url: str, content: bytes, first: int, whole: int, media_type: str, own: str) -> None:
    """One part of a film, at the address that TikTok gave for it."""
    host = httpx.URL(url)
    if f"{host.scheme}://{host.netloc.decode()}" != own and not (
        host.scheme == "https" and f".{host.host}".endswith((".tiktokapis.com", ".tiktok.com"))
    ):
        raise Rejected("TikTok names a place for the film that is not its own.", "media")
    headers = {"Content-Range": f"bytes {first}-{first + len(content) - 1}/{whole}", "Content-Type": media_type}
    with http.client(transfer=300.0) as client:
        http.call(client, "PUT", url, sending=True, content=content, headers=headers)


def renew(account: AccountRef, refresh: str) -> dict[str, Any]:
    """New tokens: the access token lasts a day, the refresh token a year, and may be a new one."""
    key, secret = account.settings.get("client_key", ""), account.credentials.get("client_secret", "")
    form = {"client_key": key, "client_secret": secret, "grant_type": "refresh_token", "refresh_token": refresh}
    return oauth.ask(f"{account.server.rstrip('/') or API}/v2/oauth/token/", form)


def _refused(response: httpx.Response, sending: bool) -> ChannelError:
    try:
        error = reading.child(reading.json_object(response.content), "error")
    except reading.Unreadable:
        error = {}
    code, words = reading.text(error, "code"), reading.text(error, "message")
    reason = f"{words} ({code})" if code else f"TikTok answers {response.status_code}."
    if code in ("access_token_invalid", "access_token_has_expired"):
        return TokenExpired(reason)
    if code in ("rate_limit_exceeded", "spam_risk_too_many_posts", "spam_risk_too_many_pending_share"):
        return RateLimited(datetime.now(UTC) + timedelta(minutes=1 if code.startswith("rate") else 60 * 24), reason)
    if code in _NOT_ALLOWED:
        return NotAllowed(reason)
    if code and response.status_code < 500:
        return Rejected(reason)
    return http.refusal(response, sending, lambda _response: reason)
