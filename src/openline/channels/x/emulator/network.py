"""The emulated X: its addresses, who may call them and how often, and its residents."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from openline.channels.accounts import AccountRef
from openline.channels.emulation.base import NAMES, CannotDo, Shown, Someone
from openline.channels.emulation.base import Emulator as Base
from openline.channels.x.emulator import problems
from openline.channels.x.emulator.activity import EVENTS, Activity
from openline.channels.x.emulator.logins import Logins
from openline.channels.x.emulator.messaging import Messaging
from openline.channels.x.emulator.posting import Posting
from openline.channels.x.emulator.shapes import Shapes
from openline.channels.x.emulator.state import (
    BEARER_TOKEN,
    CITY,
    CLIENT_ID,
    CLIENT_SECRET,
    Message,
    Post,
    State,
    Upload,
    now,
)
from openline.channels.x.emulator.uploads import Uploads
from openline.channels.x.text import entities

Handler = Callable[[Request, bytes, Mapping[str, Any]], Response]
SCOPES = ("tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "dm.read", "dm.write", "media.write",
          "offline.access")  # fmt: skip
LIMITS = (
    (re.compile(r"POST /2/tweets$"), 100, 900),
    (re.compile(r"DELETE /2/tweets/"), 50, 900),
    (re.compile(r"PUT /2/tweets/"), 50, 900),
    (re.compile(r"POST /2/dm_conversations/"), 15, 900),
    (re.compile(r"GET /2/dm_"), 15, 900),
    (re.compile(r"GET /2/users/\d+/mentions"), 300, 900),
    (re.compile(r"GET /2/"), 900, 900),
    (re.compile(r"POST /2/media/"), 500, 900),
)
"""X's allowances for one account, 2026: calls, seconds."""


class Emulator(Base):
    """X in memory, with the city's account and residents who follow it."""

    network: ClassVar[str] = "x"
    label: ClassVar[str] = "X"

    def __init__(self, hook: str = "") -> None:
        super().__init__("")
        self.ours, self.state = CITY, State()
        self.tier = "self_serve"
        self.unlimited = False
        self.credit = True
        self.unknown_events: set[str] = set()
        self._used: dict[tuple[str, int], int] = {}
        self._people = [
            Someone(str(2_000_000_000_000_000_000 + n), handle, name) for n, (handle, name) in enumerate(NAMES)
        ]
        self.state.people = {one.id: one for one in (self.ours, *self._people)}
        self.shapes, self.logins, self.posting = Shapes(self.state), Logins(self), Posting(self)
        self.messaging, self.uploads, self.activity = Messaging(self), Uploads(self), Activity(self)
        if hook:
            webhook = self.activity.add(hook)["id"]
            for event in EVENTS[:3]:
                self.activity.follow(event, webhook)

    @property
    def city(self) -> AccountRef:
        """The city's account, logged in."""
        login = self.logins.begin(" ".join(SCOPES))
        credentials = {
            "client_secret": CLIENT_SECRET,
            "bearer_token": BEARER_TOKEN,
            "access_token": login.access,
            "refresh_token": login.refresh,
            "expires_at": str(int(login.until)),
            "scope": login.scope,
        }
        settings = {"client_id": CLIENT_ID, "tier": self.tier}
        return AccountRef("", f"@{self.ours.handle}", self.url, credentials, settings, author_id=self.ours.id)

    def routes(self) -> Sequence[BaseRoute]:
        """X's API v2 as far as a city uses it, its login, and its files."""
        p, m, u, a, o = self.posting, self.messaging, self.uploads, self.activity, self.logins
        as_account: list[tuple[str, str, Handler]] = [
            ("POST", "/2/tweets", p.create),
            ("GET", "/2/tweets", p.lookup),
            ("DELETE", "/2/tweets/{id}", p.delete),
            ("PUT", "/2/tweets/{id}/hidden", p.hide),
            ("GET", "/2/users/me", p.me),
            ("GET", "/2/users/{id}/mentions", p.mentions),
            ("GET", "/2/users/{id}/tweets", p.own),
            ("GET", "/2/dm_events", m.all),
            ("DELETE", "/2/dm_events/{id}", m.delete),
            ("GET", "/2/dm_conversations/with/{id}/dm_events", m.one),
            ("POST", "/2/dm_conversations/with/{id}/messages", m.send),
            ("GET", "/2/dm_conversations/media/{dm_id}/{media_id}/{resource_id}", m.file),
            ("POST", "/2/media/upload/initialize", u.initialize),
            ("POST", "/2/media/upload/{id}/append", u.append),
            ("POST", "/2/media/upload/{id}/finalize", u.finalize),
            ("GET", "/2/media/upload", u.status),
            ("POST", "/2/media/metadata", u.metadata),
            ("POST", "/2/media/subtitles", u.subtitles),
            ("POST", "/2/activity/subscriptions", a.subscribe),
        ]
        as_app: list[tuple[str, str, Handler]] = [
            ("POST", "/2/webhooks", a.create),
            ("GET", "/2/webhooks", a.list),
            ("PUT", "/2/webhooks/{id}", a.validate),
            ("GET", "/2/activity/subscriptions", a.subscriptions),
        ]
        public: list[tuple[str, str, Handler]] = [
            ("GET", "/i/oauth2/authorize", o.page),
            ("POST", "/i/oauth2/authorize", o.allow),
            ("POST", "/2/oauth2/token", o.token),
            ("GET", "/media/{name}", u.file),
        ]
        return [
            self._route(*one, who)
            for some, who in ((as_account, "account"), (as_app, "app"), (public, ""))
            for one in some
        ]

    def _route(self, method: str, path: str, handler: Handler, who: str) -> Route:
        async def endpoint(request: Request) -> Response:
            form: dict[str, Any] = {}
            body = await request.body()
            if "form" in request.headers.get("content-type", ""):
                given = await request.form()
                form = {name: await one.read() if isinstance(one, UploadFile) else one for name, one in given.items()}
            return await run_in_threadpool(self._answer, handler, who, request, body, form)

        return Route(path, endpoint, methods=[method])

    def _answer(self, handler: Handler, who: str, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        try:
            headers = self._allowed(request, who) if who else {}
            answer = handler(request, body, form)
        except problems.Problem as problem:
            return problem.answer
        answer.headers.update(headers)
        return answer

    def _allowed(self, request: Request, who: str) -> dict[str, str]:
        """Who calls, may they, and how often still? Raises Problem."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not (token == BEARER_TOKEN if who == "app" else self.logins.knows(token)):
            raise problems.unauthorized()
        if request.method != "GET" and who == "account" and not self.credit:
            raise problems.no_credit()
        call = f"{request.method} {request.url.path}"
        limit = next((one for one in LIMITS if one[0].match(call)), None)
        if not limit:
            return {}
        pattern, most, seconds = limit
        with self.lock:
            key = (pattern.pattern, int(time.time()) // seconds)
            self._used[key] = used = self._used.get(key, 0) + 1
        if self.unlimited:
            used = 1
        if used > most or (self.faults.limited and request.method != "GET"):
            raise problems.too_many(problems.window(most, most, seconds))
        return problems.window(most, used, seconds)

    # Residents

    @property
    def residents(self) -> Sequence[Someone]:
        """In the order of `NAMES`."""
        return self._people

    def say(
        self,
        who: Someone,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: Sequence[bytes] = (),
        quoted: str = "",
    ) -> str:
        """Say `text`. A post that is no answer names the city, as nobody would be told of it otherwise."""
        media = tuple(map(self._photo, photos))
        if private:
            with self.lock:
                message = Message(self.state.new_id(), who, self.ours, text, now(), media[:1])
                self.state.messages.append(message)
            self.activity.wrote(message)
            return message.id
        parent = self.state.posts.get(in_reply_to)
        if in_reply_to and not parent:
            raise CannotDo("That post is gone.")
        named = self.ours.handle in (one.name for one in entities.mentions(text))
        if not parent and not named and not quoted:
            text = f"@{self.ours.handle} {text}"
        prefix = f"@{parent.author.handle} " if parent and parent.author.id != who.id and not named else ""
        with self.lock:
            new = self.state.new_id()
            post = Post(
                new, who, text, now(), in_reply_to, quoted, parent.conversation if parent else new, media, [new], prefix
            )
            self.state.posts[new] = post
        self.activity.posted(post)
        return new

    def _photo(self, photo: bytes) -> Upload:
        one = Upload(self.state.new_id(), "tweet_image", "image/jpeg", len(photo), finished=time.time(), content=photo)
        with self.lock:
            self.state.uploads[one.id] = one
        return one

    def edit(self, post: str, text: str) -> None:
        """A new version, with an id of its own, as X makes it."""
        old = self.state.posts.get(post)
        if not old:
            raise CannotDo("That post is gone.")
        with self.lock:
            new = self.state.new_id()
            named = self.ours.handle in (one.name for one in entities.mentions(text))
            words = text if named or old.prefix else f"@{self.ours.handle} {text}"
            made = Post(
                new,
                old.author,
                words,
                now(),
                old.replied_to,
                old.quoted,
                old.conversation,
                old.media,
                prefix=old.prefix,
            )
            history = [*old.history, new]
            self.state.posts[new] = made
            for version in history:
                self.state.posts[version].history = history
        self.activity.posted(made)

    def delete(self, post: str) -> None:
        """All versions go. X tells nobody."""
        old = self.state.posts.get(post)
        if not old:
            raise CannotDo("That post is gone.")
        with self.lock:
            for version in old.history:
                self.state.posts.pop(version, None)

    def thread(self, post: str, who: Someone) -> list[Shown]:
        """The conversation, or the messages between the two."""
        messages = [one for one in list(self.state.messages) if who.id in (one.sender.id, one.to.id)]
        if any(one.id == post for one in messages):
            return [self._seen_message(one) for one in messages]
        found = self.state.posts.get(post)
        if not found:
            return []
        same = [one for one in list(self.state.posts.values()) if one.conversation == found.conversation]
        return [self._seen(one) for one in same if one.history[-1] == one.id and (not one.hidden or one.author == who)]

    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        """What begins a thread, and this person's messages."""
        heads = [one for one in list(self.state.posts.values()) if not one.replied_to and one.history[-1] == one.id]
        found = [self._seen(one) for one in heads]
        found += [self._seen_message(one) for one in list(self.state.messages) if who.id in (one.sender.id, one.to.id)]
        return sorted(found, key=lambda one: one.at, reverse=True)[:limit]

    def _seen(self, post: Post) -> Shown:
        media = tuple(
            (f"{self.url}/media/{one.media_key}{'.mp4' * (one.kind == 'video')}", one.alt) for one in post.media
        )
        text = post.text + (
            f"\n[Quotes] {self.state.posts[post.quoted].text}" if post.quoted in self.state.posts else ""
        )
        by_city = post.author.id == self.ours.id
        return Shown(post.id, post.author, text, post.at, by_city, post.replied_to, media=media, hidden=post.hidden)

    def _seen_message(self, message: Message) -> Shown:
        media = tuple((f"{self.url}/media/{one.media_key}", one.alt) for one in message.media)
        by_city = message.sender.id == self.ours.id
        return Shown(message.id, message.sender, message.text, message.at, by_city, private=True, media=media)
