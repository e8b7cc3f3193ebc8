"""The Instagram API with the login of Instagram (graph.instagram.com, v26.0, 2026), as one account."""

from __future__ import annotations

from urllib.parse import urlsplit

from openline.channels.base import AccountRef, ChannelError, NotAllowed, Unclear
from openline.channels.graph.client import VERSION, Graph
from openline.channels.graph.containers import NotReady
from openline.channels.graph.errors import Told
from openline.channels.graph.tokens import Grants, fresh

SERVER = "https://graph.instagram.com"
LOGIN, CODES = "https://www.instagram.com", "https://api.instagram.com"
WEB = "https://www.instagram.com"
GRANTS = Grants("ig_exchange_token", "ig_refresh_token")
_NOT_READY = {(9007, 2207027), (24, 2207008)}
_PASSING = {(-2, 2207003), (-1, 2207001), (-1, 2207032), (-1, 2207053)}
_RESTRICTED = {(25, 2207050)}
_SPAM = {(4, 2207051)}
"""What others saw published all the same: so it is looked up, not believed."""


def opened(account: AccountRef) -> Graph:
    """The API for one task, with a token that lasts."""
    return Graph(fresh(account, GRANTS), version=VERSION, with_proof=False, refine=_own)


def login_of(server: str) -> tuple[str, str]:
    """Where the login page stands and where its codes become tokens: beside the API on this machine."""
    here = urlsplit(server).hostname in ("127.0.0.1", "localhost")
    return (server, server) if here else (LOGIN, CODES)


def _own(told: Told, sending: bool) -> ChannelError | None:
    """docs/instagram-platform/instagram-graph-api/reference/error-codes."""
    pair = (told.code, told.subcode)
    if sending and pair in _NOT_READY:
        return NotReady(told.reason)
    if sending and (pair in _PASSING or pair in _SPAM):
        return Unclear(told.reason)
    return NotAllowed(told.reason) if pair in _RESTRICTED else None
