"""The network's addresses: who asks, what for, and the answer with the headers of its allowance."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from openline.channels.emulation.base import Faults, Someone
from openline.channels.emulation.calls import Calls
from openline.channels.facebook.emulator import errors, fields, logins
from openline.channels.facebook.emulator.fields import Wanted
from openline.channels.facebook.emulator.messenger import Messenger
from openline.channels.facebook.emulator.nodes import View
from openline.channels.facebook.emulator.publishing import Asked, Publishing
from openline.channels.facebook.emulator.state import ADMIN, APP, PAGES, SECRET, Node, State
from openline.channels.graph.signing import proof

_CALLS_ALLOWED = 20_000
_FILMS = ("videos", "video_reels", "video_stories")


class Server:
    """Answers requests, one after the other."""

    def __init__(
        self, state: State, publishing: Publishing, messenger: Messenger, calls: Calls, faults: Faults, lock: Any
    ) -> None:
        self._state, self._publishing, self._messenger = state, publishing, messenger
        self._calls, self._faults, self._lock = calls, faults, lock
        self._count = 0
        self.url = ""
        self.forbidden: set[str] = set()
        """Edges of pages for which the app lacks the permission."""

    def routes(self) -> list[BaseRoute]:
        """Login, files, and everything else by its path."""
        return [
            Route("/{version}/dialog/oauth", self._login, methods=["GET", "POST"]),
            Route("/media/{one}", self._media, methods=["GET"]),
            Route("/video-upload/{version}/{one}", self._upload, methods=["POST"]),
            Route("/{path:path}", self._any, methods=["GET", "POST", "DELETE"]),
        ]

    # Requests

    async def _any(self, request: Request) -> Response:
        path = request.path_params["path"].strip("/")
        version, _, rest = path.partition("/")
        rest = rest if version.startswith("v") and version[1:2].isdigit() else path
        try:
            asked = await _read(request)
        except ValueError as error:
            return self._refused(errors.parameter(str(error)))
        method = asked.text("method").upper() or request.method
        return await run_in_threadpool(self._answer, method, rest.strip("/"), path, asked, request.headers)

    def _answer(self, method: str, path: str, whole: str, asked: Asked, headers: Mapping[str, str]) -> Response:
        with self._lock:
            self._count += 1
            try:
                if path == "oauth/access_token":
                    return self._said(logins.access_token(self._state, asked.params))
                token = _token(headers, asked)
                self._may_ask(token, asked)
                view = View(self._state, self.url, whole, token, asked.params, f"http://{headers.get('host', '')}")
                return self._said(self._do(method, path, asked, view, token))
            except errors.Refusal as refusal:
                return self._refused(refusal)

    def _do(self, method: str, path: str, asked: Asked, view: View, token: str) -> Any:
        known = self._state.tokens[token]
        name, _, edge = path.partition("/")
        if path == "debug_token":
            return logins.about(self._state, asked.text("input_token"))
        if name == APP and edge == "subscriptions":
            return self._subscriptions(method, asked, known.kind)
        if not name and asked.text("ids"):
            wanted = _wanted(asked)
            return {one: self._object(one, view, wanted) for one in asked.text("ids").split(",")}
        if name == "me":
            name = known.page or ADMIN.id
        if name == ADMIN.id:
            return self._user(edge, view, asked)
        page = next((one for one in PAGES if one.id == name), None)
        if page and edge:
            return self._page(method, page, edge, asked, view, token)
        if page:
            return view.page(page, _wanted(asked))
        return self._node(method, name, edge, asked, view, token)

    def _user(self, edge: str, view: View, asked: Asked) -> Any:
        if edge == "accounts":
            with_tokens = lambda one: view.page(one, _wanted(asked), with_token=self._state.page_tokens[one.id])  # noqa: E731
            return view.portion(PAGES, with_tokens, asked.params)
        return view.page(ADMIN, _wanted(asked))

    def _page(self, method: str, page: Someone, edge: str, asked: Asked, view: View, token: str) -> Any:
        if self._state.tokens[token].page != page.id:
            raise errors.permission("Requires a page access token of this page")
        if method == "GET":
            return self._edge(page, edge, asked, view)
        if edge == "subscribed_apps":
            return self._subscribe(method, page, asked)
        self._limit(page)
        ways: dict[str, Callable[[], Any]] = {
            "feed": lambda: self._publishing.feed(page, asked, view),
            "photos": lambda: self._publishing.photo(page, asked),
            "photo_stories": lambda: self._publishing.photo_story(page, asked),
            "messages": lambda: self._messenger.send(page, asked),
        } | {one: lambda one=one: self._publishing.film(page, one, asked, view) for one in _FILMS}
        if method != "POST" or edge not in ways:
            raise errors.missing(f"{page.id}/{edge}", method.lower())
        return ways[edge]()

    def _edge(self, page: Someone, edge: str, asked: Asked, view: View) -> Any:
        if edge in self.forbidden:
            raise errors.permission("Requires a permission that was not granted")
        posts, wanted = self._state.posts(page.id), _wanted(asked)
        show = lambda one: view.node(one, wanted)  # noqa: E731
        if edge == "conversations":
            found = [one for one in self._state.conversations(page.id) if asked.text("user_id") in ("", one[0])]
            return view.portion(found, lambda one: view.thread(one[0], page.id, one[1], wanted), asked.params)
        if edge == "stories":
            return self._publishing.stories(page)
        if edge == "subscribed_apps":
            told = sorted(self._state.subscribed.get(page.id, set()))
            return {"data": [{"id": APP, "name": "Openline", "subscribed_fields": told}] if told else []}
        chosen = {
            "feed": [one for one in posts if one.is_public],
            "visitor_posts": [one for one in posts if one.by.id != page.id],
            "scheduled_posts": [one for one in posts if one.publish_at and not one.is_public],
            "tagged": [one for one in self._state.nodes.values() if one.kind == "post" and one.to == page.id][::-1],
        }
        if edge not in chosen:
            raise errors.missing(f"{page.id}/{edge}")
        return view.portion(chosen[edge], show, asked.params)

    def _node(self, method: str, name: str, edge: str, asked: Asked, view: View, token: str) -> Any:
        page = next((one for one in PAGES if one.id == self._state.tokens[token].page), None)
        if not page:
            raise errors.permission("Requires a page access token")
        if name.startswith("t_"):
            return self._thread(name[2:], page, edge, asked, view)
        node = self._state.nodes.get(name)
        if not node:
            raise errors.missing(name, method.lower())
        if method == "GET" and edge == "comments":
            return view.comments(node, asked.params, _wanted(asked))
        if method == "GET" and not edge:
            return view.node(node, _wanted(asked))
        self._limit(page)
        if method == "POST" and edge == "comments":
            return self._publishing.comment(page, node, asked)
        if method == "POST" and edge == "captions" and node.kind == "video":
            return self._publishing.captions(node, asked)
        if method == "POST" and not edge:
            return self._publishing.change(page, node, asked)
        if method == "DELETE" and not edge and node.kind != "message":
            return self._publishing.remove(page, node)
        raise errors.missing(f"{name}/{edge}", method.lower())

    def _object(self, one: str, view: View, wanted: Sequence[Wanted]) -> dict[str, Any]:
        node = self._state.nodes.get(one)
        if not node:
            words = f"(#803) Some of the aliases you requested do not exist: {one}"
            raise errors.Refusal(803, words, status=404)
        return view.node(node, wanted)

    def _thread(self, who: str, page: Someone, edge: str, asked: Asked, view: View) -> Any:
        messages = self._state.messages(who, page.id)
        if not messages:
            raise errors.missing(f"t_{who}")
        if edge == "messages":
            wanted = _wanted(asked)
            return view.portion(messages[::-1], lambda one: view.node(one, wanted), asked.params)
        return view.thread(who, page.id, messages, _wanted(asked))

    # Webhooks

    def _subscribe(self, method: str, page: Someone, asked: Asked) -> dict[str, Any]:
        if method == "DELETE":
            self._state.subscribed.pop(page.id, None)
        else:
            self._state.subscribed[page.id] = set(asked.text("subscribed_fields").split(",")) - {""}
        return {"success": True}

    def _subscriptions(self, method: str, asked: Asked, kind: str) -> dict[str, Any]:
        """The app names the address to be called, and is asked at once whether it is there."""
        if kind != "APP":
            raise errors.Refusal(15, "(#15) This method must be called with an app access_token.")
        if method == "GET":
            return {"data": [{"object": "page", "callback_url": self._calls.hook, "active": bool(self._calls.hook)}]}
        word, hook = secrets.token_hex(8), asked.text("callback_url")
        query = f"hub.mode=subscribe&hub.challenge={word}&hub.verify_token={asked.text('verify_token')}"
        answer = self._calls.ask(f"{hook}?{query}")
        if answer.status_code != 200 or answer.text != word:
            words = "(#2200) Callback verification failed with the following errors: HTTP Status Code = "
            raise errors.Refusal(2200, f"{words}{answer.status_code}")
        self._calls.hook = hook
        return {"success": True}

    # Who asks

    def _may_ask(self, token: str, asked: Asked) -> None:
        known = self._state.tokens.get(token)
        if not token:
            raise errors.Refusal(
                2500, "An active access token must be used to query information about the current user."
            )
        if token in self._faults.dead_tokens:
            raise errors.token("Error validating access token: The session has been invalidated.", 460)
        if not known:
            raise errors.token("Invalid OAuth access token - Cannot parse access token")
        if not known.is_good:
            raise errors.token("Error validating access token: Session has expired.", 463)
        if asked.text("appsecret_proof") != proof(token, SECRET):
            words = "Invalid appsecret_proof provided in the API argument"
            raise errors.Refusal(100, words, kind="GraphMethodException")

    def _limit(self, page: Someone) -> None:
        if self._faults.limited:
            raise errors.too_many(page.id)

    # Answers

    def _headers(self) -> dict[str, str]:
        used = min(100, self._count * 100 // _CALLS_ALLOWED)
        told = {"x-app-usage": json.dumps({"call_count": used, "total_time": used // 2, "total_cputime": used // 2})}
        if self._faults.limited:
            row = {"type": "pages", "call_count": 100, "total_cputime": 10, "total_time": 10}
            told["x-business-use-case-usage"] = json.dumps(
                {PAGES[0].id: [row | {"estimated_time_to_regain_access": 7}]}
            )
        return told | {"facebook-api-version": "v26.0"}

    def _said(self, said: Any) -> Response:
        return JSONResponse(said, headers=self._headers())

    def _refused(self, refusal: errors.Refusal) -> Response:
        body = refusal.body("A" + secrets.token_hex(8))
        return JSONResponse(body, refusal.status, headers=self._headers())

    # Other addresses

    async def _login(self, request: Request) -> Response:
        params = dict(request.query_params)
        if request.method == "POST":
            params |= {name: str(value) for name, value in (await request.form()).items()}
            with self._lock:
                return RedirectResponse(logins.consented(self._state, params), 303)
        try:
            return HTMLResponse(logins.page(params))
        except errors.Refusal as refusal:
            return self._refused(refusal)

    def _media(self, request: Request) -> Response:
        node = self._state.nodes.get(request.path_params["one"])
        if not node or not node.content:
            return Response(status_code=404)
        return Response(node.content, media_type=node.media_type or "image/jpeg")

    async def _upload(self, request: Request) -> Response:
        content = await request.body()
        token = _token(request.headers, Asked({}))
        with self._lock:
            film: Node | None = self._state.nodes.get(request.path_params["one"])
            if not film or token not in self._state.tokens or not self._state.tokens[token].is_good:
                return self._refused(errors.token("Invalid OAuth access token."))
            offset, size = (int(request.headers.get(name) or 0) for name in ("offset", "file_size"))
            try:
                return self._said(self._publishing.upload(film, offset, size, content))
            except errors.Refusal as refusal:
                return self._refused(refusal)


def _token(headers: Mapping[str, str], asked: Asked) -> str:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given if scheme.lower() in ("bearer", "oauth") else asked.text("access_token")


def _wanted(asked: Asked) -> tuple[Wanted, ...]:
    return fields.parse(asked.text("fields"))


async def _read(request: Request) -> Asked:
    params = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0]
    if kind == "application/json":
        said = await request.json()
        return Asked(
            params | {name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()}
        )
    files: dict[str, tuple[str, str, bytes]] = {}
    for name, value in (await request.form()).multi_items() if request.method == "POST" else []:
        if isinstance(value, UploadFile):
            files[name] = (value.filename or "", value.content_type or "", await value.read())
        else:
            params[name] = value
    return Asked(params, files)
