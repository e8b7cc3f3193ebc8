"""What Threads tells of a post of ours (docs/threads/insights, 2026); one call for each, as it offers no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openline.channels import reading
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import NotThere

_FIELDS = {"views": "views", "likes": "likes", "replies": "replies", "reposts": "reposts", "quotes": "quotes",
           "shares": "shares"}  # fmt: skip
NAMES = tuple(_FIELDS)


def metrics(graph: Graph, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """The figures by post; one that is not there any more is left out."""
    found = {}
    for network_id in network_ids:
        try:
            said = graph.get(f"{network_id}/insights", metric=",".join(_FIELDS.values()))
        except NotThere:
            continue
        told = {reading.text(row, "name"): _value(row) for row in reading.children(said, "data")}
        found[network_id] = reading.counts(told, _FIELDS)
    return found


def _value(row: Mapping[str, Any]) -> Any:
    """The figure, in either of the places where Threads puts it."""
    values = reading.children(row, "values")
    return values[0].get("value") if values else reading.child(row, "total_value").get("value")
