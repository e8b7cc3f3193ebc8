"""Saying something on Threads: a container, waiting, publication, each kept; and looking for what was said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts, reading
from openline.channels.base import AccountRef, NotAllowed, Outgoing, Progress, RateLimited, Receipt
from openline.channels.graph.client import Graph
from openline.channels.graph.containers import Containers, Paths, harmless
from openline.channels.graph.errors import NotThere
from openline.channels.graph.portions import pages
from openline.channels.outgoing import HIDING
from openline.channels.threads import writing
from openline.channels.threads.client import opened

PATHS = Paths("me/threads", "me/threads_publish", "status", "error_message")
_LIMITS = "quota_usage,config,reply_quota_usage,reply_config,delete_quota_usage,delete_config"
_OWN = "id,text,timestamp,permalink"
_FULL_FOR = timedelta(hours=1)
"""The day's allowance rolls: after an hour of waiting there is mostly room again."""
_CLOCKS_APART = timedelta(minutes=2)


def send(account: AccountRef, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Do what `outgoing` says."""
    with opened(account) as graph:
        if outgoing.action == "delete":
            return _delete(graph, outgoing.about, progress)
        if outgoing.action in HIDING:
            return _hide(graph, outgoing.about, outgoing.action == "hide")
        if outgoing.action != "post":
            raise NotAllowed(_("What was said on Threads cannot be changed there, only taken back."))
        writing.refuse(outgoing)
        if not progress.done("post"):
            _room(graph, "reply_" if outgoing.in_reply_to else "")
        return parts.say(progress, writing.texts(outgoing), partial(_post, graph, outgoing, progress))


def find_sent(account: AccountRef, outgoing: Outgoing, progress: Progress, since: datetime) -> Receipt | None:
    """What an earlier try did: by its container, and the newest of our posts."""
    with opened(account) as graph:
        if outgoing.action == "delete":
            return None if _there(graph, outgoing.about) else Receipt(outgoing.about)
        if outgoing.action in HIDING:
            done = _is_hidden(graph, outgoing.about) is (outgoing.action == "hide")
            return Receipt(outgoing.about) if done else None

        def look(n: int, text: str, above: str) -> dict[str, Any] | None:
            under = above or outgoing.in_reply_to
            found = Containers(graph, progress, PATHS).sent(f"container {n}", partial(_find, graph, text, under, since))
            return _kept(graph, found) if found else None

        return parts.find(progress, writing.texts(outgoing), look)


def _post(graph: Graph, outgoing: Outgoing, progress: Progress, n: int, text: str, above: str) -> dict[str, Any]:
    containers = Containers(graph, progress, PATHS)
    under = above or outgoing.in_reply_to
    begun = progress.step(f"begun {n}", lambda: datetime.now(UTC).isoformat())

    def values() -> dict[str, Any]:
        children = _children(containers, outgoing) if not n and len(outgoing.media) > 1 else ()
        return writing.container(outgoing, n, text, under, children)

    made = containers.usable(f"container {n}", values)
    look = partial(_find, graph, text, under, datetime.fromisoformat(begun))
    return _kept(graph, containers.publish(made, look))


def _children(containers: Containers, outgoing: Outgoing) -> tuple[str, ...]:
    """A container for each file, once all are ready: one that is not spoils the whole."""
    made = [containers.usable(f"file {k}", partial(writing.item, one)) for k, one in enumerate(outgoing.media)]
    for one in made:
        containers.ready(one)
    return tuple(made)


def _kept(graph: Graph, network_id: str) -> dict[str, str]:
    """The receipt, with the post's public address. That alone must not fail what was said."""
    try:
        said = graph.get(network_id, fields="id,permalink")
    except Exception as error:
        said = {"error": str(error)}
    return {"network_id": network_id, "url": reading.web_address(said, "permalink")}


def _find(graph: Graph, text: str, under: str, since: datetime) -> str:
    """Our post with these words under that one; "" if there is none."""
    ledger = graph.account.ledger
    for post in _own_posts(graph, "me/replies" if under else "me/threads", since - _CLOCKS_APART):
        same = reading.text(post, "text").split() == text.split()
        network_id = reading.text(post, "id")
        if same and reading.text(reading.child(post, "replied_to"), "id") == under and not ledger.ours(network_id):
            return network_id
    return ""


def _own_posts(graph: Graph, path: str, since: datetime) -> Iterator[dict[str, Any]]:
    fields = _OWN if path == "me/threads" else f"{_OWN},replied_to"  # what stands at the top answers nothing
    for page in pages(graph, path, fields=fields):
        for post in page:
            at = reading.moment(post.get("timestamp"))
            if at and at < since:
                return
            yield post


def _room(graph: Graph, what: str) -> None:
    """Raises RateLimited if the day's allowance of posts, replies ("reply_") or deletions ("delete_") is used up."""
    used, limit = allowance(graph, what)
    if limit and used >= limit:
        raise RateLimited(datetime.now(UTC) + _FULL_FOR, _("Threads takes no more than %d of these in a day.") % limit)


def allowance(graph: Graph, what: str = "") -> tuple[int, int]:
    """How many were said in the last 24 hours, and how many may be; asked, as Threads changes it."""
    said = next(iter(reading.children(graph.get("me/threads_publishing_limit", fields=_LIMITS), "data")), {})
    limit = reading.child(said, f"{what}config").get("quota_total")
    used = said.get(f"{what}quota_usage")
    return (used if isinstance(used, int) else 0), (limit if isinstance(limit, int) else 0)


def _delete(graph: Graph, about: str, progress: Progress) -> Receipt:
    def take_back() -> dict[str, str]:
        _room(graph, "delete_")
        try:
            harmless(lambda: graph.delete(about))
        except NotThere:
            pass  # it is gone, which is what was asked for
        return {"id": about}

    progress.step("delete", take_back)
    return Receipt(about)


def _hide(graph: Graph, about: str, hidden: bool) -> Receipt:
    """Hide a reply to a post of ours, and all below it, or show it again. Doing it again changes nothing."""
    harmless(lambda: graph.post(f"{about}/manage_reply", {"hide": hidden}))
    return Receipt(about)


def _there(graph: Graph, network_id: str) -> bool:
    try:
        graph.get(network_id, fields="id")
    except NotThere:
        return False
    return True


def _is_hidden(graph: Graph, network_id: str) -> bool:
    said = graph.get(network_id, fields="id,hide_status")
    return reading.text(said, "hide_status") in ("HIDDEN", "HUSHED")
