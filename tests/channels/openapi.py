"""An exchange as openapi-core reads it, to be held against a network's own OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict


class Exchange(Protocol):
    """One request and its answer; `query` as it stood in the address, or by name."""

    method: str
    path: str
    query: Any
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


@dataclass
class Asked:
    """The request, at the host that the document names."""

    exchange: Exchange
    host_url: str
    parameters: RequestParameters = field(init=False)

    def __post_init__(self) -> None:
        query = self.exchange.query
        pairs = parse_qsl(query) if isinstance(query, str) else list(query.items())
        self.parameters = RequestParameters(query=ImmutableMultiDict(pairs), header=Headers(self.exchange.headers))

    @property
    def path(self) -> str:
        return self.exchange.path

    @property
    def method(self) -> str:
        return self.exchange.method.lower()

    @property
    def body(self) -> bytes | None:
        return self.exchange.body or None

    @property
    def content_type(self) -> str:
        return self.exchange.headers.get("content-type", "")


@dataclass
class Answered:
    """The answer."""

    exchange: Exchange
    content_type: str = "application/json"

    @property
    def status_code(self) -> int:
        return self.exchange.status

    @property
    def headers(self) -> Headers:
        return Headers()

    @property
    def data(self) -> bytes:
        return self.exchange.answer
