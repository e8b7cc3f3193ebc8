"""Hearing on Mastodon: mentions forwards from a cursor, edits and deletions by looking again.

A server tells edits and deletions only to followers of the author. So the newest mentions are
looked at again from time to time: what was edited since, or is gone, becomes an edit or a deletion.
"""

from __future__ import annotations

import time
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import AccountRef
from openline.channels.mastodon.client import NotThere, Server

PAGE = 40
PAGES = 10
_WATCHED = 4 * PAGE
_MOST_QUESTIONS = 10

Notification = tuple[bytes, dict[str, Any]]
"""A notification as the server sent it, and as read."""


def mentions(account: AccountRef, cursor: str) -> tuple[list[Notification], str]:
    """The mentions after `cursor` (a notification id), oldest first, and the cursor behind them.

    At most 400; without a cursor the newest 400.
    """
    server, found = Server(account), list[Notification]()
    for _page in range(PAGES):
        page = _page_of(server, _border(found, cursor))
        found += page
        if not page or (cursor and len(page) < PAGE):
            break
    found.sort(key=lambda item: order(notification_id(item)))
    return _only_mentions(found), (notification_id(found[-1]) or cursor) if found else cursor


def _border(found: list[Notification], cursor: str) -> dict[str, str]:
    """Where the next page begins: forwards behind the cursor, or backwards from the newest."""
    ids = sorted((notification_id(item) for item in found), key=order)
    if cursor:
        return {"min_id": ids[-1] if ids else cursor}
    return {"max_id": ids[0]} if ids else {}


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


class Watch:
    """What we know of the newest mentions: post id -> (notification id, time of its last edit)."""

    def __init__(self, account: AccountRef) -> None:
        self._account = account
        self._known: dict[str, tuple[str, str]] = {}

    def note(self, items: list[Notification]) -> None:
        """Remember posts that were heard."""
        for item in items:
            status = reading.child(item[1], "status")
            self._known[reading.text(status, "id")] = (notification_id(item), reading.text(status, "edited_at"))
        for forgotten in list(self._known)[:-_WATCHED]:
            del self._known[forgotten]

    def knows(self, post: str) -> bool:
        """True for a post that we watch: the stream tells of those of everybody whom the account follows."""
        return post in self._known

    def changes(self) -> list[bytes]:
        """Look again: a delivery for each edit and each deletion that we did not know of."""
        server = Server(self._account)
        page = _only_mentions(_page_of(server, {}))
        edited = [raw for item in page if (raw := self._edit(server, item))]
        shown = {reading.text(reading.child(item[1], "status"), "id") for item in page}
        gone = [raw for post in self._missing(page, shown) if (raw := self._deletion(server, post))]
        self.note(page)
        return edited + gone

    def _edit(self, server: Server, item: Notification) -> bytes:
        status = reading.child(item[1], "status")
        post, edited_at = reading.text(status, "id"), reading.text(status, "edited_at")
        if not edited_at or self._known.get(post, ("", ""))[1] == edited_at:
            return b""
        now = _ask(server, post)
        return b'{"event":"status.update","payload":' + now + b"}" if now else b""

    def _missing(self, page: list[Notification], shown: set[str]) -> list[str]:
        """Posts that should stand on the page and do not."""
        oldest = min((order(notification_id(item)) for item in page), default=order(""))
        missing = [
            post
            for post, (notification, _edited_at) in self._known.items()
            if post not in shown and (len(page) < PAGE or order(notification) > oldest)
        ]
        return missing[:_MOST_QUESTIONS]

    def _deletion(self, server: Server, post: str) -> bytes:
        """Ask for the post itself: the city's staff may have dismissed only its notification."""
        self._known.pop(post, None)
        return b"" if _ask(server, post) else orjson.dumps({"event": "delete", "payload": post})


def _ask(server: Server, post: str) -> bytes:
    """The post as the server has it now; empty if it is gone."""
    try:
        return server.answer(lambda client: client.status(post))
    except NotThere:
        return b""


class Allowance:
    """Keeps hearing from using up the account's rate limit (300 calls in five minutes), which sending needs too."""

    def __init__(self, most: int = 20, every_seconds: float = 2.0) -> None:
        self._most, self._every = most, every_seconds
        self._left, self._at = float(most), time.monotonic()

    def wait_seconds(self) -> float:
        """Take one call out; returns how long to wait before it."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) / self._every) - 1
        self._at = now
        return max(0.0, -self._left * self._every)
