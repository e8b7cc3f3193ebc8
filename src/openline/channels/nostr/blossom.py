"""Files on Blossom servers: BUD-01, 02, 04, 06 and 11 (github.com/hzrd149/blossom, 2026).

A file is known by its SHA-256, so giving the same file again is harmless: what broke off is simply done again.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import httpx
import orjson

from openline.channels import http, reading
from openline.channels.base import AccountRef, ChannelError, NetworkDown, Rejected, Unclear
from openline.channels.nostr.kinds import MEDIA_AUTHORIZATION
from openline.channels.nostr.relays import gravest
from openline.channels.nostr.signer import Signer

Opening = Callable[[], BinaryIO]

_VALID_SECONDS = 600
_CHUNK = 1 << 20
_UPLOAD_SECONDS = 300.0
_NOT_OFFERED = (404, 405, 501)


@dataclass(frozen=True, slots=True)
class File:
    """What is given to a server: how to open it, what it is (`sha256` and `size` of its bytes)."""

    open: Opening
    media_type: str
    sha256: str
    size: int


def file_of(opening: Opening, media_type: str) -> File:
    """Read it once for its digest and size."""
    digest, size = hashlib.sha256(), 0
    with opening() as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return File(opening, media_type, digest.hexdigest(), size)


def servers_of(account: AccountRef) -> list[str]:
    """The Blossom servers that the city uses, the first one first."""
    named = account.settings.get("media_servers", "").split(",")
    return list(dict.fromkeys(server.strip().rstrip("/") for server in named if server.strip()))


def authorization(signer: Signer, verb: str, sha256: str) -> str:
    """The header that lets us do this with this very file for ten minutes, at any server (BUD-11).

    BUD-01 wrote it in base64, BUD-11 in base64url without "=": this text, plain ASCII without > ? ~ and of a length
    that three divides, is the same in both.
    """
    now = int(time.time())
    tags = [["t", verb], ["x", sha256], ["expiration", str(now + _VALID_SECONDS)]]
    event = orjson.dumps(signer.sign(MEDIA_AUTHORIZATION, f"{verb.capitalize()} a file", tags, now - 1))
    return "Nostr " + base64.b64encode(event + b" " * (-len(event) % 3)).decode()


def upload(signer: Signer, servers: list[str], file: File) -> dict[str, Any]:
    """Give the file to the first server that takes it; returns its descriptor (BUD-02) and why others `missed` it.

    Raises the gravest failure if none takes it.
    """
    missed: dict[str, ChannelError] = {}
    header = authorization(signer, "upload", file.sha256)
    for server in servers:
        try:
            return _put(server, file, header) | {
                "server": server,
                "missed": {url: error.reason for url, error in missed.items()},
            }
        except ChannelError as error:
            missed[server] = error
    if not missed:
        raise Rejected("The account names no Blossom server, which files need.", "media")
    raise gravest(missed.values())


def copy(signer: Signer, server: str, file: File, url: str) -> dict[str, str]:
    """Have a further server fetch the file from `url` (BUD-04), or give it to it; never raises: one copy is enough."""
    header = authorization(signer, "upload", file.sha256)
    try:
        with _client() as client:
            answer = client.put(f"{server}/mirror", json={"url": url}, headers={"Authorization": header})
        if answer.is_success:
            return {"url": _descriptor(answer, file)["url"]}
        return {"url": _put(server, file, header)["url"]}
    except (ChannelError, httpx.HTTPError) as error:
        return {"missed": getattr(error, "reason", "") or type(error).__name__}


def reach(server: str) -> None:
    """See that a server answers; raises a ChannelError if not. Any answer of HTTP will do: BUD-01 has no greeting."""
    with _client() as client:
        try:
            client.get(server)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NetworkDown(f"{server} cannot be reached ({type(error).__name__}).") from error


def _client() -> httpx.Client:
    return http.client(transfer=_UPLOAD_SECONDS)


def _put(server: str, file: File, header: str) -> dict[str, Any]:
    headers = {
        "Authorization": header,
        "Content-Type": file.media_type,
        "Content-Length": str(file.size),
        "X-SHA-256": file.sha256,
    }
    with _client() as client:
        _ask_first(client, server, file, header)
    with _client() as client:  # some servers close the line after an answer without a word
        try:
            answer = http.call(
                client, "PUT", f"{server}/upload", sending=True, words=_words, content=_chunks(file), headers=headers
            )
        except Unclear as error:
            raise NetworkDown(error.reason) from error  # the same file again is the same file
    return _descriptor(answer, file)


def _ask_first(client: httpx.Client, server: str, file: File, header: str) -> None:
    """BUD-06: ask whether the server would take it before a film is sent in vain, where the server can say."""
    asked = {
        "Authorization": header,
        "X-Content-Type": file.media_type,
        "X-Content-Length": str(file.size),
        "X-SHA-256": file.sha256,
    }
    try:
        answer = client.head(f"{server}/upload", headers=asked)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NetworkDown(f"The server cannot be reached ({type(error).__name__}).") from error
    if not answer.is_success and answer.status_code not in _NOT_OFFERED:
        raise http.refusal(answer, False, _words)


def _chunks(file: File) -> Iterator[bytes]:
    with file.open() as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _words(answer: httpx.Response) -> str:
    """BUD-01: the reason stands in a header, older servers have it in the JSON."""
    said = answer.headers.get("x-reason") or answer.headers.get("blossom-upload-message")
    return f"{said[:300]} ({answer.status_code})" if said else http.words_of(answer)


def _descriptor(answer: httpx.Response, file: File) -> dict[str, Any]:
    """The server's word that it has our very file; raises Rejected if it changed it."""
    try:
        said = reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise Rejected(f"The server took the file and does not say where it is: {error}") from None
    url = reading.web_address(said, "url")
    if reading.text(said, "sha256").lower() != file.sha256 or not url:
        raise Rejected("The server keeps another file than the one that was sent.")
    return {"url": url, "sha256": file.sha256, "size": file.size, "type": file.media_type}
