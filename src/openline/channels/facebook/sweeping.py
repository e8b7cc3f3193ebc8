"""What webhooks may have missed, asked for: new comments, visitors' posts, mentions and messages since a time.

The cursor is a time of Facebook's. As it is no finer than a second, and things may be shown a little late, each sweep
looks back a little further; what was heard before is known by its id. What is too much for one portion is cut at a
time, the same for all places, so that nothing is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from openline.channels import reading as plain
from openline.channels.base import NotAllowed
from openline.channels.facebook import reading
from openline.channels.graph.client import PAGE, Graph
from openline.channels.graph.errors import NotThere

FIRST_LOOK = timedelta(days=1)
PORTION = 1000
_OVERLAP = timedelta(minutes=10)
_MOST_AGAIN = 300
_POSTS_WATCHED = timedelta(days=30)
_MOST_POSTS = 500
_MEDIA = "attachments{media,type,description,subattachments{media,type,description}}"
_COMMENT_FIELDS = "id,message,from,created_time,permalink_url,parent{id},attachment,application"
_POST_FIELDS = f"id,message,from,created_time,permalink_url,{_MEDIA}"
_NEWEST_COMMENT = "comments.filter(stream).order(reverse_chronological).limit(1){created_time}"
_MESSAGE_FIELDS = "id,message,from,to,created_time,attachments{id,mime_type,name,image_data,video_data,file_url}"
_NEWEST_MESSAGES = 25

_Dated = tuple[datetime, bytes]


@dataclass(slots=True)
class _Found:
    """What one place has since a time: `whole_until` is the time up to which nothing is left out (None: to its end)."""

    items: list[_Dated] = field(default_factory=list)
    whole_until: datetime | None = None


def poll(graph: Graph, page: str, settings: Mapping[str, str], cursor: str) -> tuple[list[bytes], str]:
    """New deliveries, oldest first, and the cursor behind them."""
    since = plain.moment(cursor) or datetime.now(UTC) - FIRST_LOOK
    places = list(_places(graph, page, settings.get("app_id", ""), since))
    border = min((one.whole_until for one in places if one.whole_until), default=None)
    found = {raw: at for one in places for at, raw in one.items if border is None or at <= border}
    dated = sorted((at, raw) for raw, at in found.items())
    again = [one for one in dated if one[0] <= since][-_MOST_AGAIN:]
    new = _cut([one for one in dated if one[0] > since])
    behind = new[-1][0] if new else since
    return [raw for _at, raw in (*again, *new)], behind.isoformat()


def _cut(new: list[_Dated]) -> list[_Dated]:
    """A portion, never cut within a second."""
    if len(new) <= PORTION:
        return new
    border = new[PORTION][0]
    return [one for one in new if one[0] < border] or [one for one in new if one[0] == border]


def _places(graph: Graph, page: str, app: str, since: datetime) -> Iterator[_Found]:
    """Comments below each post that has new ones, posts of visitors, mentions elsewhere, conversations."""
    posts = list(_feed(graph, page))
    yield _Found([_dated(one, reading.POST, page, post=one) for one in posts if _is_new_visit(one, page, since)])
    for post in posts:
        if _has_new_comments(post, since):
            yield _comments(graph, page, app, plain.text(post, "id"), since)
    for look in (_mentions, _messages):
        try:
            yield look(graph, page, since)
        except NotAllowed:
            continue  # this permission was not given, which `inspect` says; the rest is heard all the same


def _feed(graph: Graph, page: str) -> Iterator[dict[str, Any]]:
    """The page's own posts and those of visitors, newest first, of the last month."""
    watched_from = datetime.now(UTC) - _POSTS_WATCHED
    listed = graph.items(f"{page}/feed", fields=f"{_POST_FIELDS},{_NEWEST_COMMENT}")
    for post in islice(listed, _MOST_POSTS):
        if _at(post) < watched_from:
            return
        yield post


def _is_new_visit(post: dict[str, Any], page: str, since: datetime) -> bool:
    return plain.text(plain.child(post, "from"), "id") != page and _at(post) > since - _OVERLAP


def _has_new_comments(post: dict[str, Any], since: datetime) -> bool:
    return any(_at(one) > since - _OVERLAP for one in plain.children(plain.child(post, "comments"), "data"))


def _comments(graph: Graph, page: str, app: str, post: str, since: datetime) -> _Found:
    """Comments since a time, oldest first, of a post; no more than a portion of new ones."""
    asked = {"filter": "stream", "order": "chronological", "since": str(int((since - _OVERLAP).timestamp()))}
    found, new = _Found(), 0
    try:
        for one in graph.items(f"{post}/comments", fields=_COMMENT_FIELDS, **asked):
            if _at(one) <= since - _OVERLAP or _is_ours(one, page, app):
                continue
            if new >= PORTION and _at(one) > found.items[-1][0]:
                found.whole_until = found.items[-1][0]
                return found
            found.items.append(_dated(one, reading.COMMENT, page, post=post, comment=one))
            new += _at(one) > since
    except NotThere:
        pass  # the post was deleted meanwhile, with all below it
    return found


def _is_ours(one: dict[str, Any], page: str, app: str) -> bool:
    """Said by our app as the page. What people wrote in Facebook's own apps as the page is heard."""
    by_page = plain.text(plain.child(one, "from"), "id") == page
    return by_page and plain.text(plain.child(one, "application"), "id") in ("", app)


def _mentions(graph: Graph, page: str, since: datetime) -> _Found:
    return _Found([_dated(one, reading.POST, page, post=one) for one in _tagged(graph, page, since)])


def _tagged(graph: Graph, page: str, since: datetime) -> Iterator[dict[str, Any]]:
    """Posts of others that name the page, newest first."""
    for one in graph.items(f"{page}/tagged", fields=_POST_FIELDS):
        if _at(one) <= since - _OVERLAP:
            return
        if plain.text(plain.child(one, "from"), "id") != page:
            yield one


def _messages(graph: Graph, page: str, since: datetime) -> _Found:
    found = _Found()
    nested = f"messages.limit({_NEWEST_MESSAGES}){{{_MESSAGE_FIELDS}}}"
    fields = f"id,updated_time,participants,{nested}"
    for thread in graph.items(f"{page}/conversations", platform="MESSENGER", fields=fields, limit=PAGE // 2):
        updated = plain.moment(thread.get("updated_time"))
        if updated and updated <= since - _OVERLAP:
            break
        found.items += [
            _dated(one, reading.MESSAGE, page, message=one)
            for one in _of_thread(graph, thread, since)
            if plain.text(plain.child(one, "from"), "id") != page
        ]
    return found


def _of_thread(graph: Graph, thread: dict[str, Any], since: datetime) -> Iterator[dict[str, Any]]:
    """The messages of a conversation since a time, newest first; those beyond the first few asked for as well."""
    inside = plain.children(plain.child(thread, "messages"), "data")
    whole: Iterable[dict[str, Any]] = inside
    if len(inside) >= _NEWEST_MESSAGES and _at(inside[-1]) > since - _OVERLAP:
        whole = graph.items(f"{plain.text(thread, 'id')}/messages", fields=_MESSAGE_FIELDS)
    for one in whole:
        if _at(one) <= since - _OVERLAP:
            return
        yield one


def _dated(one: dict[str, Any], about: str, page: str, **what: Any) -> _Dated:
    return _at(one), reading.wrap(about, page, **what)


def _at(one: Mapping[str, Any]) -> datetime:
    return plain.moment(one.get("created_time")) or datetime.now(UTC)
