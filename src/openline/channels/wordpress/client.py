"""The connection to one WordPress site by its REST API, as the account's user, with our closed set of errors.

developer.wordpress.org/rest-api, WordPress 5.6 (the first with application passwords) to 6.9.
"""

from __future__ import annotations

from html import unescape
from types import TracebackType
from typing import Any

import httpx

from openline.channels import http, reading
from openline.channels.base import AccountRef, ChannelError, NetworkDown, Rejected, TokenExpired, Unclear

NotThere = http.NotThere
PAGE = 100
"""The most that WordPress gives of anything at once."""
NEWEST = 20
"""So many of our newest are looked through too, as plugins may answer a site's search out of an index of their own."""
_MANY = 10**9
_UPLOAD = httpx.Timeout(http.TIMEOUT_SECONDS, write=120.0, read=120.0)
"""WordPress makes all sizes of a picture before it answers."""
_FIELDS = {"content": "text", "title": "text", "excerpt": "text", "date": "publish_at", "date_gmt": "publish_at"}


class Exists(Rejected):
    """A category or tag of that name is there already; `term` is its id."""

    def __init__(self, reason: str, term: int) -> None:
        super().__init__(reason)
        self.term = term


class SaidBefore(Rejected):
    """The very same comment stands at the very same place already."""


class NoBin(Rejected):
    """This site has no bin: what is deleted is gone."""


class Site:
    """One site, as the account's user. A context manager: its connection is kept for the calls of one task."""

    def __init__(self, account: AccountRef) -> None:
        self._account = account
        name, secret = account.credentials.get("username", ""), account.credentials.get("application_password", "")
        if not name or not secret:
            raise TokenExpired("The account has no user name or no application password.")
        self._root = httpx.URL(account.settings.get("api") or f"{account.server.rstrip('/')}/wp-json/")
        self._client = http.client(auth=httpx.BasicAuth(name, secret))
        self._trouble: dict[str, Any] = {}
        self._me: dict[str, Any] = {}

    def __enter__(self) -> Site:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    # Reading

    def get(self, path: str, **params: Any) -> httpx.Response:
        """The answer to a question, such as `get("comments", per_page=100)`."""
        try:
            return self._call("GET", path, params)
        except NotThere:
            raise
        except Rejected:  # to wrong credentials some questions are "invalid", not forbidden
            self.me()
            raise

    def object(self, path: str, **params: Any) -> dict[str, Any]:
        """The JSON object that stands at `path`."""
        return self._object(self.get(path, **params), sending=False)

    def items(self, path: str, **params: Any) -> tuple[list[tuple[bytes, dict[str, Any]]], int]:
        """The objects of a list, each as the site sent it and as read, and how many there are in all.

        Where a proxy takes that number away, a full page means that there are many.
        """
        answer = self.get(path, **params)
        try:
            found = reading.json_items(answer.content)
        except (ValueError, RecursionError) as error:
            raise NetworkDown("The site's answer makes no sense: it is no list.") from error
        known = [(raw, item) for raw, item in found if isinstance(item, dict)]
        told = answer.headers.get("x-wp-total", "")
        if told.isdecimal() and len(told) < 12:
            return known, int(told)
        return known, len(found) if len(found) < params.get("per_page", PAGE) else _MANY

    def me(self) -> dict[str, Any]:
        """Our user, with what it may do; asked once. A site answers public questions to wrong credentials as well."""
        if not self._me:
            self._me = self.object("users/me", context="edit")
            if not reading.text(self._me, "id"):
                raise TokenExpired("The site does not say whose application password this is.")
        return self._me

    def user(self) -> str:
        """Our user's id."""
        return self._account.settings.get("user") or reading.text(self.me(), "id")

    def may(self, what: str) -> bool:
        """Whether our user has that capability of WordPress's."""
        return reading.child(self.me(), "capabilities").get(what) is True

    # Changing

    def post(self, path: str, values: dict[str, Any]) -> dict[str, Any]:
        """Make or change what stands at `path`."""
        return self._object(self._call("POST", path, {"context": "edit"}, json=values), sending=True)

    def upload(self, name: str, media_type: str, content: Any, size: int, **params: Any) -> dict[str, Any]:
        """Put a file into the media library; its bytes are the request's body, so that PHP's limit of forms is none."""
        headers = {
            "Content-Type": media_type,
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(size),
        }
        answer = self._call("POST", "media", params, content=content, headers=headers, timeout=_UPLOAD)
        return self._object(answer, sending=True)

    def delete(self, path: str, *, force: bool = False) -> None:
        """Move it to the bin, or with `force` away for good."""
        self._call("DELETE", path, {"force": "true"} if force else {})

    # How

    def address(self, path: str) -> httpx.URL:
        """Where `path` of the API stands, `/...` counted from its root; with and without pretty permalinks."""
        route = path if path.startswith("/") else f"/wp/v2/{path}"
        if "rest_route" in self._root.params:
            return self._root.copy_merge_params({"rest_route": route})
        return self._root.copy_with(path=self._root.path.rstrip("/") + route)

    def _call(self, method: str, path: str, params: dict[str, Any], **more: Any) -> httpx.Response:
        url = self.address(path).copy_merge_params(params)
        self._trouble = {}
        try:
            answer = http.call(self._client, method, str(url), sending=method != "GET", words=self._words, **more)
        except ChannelError as error:
            raise _sharper(error, self._trouble) from error
        if left := http.budget(answer.headers):
            self._account.keeper.note_budget(left)
        return answer

    def _words(self, response: httpx.Response) -> str:
        """What WordPress says is wrong, without its HTML; its error is kept for `_sharper`."""
        try:
            said = reading.json_object(response.content)
        except reading.Unreadable:
            said = {}
        self._trouble = said
        words = unescape(reading.text(said, "message"))[:300]
        return f"{words} ({response.status_code})" if words else http.words_of(response)

    def _object(self, answer: httpx.Response, *, sending: bool) -> dict[str, Any]:
        try:
            return reading.json_object(answer.content)
        except reading.Unreadable as error:
            raise (Unclear if sending else NetworkDown)(f"The site's answer makes no sense: {error}") from error


def _sharper(error: ChannelError, said: dict[str, Any]) -> ChannelError:
    """The same error, told more exactly by WordPress's own code."""
    code, data = reading.text(said, "code"), reading.child(said, "data")
    if code.startswith("rest_upload_"):  # said with 500, though nothing was kept
        return Rejected(error.reason, "media")
    if code == "comment_duplicate":
        return SaidBefore("The same words stand there already.", "text")
    if code == "term_exists" and isinstance(data.get("term_id"), int):
        return Exists(error.reason, data["term_id"])
    if code == "rest_trash_not_supported":  # said with 501
        return NoBin(error.reason)
    if isinstance(error, NotThere) and not code.endswith("_invalid_id") and code != "rest_already_trashed":
        return NetworkDown("WordPress's REST API does not answer at this address.")
    if code == "rest_invalid_param":
        wrong = next(iter(reading.child(data, "params")), "")
        return Rejected(error.reason, _FIELDS.get(wrong, wrong))
    return error
