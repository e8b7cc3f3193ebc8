"""Live updates for staff's browsers: one small ASGI process that passes on PostgreSQL's notifications.

    granian --interface asgi openline.events_server:application

GET /events?token=... streams server-sent events (WHATWG HTML, section 9.2): `change` events whose data
are subjects such as "conversation:<uuid>" and "request:<uuid>", never content. The page asks for what
it may see. All clients share one LISTEN connection. Of Django only the signing of tokens is used.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.core import signing

from openline.foundation import postgres
from openline.foundation.keys import installation_keys

CHANNEL = "openline_changes"  # the same as foundation.changes.CHANNEL, which would bring all of Django here
SALT = "openline.events"
TOKEN_SECONDS = 12 * 3600
HEARTBEAT_SECONDS = 20.0
RECONNECT_SECONDS = 2.0
GATHER_SECONDS = 0.1
MOST_WAITING = 500
"""A client that is so many subjects behind is told to refresh everything instead."""
REFRESH_ALL = "all"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

logger = logging.getLogger("openline.events")


class Client:
    """One browser: the subjects that it has not been told of yet, each once."""

    def __init__(self) -> None:
        self._subjects: dict[str, None] = {}
        self._something = asyncio.Event()

    def tell(self, subject: str) -> None:
        """Note a subject; too many become one."""
        if len(self._subjects) >= MOST_WAITING:
            self._subjects = {REFRESH_ALL: None}
        self._subjects[subject] = None
        self._something.set()

    async def next(self) -> str:
        """The next piece of the stream: what changed, or a heartbeat when nothing did for a while."""
        try:
            await asyncio.wait_for(self._something.wait(), HEARTBEAT_SECONDS)
        except TimeoutError:
            return ": still here\n\n"
        await asyncio.sleep(GATHER_SECONDS)
        told, self._subjects = " ".join(self._subjects), {}
        self._something.clear()
        return f"event: change\ndata: {told}\n\n"


class Hub:
    """All connected browsers, and the one connection that listens for them."""

    def __init__(self, connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]) -> None:
        self.clients: set[Client] = set()
        self._connect = connect

    def tell(self, subject: str) -> None:
        """Pass a subject on to everybody."""
        for client in self.clients:
            client.tell(subject)

    async def listen(self) -> None:
        """Listen for ever. After a lost connection everybody is told to refresh: something may have been missed."""
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.tell(REFRESH_ALL)
                    async for notice in connection.notifies():
                        self.tell(notice.payload)
            except (psycopg.Error, OSError) as error:
                logger.warning("the database is away: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)


class EventsServer:
    """The ASGI application. `key` signs the tokens, `older` ones still count; `database_url`: where the
    notifications come from."""

    def __init__(self, key: str, database_url: str, older: Sequence[str] = ()) -> None:
        self._key, self._older = key, [*older]
        self.hub = Hub(lambda: psycopg.AsyncConnection.connect(database_url, autocommit=True))
        self._listening: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["type"] != "http":
            return
        if scope["path"] == "/healthz":
            return await _plain(send, 200, b"ok")
        if scope["path"] != "/events" or scope["method"] != "GET":
            return await _plain(send, 404, b"not here")
        if not self.may_listen(scope["query_string"]):
            return await _plain(send, 403, b"the token is missing, wrong or too old: load the page again")
        await self._stream(scope, receive, send)

    def may_listen(self, query_string: bytes) -> bool:
        """True if the query brings a token that the console made in the last hours."""
        token = parse_qs(query_string.decode("latin-1")).get("token", [""])[0]
        try:
            signing.loads(token, key=self._key, salt=SALT, max_age=TOKEN_SECONDS, fallback_keys=[*self._older])
        except (signing.BadSignature, ValueError):
            return False
        return True

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._listening = asyncio.create_task(self.hub.listen())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._listening:
                    self._listening.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = Client()
        self.hub.clients.add(client)
        gone = asyncio.create_task(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _headers(scope)})
            await send(_body("retry: 5000\n\n"))
            while not gone.done():
                piece = asyncio.create_task(client.next())
                await asyncio.wait({piece, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not piece.done():
                    piece.cancel()
                    break
                await send(_body(piece.result()))
        except OSError:
            logger.debug("a browser went away while it was told something")
        finally:
            gone.cancel()
            self.hub.clients.discard(client)


async def _gone(receive: Receive) -> None:
    """Return when the browser has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Headers of the stream. Any origin may read it: who has the token may know, and no cookie is used."""
    origin = dict(scope["headers"]).get(b"origin", b"*")
    return [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"access-control-allow-origin", origin),
        (b"vary", b"Origin"),
    ]


def _body(text: str) -> MutableMapping[str, Any]:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}


async def _plain(send: Send, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def make() -> EventsServer:
    """The server of this installation: the same key and database as the pages."""
    var = Path(os.environ.get("OPENLINE_VAR", "var")).resolve()
    key, *older = installation_keys(var)
    return EventsServer(key, postgres.database_url(var), older)


def __getattr__(name: str) -> Any:
    """Make `application` when it is first asked for, so that importing this module starts nothing."""
    if name == "application":
        globals()["application"] = made = make()
        return made
    raise AttributeError(name)
