"""The Mastodon channel: mentions and direct messages in, answers out.

Hearing is polling from a cursor; the stream only says when to poll, so that a broken stream
never loses a post. Sending carries an Idempotency-Key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

from mastodon import Mastodon

from openline.channels import reading as json_reading
from openline.channels.base import (
    AccountRef,
    Capabilities,
    Channel,
    Heard,
    Incoming,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    TokenExpired,
    Unclear,
    Who,
)
from openline.channels.mastodon import hearing, reading, writing
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.stream import Stream

POLL_EVERY_SECONDS = 15.0
LOOK_AGAIN_EVERY_SECONDS = 60.0
_NOTICE_STOP_SECONDS = 0.5
_PAGES_BACK = 10


class MastodonChannel(Channel):
    """See `openline.channels.base.Channel`. Limits: Mastodon 4.x, docs.joinmastodon.org, 2026."""

    network: ClassVar[str] = "mastodon"
    label: ClassVar[str] = "Mastodon"
    secrets: ClassVar[tuple[str, ...]] = ("access_token",)
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=500,
        direct_messages=True,
        edit=True,
        delete=True,
        inbound="stream",
        idempotent_send=True,
        alt_text_limit=1500,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Poll at once, at every event of the stream, and every 15 seconds besides."""
        watch, allowance, stream = hearing.Watch(account), hearing.Allowance(), Stream(account)
        looked, wanted_again = 0.0, False
        try:
            while not stopping():
                new, cursor = hearing.mentions(account, cursor)
                watch.note(new)
                yield self._heard([raw for raw, _item in new], cursor)
                if wanted_again or time.monotonic() - looked > LOOK_AGAIN_EVERY_SECONDS:
                    looked = time.monotonic()
                    yield self._heard(watch.changes(), cursor)
                if len(new) < hearing.PAGE:
                    wanted_again = any(watch.knows(post) for post in _wait(stream, stopping))
                _sleep(allowance.wait_seconds(), stopping)
        finally:
            stream.close()

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Mentions after `cursor` (a notification id), oldest first, then edits of the newest ones.

        The first poll takes the newest pages. An edit comes with every poll: its event id is always the same.
        """
        new, behind = hearing.mentions(account, cursor)
        watch = hearing.Watch(account)
        watch.note(new)
        edits = watch.changes() if cursor else []
        return self._heard([raw for raw, _item in new] + edits, behind)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Post the answer once."""
        return Receipt(**progress.step("post", lambda: _post(account, outgoing, key, self.capabilities.text_limit)))

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look through our own posts back to `since` for this very answer."""
        for status in _own_posts(account, since):
            if writing.is_it(status, outgoing):
                return writing.receipt(status)
        return None

    def length(self, text: str) -> int:
        """Mastodon's count: characters as people see them, every link 23, of a remote mention only the name."""
        return writing.length(text)

    def check(self, account: AccountRef) -> Who:
        """Ask the server who we are."""
        return reading.who(_me(Server(account)))

    def _heard(self, raws: list[bytes], cursor: str) -> Heard:
        return Heard(tuple(self.parse(raw) for raw in raws), cursor)


def _wait(stream: Stream, stopping: Callable[[], bool]) -> list[str]:
    """Wait for the stream or the timer; returns which posts the stream told of."""
    until = time.monotonic() + POLL_EVERY_SECONDS
    while time.monotonic() < until and not stopping():
        if events := stream.wait(_NOTICE_STOP_SECONDS):
            return events
    return []


def _sleep(seconds: float, stopping: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not stopping() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _NOTICE_STOP_SECONDS))


def _post(account: AccountRef, outgoing: Outgoing, key: str, usual_limit: int) -> dict[str, str]:
    """Post the status; returns the receipt as JSON."""
    text, server = writing.status_text(outgoing), Server(account)
    if text.encode("utf-8", "replace").decode() != text:
        raise Rejected("The text holds characters that cannot be written.", "text")
    length, limit = writing.length(text), server.text_limit(usual_limit)
    if length > limit:
        raise Rejected(f"The text has {length} characters; this server takes {limit}.", "text")
    answer = server.object(
        lambda client: client.status_post(
            text,
            in_reply_to_id=outgoing.in_reply_to or None,
            idempotency_key=quote(key, safe=":/-_. "),
            visibility="direct" if outgoing.visibility == "private" else "public",
            language=writing.language(outgoing.language),
        ),
        sending=True,
    )
    receipt = writing.receipt(answer)
    if not receipt.network_id:
        raise Unclear("The server took the post, but names no id.")
    return {"network_id": receipt.network_id, "url": receipt.url, "uri": receipt.uri}


def _me(server: Server) -> dict[str, Any]:
    me = server.object(lambda client: client.account_verify_credentials())
    if not json_reading.text(me, "id"):
        raise TokenExpired("The server does not say whose access token this is.")
    return me


def _own_posts(account: AccountRef, since: datetime) -> Iterator[dict[str, Any]]:
    """Our own posts not older than `since`, newest first."""
    server = Server(account)
    me, border = json_reading.text(_me(server), "id"), dict[str, str]()
    for _page in range(_PAGES_BACK):
        page = server.items(partial(_statuses, me, border))
        for _raw, post in page:
            posted_at = json_reading.moment(post.get("created_at"))
            if posted_at is None or posted_at < since:
                return
            yield post
        if not page:
            return
        border = {"max_id": json_reading.text(page[-1][1], "id")}


def _statuses(me: str, border: dict[str, str], client: Mastodon) -> Any:
    return client.account_statuses(me, limit=hearing.PAGE, **border)
