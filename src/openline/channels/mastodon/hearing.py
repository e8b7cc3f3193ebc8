"""Hearing on Mastodon: the mentions behind a notification, page by page and without a gap."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from openline.channels import reading
from openline.channels.accounts import Budget, Keeper, Renew
from openline.channels.base import AccountRef
from openline.channels.mastodon.client import Server

PAGE = 40
PAGES = 10
_MOST_PAGES_BACK = 250
_LONGEST_PAUSE_SECONDS = 60.0

Notification = tuple[bytes, dict[str, Any]]
"""A notification as the server sent it, and as read."""


def mentions(account: AccountRef, after: str) -> tuple[list[Notification], str]:
    """The mentions behind the notification `after`, oldest first, and the id of the newest notification seen.

    At most 400, of a server that cannot count forwards 10,000; without `after` the newest 400.
    """
    server, found = Server(account), list[Notification]()
    for _page in range(PAGES):
        page = _page_of(server, _border(found, after))
        found += page
        if not page or (after and len(page) < PAGE):
            break
        if after and len(found) == len(page):
            found += _skipped(server, page, after)
    found.sort(key=lambda item: order(notification_id(item)))
    return _only_mentions(found), (notification_id(found[-1]) or after) if found else after


def newest(server: Server) -> tuple[list[Notification], tuple[int, str]]:
    """The mentions of the newest page, and the order behind which it is complete."""
    page = _page_of(server, {})
    oldest = min((order(notification_id(item)) for item in page), default=order(""))
    return _only_mentions(page), oldest if len(page) == PAGE else order("")


def _border(found: list[Notification], after: str) -> dict[str, str]:
    """Where the next page begins: forwards behind what is known, or backwards from the newest."""
    ids = sorted((notification_id(item) for item in found), key=order)
    if after:
        return {"min_id": ids[-1] if ids else after}
    return {"max_id": ids[0]} if ids else {}


def _skipped(server: Server, page: list[Notification], after: str) -> list[Notification]:
    """What lies between `after` and the page: nothing where `min_id` means the next ones, as on Mastodon.

    Servers that give the newest ones instead (snac) are read backwards from there.
    """
    found = list[Notification]()
    for _page in range(_MOST_PAGES_BACK):
        oldest = min((notification_id(item) for item in found or page), key=order)
        more = [
            item
            for item in _page_of(server, {"min_id": after, "max_id": oldest})
            if order(after) < order(notification_id(item)) < order(oldest)
        ]
        if not more:
            break
        found += more
    return found


def _page_of(server: Server, border: dict[str, str]) -> list[Notification]:
    return server.items(lambda client: client.notifications(limit=PAGE, types=["mention"], **border))


def _only_mentions(items: list[Notification]) -> list[Notification]:
    """Without what old servers send besides, which do not know `types[]`."""
    return [(raw, item) for raw, item in items if item.get("type", "mention") == "mention"]


def notification_id(item: Notification) -> str:
    """The id by which the server pages."""
    return reading.text(item[1], "id")


def order(identifier: str) -> tuple[int, str]:
    """Mastodon's ids grow: by length first, then by digits. (Other servers' ids have one length.)"""
    return len(identifier), identifier


class Allowance:
    """Keeps hearing from using up the account's rate limit (300 calls in five minutes), which sending needs too.

    It stands before the account's own keeper: what the server says is left goes through it.
    """

    def __init__(self, keeper: Keeper, most: int = 20, every_seconds: float = 2.0) -> None:
        self._keeper, self._most, self._every = keeper, most, every_seconds
        self._left, self._at = float(most), time.monotonic()
        self._said: Budget | None = None

    def renew(self, renew: Renew) -> dict[str, str]:
        """As the account's keeper."""
        return self._keeper.renew(renew)

    def note_end(self, ends_at: datetime) -> None:
        """See `Keeper`."""
        self._keeper.note_end(ends_at)

    def note_budget(self, budget: Budget) -> None:
        """Keep it here and with the account."""
        self._said = budget
        self._keeper.note_budget(budget)

    def spend(self, what: str, amount: int, limit: int, resets_at: datetime) -> Budget:
        """As the account's keeper."""
        return self._keeper.spend(what, amount, limit, resets_at)

    def wait_seconds(self) -> float:
        """Take one round out; returns how long to wait before it.

        Once less than half of what the server allows is left, a round waits for four calls' share of the time.
        """
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) / self._every) - 1
        self._at = now
        return max(0.0, -self._left * self._every, self._slower())

    def _slower(self) -> float:
        said = self._said
        if said is None or said.remaining * 2 >= said.limit:
            return 0.0
        left = (said.resets_at - datetime.now(UTC)).total_seconds()
        return min(max(left, 0.0) * 4 / max(said.remaining, 1), _LONGEST_PAUSE_SECONDS)
