"""The connection to the X API v2 as one account: its token, its allowances, and X's refusals in our closed set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import httpx

from openline.channels import http, reading
from openline.channels.accounts import AccountRef
from openline.channels.base import ChannelError, NetworkDown, TokenExpired
from openline.channels.x import allowances, oauth, refusals, spelling

UPLOAD_SECONDS = 120.0
Params = Mapping[str, str]


def new_client() -> httpx.Client:
    """A client that says who we are; nothing is tried again by itself."""
    return http.client()


class Api:
    """One account's calls; made anew for each task. Use as a context manager."""

    def __init__(self, account: AccountRef) -> None:
        self.account = account
        self._client = new_client()
        self._tokens = dict(account.credentials)
        self._renewed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    @property
    def me(self) -> str:
        """X's id of the account; asked for if it is not known yet."""
        return self.account.author_id or reading.text(reading.child(self.get("/2/users/me"), "data"), "id")

    def get(self, path: str, params: Params | None = None, *, app: bool = False) -> dict[str, Any]:
        """What X answers to a question. `app`: asked as the app, by its bearer token."""
        return _object(self._call("GET", path, app=app, params=dict(params or {})))

    def posts(self, path: str, params: Params) -> dict[str, Any]:
        """An answer with posts in it, asked for in the spelling that this server takes: X renamed them in 2026."""
        server = self.account.server
        try:
            return self.get(path, {**params, **spelling.wanted(server)})
        except refusals.BadRequest as error:
            if not spelling.is_about(error.reason):
                raise
        spelling.change(server)
        return self.get(path, {**params, **spelling.wanted(server)})

    def change(self, method: str, path: str, body: Any = None, *, app: bool = False) -> dict[str, Any]:
        """Have X do something, with `body` as JSON."""
        return _object(self._call(method, path, sending=True, app=app, json=body))

    def upload(self, path: str, data: bytes, segment: int) -> None:
        """A part of a file."""
        files = {"media": ("part", data, "application/octet-stream")}
        form = {"segment_index": str(segment)}
        self._call("POST", path, sending=True, data=form, files=files, timeout=UPLOAD_SECONDS)

    def fetch(self, path: str, most_bytes: int) -> bytes:
        """The bytes of a file that only we may read."""
        content = self._call("GET", path).content
        if len(content) > most_bytes:
            raise http.Rejected(f"The file has {len(content):,} bytes; at most {most_bytes:,} are taken.", "media")
        return content

    def _call(self, method: str, path: str, *, sending: bool = False, app: bool = False, **more: Any) -> httpx.Response:
        """One call. A token that ran out is renewed, and the call made again: X did nothing when it said 401."""
        if not app and not oauth.fresh(self._tokens):
            self._renew()
        try:
            return self._once(method, path, sending, app, more)
        except TokenExpired:
            if app or self._renewed or not self._tokens.get("refresh_token"):
                raise
            self._renew()
        return self._once(method, path, sending, app, more)

    def _once(self, method: str, path: str, sending: bool, app: bool, more: dict[str, Any]) -> httpx.Response:
        seen: list[httpx.Response] = []

        def refuse(answer: httpx.Response, changing: bool) -> ChannelError:
            seen.append(answer)
            return refusals.refusal(answer, changing)

        headers = {"Authorization": f"Bearer {self._token('bearer_token' if app else 'access_token')}"}
        url = self.account.server.rstrip("/") + path
        try:
            answer = http.call(self._client, method, url, sending=sending, refuse=refuse, headers=headers, **more)
            seen.append(answer)
            return answer
        finally:
            if seen and not app:
                allowances.note(self.account, method, path, seen[0].headers)

    def _token(self, name: str) -> str:
        token = self._tokens.get(name, "")
        if not token or not token.isascii() or not token.isprintable():
            raise TokenExpired("The account has no usable token.")
        return token

    def _renew(self) -> None:
        self._renewed, spent = True, self._tokens.get("access_token", "")

        def renew(kept: dict[str, str]) -> dict[str, str]:
            if kept.get("access_token", "") != spent and oauth.fresh(kept):
                return kept  # another worker was first
            return kept | oauth.refreshed(self._client, self.account, kept)

        self._tokens = self.account.keeper.renew(renew)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        return reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(f"X's answer makes no sense: {error}") from error
