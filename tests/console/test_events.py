"""Live events: only with a token, everybody is told, nobody is flooded, a lost database is survived."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from django.core import signing

from openline import events_server
from openline.console import panes
from openline.events_server import MOST_WAITING, REFRESH_ALL, Client, EventsServer, Hub

KEY = "a key for tests"


def query(value: object = 1, key: str = KEY, salt: str = events_server.SALT) -> bytes:
    """The query string of a token."""
    return b"token=" + signing.dumps(value, key=key, salt=salt).encode()


def test_page_and_server_agree_on_the_token(settings: Any) -> None:
    assert panes.EVENTS_SALT == events_server.SALT
    made = signing.dumps(7, salt=panes.EVENTS_SALT).encode()
    assert EventsServer(settings.SECRET_KEY, "").may_listen(b"token=" + made)


@pytest.mark.parametrize(
    "asked",
    [
        b"",
        b"token=",
        b"token=x",
        b"\xff\xfe",
        b"token=%00",
        query(key="another"),
        query(salt="another"),
        b"token=" + b"x" * 100_000,
    ],
)
def test_without_a_good_token_nobody_listens(asked: bytes) -> None:
    assert not EventsServer(KEY, "").may_listen(asked)


def test_an_old_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token, now = query(), time.time()
    server = EventsServer(KEY, "")
    assert server.may_listen(token)
    monkeypatch.setattr(time, "time", lambda: now + events_server.TOKEN_SECONDS + 5)
    assert not server.may_listen(token)


def test_a_client_is_told_each_subject_once_and_all_together() -> None:
    async def story() -> str:
        client = Client()
        for subject in ("conversation:1", "request:2", "conversation:1"):
            client.tell(subject)
        return await client.next()

    assert asyncio.run(story()) == "event: change\ndata: conversation:1 request:2\n\n"


def test_who_is_far_behind_is_told_to_refresh_all() -> None:
    async def story() -> str:
        client = Client()
        for number in range(MOST_WAITING + 1):
            client.tell(f"conversation:{number}")
        return await client.next()

    told = asyncio.run(story())
    assert REFRESH_ALL in told and len(told) < 200


def test_silence_is_broken_by_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_server, "HEARTBEAT_SECONDS", 0.01)

    async def story() -> str:
        return await Client().next()

    assert asyncio.run(story()).startswith(": ")


def test_a_lost_database_is_asked_again_and_everybody_refreshes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_server, "RECONNECT_SECONDS", 0.01)
    tries: list[int] = []

    class Connection:
        async def __aenter__(self) -> Connection:
            return self

        async def __aexit__(self, *error: object) -> None: ...

        async def execute(self, statement: str) -> None: ...

        async def notifies(self) -> AsyncIterator[Any]:
            yield type("Notice", (), {"payload": "conversation:1"})
            await asyncio.sleep(60)

    async def connect() -> Any:
        tries.append(1)
        if len(tries) < 3:
            raise psycopg.OperationalError("away")
        return Connection()

    async def story() -> str:
        hub, client = Hub(connect), Client()
        hub.clients.add(client)
        listening = asyncio.create_task(hub.listen())
        told = await client.next()
        listening.cancel()
        return told

    assert asyncio.run(story()) == "event: change\ndata: all conversation:1\n\n"


def ask(path: str, query_string: bytes = b"", method: str = "GET") -> list[Any]:
    """What the server sends for one request whose browser goes away at once."""
    sent: list[Any] = []

    async def story() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "path": path,
            "method": method,
            "query_string": query_string,
            "headers": [(b"origin", b"http://page.example")],
        }
        await EventsServer(KEY, "")(scope, receive, send)

    asyncio.run(story())
    return sent


def test_answers_over_http() -> None:
    assert ask("/healthz")[0]["status"] == 200
    assert ask("/elsewhere")[0]["status"] == 404
    assert ask("/events", query(), "POST")[0]["status"] == 404
    assert ask("/events", b"token=bad")[0]["status"] == 403
    stream = ask("/events", query())
    headers = dict(stream[0]["headers"])
    assert stream[0]["status"] == 200 and headers[b"content-type"].startswith(b"text/event-stream")
    assert headers[b"access-control-allow-origin"] == b"http://page.example" and len(stream) == 2
