"""The plan of a day's units: what each call costs, when the day ends, and how slowly to look so that they last.

developers.google.com/youtube/v3/determine_quota_cost (2026): a project has 10,000 units a day; uploads and searches
have buckets of their own, of 100 calls each. The day is the Pacific one. Google tells nobody what is left: we count.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from openline.channels.accounts import Budget

A_DAY, UPLOADS_A_DAY = 10_000, 100
UNITS, UPLOADS = "units", "uploads"
RESERVE = 0.2
"""The share of a day's units that hearing leaves to answers and posts."""
LAST = 0.05
"""With less than this share left, nothing is heard until the next day."""
SLOWEST_SECONDS = 1800.0
_READ, _WRITE = 1, 50
_DEAR = {("GET", "captions"): 50, ("POST", "upload/captions"): 400, ("PUT", "upload/captions"): 450}


def cost(verb: str, path: str) -> tuple[str, int]:
    """The bucket and what a call takes out of it."""
    if (verb, path) == ("POST", "upload/videos"):
        return UPLOADS, 1
    return UNITS, _DEAR.get((verb, path), _READ if verb == "GET" else _WRITE)


@cache
def _pacific() -> ZoneInfo:
    return ZoneInfo("America/Los_Angeles")


def day_ends(now: datetime | None = None) -> datetime:
    """Midnight Pacific time, when the units are new; days of 23 and 25 hours are such."""
    here = (now or datetime.now(UTC)).astimezone(_pacific())
    return datetime.combine(here.date() + timedelta(days=1), time(), _pacific()).astimezone(UTC)


def wait_seconds(left: Budget | None, a_round: int, usual: float, now: datetime | None = None) -> float:
    """How long to wait before a look that costs `a_round` units, so that what is left lasts until the day ends.

    The reserve is kept: once only that is left, a look every half an hour goes on, and near the end none.
    """
    if left is None or left.what != UNITS:
        return usual
    seconds = max((left.resets_at - (now or datetime.now(UTC))).total_seconds(), usual)
    if left.remaining <= left.limit * LAST:
        return seconds
    free = left.remaining - left.limit * RESERVE
    if free <= 0:
        return min(seconds, SLOWEST_SECONDS)
    return min(max(usual, max(a_round, 2) * seconds / free), seconds)
