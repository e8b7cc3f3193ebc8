"""Our own posts on a server, newest first: wherever it shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from mastodon import Mastodon

from openline.channels import reading
from openline.channels.base import NetworkDown, Outgoing, TokenExpired
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.errors import NotThere
from openline.channels.mastodon.hearing import PAGE
from openline.channels.mastodon.reading import original

_PAGES_BACK = 10
_MOST_PAGES_BACK = 2_500


def me(server: Server) -> dict[str, Any]:
    """Our account as the server has it."""
    try:
        found = server.object(lambda client: client.account_verify_credentials())
    except NetworkDown as error:
        if server.status != 422:  # snac's way to refuse a token (2.75)
            raise
        raise TokenExpired("The access token is invalid.") from error
    if not reading.text(found, "id"):
        raise TokenExpired("The server does not say whose access token this is.")
    return found


class OwnPosts:
    """What we said since a time, near what `outgoing` answers. Asked for once, and only as far as it is read.

    Mastodon lists all our posts under our account. Others list only the public ones there: a private answer is found
    in its thread, a private post without one in our home timeline (snac, 2026).
    """

    def __init__(self, server: Server, outgoing: Outgoing, since: datetime) -> None:
        self._server, self._outgoing, self._since = server, outgoing, since
        self._known: list[dict[str, Any]] = []
        self._more = self._everywhere()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield from list(self._known)
        for status in self._more:
            self._known.append(status)
            yield status

    def _everywhere(self) -> Iterator[dict[str, Any]]:
        who = reading.text(me(self._server), "id")
        for place in (partial(self._listed, who), self._thread, self._home):
            for shown in place():
                status = original(shown)
                if reading.text(reading.child(status, "account"), "id") == who and not self._old(status):
                    yield status

    def _listed(self, who: str) -> Iterator[dict[str, Any]]:
        return _listed(self._server, who, self._since, _PAGES_BACK)

    def _thread(self) -> list[dict[str, Any]]:
        parent = self._outgoing.in_reply_to
        if not parent:
            return []
        try:
            return reading.children(self._server.object(lambda client: client.status_context(parent)), "descendants")
        except NotThere:
            return []

    def _home(self) -> list[dict[str, Any]]:
        if self._outgoing.visibility != "private":
            return []
        return [post for _raw, post in self._server.items(lambda client: client.timeline_home(limit=PAGE))]

    def _old(self, status: dict[str, Any]) -> bool:
        return _old(status, self._since)


def own_posts(server: Server, since: datetime) -> Iterator[dict[str, Any]]:
    """All that the server lists as ours since then, newest first."""
    who = reading.text(me(server), "id")
    for status in _listed(server, who, since, _MOST_PAGES_BACK):
        ours = reading.text(reading.child(status, "account"), "id") == who and not reading.child(status, "reblog")
        if ours and not _old(status, since):
            yield status


def _listed(server: Server, who: str, since: datetime, pages: int) -> Iterator[dict[str, Any]]:
    border, seen = dict[str, str](), set[str]()
    for _page in range(pages):
        page = [post for _raw, post in server.items(partial(_statuses, who, border))]
        ids = [reading.text(post, "id") for post in page]
        yield from page
        # Some servers send the same page whatever one asks for.
        if not page or ids[-1] in seen or all(_old(post, since) for post in page):
            return
        seen.update(ids)
        border = {"max_id": ids[-1]}


def _old(status: dict[str, Any], since: datetime) -> bool:
    posted_at = reading.moment(status.get("created_at"))
    return posted_at is None or posted_at < since


def _statuses(who: str, border: dict[str, str], client: Mastodon) -> Any:
    return client.account_statuses(who, limit=PAGE, **border)
