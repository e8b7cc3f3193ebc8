"""How much of an account's allowance may go into asking for results: a tenth, and nothing of its last half.

Answering residents and hearing them come first. Counted by this process, as the jobs of a city run in one.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from openline.accounts.models import Account
from openline.channels import reading

SHARE = 0.1
RESERVED = 0.5
CALLS_A_RUN = 5
POSTS_A_CALL = 20
"""The smallest number of posts that a network takes in one call (Mastodon); others take more."""

_used: dict[UUID, tuple[datetime, int]] = {}


def posts(account: Account, now: datetime) -> int:
    """So many posts of the account may be asked about now."""
    return POSTS_A_CALL * max(0, _calls(account, now))


def _calls(account: Account, now: datetime) -> int:
    known = _budget(account, now)
    if known is None:  # the network tells of no limit, or its window is over
        return CALLS_A_RUN
    limit, remaining, _resets_at = known
    if remaining < limit * RESERVED:
        return 0
    until, used = _used.get(account.pk, (now, 0))
    return min(CALLS_A_RUN, int(limit * SHARE) - (used if now < until else 0))


def note(account: Account, asked: int, now: datetime) -> None:
    """Count a question about `asked` posts."""
    known = _budget(account, now)
    until, used = _used.get(account.pk, (now, 0))
    if now >= until:
        until, used = (known[2] if known else now), 0
    _used[account.pk] = until, used + -(-asked // POSTS_A_CALL)


def _budget(account: Account, now: datetime) -> tuple[int, int, datetime] | None:
    """Limit, what remains of it, and until when, as the network said with its last answer."""
    told = account.budget or {}
    resets_at = reading.moment(told.get("resets_at"))
    if not resets_at or resets_at <= now or not told.get("limit"):
        return None
    return int(told["limit"]), int(told["remaining"]), resets_at
