"""Mastodon: mastodon-mock, a server of another author with the whole API; residents use Mastodon.py."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from mastodon import Mastodon

from openline.channels.base import AccountRef
from openline.channels.mastodon import channel as channel_module
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.text import text_of_html
from openline.sandbox.cast import CITY, RESIDENTS, Person
from openline.sandbox.servers import SandboxServers, free_port
from tests.channels.nets.base import Net, Said

DESK = CITY[0]
_TABLES = {
    "statuses": """(id, account_id, content, text, created_at, sensitive, spoiler_text, visibility, quote_state,
        quote_approval_policy, edit_history) VALUES (:id, :author, '<p>@philly311 backlog ' || :text || '</p>',
        '@philly311 backlog ' || :text, '2026-11-01 10:00:00.000000', 0, '', 'public', 'accepted', 'public', '[]')""",
    "status_mentions": "(id, status_id, account_id) VALUES (:id, :id, :city)",
    "notifications": """(id, account_id, type, from_account_id, status_id, created_at, read)
        VALUES (:id, :city, 'mention', :author, :id, '2026-11-01 10:00:00.000000', 0)""",
}
"""How a mention stands in the server's database."""
_SLOW = (
    "statuses(account_id)",
    "statuses(in_reply_to_id)",
    "statuses(reblog_of_id)",
    "statuses(quoted_status_id)",
    "status_mentions(status_id)",
    "notifications(account_id)",
)
"""Columns that it looks up for every post it shows, without an index of its own."""


class QuickServers(SandboxServers):
    """The sandbox's, where a page of notifications does not take half a second."""

    mastodon_module: ClassVar[str] = "tests.servers.mastodon_pages"


class MastodonNet(Net):
    """The service desk's account on a server with nothing but the sandbox's cast."""

    network: ClassVar[str] = "mastodon"

    def __init__(self, servers: SandboxServers) -> None:
        self.servers = servers
        self.channel = MastodonChannel()
        self.port = servers.mastodon_port
        self.account = AccountRef("m", "@philly311", servers.mastodon_url, {"access_token": DESK.token})

    @property
    def server(self) -> str:
        """The server's base address."""
        return self.account.server

    def through(self, port: int) -> AccountRef:
        return replace(self.account, server=f"http://127.0.0.1:{port}")

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(channel_module, "LOOK_AGAIN_EVERY_SECONDS", 0.3)
        patch.setattr(channel_module, "POLL_EVERY_SECONDS", 0.3)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.servers.stop("mastodon")
        try:
            yield
        finally:
            self.servers.start_mastodon()

    def post(
        self,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: tuple[bytes, ...] = (),
        who: int | Person = 0,
    ) -> str:
        client, name = self._client(who), self.account.handle
        # This server knows names only in its own spelling; Mastodon itself does not mind capitals.
        named = re.sub(re.escape(name) + r"\b", name, text, flags=re.I)
        status = client.status_post(
            named if name in named else f"{name} {text}",
            in_reply_to_id=in_reply_to or None,
            visibility="direct" if private else "public",
            media_ids=[client.media_post(photo, "image/jpeg", file_name="photo.jpg") for photo in photos] or None,
        )
        return str(status["id"])

    def asleep(self) -> str:
        return str(self._oldest() - 2 * self.many)

    def backlog(self, count: int) -> list[str]:
        """Written into the server's own database while it is away: by its API ten thousand posts take minutes.

        They are older than all that it holds: it counts its ids up from the time of its start.
        """
        first = self._oldest() - count - 1
        with self.away(), sqlite3.connect(self.servers.folder / "mastodon.sqlite3") as database:
            city = database.execute("SELECT id FROM accounts WHERE username = ?", [DESK.username]).fetchone()[0]
            crowd = _crowd(database, first)
            for column in _SLOW:
                database.execute(f"CREATE INDEX IF NOT EXISTS t_{column.replace('(', '_').rstrip(')')} ON {column}")
            rows = [{"id": first + n, "author": crowd[n % 500], "city": city, "text": f"{n}"} for n in range(count)]
            for table, row in _TABLES.items():
                database.executemany(f"INSERT INTO {table} {row}", rows)
            database.commit()
        return [str(first + n) for n in range(count)]

    def _oldest(self) -> int:
        """The smallest id on the server."""
        with sqlite3.connect(self.servers.folder / "mastodon.sqlite3") as database:
            found = [database.execute(f"SELECT min(id) FROM {table}").fetchone()[0] for table in ("accounts", *_TABLES)]
        return min(one for one in found if one)

    def thread(self, network_id: str, who: int | Person = 0) -> list[Said]:
        client = self._client(who)
        root, context = client.status(network_id), client.status_context(network_id)
        return [_said(status) for status in (*context["ancestors"], root, *context["descendants"])]

    def edit(self, network_id: str, text: str) -> None:
        self._client(0).status_update(network_id, f"{self.account.handle} {text}")

    def delete(self, network_id: str) -> None:
        self._client(0).status_delete(network_id)

    def refused(self) -> AccountRef:
        return replace(self.account, credentials={"access_token": "wrong"})

    @contextmanager
    def limited(self) -> Iterator[None]:
        with fault(self.servers, "/api/v1/statuses", {"type": "ratelimit"}, times=50):
            yield

    @contextmanager
    def refusing(self) -> Iterator[None]:
        effect: dict[str, object] = {"type": "status", "status": 422, "body": {"error": "Text is not welcome"}}
        with fault(self.servers, "/api/v1/statuses", effect, times=50):
            yield

    def _client(self, who: int | Person) -> Mastodon:
        person = RESIDENTS[who] if isinstance(who, int) else who
        known = self._clients.get(person.username)
        if known is None:
            known = self._clients[person.username] = Mastodon(
                access_token=person.token, api_base_url=self.server, mastodon_version="4.2.0", request_timeout=10
            )
        return known

    @cached_property
    def _clients(self) -> dict[str, Mastodon]:
        return {}


def _crowd(database: sqlite3.Connection, first: int) -> list[int]:
    """Five hundred residents more: the server counts all posts of an author whenever it shows one."""
    found = database.execute("SELECT * FROM accounts WHERE username = ?", [RESIDENTS[0].username])
    columns, [row] = [column[0] for column in found.description], found.fetchall()
    places = columns.index("id"), columns.index("username")
    for n in range(500):
        changed = list(row)
        changed[places[0]], changed[places[1]] = first + n, f"crowd{first + n}"
        database.execute(f"INSERT INTO accounts VALUES ({', '.join('?' * len(row))})", changed)
    return [first + n for n in range(500)]


def _said(status: Any) -> Said:
    return Said(
        str(status["id"]),
        text_of_html(str(status["content"])),
        str(status["account"]["username"]) in {person.username for person in CITY},
        str(status["in_reply_to_id"] or ""),
        status["visibility"] == "direct",
        tuple(str(media["description"] or "") for media in status["media_attachments"]),
        status["created_at"],
    )


@contextmanager
def fault(servers: SandboxServers, path: str, effect: dict[str, object], times: int = 1) -> Iterator[None]:
    """Let the server answer the next requests to `path` with a fault."""
    rules = f"{servers.mastodon_url}/api/v1/_mock/faults"
    rule = {"match": {"path": path}, "effect": effect, "count": times}
    httpx.post(rules, json=rule).raise_for_status()
    try:
        yield
    finally:
        httpx.delete(rules)


@contextmanager
def start(folder: Path) -> Iterator[MastodonNet]:
    """The server in its own process, with a database on disk so that it can go and come back."""
    servers = QuickServers(folder, free_port(), free_port())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        servers.start_mastodon()
        yield MastodonNet(servers)
    finally:
        servers.stop()
