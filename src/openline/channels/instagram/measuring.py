"""What Instagram tells of a post of ours (docs/instagram-platform/reference/instagram-media/insights, 2026)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openline.channels import reading
from openline.channels.base import Rejected
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import NotThere
from openline.channels.instagram import names

_FIELDS = {"likes": "like_count", "replies": "comments_count"}
_INSIGHTS = {"views": "views", "reach": "reach", "shares": "shares"}
NAMES = (*_FIELDS, *_INSIGHTS)


def metrics(graph: Graph, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """The figures by post; one that is not there any more is left out."""
    found = {}
    for name in network_ids:
        if not (media := names.posted(name)):
            continue
        try:
            said = graph.get(media, fields="id,like_count,comments_count")
        except NotThere:
            continue
        found[name] = {**reading.counts(said, _FIELDS), **reading.counts(_insights(graph, media), _INSIGHTS)}
    return found


def _insights(graph: Graph, media: str) -> dict[str, Any]:
    """Young posts and stories nobody saw have none yet, which Graph calls an error."""
    try:
        said = graph.get(f"{media}/insights", metric=",".join(_INSIGHTS.values()))
    except Rejected:
        return {}
    return {reading.text(row, "name"): _value(row) for row in reading.children(said, "data")}


def _value(row: Mapping[str, Any]) -> Any:
    values = reading.children(row, "values")
    return values[0].get("value") if values else reading.child(row, "total_value").get("value")
