"""What goes over the line between a channel and an emulator, for those who hold it against a contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    status: int
    answered: dict[str, str]
    answer: bytes = field(repr=False)


class Recording:
    """Stands before an emulator's app (`serving(..., wrapped=Recording)`) and hands each exchange to `heed`."""

    def __init__(self, app: ASGIApp, heed: Callable[[Exchange], None]) -> None:
        self._app, self._heed = app, heed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, told, begun = bytearray(), bytearray(), dict[str, Any]()

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            begun.update(message if message["type"] == "http.response.start" else {})
            told.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, hear, tell)
        if scope["type"] == "http" and begun:
            self._heed(
                Exchange(
                    scope["method"],
                    scope["path"],
                    scope["query_string"].decode(),
                    _headers(scope["headers"]),
                    bytes(asked),
                    begun["status"],
                    _headers(begun["headers"]),
                    bytes(told),
                )
            )


def _headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}
