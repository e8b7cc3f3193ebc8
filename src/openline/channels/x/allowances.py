"""What X still lets an account do, by the headers of its answers: for a quarter of an hour, and for a day."""

from __future__ import annotations

import re
from collections.abc import Mapping

from openline.channels import http
from openline.channels.accounts import AccountRef, Budget

_SPEAKING = (
    (re.compile(r"POST /2/tweets$"), "posts"),
    (re.compile(r"DELETE /2/tweets/"), "deletions"),
    (re.compile(r"POST /2/dm_conversations/"), "messages"),
    (re.compile(r"POST /2/media/"), "uploads"),
    (re.compile(r"PUT /2/tweets/"), "hidings"),
)
_PREFIXES = ("x-rate-limit-", "x-user-limit-24hour-", "x-app-limit-24hour-")


def note(account: AccountRef, method: str, path: str, headers: Mapping[str, str]) -> None:
    """Keep the scarcest allowance that this answer tells of."""
    what = next((name for pattern, name in _SPEAKING if pattern.match(f"{method} {path}")), "read")
    found = [one for prefix in _PREFIXES if (one := _budget(headers, prefix, what))]
    if found:
        account.keeper.note_budget(min(found, key=lambda one: one.remaining / max(one.limit, 1)))


def _budget(headers: Mapping[str, str], prefix: str, what: str) -> Budget | None:
    names = ("limit", "remaining", "reset")
    return http.budget({f"x-rate-limit-{name}": headers.get(prefix + name, "") for name in names}, what)
