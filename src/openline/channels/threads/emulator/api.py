"""The API of the emulated network, its login page, its calls to us, and what residents do there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request

from openline.channels.emulation.base import NAMES, CannotDo, Shown, Someone
from openline.channels.graph.emulated import GraphRefuses, Token, page, picked, signed, stamp
from openline.channels.graph.emulator import Answer, GraphEmulator, missing
from openline.channels.threads.emulator.state import CITY, Network, Post

APP_ID, APP_SECRET = "311311311311311", "emulated-threads-secret"
_INSIGHTS = ("views", "likes", "replies", "reposts", "quotes", "shares")
_QUOTAS = ("", "reply_", "delete_")


class Emulator(GraphEmulator):
    """Threads, with one official account: the city's."""

    network: ClassVar[str] = "threads"
    label: ClassVar[str] = "Threads"
    private_too: ClassVar[bool] = False
    version: ClassVar[str] = "v1.0"
    short_name: ClassVar[str] = "th"
    app_id: ClassVar[str] = APP_ID
    app_secret: ClassVar[str] = APP_SECRET
    account: ClassVar[Someone] = CITY
    wrong_app: ClassVar[Mapping[str, Any]] = {"error_message": "Invalid client_id", "code": 400}

    def __init__(self, hook: str = "") -> None:
        super().__init__(hook)
        self.net: Network = Network(self.lock, self.clock, self.faults)
        self._people = [Someone(handle, handle, name) for handle, name in NAMES]

    def edges(self) -> Sequence[tuple[str, str, Answer]]:
        """The paths of docs/threads/reference."""
        return [
            ("GET", "/me", self._me),
            ("POST", "/me/threads", self._prepare),
            ("GET", "/me/threads", self._posts),
            ("POST", "/me/threads_publish", self._publish),
            ("GET", "/me/replies", self._replies_of_city),
            ("GET", "/me/mentions", self._mentions),
            ("GET", "/me/threads_publishing_limit", self._limits),
            ("GET", "/{id}/replies", self._replies),
            ("GET", "/{id}/conversation", self._conversation),
            ("GET", "/{id}/insights", self._insights),
            ("POST", "/{id}/manage_reply", self._manage),
            ("GET", "/{id}", self._object),
            ("DELETE", "/{id}", self._delete),
        ]

    def usage(self) -> Mapping[str, str]:
        """As one number of the app."""
        return {"x-app-usage": '{"call_count":3,"total_time":2}'}

    def redeemed(self, token: Token) -> Mapping[str, Any]:
        """The token and whose it is."""
        return {"access_token": token.value, "user_id": int(CITY.id)}

    @property
    def settings(self) -> Mapping[str, str]:
        """Whose login it is."""
        return {"user_id": CITY.id}

    # What is asked for

    def _me(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        told = {"id": CITY.id, "username": CITY.handle, "name": CITY.name, "threads_biography": "The city's line."}
        return picked(told, given.get("fields", "id"))

    def _list(self, posts: Sequence[Post], given: Mapping[str, str]) -> dict[str, Any]:
        fields = given.get("fields", "id")
        since = int(given.get("since") or 0)
        rows = [one for one in posts if not one.deleted and one.at.timestamp() >= since]
        return page(rows, given, lambda post: picked(self.net.shown(post, self.url), fields))

    def _posts(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._list(self.net.by_city(lambda post: post.parent is None), given)

    def _replies_of_city(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._list(self.net.by_city(lambda post: post.parent is not None), given)

    def _mentions(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._list(self.net.mentions[::-1], given)

    def _replies(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._below(self._post(request).replies, given)

    def _conversation(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return self._below(self.net.below(self._post(request)), given)

    def _below(self, posts: Sequence[Post], given: Mapping[str, str]) -> dict[str, Any]:
        return self._list(posts if given.get("reverse") == "false" else posts[::-1], given)

    def _limits(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name in _QUOTAS:
            one = self.net.allowances[name]
            told |= {f"{name}quota_usage": one.used, f"{name}config": one.config()}
        return {"data": [picked(told, given.get("fields", "quota_usage,config"))]}

    def _object(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        if container := self.net.containers.get(request.path_params["id"]):
            told = {"id": container.id, "status": self.net.status(container), "error_message": container.error or None}
            return picked(told, given.get("fields", "id,status"))
        return picked(self.net.shown(self._post(request), self.url), given.get("fields", "id"))

    def _insights(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        post = self._own(request)
        wanted = given.get("metric", "").split(",")
        if not set(wanted) <= set(_INSIGHTS):
            raise GraphRefuses(100, "Param metric is not a known metric")
        replies = sum(one.author is not CITY for one in self.net.below(post))
        rows = [
            {
                "name": name,
                "period": "lifetime",
                "values": [{"value": replies if name == "replies" else 0}],
                "title": name.capitalize(),
                "description": f"The number of {name} of your post.",
                "id": f"{post.id}/insights/{name}/lifetime",
            }
            for name in wanted
        ]
        return {"data": rows}

    # What is changed

    def _prepare(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        return {"id": self.net.prepare(dict(given)).id}

    def _publish(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        with self.lock:
            post = self.net.publish(given.get("creation_id", ""))
        told = self.net.shown(post, self.url)
        self._call("interaction", CITY.id, "publish", picked(told, "media_type,permalink,timestamp,username"))
        return {"id": post.id}

    def _manage(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        """Only replies right under a post of the city can be hidden, and with them all below."""
        post = self._post(request)
        if post.parent is None or post.parent.author is not CITY or post.parent.parent is not None:
            raise GraphRefuses(10, "Only top-level replies to your own posts can be hidden")
        post.hidden = given.get("hide") == "true"
        return {"success": True}

    def _delete(self, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        post = self._own(request)
        if not self.net.allowances["delete_"].use():
            raise GraphRefuses(4, "Application request limit reached", 1349210)
        self.take_away(post)
        return {"success": True, "deleted_id": post.id}

    def take_away(self, post: Post) -> None:
        """A post of the city is gone, by the API or by a person in the app."""
        post.deleted = True
        told = {"id": post.id, "owner": {"owner_id": CITY.id}, "deleted_at": stamp(self.clock.now()),
                "timestamp": stamp(post.at), "username": CITY.handle}  # fmt: skip
        self._call("moderate", post.id, "delete", told)

    def _post(self, request: Request) -> Post:
        found = self.net.post(request.path_params["id"])
        if found is None:
            raise missing(request)
        return found

    def _own(self, request: Request) -> Post:
        post = self._post(request)
        if post.author is not CITY:
            raise GraphRefuses(10, "Application does not have permission for this action")
        return post

    def _call(self, topic: str, target: str, field: str, value: Mapping[str, Any]) -> None:
        told = {
            "app_id": APP_ID,
            "topic": topic,
            "target_id": target,
            "time": int(self.clock.now().timestamp()),
            "subscription_id": "234567",
            "has_uid_field": False,
            "values": {"value": value, "field": field},
        }
        self.calls.push(*signed(told, APP_SECRET))

    # Residents

    @property
    def residents(self) -> Sequence[Someone]:
        """Who can post."""
        return self._people

    def say(
        self,
        who: Someone,
        text: str,
        *,
        in_reply_to: str = "",
        private: bool = False,
        photos: Sequence[bytes] = (),
        quiet: bool = False,
    ) -> str:
        """Say `text` to the city: under a post of its own, or else mentioning it. `quiet`: without a call to us."""
        if private:
            raise CannotDo("Threads has no private messages for programs.")
        with self.lock:
            parent = self.net.post(in_reply_to) if in_reply_to else None
            if in_reply_to and parent is None:
                raise CannotDo("The post is not there any more.")
            to_city = parent is not None and CITY in (parent.author, parent.root.author)
            if not to_city and f"@{CITY.handle}" not in text:
                text = f"@{CITY.handle} {text}"
            post = self.net.add(who, text, parent)
            self._show(post, photos)
            mentions = f"@{CITY.handle}" in text
            if mentions:
                self.net.mentions.append(post)
        if not quiet:
            self._tell(post, to_city, mentions)
        return post.id

    def _show(self, post: Post, photos: Sequence[bytes]) -> None:
        if len(photos) == 1:
            post.kind, post.media = "IMAGE", self.net.keep(photos[0], "image/jpeg")
        elif photos:
            post.kind = "CAROUSEL_ALBUM"
            for one in photos:
                name = self.net.keep(one, "image/jpeg")
                post.children.append(Post(self.net.new_id(), post.author, "", post.at, kind="IMAGE", media=name))

    def _tell(self, post: Post, to_city: bool, mentions: bool) -> None:
        """The two calls as the documentation shows them: a reply without its files, a mention with them."""
        told = self.net.shown(post, self.url)
        if to_city and post.parent:
            value = picked(told, "username,text,media_type,permalink,replied_to,shortcode,timestamp")
            root = post.root
            value["root_post"] = {"id": root.id, "owner_id": root.author.id, "username": root.author.handle}
            self._call("moderate", post.parent.id, "replies", value)
        if mentions:
            fields = "alt_text,has_replies,is_quote_post,is_reply,media_product_type,media_type,media_url,permalink,"
            value = picked(told, fields + "shortcode,text,timestamp,username,replied_to,root_post")
            self._call("interaction", CITY.id, "mentions", value)

    def delete(self, post: str) -> None:
        """A resident takes a post back; Threads tells nobody."""
        if found := self.net.post(post):
            found.deleted = True

    def thread(self, post: str, who: Someone) -> list[Shown]:
        """The whole thread."""
        found = self.net.post(post)
        if found is None:
            return []
        return [self._shown(one) for one in (found.root, *self.net.below(found.root)) if _visible(one, who)]

    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        """What begins a thread, newest first."""
        found = [one for one in reversed(self.net.posts.values()) if one.parent is None and not one.deleted]
        return [self._shown(one) for one in found[:limit]]

    def _shown(self, post: Post) -> Shown:
        files = [post, *post.children]
        media = tuple((f"{self.url}/files/{one.media}", one.alt) for one in files if one.media)
        above = post.parent.id if post.parent else ""
        return Shown(post.id, post.author, post.text, post.at, post.author is CITY, above, media=media,
                     hidden=post.hidden)  # fmt: skip


def _visible(post: Post, who: Someone) -> bool:
    """Hidden replies are seen by who wrote them."""
    above: Post | None = post
    while above:
        if above.hidden and post.author != who and above.author != who:
            return False
        above = above.parent
    return True
