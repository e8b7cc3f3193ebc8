"""What the emulators of Instagram and Threads are: an app's login page and tokens, containers that become posts, and
edges that answer in Graph's words. What differs between them stands in their own folders.
"""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from openline.channels.accounts import AccountRef
from openline.channels.emulation.base import Emulator, Faults, Someone
from openline.channels.graph.emulated import (
    CONTAINER_LIFE,
    Clock,
    Fetched,
    GraphRefuses,
    Ids,
    Token,
    Tokens,
    login_page,
)

Answer = Callable[[Request, Mapping[str, str]], dict[str, Any]]
"""What an edge answers, from the request and its parameters; raises GraphRefuses."""


@dataclass(slots=True)
class Container:
    """What was prepared to be published; `published` is the id of what it became."""

    id: str
    values: dict[str, str]
    made: datetime
    ready_at: float = 0.0
    error: str = ""
    files: list[Fetched] = field(default_factory=list)
    published: str = ""


class ContainerNetwork:
    """Files and containers of a network. Changed under `lock` only."""

    def __init__(self, lock: threading.RLock, clock: Clock, faults: Faults) -> None:
        self.lock, self.clock, self.faults, self.new_id = lock, clock, faults, Ids()
        self.containers: dict[str, Container] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.processing_seconds = 0.0
        """How long films take until they can be published."""

    def keep(self, content: bytes, media_type: str) -> str:
        """Keep a file; its name."""
        name = f"{self.new_id()}.{media_type.rpartition('/')[2]}"
        self.files[name] = content, media_type
        return name

    def status(self, container: Container) -> str:
        """What the network says of a container."""
        if container.published:
            return "PUBLISHED"
        if self.clock.now() - container.made > CONTAINER_LIFE:
            return "EXPIRED"
        if time.monotonic() < container.ready_at:
            return "IN_PROGRESS"
        return "ERROR" if container.error else "FINISHED"

    def children(
        self, container: Container, number: tuple[int, int], wrong_number: GraphRefuses, not_ready: GraphRefuses
    ) -> list[Container]:
        """The containers that a carousel is made of. Raises one of the two refusals."""
        found = [self.containers.get(one) for one in container.values.get("children", "").split(",") if one]
        if not number[0] <= len(found) <= number[1]:
            raise wrong_number
        ready = [one for one in found if one and self.status(one) == "FINISHED"]
        ready = [one for one in ready if one.values.get("is_carousel_item") == "true"]
        if len(ready) < len(found):
            raise not_ready
        return ready


class GraphEmulator(Emulator):
    """A network of Meta with a login of its own and one official account, `account`.

    `version` stands in the addresses of its edges, `short_name` is how its tokens begin and what its grants are
    called, `wrong_app` what it answers to a login of an unknown app.
    """

    version: ClassVar[str]
    short_name: ClassVar[str]
    app_id: ClassVar[str]
    app_secret: ClassVar[str]
    account: ClassVar[Someone]
    wrong_app: ClassVar[Mapping[str, Any]]
    net: ContainerNetwork

    def __init__(self, hook: str = "") -> None:
        super().__init__(hook)
        self.clock = Clock()
        self.tokens = Tokens(self.clock, self.short_name.upper())

    @abstractmethod
    def edges(self) -> Sequence[tuple[str, str, Answer]]:
        """Method, path below the version, and what is answered."""

    @abstractmethod
    def usage(self) -> Mapping[str, str]:
        """The headers that tell how much of the allowance is used."""

    @abstractmethod
    def redeemed(self, token: Token) -> Mapping[str, Any]:
        """What is answered to a login's code."""

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """Those of the city's account, beside the app's id."""

    def routes(self) -> Sequence[BaseRoute]:
        """The edges, the login, the files."""
        return [
            Route("/oauth/authorize", self._login, methods=["GET"]),
            Route("/oauth/allow", self._allow, methods=["POST"]),
            Route("/oauth/access_token", self._redeem, methods=["POST"]),
            Route("/access_token", self._token(self.tokens.exchanged, "exchange"), methods=["GET"]),
            Route("/refresh_access_token", self._token(self.tokens.renewed, "refresh"), methods=["GET"]),
            Route("/files/{name}", self._file, methods=["GET"]),
            *(
                Route(f"/{self.version}{path}", self._answering(answer), methods=[method])
                for method, path, answer in self.edges()
            ),
        ]

    @property
    def city(self) -> AccountRef:
        """The city's account, logged in for 60 days."""
        token = self.tokens.issue()
        credentials = {"access_token": token.value, "app_secret": self.app_secret}
        credentials |= {"expires_at": str(token.expires.timestamp()), "since": str(token.issued.timestamp())}
        settings = {"app_id": self.app_id, **self.settings}
        return AccountRef("", f"@{self.account.handle}", self.url, credentials, settings, author_id=self.account.id)

    def _answering(self, answer: Answer) -> Callable[[Request], Any]:
        async def answering(request: Request) -> Response:
            form = await request.form() if request.method == "POST" else FormData()
            given = {**request.query_params, **{name: str(value) for name, value in form.items()}}
            return await run_in_threadpool(self._guarded, request, given, answer)

        return answering

    def _guarded(self, request: Request, given: Mapping[str, str], answer: Answer) -> Response:
        try:
            self.tokens.of(request)
            if self.faults.limited and request.method == "POST":
                raise GraphRefuses(4, "Application request limit reached", 1349210)
            return JSONResponse(answer(request, given), headers=self.usage())
        except GraphRefuses as error:
            return error.answer()

    def _login(self, request: Request) -> Response:
        """A person sees which app asks for what, and allows it."""
        asked = request.query_params
        if asked.get("client_id") != self.app_id or asked.get("response_type") != "code":
            return JSONResponse(self.wrong_app, 400)
        return login_page(request, self.label, self.account.handle)

    async def _allow(self, request: Request) -> Response:
        form = await request.form()
        back, state = str(form.get("redirect_uri", "")), str(form.get("state", ""))
        return RedirectResponse(f"{back}?{urlencode({'code': self.tokens.code(back), 'state': state})}#_", 303)

    async def _redeem(self, request: Request) -> Response:
        form = await request.form()
        try:
            if form.get("client_id") != self.app_id or form.get("client_secret") != self.app_secret:
                raise GraphRefuses(101, "Error validating client secret")
            token = self.tokens.redeem(str(form.get("code", "")), str(form.get("redirect_uri", "")))
        except GraphRefuses as error:
            return error.answer()
        return JSONResponse(self.redeemed(token))

    def _token(self, give: Callable[[Request], Token], what: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            asked = request.query_params
            try:
                if asked.get("grant_type") != f"{self.short_name}_{what}_token":
                    raise GraphRefuses(100, "Unsupported grant_type")
                if what == "exchange" and asked.get("client_secret") != self.app_secret:
                    raise GraphRefuses(101, "Error validating client secret")
                token = give(request)
            except GraphRefuses as error:
                return error.answer()
            seconds = int((token.expires - self.clock.now()).total_seconds())
            return JSONResponse({"access_token": token.value, "token_type": "bearer", "expires_in": seconds})

        return answer

    def _file(self, request: Request) -> Response:
        content, media_type = self.net.files.get(request.path_params["name"], (b"", ""))
        return Response(content, media_type=media_type) if media_type else Response("", 404)


def missing(request: Request) -> GraphRefuses:
    """The object that the address names is not there."""
    words = f"Unsupported request. Object with ID '{request.path_params['id']}' does not exist"
    return GraphRefuses(100, words, 33)
