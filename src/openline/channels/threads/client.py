"""The Threads API as one account: Graph's manners at a server of its own, with a few error codes of its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from openline.channels.base import AccountRef, ChannelError
from openline.channels.graph.client import Graph
from openline.channels.graph.containers import NotReady
from openline.channels.graph.errors import Told
from openline.channels.graph.tokens import Grants, fresh

SERVER = "https://graph.threads.net"
VERSION = "v1.0"
LOGIN = "https://www.threads.net"
WEB = "https://www.threads.com"
GRANTS = Grants("th_exchange_token", "th_refresh_token")
_NOT_READY = (24, 4279009)
"""What a publication is told that comes before the container is there."""


def opened(account: AccountRef) -> Graph:
    """The API for one task, with a token that lasts. Threads knows no `appsecret_proof`."""
    return Graph(fresh(account, GRANTS), version=VERSION, with_proof=False, refine=_own)


def login_of(server: str) -> str:
    """Where the login page stands: beside the API on this machine, else at Threads itself."""
    return server if urlsplit(server).hostname in ("127.0.0.1", "localhost") else LOGIN


def _own(told: Told, sending: bool) -> ChannelError | None:
    if sending and (told.code, told.subcode) == _NOT_READY:
        return NotReady(told.reason)
    return None
