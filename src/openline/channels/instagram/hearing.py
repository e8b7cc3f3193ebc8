"""Hearing on Instagram: what its webhooks bring, and what they did not, by asking.

Asked are the comments below our newest posts, posts that name us, and the conversations with something new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels import reading as plain
from openline.channels.base import AccountRef, ChannelError, Heard, Incoming, Pushed, Refused, Shared
from openline.channels.graph import hooks, portions
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import NotThere
from openline.channels.graph.portions import pages
from openline.channels.instagram import reading
from openline.channels.instagram.client import opened

_POSTS = 25
_COMMENTS = 50
"""Instagram gives no more comments at once."""
_LATELY = timedelta(days=30)
_COMMENT = "id,text,timestamp,username,from,parent_id,hidden"
_COMMENTS_FIELDS = f"{_COMMENT},replies{{{_COMMENT}}}"
_TAGGED = "id,caption,timestamp,username,permalink,media_type,media_url"
_MESSAGE = "id,created_time,from,to,message,attachments"
_ELSEWHERE = "mentioned_comment.comment_id({}){{id,text,timestamp,username,media{{id,permalink,owner}}}}"
_CAPTION = "mentioned_media.media_id({}){{id,caption,timestamp,username,permalink,media_type,media_url}}"

_Dated = tuple[portions.Place, bytes]


# By asking


def poll(account: AccountRef, cursor: str) -> Heard:
    """What is new since `cursor`, oldest first, at most 1000; and again what is a little older."""
    since = portions.since(cursor)
    with opened(account) as graph:
        found = {raw: at for at, raw in _all(graph, since)}
    raws, behind = portions.portion(((at, raw) for raw, at in found.items()), cursor)
    return Heard(tuple(item for raw in raws if (item := _others(account, reading.parse(raw)))), behind)


def _all(graph: Graph, since: datetime) -> Iterator[_Dated]:
    lately = datetime.now(UTC) - _LATELY
    for media in next(pages(graph, "me/media", fields="id,timestamp,comments_count", limit=_POSTS), []):
        if media.get("comments_count") and _at(media) >= lately:
            yield from _comments(graph, plain.text(media, "id"), since)
    for page in pages(graph, "me/tags", fields=_TAGGED):
        yield from (_dated(reading.TAG, one) for one in page if _at(one) >= since)
        if _at(page[-1]) < since:
            break
    yield from _messages(graph, since)


def _comments(graph: Graph, media: str, since: datetime) -> Iterator[_Dated]:
    """Comments, newest first, each with its newest answers. New answers to older comments come by webhook alone."""
    try:
        for page in pages(graph, f"{media}/comments", fields=_COMMENTS_FIELDS, limit=_COMMENTS):
            for one in page:
                below = plain.children(plain.child(one, "replies"), "data")
                for each in ({name: value for name, value in one.items() if name != "replies"}, *below):
                    above = {"parent_id": plain.text(one, "id")} if each in below else {}
                    if _at(each) >= since:
                        yield _dated(reading.COMMENT, {**each, **above, "media": {"id": media}})
            if _at(page[-1]) < since:
                return
    except NotThere:
        return  # the post was taken away meanwhile, with all below it


def _messages(graph: Graph, since: datetime) -> Iterator[_Dated]:
    for page in pages(graph, "me/conversations", platform="instagram", fields="id,updated_time"):
        for talk in page:
            if _at(talk, "updated_time") >= since:
                yield from _talk(graph, plain.text(talk, "id"), since)
        if _at(page[-1], "updated_time") < since:
            return


def _talk(graph: Graph, talk: str, since: datetime) -> Iterator[_Dated]:
    for page in pages(graph, f"{talk}/messages", fields=_MESSAGE):
        yield from (_dated(reading.MESSAGE, one, "created_time") for one in page if _at(one, "created_time") >= since)
        if _at(page[-1], "created_time") < since:
            return


def _dated(kind: str, value: dict[str, Any], name: str = "timestamp") -> _Dated:
    return portions.place(_at(value, name), plain.text(value, "id")), reading.pack(kind, value)


def _at(value: dict[str, Any], name: str = "timestamp") -> datetime:
    return reading.time_of(value.get(name)) or datetime.now(UTC)


# By webhook


def share(accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
    """One call of Instagram. Raises Unverified or Rejected."""
    if pushed.method == "GET":
        return hooks.challenge(accounts, pushed)
    if hooks.is_callback(pushed):
        return hooks.withdrawal(accounts, pushed)
    ours = hooks.of_app(accounts, pushed)
    items: dict[str, tuple[Incoming | Refused, ...]] = {}
    for entry in hooks.entries(pushed, ("instagram",)):
        for account in (one for one in ours if one.author_id == plain.text(entry, "id") != ""):
            items[account.id] = (*items.get(account.id, ()), *_items(account, entry))
    return Shared(items)


def _items(account: AccountRef, entry: dict[str, Any]) -> Iterator[Incoming | Refused]:
    at = entry.get("time")
    raws = [reading.pack(reading.EVENT, one, at) for one in plain.children(entry, "messaging") if _is_said(one)]
    # Meta shows the change itself in the place of the list, too.
    for change in plain.children(entry, "changes") or [entry]:
        field, value = plain.text(change, "field"), plain.child(change, "value")
        if field in ("comments", "live_comments"):
            raws.append(reading.pack(reading.COMMENT, value, at))
        elif field == "mentions":
            raws.append(_mention(account, value, at))
    yield from (item for raw in raws if (item := _others(account, reading.parse(raw))))


def _is_said(event: dict[str, Any]) -> bool:
    """A message, an edit or a deletion of somebody else; no echo of ours, no reaction, no sign of reading."""
    message = plain.child(event, "message")
    return bool(message or event.get("message_edit")) and message.get("is_echo") is not True


def _mention(account: AccountRef, value: dict[str, Any], at: Any) -> bytes:
    """The call names ids alone, so the words are asked for, with little patience: the network waits for our answer."""
    media, comment = plain.text(value, "media_id"), plain.text(value, "comment_id")
    fields, name = (_ELSEWHERE.format(comment), "mentioned_comment") if comment else (
        _CAPTION.format(media), "mentioned_media")  # fmt: skip
    try:
        with opened(account) as graph:
            graph.hurry()
            found = plain.child(graph.get("me", fields=fields), name)
    except ChannelError:
        found = {}
    below = plain.child(found, "media")
    if comment and plain.text(plain.child(below, "owner"), "id") == account.author_id:
        return reading.pack(reading.COMMENT, {**found, "media": {"id": media}}, at)  # it is told as a comment, too
    return reading.pack(reading.MENTION, {**value, "found": found}, at)


def _others(account: AccountRef, item: Incoming | Refused) -> Incoming | Refused | None:
    """None for what we said ourselves."""
    own = {account.author_id, account.handle.removeprefix("@")}
    if isinstance(item, Incoming) and item.kind == "post" and {item.author_id, item.author_handle} & own:
        return None
    return item
