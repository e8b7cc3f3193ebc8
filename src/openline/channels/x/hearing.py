"""Asking X what is new: mentions, private messages, and what became of the newest posts that were heard.

X shows the newest 800 mentions and the messages of 30 days (2026). Mentions are asked for from the last id on. Every
few hours the newest hundred posts are looked up: X tells nobody that a post was deleted, and wants it forgotten in a
day.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import AccountRef, Heard, NotAllowed, RateLimited
from openline.channels.reading import child, children, text
from openline.channels.x.client import Api
from openline.channels.x.reading import order, parse, versions

PAGE = 100
_MOST_PAGES = 40
_WATCHED = 100
LOOK_EVERY_SECONDS = 6 * 3600.0
_MESSAGES = {
    "max_results": str(PAGE),
    "event_types": "MessageCreate",
    "dm_event.fields": "attachments,created_at,dm_conversation_id,entities,event_type,id,text",
    "expansions": "attachments.media_keys,sender_id",
    "user.fields": "id,name,username",
    "media.fields": "alt_text,media_key,preview_image_url,type,url,variants",
}


@dataclass(slots=True)
class Place:
    """Where hearing stands: the newest mention, the newest message, and the posts that are looked at again (id -> the
    id of its newest version), `looked` when (Unix seconds)."""

    mention: str = ""
    message: str = ""
    watched: dict[str, str] = field(default_factory=dict)
    looked: float = 0.0

    @classmethod
    def read(cls, cursor: str) -> Place:
        """The place in a stored cursor; "" is the beginning."""
        return cls(**orjson.loads(cursor)) if cursor else cls()

    def cursor(self) -> str:
        """The place as text, to be stored."""
        kept = {"mention": self.mention, "message": self.message, "watched": self.watched, "looked": self.looked}
        return orjson.dumps(kept).decode()

    def watch(self, posts: list[dict[str, Any]]) -> None:
        """Look at these posts again later; the oldest are forgotten."""
        for post in posts:
            first = (versions(post) or [text(post, "id")])[0]
            self.watched.pop(first, None)
            self.watched[first] = text(post, "id")
        self.watched = dict(list(self.watched.items())[-_WATCHED:])


def poll(account: AccountRef, cursor: str) -> Heard:
    """What is new since `cursor`, oldest first."""
    place = Place.read(cursor)
    with Api(account) as api:
        me = api.me
        raws = _mentions(api, me, place, newest_only=not cursor)
        raws += _messages(api, me, place, newest_only=not cursor)
        if account.settings.get("look_again") != "no" and time.time() - place.looked > LOOK_EVERY_SECONDS:
            raws += _changes(api, place) if cursor else []
            place.looked = time.time()
    return Heard(tuple(map(parse, raws)), place.cursor())


def wrapped(kind: str, item: Mapping[str, Any], includes: Mapping[str, Any]) -> bytes:
    """The raw delivery of one item of a list, with what of the includes is about it."""
    keys = child(item, "attachments").get("media_keys") or []
    users = [
        one for one in children(includes, "users") if text(one, "id") in (item.get("author_id"), item.get("sender_id"))
    ]
    media = [one for one in children(includes, "media") if text(one, "media_key") in keys]
    mine = {name: found for name, found in (("users", users), ("media", media)) if found}
    return orjson.dumps({"kind": kind, "data": item, "includes": mine})


def _mentions(api: Api, me: str, place: Place, newest_only: bool) -> list[bytes]:
    params = {"max_results": str(PAGE), **({"since_id": place.mention} if place.mention else {})}
    path = f"/2/users/{me}/mentions"
    pages = [api.posts(path, params)]
    while not newest_only and (token := _next(pages[-1])) and len(pages) < _MOST_PAGES:
        pages.append(api.posts(path, {**params, "pagination_token": token}))
    items = [(item, child(page, "includes")) for page in pages for item in children(page, "data")]
    items.sort(key=lambda pair: order(text(pair[0], "id")))
    if items:
        place.mention = text(items[-1][0], "id")
    heard = [(item, includes) for item, includes in items if text(item, "author_id") != me]
    place.watch([item for item, _includes in heard])
    return [wrapped("post", item, includes) for item, includes in heard]


def _messages(api: Api, me: str, place: Place, newest_only: bool) -> list[bytes]:
    """New private messages. Without the permission, or for now too often asked, mentions are heard all the same."""
    known, found = order(place.message), list[tuple[dict[str, Any], dict[str, Any]]]()
    params = dict(_MESSAGES)
    for _page in range(_MOST_PAGES):
        try:
            page = api.get("/2/dm_events", params)
        except (NotAllowed, RateLimited):
            return []
        items = children(page, "data")
        found += [(item, child(page, "includes")) for item in items if order(text(item, "id")) > known]
        if newest_only or not items or order(text(items[-1], "id")) <= known or not _next(page):
            break
        params["pagination_token"] = _next(page)
    found.sort(key=lambda pair: order(text(pair[0], "id")))
    if found:
        place.message = text(found[-1][0], "id")
    return [wrapped("dm", item, includes) for item, includes in found if text(item, "sender_id") != me]


def _changes(api: Api, place: Place) -> list[bytes]:
    """What became of the watched posts: gone, or changed to a newer version."""
    if not place.watched:
        return []
    page = api.posts("/2/tweets", {"ids": ",".join(place.watched.values())})
    shown = {text(post, "id"): post for post in children(page, "data")}
    gone = {text(one, "resource_id") or text(one, "value") for one in children(page, "errors") if _is_gone(one)}
    raws: list[bytes] = []
    for first, last in list(place.watched.items()):
        newest = (versions(shown.get(last, {})) or [last])[-1]
        if last in gone:
            del place.watched[first]
            raws.append(orjson.dumps({"kind": "gone", "id": first}))
        elif newest != last:
            place.watched[first] = newest
            raws += _version(api, newest)
    return raws


def _version(api: Api, post: str) -> list[bytes]:
    page = api.posts("/2/tweets", {"ids": post})
    return [wrapped("post", item, child(page, "includes")) for item in children(page, "data")]


def _is_gone(problem: dict[str, Any]) -> bool:
    return text(problem, "type").endswith("/resource-not-found")


def _next(page: dict[str, Any]) -> str:
    return reading.text(child(page, "meta"), "next_token")
