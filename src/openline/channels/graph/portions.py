"""Asking Instagram and Threads for what their webhooks may have missed: page by page, and in portions.

A portion ends with a time and an id, the cursor. As it is no finer than a second, and things may be shown a little
late, what is a little older is handed on again: the door knows it by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels import reading
from openline.channels.graph.client import PAGE, Graph

MOST = 1000
OVERLAP = timedelta(minutes=10)
AT_FIRST = timedelta(days=2)

Place = tuple[datetime, int, str]
"""A thing's place in the order of hearing: its time, and its id (the shorter first) where several have the same."""


def place(at: datetime | None, network_id: str) -> Place:
    """Where something stands in the order; what has no time counts as new."""
    return at or datetime.now(UTC), len(network_id), network_id


def read(cursor: str) -> Place:
    """The place that a cursor names; two days ago without one."""
    at, _, network_id = cursor.partition(" ")
    return place((reading.moment(at) if at else None) or datetime.now(UTC) - AT_FIRST, network_id)


def since(cursor: str) -> datetime:
    """From when on to ask."""
    return read(cursor)[0] - (OVERLAP if cursor else timedelta())


def portion(found: Iterable[tuple[Place, bytes]], cursor: str) -> tuple[list[bytes], str]:
    """At most 1000 of `found`, oldest first, and the cursor behind them: new ones, then room for older ones again."""
    before = read(cursor)
    ordered = sorted(found)
    new = [one for one in ordered if one[0] > before][:MOST]
    room = MOST - len(new)
    again = [one for one in ordered if one[0] <= before][-room:] if room else []
    at, _, network_id = new[-1][0] if new else before
    return [raw for _, raw in again + new], f"{at.isoformat()} {network_id}" if cursor or new else ""


def pages(graph: Graph, path: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
    """An edge, page by page. Threads names the place of the next page, not always its address."""
    asked: dict[str, Any] = {"limit": PAGE} | params
    while True:
        said = graph.get(path, **asked)
        found = reading.children(said, "data")
        if found:
            yield found
        after = reading.text(reading.child(reading.child(said, "paging"), "cursors"), "after")
        if not found or not after or after == asked.get("after"):
            return
        asked["after"] = after
