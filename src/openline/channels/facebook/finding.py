"""Looking for what we said before: Graph keeps no key of ours, so words, place, author and files tell.

A message that is known to be another one of ours (the account's ledger) is never taken for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from openline.channels import reading as plain
from openline.channels.base import Outgoing
from openline.channels.facebook import reading, writing
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import NotThere

_NEWEST = 50
_CONVERSATIONS = 10
_CLOCKS = timedelta(minutes=5)
"""How far our clock and Facebook's may be apart."""
_POST_FIELDS = "id,message,from,created_time,permalink_url,attachments{target,subattachments{target}}"
_COMMENT_FIELDS = "id,message,from,created_time,permalink_url,attachment{target},parent{id}"
_MESSAGE_FIELDS = "id,message,from,created_time,attachments{id,mime_type,name}"


def post(
    graph: Graph, page: str, text: str, photos: Collection[str], *, planned: bool, since: datetime | None = None
) -> dict[str, Any] | None:
    """Our post of these words, with these pictures where we know them, published or planned."""
    places = ("scheduled_posts", "feed") if planned else ("feed",)
    for place in places:
        asked = {"fields": _POST_FIELDS, "limit": _NEWEST}
        alike = [
            one
            for one in plain.children(graph.get(f"{page}/{place}", **asked), "data")
            if _by_us(one, page) and _young(one, since) and _same(one, text, photos)
        ]
        if found := _oldest(graph, alike):
            return _receipt(found)
    return None


def comment(
    graph: Graph, page: str, outgoing: Outgoing, photos: Collection[str] = (), since: datetime | None = None
) -> dict[str, Any] | None:
    """Our answer of these words below that post or comment."""
    text = writing.comment_text(outgoing)
    asked: dict[str, Any] = {"fields": _COMMENT_FIELDS, "limit": _NEWEST, "order": "reverse_chronological"}
    try:
        found = plain.children(graph.get(f"{outgoing.in_reply_to}/comments", **asked), "data")
    except NotThere:
        return None
    alike = [one for one in found if _by_us(one, page) and _young(one, since) and _same(one, text, photos)]
    one = _oldest(graph, alike)
    return _receipt(one, outgoing.in_reply_to) if one else None


def message(
    graph: Graph, page: str, outgoing: Outgoing, text: str, since: datetime, taken: Collection[str]
) -> dict[str, Any] | None:
    """Our message of these words (or without any, a file) to that person."""
    alike = [
        one
        for one in _messages(graph, page, outgoing)
        if _by_us(one, page) and _young(one, since) and plain.text(one, "id") not in taken and _says(one, text)
    ]
    one = _oldest(graph, alike)
    return {"network_id": plain.text(one, "id"), "url": ""} if one else None


def must_see(graph: Graph, page: str) -> None:
    """Raise NotAllowed or TokenExpired if we may not see the posts of the page: then what is not shown may be there."""
    graph.get(f"{page}/feed", fields="id", limit=1)


def story(graph: Graph, page: str, media: str) -> dict[str, Any] | None:
    """Our story of that picture or film."""
    for one in plain.children(graph.get(f"{page}/stories", fields="post_id,media_id,url,status"), "data"):
        if media and plain.text(one, "media_id") == media:
            return {"network_id": plain.text(one, "post_id"), "url": plain.web_address(one, "url")}
    return None


def _messages(graph: Graph, page: str, outgoing: Outgoing) -> list[dict[str, Any]]:
    """The newest messages of the conversation in which it must be, newest conversation first where that is not known.

    Only a comment names the conversation that a private answer to it has opened; a visitor's post does not.
    """
    nested = f"messages.limit({_NEWEST}){{{_MESSAGE_FIELDS}}}"
    about, listed = outgoing.in_reply_to, f"{page}/conversations"
    asked: dict[str, Any] = {"platform": "MESSENGER", "fields": f"id,{nested}"}
    if not about or writing.is_message(about):
        threads = plain.children(graph.get(listed, **asked, user_id=outgoing.in_reply_to_author), "data")
    elif about.startswith(f"{page}_"):
        threads = plain.children(graph.get(listed, **asked, limit=_CONVERSATIONS), "data")
    else:
        threads = _opened(graph, about, nested)
    return [one for thread in threads for one in plain.children(plain.child(thread, "messages"), "data")]


def _opened(graph: Graph, comment_id: str, fields: str) -> list[dict[str, Any]]:
    try:
        said = graph.get(comment_id, fields="private_reply_conversation{id}")
    except NotThere:
        return []
    thread = plain.text(plain.child(said, "private_reply_conversation"), "id")
    return [graph.get(thread, fields=fields)] if thread else []


def _by_us(one: dict[str, Any], page: str) -> bool:
    return plain.text(plain.child(one, "from"), "id") == page


def _young(one: dict[str, Any], since: datetime | None) -> bool:
    at = plain.moment(one.get("created_time"))
    return since is None or at is None or at >= since - _CLOCKS


def _same(one: dict[str, Any], text: str, photos: Collection[str]) -> bool:
    return writing.same_words(plain.text(one, "message"), text) and set(photos) <= _targets(one)


def _says(one: dict[str, Any], text: str) -> bool:
    files = plain.children(plain.child(one, "attachments"), "data")
    return writing.same_words(plain.text(one, "message"), text) and bool(files) != bool(text)


def _targets(one: dict[str, Any]) -> set[str]:
    """The ids of the pictures in a post or comment."""
    first = plain.children(plain.child(one, "attachments"), "data") or [plain.child(one, "attachment")]
    below = [sub for each in first for sub in plain.children(plain.child(each, "subattachments"), "data")]
    return {plain.text(plain.child(each, "target"), "id") for each in [*first, *below]}


def _oldest(graph: Graph, alike: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    known = graph.account.ledger
    fresh = [one for one in alike if not known.ours(plain.text(one, "id"))]
    return min(fresh, key=lambda one: plain.text(one, "created_time"), default=None)


def _receipt(one: dict[str, Any], above: str = "") -> dict[str, Any]:
    found = plain.text(one, "id")
    return {
        "network_id": found,
        "url": plain.web_address(one, "permalink_url") or reading.address(found, above),
    }
