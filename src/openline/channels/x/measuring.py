"""What came of our posts: GET /2/tweets with public_metrics, a hundred in a call, in both of X's spellings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openline.channels import reading
from openline.channels.reading import child, children, text
from openline.channels.x import spelling
from openline.channels.x.client import Api
from openline.channels.x.refusals import BadRequest

NAMES = ("views", "likes", "reposts", "quotes", "replies")
_FIELDS = {
    "views": "impression_count",
    "likes": "like_count",
    "reposts": "retweet_count",
    "quotes": "quote_count",
    "replies": "reply_count",
}
_AT_ONCE = 100


def metrics(api: Api, network_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Counts by id; what X says is not there is left out, of what it does not show for now nothing is told."""
    asked = [one for one in network_ids if one.isdecimal() and len(one) < 20]
    found: dict[str, dict[str, int]] = {}
    for start in range(0, len(asked), _AT_ONCE):
        batch = asked[start : start + _AT_ONCE]
        page = _page(api, batch)
        shown = {text(post, "id"): _counts(post) for post in children(page, "data")}
        gone = {text(one, "resource_id") for one in children(page, "errors") if _is_gone(one)}
        found |= {one: shown.get(one, {}) for one in batch if one in shown or one not in gone}
    return found


def _page(api: Api, ids: list[str]) -> dict[str, Any]:
    server, wanted = api.account.server, {"ids": ",".join(ids)}
    try:
        return api.get("/2/tweets", {**wanted, **spelling.counted(server)})
    except BadRequest as error:
        if not spelling.is_about(error.reason):
            raise
    spelling.change(server)
    return api.get("/2/tweets", {**wanted, **spelling.counted(server)})


def _counts(post: dict[str, Any]) -> dict[str, int]:
    told = child(post, "public_metrics")
    return reading.counts(told, {name: spelling.new(field) for name, field in _FIELDS.items()}) | reading.counts(
        told, _FIELDS
    )


def _is_gone(problem: dict[str, Any]) -> bool:
    return text(problem, "type").endswith("/resource-not-found")
