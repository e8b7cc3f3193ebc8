"""The Threads API as one account: Graph's manners at a server of its own, with a few error codes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from openline.channels import reading
from openline.channels.base import AccountRef, ChannelError
from openline.channels.graph.client import Graph
from openline.channels.graph.containers import NotReady
from openline.channels.graph.errors import Told
from openline.channels.threads import tokens

SERVER = "https://graph.threads.net"
VERSION = "v1.0"
LOGIN = "https://www.threads.net"
WEB = "https://www.threads.com"
PAGE = 100
_NOT_READY = (24, 4279009)
"""What a publication is told that comes before the container is there."""


def opened(account: AccountRef) -> Graph:
    """The API for one task, with a token that lasts. Threads knows no `appsecret_proof`."""
    return Graph(tokens.fresh(account), version=VERSION, with_proof=False, refine=_own)


def login_of(server: str) -> str:
    """Where the login page stands: beside the API on this machine, else at Threads itself."""
    return server if urlsplit(server).hostname in ("127.0.0.1", "localhost") else LOGIN


def pages(graph: Graph, path: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
    """An edge, page by page. Threads names the place of the next page, not always its address."""
    asked: dict[str, Any] = {"limit": PAGE} | params
    while True:
        said = graph.get(path, **asked)
        found = reading.children(said, "data")
        if found:
            yield found
        after = reading.text(reading.child(reading.child(said, "paging"), "cursors"), "after")
        if not found or not after or after == asked.get("after"):
            return
        asked["after"] = after


def _own(told: Told, sending: bool) -> ChannelError | None:
    if sending and (told.code, told.subcode) == _NOT_READY:
        return NotReady(told.reason)
    return None
