"""A post, an album, a reel or a story: a container, waiting, publication, each kept; and looking for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import Outgoing, Progress, RateLimited, Receipt
from openline.channels.graph.client import Graph
from openline.channels.graph.containers import Containers, Paths
from openline.channels.graph.portions import pages
from openline.channels.instagram import names, writing

PATHS = Paths("me/media", "me/media_publish", "status_code", "status")
_OWN = "id,caption,timestamp,permalink,media_product_type"
_FULL_FOR = timedelta(hours=1)
"""The day's allowance rolls: after an hour of waiting there is mostly room again."""
_CLOCKS_APART = timedelta(minutes=2)
_STORY = "STORY"


def publish(graph: Graph, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Publish it once."""

    def post() -> dict[str, str]:
        begun = progress.step("begun", lambda: datetime.now(UTC).isoformat())
        containers = Containers(graph, progress, PATHS)
        if not containers.known("container"):
            _room(graph)
        made = containers.usable("container", lambda: writing.container(outgoing, _children(containers, outgoing)))
        return _kept(graph, containers.publish(made, partial(_find, graph, outgoing, datetime.fromisoformat(begun))))

    return _receipt(progress.step("post", post))


def find(graph: Graph, outgoing: Outgoing, progress: Progress, since: datetime) -> Receipt | None:
    """What became of the container of an earlier try."""
    if known := progress.done("post"):
        return _receipt(known)
    found = Containers(graph, progress, PATHS).sent("container", partial(_find, graph, outgoing, since))
    return _receipt(progress.step("post", partial(_kept, graph, found))) if found else None


def allowance(graph: Graph) -> tuple[int, int]:
    """How many were published in the last 24 hours, and how many may be. Asked: Meta's pages name 25, 50 and 100."""
    said = graph.get("me/content_publishing_limit", fields="config,quota_usage")
    row = next(iter(reading.children(said, "data")), {})
    used, limit = row.get("quota_usage"), reading.child(row, "config").get("quota_total")
    return (used if isinstance(used, int) else 0), (limit if isinstance(limit, int) else 0)


def _room(graph: Graph) -> None:
    used, limit = allowance(graph)
    if limit and used >= limit:
        raise RateLimited(datetime.now(UTC) + _FULL_FOR, _("Instagram takes no more than %d posts in a day.") % limit)


def _children(containers: Containers, outgoing: Outgoing) -> tuple[str, ...]:
    """A container for each file, once all are ready: one that is not spoils the whole."""
    if len(outgoing.media) < 2:
        return ()
    made = [containers.usable(f"file {k}", partial(writing.item, one)) for k, one in enumerate(outgoing.media)]
    for one in made:
        containers.ready(one)
    return tuple(made)


def _find(graph: Graph, outgoing: Outgoing, since: datetime) -> str:
    """Our post with that caption; a story has none, so the only one since then that is not known yet. "" for none."""
    story = outgoing.form == "story"
    for page in pages(graph, "me/stories" if story else "me/media", fields=_OWN):
        for one in page:
            at, network_id = reading.moment(one.get("timestamp")), reading.text(one, "id")
            if at and at < since - _CLOCKS_APART:
                return ""
            same = story or reading.text(one, "caption").split() == outgoing.text.split()
            if same and not graph.account.ledger.ours(names.post(network_id)):
                return network_id
    return ""


def _kept(graph: Graph, network_id: str) -> dict[str, str]:
    """The receipt, with the post's public address. That alone must not fail what was published."""
    try:
        said = graph.get(network_id, fields="id,permalink")
    except Exception as error:
        said = dict[str, Any](error=str(error))
    return {"network_id": network_id, "url": reading.web_address(said, "permalink")}


def _receipt(kept: dict[str, str]) -> Receipt:
    return Receipt(names.post(kept["network_id"]), kept.get("url", ""))
