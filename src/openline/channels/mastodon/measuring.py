"""What came of our posts: GET /api/v1/statuses, Mastodon 4.3 (at most 20 in a call); others are asked one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openline.channels import reading
from openline.channels.mastodon import finding
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.errors import NotThere

NAMES = ("likes", "reposts", "replies", "quotes")
_FIELDS = {
    "likes": "favourites_count",
    "reposts": "reblogs_count",
    "replies": "replies_count",
    "quotes": "quotes_count",  # since 4.5
}
_AT_ONCE = 20


def metrics(server: Server, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Counts by id. What a list leaves out is asked for alone, so that only what is really gone is left out here."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        asked = list(ids[start : start + _AT_ONCE])
        shown = _together(server, asked)
        found |= shown | _alone(server, [one for one in asked if one not in shown])
    if ids and not found:
        finding.me(server)  # raises, if this is no such server at the moment or refuses our token
    return {one: reading.counts(status, _FIELDS) for one, status in found.items()}


def _together(server: Server, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Those that the server lists; none where it has no such call."""
    try:
        items = server.items(lambda client: client.statuses(ids))
    except NotThere:
        return {}
    return {reading.text(status, "id"): status for _raw, status in items}


def _alone(server: Server, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Those that are there, each by a call of its own."""
    found = {}
    for one in ids:
        try:
            found[one] = server.object(lambda client, one=one: client.status(one))  # type: ignore[misc]
        except NotThere:
            continue
    return found
