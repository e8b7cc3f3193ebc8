"""Hearing on Threads: what its webhooks bring, and what they did not, by asking.

Asked are the mentions, and the replies below what we posted lately. Both ways give a post the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels import reading
from openline.channels.base import AccountRef, Heard, Incoming, Pushed, Refused, Rejected, Shared
from openline.channels.graph import hooks, portions
from openline.channels.graph.client import Graph
from openline.channels.graph.portions import pages
from openline.channels.threads.client import opened
from openline.channels.threads.reading import pack, parse

FIELDS = (
    "id,text,timestamp,media_product_type,media_type,media_url,gif_url,permalink,shortcode,username,"
    "children{id,media_type,media_url,alt_text},is_quote_post,alt_text,link_attachment_url,has_replies,is_reply,"
    "root_post,replied_to"
)
REPLY_FIELDS = f"{FIELDS},is_reply_owned_by_me,hide_status"
_OWN = "id,timestamp,has_replies"
_OWN_REPLIES = f"{_OWN},root_post"
_POSTS = 25
_LATELY = timedelta(days=14)
"""Replies are asked for below what we posted in this time; to older posts only the webhooks bring them."""


# By asking


def poll(account: AccountRef, cursor: str) -> Heard:
    """What is new since `cursor`, oldest first, at most 1000; and again what is a little older."""
    with opened(account) as graph:
        values = {reading.text(value, "id"): (kind, value) for kind, value in _all(graph, portions.since(cursor))}
    found = ((portions.place(_at(value), name), pack(kind, value)) for name, (kind, value) in values.items())
    raws, behind = portions.portion(found, cursor)
    return Heard(tuple(item for raw in raws if (item := _others(account, parse(raw)))), behind)


def _all(graph: Graph, since: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Mentions and replies, each with its kind; a reply that mentions us is a reply."""
    stamp = int(since.timestamp())
    for page in pages(graph, "me/mentions", fields=FIELDS, since=stamp):
        yield from (("mention", value) for value in page)
        if _older(page, since):
            break
    for edge in _edges(graph):
        for page in pages(graph, edge, fields=REPLY_FIELDS, reverse=True):
            yield from (("reply", value) for value in page if _at(value) >= since)
            if _older(page, since):
                break


def _edges(graph: Graph) -> Iterator[str]:
    """Where replies to us may stand: whole threads that we began, and what is right below our replies elsewhere."""
    lately = int((datetime.now(UTC) - _LATELY).timestamp())
    posts = next(pages(graph, "me/threads", fields=_OWN, limit=_POSTS, since=lately), [])
    replies = next(pages(graph, "me/replies", fields=_OWN_REPLIES, limit=_POSTS, since=lately), [])
    roots = {reading.text(post, "id") for post in posts}
    yield from (f"{reading.text(post, 'id')}/conversation" for post in posts if post.get("has_replies"))
    for reply in replies:
        if reply.get("has_replies") and reading.text(reading.child(reply, "root_post"), "id") not in roots:
            yield f"{reading.text(reply, 'id')}/replies"


def _older(page: Sequence[dict[str, Any]], since: datetime) -> bool:
    return bool(page) and _at(page[-1]) < since


def _at(value: dict[str, Any]) -> datetime:
    return reading.moment(value.get("timestamp")) or datetime.now(UTC)


# By webhook


def share(accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
    """One call of Threads. Raises Unverified or Rejected."""
    if pushed.method == "GET":
        return hooks.challenge(accounts, pushed)
    if hooks.is_callback(pushed):
        return hooks.withdrawal(accounts, pushed)
    ours = hooks.of_app(accounts, pushed)
    items: dict[str, tuple[Incoming | Refused, ...]] = {}
    for event in _events(pushed):
        for account in _meant(ours, event):
            if item := _item(account, event):
                items[account.id] = (*items.get(account.id, ()), item)
    return Shared(items)


def _events(pushed: Pushed) -> list[dict[str, Any]]:
    """What a call tells of: one thing or several, each as {"field", "value"} in `values`. Raises Rejected."""
    try:
        said = reading.json_object(b'{"events":' + pushed.body + b"}")["events"]
    except reading.Unreadable as error:
        raise Rejected(str(error)) from error
    found = [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, dict)]
    return [
        one | {"values": values}
        for one in found
        for values in ([one["values"]] if isinstance(one.get("values"), dict) else reading.children(one, "values"))
    ]


def _item(account: AccountRef, event: dict[str, Any]) -> Incoming | Refused | None:
    values = reading.child(event, "values")
    kind = {"replies": "reply", "mentions": "mention", "delete": "delete"}.get(reading.text(values, "field"))
    return _others(account, parse(pack(kind, reading.child(values, "value")))) if kind else None


def _meant(accounts: Sequence[AccountRef], event: dict[str, Any]) -> Iterable[AccountRef]:
    """Whose it is: by the owner that it names, else by the post that it answers, else the app's only account."""
    value = reading.child(reading.child(event, "values"), "value")
    root, owner = reading.child(value, "root_post"), reading.child(value, "owner")
    ids = {reading.text(event, "target_id"), reading.text(root, "owner_id")}
    ids |= {reading.text(owner, "owner_id"), reading.text(owner, "id")}
    if found := [one for one in accounts if one.author_id and one.author_id in ids]:
        return found
    above = reading.text(reading.child(value, "replied_to"), "id")
    if found := [one for one in accounts if above and one.ledger.ours(above)]:
        return found
    return accounts if len(accounts) == 1 else ()


def _others(account: AccountRef, item: Incoming | Refused) -> Incoming | Refused | None:
    """None for what we posted ourselves."""
    own = account.handle.removeprefix("@").lower()
    if isinstance(item, Incoming) and item.kind == "post" and item.author_id.lower() == own:
        return None
    return item
