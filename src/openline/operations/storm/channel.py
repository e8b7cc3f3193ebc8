"""The channel to the storm's network: as small as a channel can be, and written by the rules of all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
import orjson

from openline.channels import http, registry
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
    TokenExpired,
    Who,
)
from openline.channels.listening import polling

NETWORK = "storm"
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_LOOK_EVERY_SECONDS = 0.2


class StormChannel(Channel):
    """See `openline.channels.base.Channel`. The network recognises no repeated send."""

    network: ClassVar[str] = NETWORK
    label: ClassVar[str] = "Storm"
    secrets: ClassVar[tuple[str, ...]] = ("access_token", "refresh_token")
    capabilities: ClassVar[Capabilities] = Capabilities(500, False, False, False, "poll", idempotent_send=False)

    def __init__(self) -> None:
        self._client = httpx.Client(timeout=10)

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Ask again and again."""
        return polling(self, account, cursor, stopping, _LOOK_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """One page; the cursor is the number of the next post."""
        found = self._call(account, "GET", "/residents", params={"after": cursor or "0"})
        after = max([int(cursor or 0), *(post["number"] + 1 for post in found)])
        return Heard(tuple(self.parse(orjson.dumps(post)) for post in found), str(after))

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one post."""
        try:
            post = orjson.loads(raw)
            at = _EPOCH + timedelta(seconds=post["number"])
            return Incoming(
                "post",
                post["id"],
                post["id"],
                raw,
                text=post["text"],
                author_id=post["by"],
                author_handle=post["by"],
                posted_at=at,
                in_reply_to=post["to"],
            )
        except (ValueError, KeyError, TypeError) as error:
            return Refused(raw, f"unreadable: {error!r}")

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Say it: one call."""
        post = {"text": outgoing.text, "to": outgoing.in_reply_to, "thread": outgoing.thread_root}
        return Receipt(
            **progress.step("post", lambda: asdict(Receipt(self._call(account, "POST", "/posts", json=post)["id"])))
        )

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look for these words under that post."""
        found = self._call(account, "GET", "/ours", params={"text": outgoing.text, "to": outgoing.in_reply_to})
        return Receipt(found[0]) if found else None

    def length(self, text: str) -> int:
        """Characters."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Ask the server who we are."""
        return Who(self._call(account, "GET", "/me")["id"], account.handle)

    def _call(self, account: AccountRef, method: str, path: str, **more: Any) -> Any:
        """One call; with an access token that has run out, once more with a new one (the server did nothing)."""
        token = account.credentials["access_token"]
        with suppress(TokenExpired):
            return self._once(account, token, method, path, **more)
        fresh = account.keeper.renew(lambda now: self._renewed(account, token, now))
        return self._once(account, fresh["access_token"], method, path, **more)

    def _once(self, account: AccountRef, token: str, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = http.call(
            self._client, method, account.server + path, sending=method == "POST", headers=headers, **more
        )
        return answer.json()

    def _renewed(self, account: AccountRef, old: str, now: dict[str, str]) -> dict[str, str]:
        if now["access_token"] != old:
            return now  # another thread was quicker
        body = {"refresh_token": now["refresh_token"]}
        found: dict[str, str] = http.call(self._client, "POST", account.server + "/token", json=body).json()
        return found


def register() -> None:
    """Put it beside the installed channels, in this process alone."""
    registry.channels()[NETWORK] = StormChannel()
