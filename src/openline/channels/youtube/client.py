"""The connection to YouTube's Data API v3, as one account: tokens renewed, units counted, errors told.

By Google's discovery document of 2026-11-04.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any

import httpx
import orjson
from django.utils.translation import gettext as _

from openline.channels import http, reading
from openline.channels.accounts import Budget
from openline.channels.base import AccountRef, ChannelError, NetworkDown, RateLimited, Rejected, TokenExpired, Unclear
from openline.channels.http import NotThere
from openline.channels.youtube import errors, places, tokens, units

_UPLOAD = httpx.Timeout(http.TIMEOUT_SECONDS, write=120.0, read=120.0)
_MOST_BYTES = 16_000_000


class YouTube:
    """A context manager: its connection is kept for the calls of one task. `left` is the budget after the last call,
    `spent` what this task took out of the day's units."""

    def __init__(self, account: AccountRef) -> None:
        self.account, self.spent = account, 0
        self.left: Budget | None = None
        kept = account.credentials
        if not kept.get("refresh_token") or not all(map(str.isascii, kept.values())):
            raise TokenExpired(_("The account has no usable login at Google."))
        self._kept = kept
        self._client = http.client()

    def __enter__(self) -> YouTube:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """What `path`, such as videos, tells."""
        return self._object(self.call("GET", path, params), sending=False)

    def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """The things in one page of a list."""
        return reading.children(self.get(path, **params), "items")

    def all_items(self, path: str, pages: int, **params: Any) -> Iterator[dict[str, Any]]:
        """The things in at most so many pages."""
        for _page in range(pages):
            said = self.get(path, **params)
            yield from reading.children(said, "items")
            params["pageToken"] = reading.text(said, "nextPageToken")
            if not params["pageToken"]:
                return

    def post(self, path: str, body: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
        """Make something."""
        answer = self.call("POST", path, params, **json_body(body))
        return self._object(answer, sending=True) if answer.content else {}

    def put(self, path: str, body: dict[str, Any], **params: Any) -> dict[str, Any]:
        """Change something."""
        return self._object(self.call("PUT", path, params, **json_body(body)), sending=True)

    def delete(self, path: str, number: str) -> None:
        """Take something away; what is gone already is fine."""
        try:
            self.call("DELETE", path, {"id": number})
        except NotThere:
            pass

    def call(self, verb: str, path: str, params: dict[str, Any], **more: Any) -> httpx.Response:
        """One call, its units counted before it is made. Raises RateLimited if the day has none left for it."""
        what, amount = units.cost(verb, path)
        self._spend(what, amount)
        said = {name: ("true" if value else "false") if isinstance(value, bool) else str(value)
                for name, value in params.items()}  # fmt: skip
        url = places.api(self.account.server, path)
        return self.request(verb, url, sending=verb != "GET", params=said, **more)

    def request(self, verb: str, url: str, *, sending: bool, also: tuple[int, ...] = (), **more: Any) -> httpx.Response:
        """A request with our token, once more with a new one if it was refused: then nothing was done.

        `also` are statuses that are no refusals here.
        """
        more.setdefault("timeout", _UPLOAD if "content" in more else http.TIMEOUT_SECONDS)
        headers = more.pop("headers", {})
        token = self._token()
        try:
            return self._request(verb, url, sending, also, headers | _bearer(token), more)
        except TokenExpired:
            if not isinstance(more.get("content"), bytes | None):
                raise  # a stream cannot be read twice
            self._kept = tokens.renewed(self._client, self.account, refused=token)
            return self._request(verb, url, sending, also, headers | _bearer(self._kept["access_token"]), more)

    def _request(
        self, verb: str, url: str, sending: bool, also: tuple[int, ...], headers: dict[str, str], more: dict[str, Any]
    ) -> httpx.Response:
        found = list[httpx.Response]()

        def refuse(response: httpx.Response, sending: bool) -> ChannelError:
            found.append(response)
            return errors.refuse(response, sending)

        try:
            return http.call(self._client, verb, url, sending=sending, refuse=refuse, headers=headers, **more)
        except ChannelError:
            if found and found[0].status_code in also:
                return found[0]
            raise

    def me(self) -> str:
        """Our channel's id."""
        found = self.account.author_id or self.account.settings.get("channel", "")
        if not found:
            mine = self.items("channels", part="id", mine=True)
            found = reading.text(mine[0], "id") if mine else ""
        return found

    def _token(self) -> str:
        if not tokens.fresh(self._kept):
            self._kept = tokens.renewed(self._client, self.account)
        return self._kept["access_token"]

    def _spend(self, what: str, amount: int) -> None:
        daily = self.account.settings.get("units", "")
        limit = units.UPLOADS_A_DAY if what == units.UPLOADS else int(daily) if daily.isdecimal() else units.A_DAY
        left = self.account.keeper.spend(what, amount, limit, units.day_ends())
        if left.remaining < 0:
            raise RateLimited(left.resets_at, _("Today's %(what)s of YouTube's API are used up.") % {"what": what})
        if what == units.UNITS:
            self.left, self.spent = left, self.spent + amount

    def _object(self, answer: httpx.Response, *, sending: bool) -> dict[str, Any]:
        try:
            found = orjson.loads(answer.content) if len(answer.content) <= _MOST_BYTES else None
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise (Unclear if sending else NetworkDown)(_("YouTube's answer makes no sense."))
        return found


def json_body(body: dict[str, Any] | None) -> dict[str, Any]:
    """A request's body and its header. Raises Rejected for a text that cannot be written."""
    if body is None:
        return {}
    try:
        content = orjson.dumps(body)
    except TypeError as error:  # half a character
        raise Rejected(_("The text holds characters that cannot be written."), "text") from error
    return {"content": content, "headers": {"Content-Type": "application/json; charset=UTF-8"}}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
