"""The page of an emulator: residents' posting, threads as residents see them, and the log of calls to us."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.template import Context, Engine
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from openline.channels.emulation.base import CannotDo, Emulator, Shown, Someone

PATH = "/sandbox/"
_FOLDER = Path(__file__).parent / "templates"
_MOST_PHOTOS = 4


def routes(emulator: Emulator) -> list[Route]:
    """The page's addresses."""
    page = Page(emulator)
    return [
        Route(PATH, page.index, methods=["GET"]),
        Route(PATH + "account.json", page.account, methods=["GET"]),
        Route(PATH + "style.css", page.style, methods=["GET"]),
        Route(PATH + "post/", page.post, methods=["POST"]),
        Route(PATH + "change/", page.change, methods=["POST"]),
        Route(PATH + "thread/{post:path}", page.thread, methods=["GET"]),
    ]


class Page:
    """The page of one emulator; without scripts, so that it works everywhere."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._engine = Engine(dirs=[str(_FOLDER)])

    def index(self, request: Request) -> Response:
        """The form, the newest threads, and what the network called us with."""
        who = self._who(request.query_params.get("as", ""))
        context = {
            "who": who,
            "posts": self._emulator.newest(who),
            "calls": list(self._emulator.calls.log)[::-1][:20],
            "problem": request.query_params.get("problem", ""),
        }
        return self._render("page.html", context)

    def thread(self, request: Request) -> Response:
        """One thread as the resident sees it."""
        who = self._who(request.query_params.get("as", ""))
        said = self._emulator.thread(request.path_params["post"], who)
        context = {"who": who, "posts": said, "last": _last(said), "problem": request.query_params.get("problem", "")}
        return self._render("thread.html", context, 200 if said else 404)

    def account(self, request: Request) -> Response:
        """The city's account, for the sandbox to connect."""
        try:
            city = self._emulator.city
        except CannotDo as error:
            return HTMLResponse(str(error), 404)
        known = {name: getattr(city, name) for name in ("handle", "server", "credentials", "author_id")}
        return JSONResponse({**known, "settings": dict(city.settings), "label": self._emulator.label})

    def style(self, request: Request) -> Response:
        """The style sheet: one for all, nobody's trade dress."""
        return Response((_FOLDER / "style.css").read_bytes(), media_type="text/css")

    async def post(self, request: Request) -> Response:
        """Say something as the resident."""
        form = await request.form()
        who, text = self._who(str(form.get("as", ""))), str(form.get("text", "")).strip()[:5000]
        above, private = str(form.get("in_reply_to", "")), form.get("private") == "on"
        photos = [await one.read() for one in form.getlist("photos")[:_MOST_PHOTOS] if not isinstance(one, str)]
        if not text:
            return _back(who, "Write something first.", above)
        try:
            new = self._emulator.say(who, text, in_reply_to=above, private=private, photos=[p for p in photos if p])
        except CannotDo as error:
            return _back(who, str(error), above)
        return _back(who, "", new)

    async def change(self, request: Request) -> Response:
        """Edit or delete what the resident said."""
        form = await request.form()
        who, post = self._who(str(form.get("as", ""))), str(form.get("post", ""))
        try:
            if form.get("how") == "delete":
                self._emulator.delete(post)
                return _back(who, "")
            self._emulator.edit(post, str(form.get("text", ""))[:5000])
        except CannotDo as error:
            return _back(who, str(error), post)
        return _back(who, "", post)

    def _who(self, handle: str) -> Someone:
        people = self._emulator.residents
        return next((one for one in people if one.handle == handle), people[0])

    def _render(self, template: str, context: dict[str, Any], status: int = 200) -> Response:
        usual = {"emulator": self._emulator, "residents": self._emulator.residents, "path": PATH}
        body = self._engine.get_template(template).render(Context(usual | context))
        policy = "default-src 'self'; img-src 'self' data: http://127.0.0.1:*; media-src 'self' http://127.0.0.1:*"
        return HTMLResponse(body, status, {"Content-Security-Policy": policy})


def _last(said: list[Shown]) -> str:
    return said[-1].id if said else ""


def _back(who: Someone, problem: str, post: str = "") -> Response:
    query = urlencode({"as": who.handle} | ({"problem": problem} if problem else {}))
    return RedirectResponse(f"{PATH}thread/{post}?{query}" if post else f"{PATH}?{query}", 303)
