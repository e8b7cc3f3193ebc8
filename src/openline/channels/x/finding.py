"""What we said lately, newest first: posts of the account, or messages of one conversation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels.base import Outgoing
from openline.channels.reading import child, children, moment, text
from openline.channels.x.client import Api
from openline.channels.x.reading import referenced
from openline.channels.x.words import plain, same

_PAGE, _MOST_PAGES = 100, 10
_LATELY = timedelta(days=1)
_CLOCKS = timedelta(minutes=2)


class Said:
    """Our own words since a time, near what `outgoing` says. Asked for once, and only as far as it is read."""

    def __init__(self, api: Api, outgoing: Outgoing, since: datetime | None) -> None:
        self._api, self._outgoing = api, outgoing
        self._since = (since or datetime.now(UTC) - _LATELY) - _CLOCKS
        self._me = api.me
        self._known: list[dict[str, Any]] = []
        self._taken: set[str] = set()
        self._more = self._messages() if outgoing.visibility == "private" else self._posts()
        self.handle = api.account.handle

    def find(self, words: str, parent: str) -> str:
        """The id of what says `words` under the post `parent`; "" if nothing does. The same one is found once only."""
        for item in self._all():
            found = text(item, "id")
            if found in self._taken or not same(plain(item), words) or self._api.account.ledger.ours(found):
                continue
            if self._outgoing.visibility == "private" or referenced(item, "replied_to") == parent:
                self._taken.add(found)
                return found
        return ""

    def _all(self) -> Iterator[dict[str, Any]]:
        yield from list(self._known)
        for item in self._more:
            self._known.append(item)
            yield item

    def _posts(self) -> Iterator[dict[str, Any]]:
        params = {"max_results": str(_PAGE), "start_time": self._since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        for _page in range(_MOST_PAGES):
            page = self._api.posts(f"/2/users/{self._me}/tweets", params)
            yield from children(page, "data")
            if not (token := text(child(page, "meta"), "next_token")):
                return
            params["pagination_token"] = token

    def _messages(self) -> Iterator[dict[str, Any]]:
        params = {
            "max_results": str(_PAGE),
            "event_types": "MessageCreate",
            "dm_event.fields": "created_at,dm_conversation_id,entities,event_type,id,text",
            "expansions": "sender_id",
        }
        other = self._outgoing.in_reply_to_author
        if not other.isdecimal():
            return
        page = self._api.get(f"/2/dm_conversations/with/{other}/dm_events", params)
        for item in children(page, "data"):
            at = moment(item.get("created_at"))
            if text(item, "sender_id") == self._me and at and at >= self._since:
                yield item
