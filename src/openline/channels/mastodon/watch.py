"""What we know of the newest mentions, so that later edits and deletions of them are noticed.

A server tells edits and deletions only to followers of the author. So the newest mentions are looked at again from
time to time: what was edited since, or is gone, becomes an edit or a deletion. What is watched travels in the cursor,
so that what happened while nobody listened is found as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import AccountRef
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.errors import NotThere
from openline.channels.mastodon.hearing import PAGE, Notification, newest, notification_id, order
from openline.channels.mastodon.reading import post_id

WATCHED = 2 * PAGE
_MOST_QUESTIONS = 10
_MOST_AT_FIRST = 40


@dataclass(slots=True)
class Place:
    """Where hearing stands: behind the notification `after`, with the posts that are watched.

    `posts`: post id -> [notification id, time of its last edit], the newest last.
    """

    after: str = ""
    posts: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str) -> Place:
        """The place in a stored cursor; one that is only a notification's id watches nothing yet."""
        if not cursor.startswith("{"):
            return cls(cursor)
        kept = orjson.loads(cursor)
        return cls(kept["after"], kept["posts"])

    def cursor(self) -> str:
        """The place as text, to be stored (at most some 6,000 characters)."""
        return orjson.dumps({"after": self.after, "posts": self.posts}).decode()

    def note(self, items: list[Notification]) -> None:
        """Watch the posts of these mentions; the oldest are forgotten."""
        for item in sorted(items, key=lambda item: order(notification_id(item))):
            status = reading.child(item[1], "status")
            post = post_id(status)
            self.posts.pop(post, None)
            if post:  # the notification of a post that is gone may still stand there
                self.posts[post] = [notification_id(item), reading.text(status, "edited_at")]
        for forgotten in list(self.posts)[:-WATCHED]:
            del self.posts[forgotten]

    def changes(self, account: AccountRef, *, all_of_them: bool = False) -> list[bytes]:
        """Look again: a delivery for each edit and each deletion that we did not know of.

        `all_of_them`: ask also for posts that newer mentions have pushed from the newest page.
        """
        server = Server(account)
        page, complete = newest(server)
        page = [item for item in page if order(notification_id(item)) <= order(self.after)]
        shown = {post_id(reading.child(item[1], "status")) for item in page}
        missing = [
            post
            for post in reversed(self.posts)
            if post not in shown and (all_of_them or order(self.posts[post][0]) > complete)
        ]
        found = [self._edit(server, reading.child(item[1], "status")) for item in page]
        for post in missing[: _MOST_AT_FIRST if all_of_them else _MOST_QUESTIONS]:
            found.append(self._asked(server, post, dismissed=order(self.posts[post][0]) > complete))
        self.note(page)
        return [delivery for delivery in found if delivery]

    def _edit(self, server: Server, status: dict[str, Any]) -> bytes:
        """The delivery of an edit that we did not know of; empty if there is none."""
        post, edited_at = post_id(status), reading.text(status, "edited_at")
        if not edited_at or self.posts.get(post, ["", ""])[1] == edited_at:
            return b""
        now = _ask(server, post)
        return _edited(now) if now else b""

    def _asked(self, server: Server, post: str, dismissed: bool) -> bytes:
        """What became of a post: gone, edited, or still there as it was.

        One that is there although its notification is not, was `dismissed` by the city's staff: watched no more.
        """
        now, known = _ask(server, post), self.posts[post]
        if dismissed or not now:
            del self.posts[post]
        if not now:
            return orjson.dumps({"event": "delete", "payload": post})
        edited_at, before = reading.text(reading.json_object(now), "edited_at"), known[1]
        known[1] = edited_at
        return _edited(now) if edited_at and edited_at != before else b""


def _edited(status: bytes) -> bytes:
    return b'{"event":"status.update","payload":' + status + b"}"


def _ask(server: Server, post: str) -> bytes:
    """The post as the server has it now; empty if it is gone."""
    try:
        return server.answer(lambda client: client.status(post))
    except NotThere:
        return b""
