"""Calls to Reddit (reddit.com/dev/api): a bearer token, forms, errors in an answer of success, a budget in headers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

import httpx

from openline.channels import http, oauth, reading
from openline.channels.accounts import AccountRef, Budget
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, RateLimited, Rejected, Unclear

API, LOGIN = "https://oauth.reddit.com", "https://www.reddit.com"
_GONE = {"DELETED_COMMENT", "DELETED_LINK", "NO_THING_ID", "THREAD_LOCKED", "TOO_OLD"}
_FORBIDDEN = {"SUBREDDIT_NOTALLOWED", "USER_BLOCKED", "BANNED_FROM_SUBREDDIT", "USER_REQUIRED"}


class Reddit:
    """Reddit as one account; a context manager."""

    def __init__(self, account: AccountRef) -> None:
        self.account = account
        token = oauth.access_token(account, lambda refresh: renew(account, refresh))
        contact = account.settings.get("contact", "") or account.handle
        headers = {"Authorization": f"bearer {token}", "User-Agent": f"web:openline:1 (by {contact})"}
        self._client = http.client(headers)
        self._base = account.server.rstrip("/") or API

    def __enter__(self) -> Reddit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **params: str) -> dict[str, Any]:
        """The JSON object at `path`."""
        url, asked = f"{self._base}/{path}", {**params, "raw_json": "1"}
        return self._answer(http.call(self._client, "GET", url, params=asked), False)

    def things(self, path: str, **params: str) -> tuple[list[dict[str, Any]], str]:
        """The things of a listing, newest first, and what asks for the next page."""
        data = reading.child(self.get(path, **params), "data")
        return reading.children(data, "children"), reading.text(data, "after")

    def post(self, path: str, **form: str) -> dict[str, Any]:
        """Change something; raises what Reddit puts into `json.errors`."""
        answer = http.call(
            self._client, "POST", f"{self._base}/{path}", sending=True, params={"raw_json": "1"},
            data={**form, "api_type": "json"},
        )  # fmt: skip
        said = reading.child(self._answer(answer, True), "json")
        for error in said.get("errors") or ():
            raise _error(error)
        return reading.child(said, "data")

    def _answer(self, answer: httpx.Response, sending: bool) -> dict[str, Any]:
        if left := _budget(answer.headers):
            self.account.keeper.note_budget(left)
        try:
            return reading.json_object(answer.content)
        except reading.Unreadable as error:
            raise (Unclear if sending else NetworkDown)(f"Reddit's answer makes no sense: {error}") from error


def renew(account: AccountRef, refresh: str) -> dict[str, Any]:
    """New tokens for the refresh token, which lasts."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    return oauth.ask(token_url(account.server), form, login_of(account))


def login_of(account: AccountRef) -> tuple[str, str]:
    """The app's name and secret."""
    return account.settings.get("client_id", ""), account.credentials.get("client_secret", "")


def token_url(server: str) -> str:
    """Where tokens are got: on reddit.com itself, not at the API."""
    return f"{LOGIN if server.rstrip('/') in ('', API) else server.rstrip('/')}/api/v1/access_token"


def _error(error: Any) -> ChannelError:
    """["CODE", "words", "field"]."""
    parts = [str(one) for one in error] if isinstance(error, list) else [str(error)]
    code, words, field = (*parts, "", "", "")[:3]
    if code == "RATELIMIT":
        return RateLimited(datetime.now(UTC) + timedelta(minutes=10), words)
    if code in _FORBIDDEN:
        return NotAllowed(f"{words} ({code})")
    return Rejected(f"{words} ({code})", "in_reply_to" if code in _GONE else field)


def _budget(headers: Mapping[str, str]) -> Budget | None:
    """`x-ratelimit-*`: whole and broken numbers, and the seconds until the allowance is new."""
    try:
        left, used = float(headers["x-ratelimit-remaining"]), float(headers["x-ratelimit-used"])
        seconds = float(headers["x-ratelimit-reset"])
    except (KeyError, ValueError):
        return None
    return Budget(int(left + used), int(left), datetime.now(UTC) + timedelta(seconds=min(seconds, 3600)))
