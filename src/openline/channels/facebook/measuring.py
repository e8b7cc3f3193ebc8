"""What came of our posts and comments: likes of any kind, shares, comments, views.

Views are Facebook's `post_media_view`, which took the place of impressions in 2025. A page without insights (fewer than
100 followers) has none; then the rest is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openline.channels import reading as plain
from openline.channels.base import NotAllowed, Rejected
from openline.channels.facebook import finding, writing
from openline.channels.graph.client import Graph

NAMES = ("likes", "reposts", "replies", "views")
MOST = 50
_COUNTS = "shares,reactions.limit(0).summary(total_count),comments.limit(0).filter(stream).summary(total_count)"
_VIEWS = "insights.metric(post_media_view).period(lifetime)"
_COMMENT = "like_count,comment_count"


def metrics(graph: Graph, page: str, network_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By id, 50 in a call; what is no longer there is left out."""
    public = [one for one in network_ids if not writing.is_message(one)]
    posts = [one for one in public if one.startswith(f"{page}_")]
    comments = [one for one in public if not one.startswith(f"{page}_")]
    found: dict[str, dict[str, int]] = {one: {} for one in network_ids if writing.is_message(one)}
    for start in range(0, len(posts), MOST):
        told = _posts(graph, posts[start : start + MOST])
        found |= {one: _of_post(said) for one, said in told.items()}
    for start in range(0, len(comments), MOST):
        told = graph.objects(comments[start : start + MOST], f"id,{_COMMENT}")
        names = {"likes": "like_count", "replies": "comment_count"}
        found |= {one: plain.counts(said, names) for one, said in told.items()}
    if len(found) < len(network_ids):
        finding.must_see(graph, page)
    return found


def _posts(graph: Graph, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    try:
        return graph.objects(ids, f"id,{_COUNTS},{_VIEWS}")
    except (NotAllowed, Rejected):  # no insights for this page
        return graph.objects(ids, f"id,{_COUNTS}")


def _of_post(said: dict[str, Any]) -> dict[str, int]:
    summaries = {"likes": "reactions", "replies": "comments"}
    counted: dict[str, Any] = {
        name: plain.child(plain.child(said, edge), "summary").get("total_count") for name, edge in summaries.items()
    }
    counted["reposts"] = plain.child(said, "shares").get("count", 0)
    for one in plain.children(plain.child(said, "insights"), "data"):
        values = plain.children(one, "values")
        counted["views"] = values[0].get("value") if values else None
    return plain.counts(counted, {name: name for name in NAMES})
