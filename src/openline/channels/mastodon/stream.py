"""The server's event stream: it only says when to look. What was said is asked for.

Mastodon.py reads it in a thread and connects again by itself. It may be broken or absent at any time.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from typing import Any

import structlog
from mastodon import StreamListener

from openline.channels.base import AccountRef, ChannelError
from openline.channels.mastodon.client import Server

logger = structlog.get_logger("openline.mastodon")

TRY_AGAIN_SECONDS = 15.0
_SHORT_SECONDS = 0.5
_SILENCE_SECONDS = 75  # servers send a heartbeat every 15 to 30 seconds


class Stream(StreamListener):
    """Collects what to look at: "" for new mentions, else the id of a post that was edited or deleted."""

    def __init__(self, account: AccountRef) -> None:
        super().__init__()
        self._events: queue.Queue[str] = queue.Queue(maxsize=1000)
        self._handle: Any = None
        try:
            server = Server(account)
            self._handle = server.ask(
                lambda client: client.stream_user(
                    self,
                    run_async=True,
                    timeout=_SILENCE_SECONDS,
                    reconnect_async=True,
                    reconnect_async_wait_sec=TRY_AGAIN_SECONDS,
                )
            )
        except ChannelError as error:
            logger.info("no_stream", kind=type(error).__name__)  # then the timer polls

    def close(self) -> None:
        """End the stream. Closing waits for the server's next heartbeat, so it is left behind."""
        if self._handle is not None:
            threading.Thread(target=self._handle.close, daemon=True).start()

    def wait(self, seconds: float) -> list[str]:
        """All that has come, waiting at most `seconds` for the first."""
        found: list[str] = []
        with suppress(queue.Empty):
            found.append(self._events.get(timeout=seconds))
            while True:
                found.append(self._events.get_nowait())
        return found

    def handle_stream(self, response: Any) -> None:
        """A connection stands, the first one or one after a break: look at what came while there was none."""
        self._look()
        began = time.monotonic()
        try:
            super().handle_stream(response)
        finally:
            if time.monotonic() - began < _SHORT_SECONDS:  # Mastodon.py connects again at once, and again
                time.sleep(TRY_AGAIN_SECONDS)

    def _look(self, post: str = "") -> None:
        with suppress(queue.Full):
            self._events.put_nowait(post)

    def on_notification(self, notification: Any) -> None:
        """A mention. Boosts and favourites come in thousands and are nothing for us."""
        if not isinstance(notification, dict) or notification.get("type", "mention") == "mention":
            self._look()

    def on_status_update(self, status: Any) -> None:
        """A post by somebody whom the account follows was edited."""
        self._look(str(status.get("id", "")) if isinstance(status, dict) else "")

    def on_delete(self, status_id: Any) -> None:
        """A post by somebody whom the account follows was deleted."""
        self._look(str(status_id))

    def on_unknown_event(self, name: str, unknown_event: Any = None) -> None:
        """Nothing for us; Mastodon.py would end the stream."""

    def on_abort(self, err: Any) -> None:
        """The stream broke: something may have been missed."""
        self._look()
