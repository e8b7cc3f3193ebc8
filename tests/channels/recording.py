"""What went over the wire to an emulator, and back, each exchange held against something as it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Exchange:
    """One request and its answer. `values` are the parameters of the address and of a form, together."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = field(repr=False)
    status: int = 0
    answer: bytes = field(default=b"", repr=False)

    @property
    def values(self) -> dict[str, str]:
        form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return self.query | (dict(parse_qsl(self.body.decode(), keep_blank_values=True)) if form else {})


class Recorder:
    """Put before an app by `wrap`. `check` raises AssertionError for what breaks the contract: kept in `wrong`."""

    def __init__(self, check: Callable[[Exchange], None] = lambda exchange: None) -> None:
        self.exchanges: list[Exchange] = []
        self.wrong: list[str] = []
        self._check = check

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The app, every exchange noted."""

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
            query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
            found = Exchange(scope["method"], scope["path"], query, headers, b"")

            async def taking() -> Message:
                message = await receive()
                found.body += message.get("body", b"")
                return message

            async def giving(message: Message) -> None:
                if message["type"] == "http.response.start":
                    found.status = message["status"]
                found.answer += message.get("body", b"")
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    self._note(found)
                await send(message)

            await app(scope, taking, giving)

        return wrapped

    def _note(self, exchange: Exchange) -> None:
        self.exchanges = [*self.exchanges[-5000:], exchange]
        try:
            self._check(exchange)
        except AssertionError as error:
            self.wrong.append(f"{exchange.method} {exchange.path}: {error}")
