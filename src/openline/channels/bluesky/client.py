"""Calls to the account's server (XRPC), as that account: its session is renewed in time, and saved before it is used.

Plain httpx: the AT Protocol's Python library costs 55 MB and 0.7 s, and its models refuse what they do not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

import httpx

from openline.channels import http, reading
from openline.channels.accounts import AccountRef
from openline.channels.base import ChannelError, NetworkDown, NotAllowed, Rejected, TokenExpired, Unclear
from openline.channels.bluesky import sessions

UPLOAD_SECONDS = 300.0
_CHUNK = 1 << 20
_TRIES = 3  # once to learn the server's nonce, once to renew the session, once for the call

Params = Mapping[str, str | int | list[str] | list[int] | None]


class Spent(TokenExpired):
    """The access token has run out: renew it, and ask again. Nothing was done."""


class Exists(Rejected):
    """The record that was to be made is there already: proof of an earlier try."""


class BlobGone(Rejected):
    """A file that was uploaded was not used in time, and the server threw it away."""


_MEANINGS: dict[str, type[ChannelError]] = {
    "ExpiredToken": Spent,
    "InvalidSwap": Exists,
    "BlobNotFound": BlobGone,
    "RecordNotFound": http.NotThere,
    "RepoNotFound": http.NotThere,
    **dict.fromkeys(
        "InvalidToken AuthMissing AuthenticationRequired AuthFactorTokenRequired AccountTakedown"
        " AccountDeactivated AccountSuspended invalid_token".split(),
        TokenExpired,
    ),
    **dict.fromkeys(
        "BlockedActor BlockedByActor BlockedSubject MessagesDisabled NotFollowedBySender RecipientNotFound ConvoLocked"
        " ScopeMissingError Forbidden".split(),
        NotAllowed,
    ),
}
"""What the errors of the lexicons mean for us; all others by their HTTP status."""


def new_client() -> httpx.Client:
    """A line to servers of this network."""
    return http.client()


class Session:
    """One account at its server, for one task; not to be shared between threads. Use it as a context."""

    def __init__(self, account: AccountRef) -> None:
        self.account, self.client = account, new_client()
        self._tokens = dict(account.credentials)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def did(self) -> str:
        """Who we are, whatever our handle is at the moment."""
        known = self._tokens.get("did") or self.account.settings.get("did") or self.account.author_id
        return known or self._ready()["did"]

    def get(self, method: str, params: Params | None = None, *, proxy: str = "") -> dict[str, Any]:
        """The answer to a query, as the lexicon `method` (such as app.bsky.feed.getPosts) describes it."""
        return _object(self._call("GET", method, proxy=proxy, params=params or {}), sending=False)

    def post(self, method: str, body: Mapping[str, Any], *, proxy: str = "") -> dict[str, Any]:
        """The answer to a procedure, which changes something; what may have arrived is Unclear."""
        return _object(self._call("POST", method, sending=True, proxy=proxy, json=body), sending=True)

    def upload(self, opened: Callable[[], BinaryIO], size: int, media_type: str) -> dict[str, Any]:
        """Give a file of `size` bytes to the server; returns the blob to name in a record. Nobody sees it until then.

        A broken line is NetworkDown, as an upload may be repeated: the same bytes are the same blob.
        """
        headers = {"Content-Type": media_type, "Content-Length": str(size)}
        answer = self._call(
            "POST",
            "com.atproto.repo.uploadBlob",
            headers=headers,
            content=lambda: _chunks(opened()),
            timeout=UPLOAD_SECONDS,
        )
        blob = reading.child(_object(answer, sending=False), "blob")
        if not blob:
            raise NetworkDown("The server took the file, but names no blob.")
        return blob

    def fetch(self, method: str, params: Params, most_bytes: int) -> bytes:
        """The bytes that a query answers; Rejected if there are more than `most_bytes`."""
        content = self._call("GET", method, params=params).content
        if len(content) > most_bytes:
            raise Rejected(f"The file has {len(content):,} bytes.")
        return content

    def _ready(self) -> dict[str, str]:
        """The session's tokens, renewed if they are about to run out."""
        if not sessions.fresh(self._tokens):
            self._renew()
        return self._tokens

    def _renew(self) -> None:
        spent = self._tokens.get("access_token", "")

        def renew(kept: dict[str, str]) -> dict[str, str]:
            now = {**self.account.credentials, **kept}
            if now.get("access_token") != spent and sessions.fresh(now):
                return now  # another worker was faster
            return now | sessions.renewed(self.client, self.account, now)

        self._tokens = self.account.keeper.renew(renew)

    def _call(self, verb: str, method: str, *, sending: bool = False, proxy: str = "", **more: Any) -> httpx.Response:
        """Only a call that was refused unheard (a token or nonce that has run out) is made again."""
        for left in range(_TRIES, 0, -1):
            try:
                return self._once(verb, method, sending, proxy, **more)
            except Spent as error:
                if left == 1:
                    raise TokenExpired(error.reason) from error
                self._renew()
            except sessions.NonceWanted:
                if left == 1:
                    raise
        raise AssertionError("unreachable")

    def _once(self, verb: str, method: str, sending: bool, proxy: str, **more: Any) -> httpx.Response:
        url = f"{self.account.server.rstrip('/')}/xrpc/{method}"
        headers = {
            **more.pop("headers", {}),
            **sessions.proof(verb, url, self._ready(), sessions.by_oauth(self.account)),
        }
        if proxy:
            headers["Atproto-Proxy"] = proxy
        if callable(more.get("content")):
            more["content"] = more["content"]()
        refused: list[httpx.Response] = []
        try:
            answer = http.call(
                self.client, verb, url, sending=sending, words=http.noting(refused), headers=headers, **more
            )
        except ChannelError as error:
            if refused:
                self._learn(refused[0], sending)
                raise meaning(refused[0], error) from error
            raise
        self._learn(answer, sending)
        return answer

    def _learn(self, answer: httpx.Response, sending: bool) -> None:
        sessions.note_nonce(answer)
        if left := http.budget(answer.headers, "write" if sending else "read"):
            self.account.keeper.note_budget(left)


def meaning(response: httpx.Response, usual: ChannelError) -> ChannelError:
    """The error by the name that the server gives to it; `usual` is what its HTTP status alone says."""
    if sessions.wants_nonce(response):
        return sessions.NonceWanted(usual.reason)
    try:
        name = reading.text(response.json(), "error")
    except ValueError:
        return usual
    if response.status_code == 401 and 'error="invalid_token"' in response.headers.get("www-authenticate", ""):
        return Spent(usual.reason)
    found = _MEANINGS.get(name)
    return found(usual.reason) if found and response.status_code < 500 else usual


def _object(answer: httpx.Response, *, sending: bool) -> dict[str, Any]:
    if not answer.content:
        return {}
    try:
        return reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise (Unclear if sending else NetworkDown)(f"The server's answer makes no sense: {error}") from error


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
