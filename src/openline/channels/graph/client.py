"""The connection to the Graph API as one account, with our closed set of errors.

The token goes in a header, never in an address; with it goes the proof that we hold the app's secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import orjson

from openline.channels import http, reading
from openline.channels.base import AccountRef, ChannelError, NetworkDown, Rejected, TokenExpired, Unclear
from openline.channels.graph import errors, usage
from openline.channels.graph.errors import NotThere, Refine
from openline.channels.graph.signing import proof

VERSION = "v26.0"
SERVER = "https://graph.facebook.com"
_FILMS = "https://graph-video.facebook.com"
PAGE = 100
"""So many are asked for at once; most edges of Graph give no more."""
_HURRIED_SECONDS = 0.7
_UPLOAD = httpx.Timeout(http.TIMEOUT_SECONDS, write=120.0, read=120.0)
_OWN_HOSTS = (".facebook.com", ".instagram.com", ".threads.net", ".fbcdn.net", ".fbsbx.com")
_NEVER_PASSED_ON = {"access_token", "appsecret_proof"}


class Graph:
    """The Graph API of one account. A context manager: its connection is kept for the calls of one task.

    `token`: the name of the credential that is sent; `with_proof`: whether the server knows `appsecret_proof` (that of
    Threads does not); `refine`: the network's own reading of its error codes. Credentials: `app_secret` beside the
    token. Setting `api_version` overrules `version`.
    """

    def __init__(
        self,
        account: AccountRef,
        *,
        version: str = VERSION,
        token: str = "access_token",  # noqa: S107
        with_proof: bool = True,
        refine: Refine | None = None,
    ) -> None:
        secret, key = account.credentials.get(token, ""), account.credentials.get("app_secret", "")
        if not secret:
            raise TokenExpired("The account has no access token.")
        self.account = account
        self._refine = refine
        self._proof = {"appsecret_proof": proof(secret, key)} if with_proof and key else {}
        self._version = account.settings.get("api_version") or version
        headers = {"Authorization": f"Bearer {secret}"}
        self._token = secret
        self._client = http.client(headers)

    def __enter__(self) -> Graph:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def hurry(self) -> None:
        """Wait for each further answer for less than a second: somebody else waits for ours."""
        self._client.timeout = httpx.Timeout(_HURRIED_SECONDS)

    # Reading

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The JSON object at `path`, such as `get("me", fields="id,name")`."""
        return self._call("GET", path, params=form(params) | self._proof)

    def items(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All objects of an edge, page by page, in the order in which Graph gives them."""
        for found, _after in self.portions(path, **params):
            yield from found

    def portions(self, path: str, **params: Any) -> Iterator[tuple[list[dict[str, Any]], dict[str, str]]]:
        """The same by portion, each with the parameters that ask for the next (empty at the end)."""
        asked: dict[str, Any] = {"limit": PAGE} | params
        while True:
            said = self.get(path, **asked)
            after = _next(said)
            yield reading.children(said, "data"), after
            if not after:
                return
            asked |= after

    def objects(self, ids: Sequence[str], fields: str) -> dict[str, dict[str, Any]]:
        """Many objects in one call, by id (at most 50). What is not there any more is left out: as one missing object
        fails the whole call, the others are asked for in halves."""
        if not ids:
            return {}
        try:
            said = self.get("", ids=",".join(ids), fields=fields)
        except NotThere:
            if len(ids) == 1:
                return {}
            half = len(ids) // 2
            return self.objects(ids[:half], fields) | self.objects(ids[half:], fields)
        return {one: reading.child(said, one) for one in ids if reading.child(said, one)}

    # Changing

    def post(
        self, path: str, values: Mapping[str, Any], files: Mapping[str, Any] | None = None, *, films: bool = False
    ) -> dict[str, Any]:
        """Make or change something; nested values go as JSON within the form. `files` as httpx takes them.

        `films`: at the server that takes films (graph-video.facebook.com).
        """
        more: dict[str, Any] = {"files": files, "timeout": _UPLOAD} if files else {}
        url = self.address(path)
        if films:
            url = url.replace(f"{SERVER}/", f"{_FILMS}/", 1)
        return self._answer("POST", url, sending=True, data=form(values) | self._proof, **more)

    def say(self, path: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """Make something of a JSON body, as WhatsApp wants it."""
        return self._call("POST", path, sending=True, params=self._proof, json=dict(value))

    def ask(self, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A POST that changes nothing: a question with a secret in it, which must stand in no address."""
        return self._call("POST", path, data=form(values) | self._proof)

    def delete(self, path: str, **params: Any) -> dict[str, Any]:
        """Take something away."""
        return self._call("DELETE", path, sending=True, params=form(params) | self._proof)

    def upload(self, url: str, content: Any, headers: Mapping[str, str]) -> dict[str, Any]:
        """Put bytes where Graph told us to (rupload.facebook.com). Raises Rejected if that is no place of Meta's."""
        self._must_be_own(url)
        told = {"Authorization": f"OAuth {self._token}", **headers}
        return self._answer("POST", url, sending=True, content=content, headers=told, timeout=_UPLOAD)

    def download(self, url: str, most_bytes: int) -> bytes:
        """A file of ours at Meta. Raises Rejected if it is larger, or if that is no place of Meta's."""
        self._must_be_own(url)
        answer = http.call(self._client, "GET", url, refuse=self._refuse, timeout=_UPLOAD)
        if len(answer.content) > most_bytes:
            raise Rejected("The file is larger than what is taken.", "media")
        return answer.content

    # How

    def _must_be_own(self, url: str) -> None:
        """The token goes nowhere else."""
        own, asked = urlsplit(self.account.server), urlsplit(url)
        if asked.netloc != own.netloc and not (asked.scheme == "https" and f".{asked.hostname}".endswith(_OWN_HOSTS)):
            raise Rejected("The network names a place for the file that is not its own.", "media")

    def address(self, path: str) -> str:
        """Where `path` stands."""
        return f"{self.account.server.rstrip('/') or SERVER}/{self._version}/{path.lstrip('/')}"

    def _call(self, method: str, path: str, *, sending: bool = False, **more: Any) -> dict[str, Any]:
        return self._answer(method, self.address(path), sending=sending, **more)

    def _answer(self, method: str, url: str, *, sending: bool, **more: Any) -> dict[str, Any]:
        answer = http.call(self._client, method, url, sending=sending, refuse=self._refuse, **more)
        self._note(answer)
        try:
            return reading.json_object(answer.content)
        except reading.Unreadable as error:
            raise (Unclear if sending else NetworkDown)(f"The network's answer makes no sense: {error}") from error

    def _refuse(self, response: httpx.Response, sending: bool) -> ChannelError:
        self._note(response)
        return errors.refusal(response, sending, self._refine)

    def _note(self, response: httpx.Response) -> None:
        if left := usage.budget(response.headers):
            self.account.keeper.note_budget(left)


def form(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as Graph's forms have them: nested ones as JSON, what is None left out."""
    return {name: _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else orjson.dumps(value).decode()


def _next(said: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of the next page. Only those of its address are taken, never its host or a token in it."""
    paging = reading.child(said, "paging")
    if not (address := reading.text(paging, "next")):
        return {}
    query = dict(parse_qsl(urlsplit(address).query))
    return {name: value for name, value in query.items() if name not in _NEVER_PASSED_ON}
