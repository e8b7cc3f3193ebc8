"""Posts: made, read, deleted, hidden; by X's rules of 2026 for a self-serve app unless `tier` says otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openline.channels.x.emulator import problems
from openline.channels.x.emulator.shapes import asked
from openline.channels.x.emulator.state import Post, now, stamp
from openline.channels.x.text import counting, entities

if TYPE_CHECKING:
    from openline.channels.x.emulator.network import Emulator

_ID = re.compile(r"[0-9]{1,19}")
_TAKEN = {
    "text",
    "reply",
    "media",
    "poll",
    "quote_tweet_id",
    "reply_settings",
    "edit_options",
    "geo",
    "card_uri",
    "community_id",
    "direct_message_deep_link",
    "for_super_followers_only",
    "nullcast",
    "share_with_followers",
}
_LISTED = 800
"""So many of the newest mentions X shows."""
DUPLICATE_HOURS = 24
_FIELDS = ("tweet.fields", "post.fields", "expansions", "user.fields", "media.fields", "poll.fields", "place.fields")


class Posting:
    """The addresses under /2/tweets and /2/users."""

    def __init__(self, x: Emulator) -> None:
        self._x = x

    def create(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """POST /2/tweets."""
        x, wanted = self._x, _object(body, self._x.shapes.host)
        if unknown := set(wanted) - _TAKEN:
            raise problems.invalid(x.shapes.host, f"$.{unknown.pop()}", "$: is not defined in the schema")
        with x.lock:
            post = self._checked(wanted)
            post.history = [post.id]
            x.state.posts[post.id] = post
        return JSONResponse({"data": x.shapes.post(post, ("id",))}, 201)

    def _checked(self, wanted: dict[str, Any]) -> Post:
        x, text = self._x, str(wanted.get("text", ""))
        above = str((wanted.get("reply") or {}).get("in_reply_to_tweet_id", ""))
        quoted, files = str(wanted.get("quote_tweet_id", "")), (wanted.get("media") or {}).get("media_ids") or []
        if not text and not files:
            raise problems.invalid(x.shapes.host, "$.text", "$.text: is missing but it is required")
        if (x.faults.refuses and x.faults.refuses in text) or len(entities.cashtags(text)) > 1:
            raise problems.invalid(x.shapes.host, "text", "This Post's text is not allowed.")
        if counting.length(text) > counting.LIMIT:
            raise problems.forbidden(problems.TOO_LONG)
        self._may(above, quoted)
        self._no_duplicate(text, above)
        parent = x.state.posts.get(above)
        new = x.state.new_id()
        prefix = f"@{parent.author.handle} " if parent and parent.author.id != x.ours.id else ""
        conversation = parent.conversation if parent else new
        media = tuple(x.uploads.ready(str(one)) for one in files)
        return Post(
            new, x.ours, text, now(), above, quoted, conversation, media, prefix=prefix, poll=wanted.get("poll")
        )

    def _may(self, above: str, quoted: str) -> None:
        """Since February 2026: only who named or quoted the account may be answered or quoted."""
        x = self._x
        for wanted, refusal in ((above, problems.NOT_SUMMONED), (quoted, problems.NO_QUOTE)):
            if not wanted:
                continue
            post = x.state.posts.get(wanted)
            if not post:
                raise problems.forbidden(problems.NO_PARENT)
            if x.tier == "self_serve" and post.author.id != x.ours.id and not self.summons(post):
                raise problems.forbidden(refusal)

    def summons(self, post: Post) -> bool:
        """Does it name the city with its own words, or quote the city?"""
        named = {one.name.lower() for one in entities.mentions(post.text)}
        quoted = self._x.state.posts.get(post.quoted)
        return self._x.ours.handle.lower() in named or bool(quoted and quoted.author.id == self._x.ours.id)

    def _no_duplicate(self, text: str, above: str) -> None:
        border = datetime.now(UTC) - timedelta(hours=DUPLICATE_HOURS)
        for post in reversed(list(self._x.state.posts.values())):
            if post.at < border:
                break
            if post.author.id == self._x.ours.id and (post.text, post.replied_to) == (text, above):
                raise problems.forbidden(problems.DUPLICATE)

    def delete(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """DELETE /2/tweets/{id}."""
        with self._x.lock:
            post = self._x.state.posts.get(request.path_params["id"])
            if post and post.author.id != self._x.ours.id:
                raise problems.forbidden("You are not authorized to delete this Tweet.")
            for version in post.history if post else []:
                self._x.state.posts.pop(version, None)
        return JSONResponse({"data": {"deleted": True}})

    def hide(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """PUT /2/tweets/{id}/hidden: answers in conversations that the city began."""
        hidden = _object(body, self._x.shapes.host).get("hidden")
        with self._x.lock:
            post = self._x.state.posts.get(request.path_params["id"])
            root = self._x.state.posts.get(post.conversation) if post else None
            if not post or not root or root.author.id != self._x.ours.id or not post.replied_to:
                raise problems.forbidden("The Tweet is not a reply in a conversation that you started.")
            post.hidden = bool(hidden)
        return JSONResponse({"data": {"hidden": post.hidden}})

    def me(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/users/me."""
        return JSONResponse({"data": self._x.shapes.user(self._x.ours)})

    def mentions(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/users/{id}/mentions: the newest first."""
        city = self._x.ours
        known = ("since_id", "until_id", "max_results", "pagination_token", "start_time", "end_time", *_FIELDS)
        return self._list(request, known, lambda post: post.author.id != city.id and self._names_us(post), _LISTED)

    def own(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/users/{id}/tweets."""
        known = (
            "since_id",
            "until_id",
            "max_results",
            "pagination_token",
            "start_time",
            "end_time",
            "exclude",
            *_FIELDS,
        )
        return self._list(request, known, lambda post: post.author.id == self._x.ours.id, 3200)

    def _names_us(self, post: Post) -> bool:
        named = {one.name.lower() for one in entities.mentions(post.prefix + post.text)}
        return self._x.ours.handle.lower() in named

    def _list(self, request: Request, known: Sequence[str], wanted: Callable[[Post], bool], most: int) -> Response:
        x, query = self._x, dict(request.query_params)
        self._spelled(query, known)
        if request.path_params["id"] != x.ours.id:
            raise problems.forbidden("You are not permitted to perform this action.")
        found = [one for one in reversed(list(x.state.posts.values())) if wanted(one)][:most]
        found = [one for one in found if int(one.id) > int(query.get("since_id", 0))]
        if begin := query.get("start_time"):
            found = [one for one in found if stamp(one.at) >= begin]
        size, start = int(query.get("max_results", 10)), int(query.get("pagination_token", "0"))
        if not 5 <= size <= 100:
            raise problems.invalid(
                x.shapes.host,
                "max_results",
                f"The `max_results` query parameter value [{size}] is not between 5 and 100",
            )
        page = found[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if start + size < len(found):
            meta["next_token"] = f"{start + size:016d}"
        return JSONResponse(self._shown(page, query) | {"meta": meta})

    def lookup(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """GET /2/tweets?ids=…"""
        x, query = self._x, dict(request.query_params)
        self._spelled(query, ("ids", *_FIELDS))
        ids = query.get("ids", "").split(",")
        if len(ids) > 100 or not all(_ID.fullmatch(one) for one in ids):
            raise problems.invalid(x.shapes.host, "ids", "The `ids` query parameter value is not valid")
        found = [x.state.posts[one] for one in ids if one in x.state.posts]
        errors = [problems.gone(x.shapes.host, x.shapes.kind, one) for one in ids if one not in x.state.posts]
        return JSONResponse(self._shown(found, query) | ({"errors": errors} if errors else {}))

    def _shown(self, posts: Sequence[Post], query: Mapping[str, str]) -> dict[str, Any]:
        shapes, expansions = self._x.shapes, asked(query, "expansions")
        fields = asked(query, f"{shapes.kind}.fields") | expansions
        made: dict[str, Any] = {"data": [shapes.post(one, fields or ("id",)) for one in posts]} if posts else {}
        includes = shapes.includes(posts, expansions)
        return made | ({"includes": includes} if includes else {})

    def _spelled(self, query: Mapping[str, str], known: Sequence[str]) -> None:
        """X refuses parameters and values that it does not know: so also those of its other spelling."""
        shapes = self._x.shapes
        wrong = "tweet.fields" if shapes.posts else "post.fields"
        for name in query:
            if name not in known or name == wrong:
                raise problems.not_taken(shapes.host, name, [one for one in known if one != wrong])
        expansions = asked(query, "expansions")
        if bad := {
            one for one in expansions if one.startswith("referenced_tweets" if shapes.posts else "referenced_posts")
        }:
            raise problems.invalid(
                shapes.host, "expansions", f"The `expansions` query parameter value {sorted(bad)} is not one of […]"
            )


def _object(body: bytes, host: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise problems.invalid(host, "$", "$: must be a JSON object")
    return found
