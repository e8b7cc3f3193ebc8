"""The Mastodon channel: mentions and direct messages in, answers out.

Hearing is polling from a cursor; the stream only says when to poll, so that a broken stream
never loses a post. Sending carries an Idempotency-Key.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson
import structlog
from mastodon import Mastodon, StreamListener

from openline.channels.base import (
    AccountRef,
    Capabilities,
    Heard,
    Incoming,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Who,
)
from openline.channels.mastodon import reading
from openline.channels.mastodon.client import Recorder, connect, translated
from openline.channels.text import text_of_html

logger = structlog.get_logger("openline.mastodon")

_PAGE = 40
_PAGES = 10
_POLL_EVERY_SECONDS = 15.0
_URL = re.compile(r"https?://\S+")
_NAME = re.compile(r"@(?=\w)")
_REMOTE_MENTION = re.compile(r"(@[\w.-]+)@[\w.-]+\w")


class MastodonChannel:
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
        media_kinds=("image", "video", "audio"),
        alt_text_limit=1500,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Poll at once, at every stream event, and every 15 seconds besides."""
        events: queue.Queue[bytes | None] = queue.Queue(maxsize=1000)
        stream = _stream(account, events)
        try:
            while not stopping():
                heard = self.poll(account, cursor)
                cursor = heard.cursor
                yield heard
                if len(heard.items) < _PAGE:
                    changes = _wait(events, stopping)
                    if changes:
                        yield Heard(tuple(self.parse(raw) for raw in changes), cursor)
        finally:
            if stream is not None:
                # Closing waits for the server's next heartbeat, so it is left behind.
                threading.Thread(target=stream.close, daemon=True).start()

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Mentions after `cursor` (a notification id), oldest first. The first poll takes the newest pages."""
        client, session = connect(account)
        found: list[dict[str, Any]] = []
        with translated(session):
            for _page in range(_PAGES):
                page = _mentions(client, session, cursor, found)
                found = page + found if not cursor else found + page
                if len(page) < _PAGE:
                    break
        found.sort(key=lambda notification: _order(notification.get("id")))
        newest = str(found[-1].get("id", "")) if found else cursor
        return Heard(tuple(self.parse(orjson.dumps(item)) for item in found), newest)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Post the answer once."""
        return Receipt(**progress.step("post", lambda: self._post(account, outgoing, key)))

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look through our own newest posts for this very answer."""
        client, session = connect(account)
        wanted = _normal(_status_text(outgoing))
        with translated(session):
            me = client.account_verify_credentials()
            for status in client.account_statuses(me["id"], limit=_PAGE):
                parent = str(status.get("in_reply_to_id") or "")
                same = _normal(text_of_html(status.get("content") or "")) == wanted
                if same and parent == outgoing.in_reply_to and _not_before(status, since):
                    return Receipt(**_receipt(status))
        return None

    def length(self, text: str) -> int:
        """Mastodon's count: every link 23, of a remote mention only the name."""
        return len(_REMOTE_MENTION.sub(r"\1", _URL.sub("x" * 23, text)))

    def check(self, account: AccountRef) -> Who:
        """Ask the server who we are."""
        client, session = connect(account)
        with translated(session):
            client.account_verify_credentials()
            return reading.who(orjson.loads(session.last))

    def _post(self, account: AccountRef, outgoing: Outgoing, key: str) -> dict[str, str]:
        client, session = connect(account)
        text = _status_text(outgoing)
        if not _writable(text):
            raise Rejected("The text holds characters that cannot be written.", "text")
        limit = self._limit(client, session)
        if self.length(text) > limit:
            raise Rejected(f"The text has {self.length(text)} characters; this server takes {limit}.", "text")
        with translated(session, sending=True):
            status = client.status_post(
                text,
                in_reply_to_id=outgoing.in_reply_to or None,
                idempotency_key=key,
                visibility="direct" if outgoing.visibility == "private" else "public",
                language=outgoing.language[:2] if outgoing.language not in ("", "und") else None,
            )
            return _receipt(status)

    def _limit(self, client: Mastodon, session: Recorder) -> int:
        """The server's own limit, read at run time; the network's usual one if the server does not say."""
        try:
            with translated(session):
                return int(client.instance()["configuration"]["statuses"]["max_characters"])
        except Exception:
            return self.capabilities.text_limit


def _mentions(client: Mastodon, session: Any, cursor: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One page of mention notifications as the server sent it: forwards from the cursor, or back from the newest."""
    limits: dict[str, Any] = {"limit": _PAGE, "types": ["mention"]}
    if cursor:
        limits["min_id"] = max((n.get("id") for n in found), key=_order, default=cursor)
    elif found:
        limits["max_id"] = min((n.get("id") for n in found), key=_order)
    client.notifications(**limits)
    page = orjson.loads(session.last)
    return [item for item in page if isinstance(item, dict)]


def _order(value: Any) -> tuple[int, str]:
    """Mastodon's ids grow; by length first, then by digits."""
    return len(str(value)), str(value)


def _status_text(outgoing: Outgoing) -> str:
    """The text with the resident's name in front, without which Mastodon tells them nothing.

    A private post is delivered to everybody whom it names: there, every other name is made harmless.
    """
    handle = outgoing.to_handle if outgoing.to_handle.startswith("@") else "@" + outgoing.to_handle
    text = outgoing.text
    if outgoing.visibility == "private":
        text = _NAME.sub("@\u200b", text)
    if not outgoing.to_handle or (outgoing.visibility == "public" and handle.lower() in text.lower()):
        return text
    return f"{handle} {text}"


def _writable(text: str) -> bool:
    """Can the text be sent at all? Half of a surrogate pair cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _receipt(status: Any) -> dict[str, str]:
    return {"network_id": str(status["id"]), "url": str(status.get("url") or ""), "uri": str(status.get("uri") or "")}


def _normal(text: str) -> str:
    """Text for comparison: servers may drop the host of a mention, change spaces and shorten links."""
    return " ".join(_REMOTE_MENTION.sub(r"\1", text.replace("\u200b", "")).split()).lower()


def _not_before(status: Any, since: datetime) -> bool:
    created = status.get("created_at")
    if not isinstance(created, datetime):
        return True
    return (created if created.tzinfo else created.replace(tzinfo=UTC)) >= since


class _Listener(StreamListener):
    """Puts stream events into the queue: None for "poll now", bytes for an edit or a deletion."""

    def __init__(self, events: queue.Queue[bytes | None]) -> None:
        super().__init__()
        self._events = events

    def _put(self, item: bytes | None) -> None:
        try:
            self._events.put_nowait(item)
        except queue.Full:
            logger.warning("stream_queue_full")

    def on_notification(self, notification: Any) -> None:
        """Something for us: poll."""
        self._put(None)

    def on_status_update(self, status: Any) -> None:
        """A post that we may know was edited."""
        self._put(orjson.dumps({"event": "status.update", "payload": status}, default=str))

    def on_delete(self, status_id: Any) -> None:
        """A post that we may know was deleted."""
        self._put(orjson.dumps({"event": "delete", "payload": str(status_id)}))

    def on_abort(self, err: Any) -> None:
        """The stream broke; Mastodon.py reconnects, polling goes on meanwhile."""
        self._put(None)


def _stream(account: AccountRef, events: queue.Queue[bytes | None]) -> Any:
    """Open the stream in the background; None where the server has none: then the timer polls."""
    client, _session = connect(account)
    try:
        return client.stream_user(_Listener(events), run_async=True, timeout=60, reconnect_async=True)
    except Exception as error:
        logger.info("no_stream", kind=type(error).__name__)
        return None


def _wait(events: queue.Queue[bytes | None], stopping: Callable[[], bool]) -> list[bytes]:
    """Wait for an event or the timer; returns the edits and deletions that came with it."""
    changes: list[bytes] = []
    waited = 0.0
    while waited < _POLL_EVERY_SECONDS and not stopping():
        try:
            item = events.get(timeout=0.5)
        except queue.Empty:
            waited += 0.5
            continue
        while True:
            if item is not None:
                changes.append(item)
            try:
                item = events.get_nowait()
            except queue.Empty:
                return changes
    return changes
