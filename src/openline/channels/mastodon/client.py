"""The connection to a Mastodon server: Mastodon.py, with our time limits and our closed set of errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import requests
from mastodon import Mastodon

from openline.channels import http, reading
from openline.channels.accounts import Keeper
from openline.channels.base import AccountRef, ChannelError, NotAllowed, TokenExpired
from openline.channels.concealing import without
from openline.channels.mastodon.errors import forbidden, senseless, translated

TIMEOUT_SECONDS = 20
UPLOAD_SECONDS = 120
AGENT = "Openline"
# Mastodon.py asks the server for its version and recurses endlessly when the answer is unusable; we name one.
_VERSION = "4.3.0"


class Recorder(requests.Session):
    """A session that keeps the last answer: its bytes for the record, its headers for when to come back."""

    last: bytes = b""
    last_status: int = 0
    last_headers: Mapping[str, str] = {}
    unread: bool = False
    """Mastodon.py is to get an empty list instead of a full one: it takes four milliseconds for each post to make
    objects of it, which nobody wants who reads the bytes."""

    def __init__(self, keeper: Keeper) -> None:
        super().__init__()
        self._keeper = keeper

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send as usual. Requests never repeats a call by itself (its adapters are made with no retries)."""
        if method == "GET" and str(url).endswith("/api/v1/notifications"):
            # Since 4.3 Mastodon sets aside mentions of strangers, by default all private ones: a city hears them.
            kwargs["params"] = {**(kwargs.get("params") or {}), "include_filtered": "true"}
        if method != "GET":
            kwargs["allow_redirects"] = False  # it would be repeated as a GET
        response = super().request(method, url, *args, **kwargs)
        if response.is_redirect:
            raise requests.exceptions.InvalidURL("The server has moved: connect the account at its new address.")
        if not kwargs.get("stream"):
            self._keep(method, str(url), response)
            if self.unread and response.ok and response.content[:1] == b"[":
                response._content = b"[]"
        return response

    def _keep(self, method: str, url: str, response: requests.Response) -> None:
        self.last, self.last_status = response.content, response.status_code
        self.last_headers = response.headers.copy()
        if found := http.budget(self.last_headers, _family(method, url)):
            self._keeper.note_budget(found)
        for name in [name for name in response.headers if name.lower().startswith("x-ratelimit-")]:
            # Mastodon.py would take a call that went through for a refused one if it could not read these.
            del response.headers[name]


def _family(method: str, url: str) -> str:
    """Which of the server's allowances a call is counted on: posts and uploads have their own (2026)."""
    if method == "POST":
        return "media" if url.endswith("/media") else "posts" if url.endswith("/statuses") else ""
    return ""


class Server:
    """One account's server, as that account; made anew for each task, as its recorder is no thing to share."""

    def __init__(self, account: AccountRef) -> None:
        token = account.credentials.get("access_token", "")
        if not token or not token.isascii() or not token.isprintable():
            raise TokenExpired("The account has no usable access token.")
        self._account, self._token = account, token
        self._address = account.server.rstrip("/")
        self._session = Recorder(account.keeper)
        with translated(self._session):
            # It raises on rate limits instead of sleeping.
            self._client = Mastodon(
                access_token=token,
                api_base_url=self._address,
                ratelimit_method="throw",
                request_timeout=TIMEOUT_SECONDS,
                mastodon_version=_VERSION,
                session=self._session,
                user_agent=AGENT,
            )

    def ask(self, call: Callable[[Mastodon], Any], *, sending: bool = False) -> Any:
        """What `call` gives; raises a ChannelError. With `sending`, what may have arrived is Unclear."""
        try:
            with translated(self._session, sending=sending):
                return call(self._client)
        except ChannelError as error:
            raise without(error, [self._token]) from error.__cause__

    def answer(self, call: Callable[[Mastodon], Any]) -> bytes:
        """The very bytes that the server answered to `call`."""
        self.ask(call)
        return self._session.last

    def object(self, call: Callable[[Mastodon], Any], *, sending: bool = False) -> dict[str, Any]:
        """The JSON object that the server answered to `call`."""
        self.ask(call, sending=sending)
        try:
            return reading.json_object(self._session.last)
        except reading.Unreadable as error:
            raise senseless(sending, str(error)) from error

    def upload(
        self, name: str, content: BinaryIO, media_type: str, about: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """The status and the JSON object that the server answers to a file; raises a ChannelError.

        The file goes out piece by piece (Mastodon.py would hold a film in memory as a whole).
        """
        url, login = f"{self._address}/api/v2/media", {"Authorization": f"Bearer {self._token}", "User-Agent": AGENT}
        try:
            with http.client(transfer=UPLOAD_SECONDS) as web:
                answer = http.call(
                    web,
                    "POST",
                    url,
                    sending=True,
                    headers=login,
                    data=about,
                    files={"file": (name, content, media_type)},
                )
        except NotAllowed as error:
            raise forbidden(error.reason) from error
        if found := http.budget(answer.headers, "media"):
            self._account.keeper.note_budget(found)
        try:
            return answer.status_code, reading.json_object(answer.content)
        except reading.Unreadable as error:
            raise senseless(True, str(error)) from error

    def items(self, call: Callable[[Mastodon], Any]) -> list[tuple[bytes, dict[str, Any]]]:
        """The objects of the JSON array that the server answered to `call`, each as it sent it and as read."""
        self._session.unread = True
        try:
            found = reading.json_items(self.answer(call))
        except (ValueError, RecursionError) as error:
            raise senseless(False, "no list") from error
        finally:
            self._session.unread = False
        return [(raw, item) for raw, item in found if isinstance(item, dict)]

    @property
    def status(self) -> int:
        """The HTTP status of the last answer."""
        return self._session.last_status

    @property
    def address(self) -> str:
        """The server's base address."""
        return self._address
