"""How much of Meta's allowance is used up, by the headers of every answer (docs/graph-api/overview/rate-limiting).

`X-App-Usage` and `X-Page-Usage` tell percents; `X-Business-Use-Case-Usage` tells them for each business object and kind
of call, with the minutes until calls are let through again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from openline.channels import http, reading
from openline.channels.accounts import Budget

_PLAIN = {"x-app-usage": "app", "x-page-usage": "page"}
_BUSINESS = "x-business-use-case-usage"
_COUNTS = ("call_count", "total_time", "total_cputime")
_ROLLING = timedelta(hours=1)
_USUAL_WAIT = timedelta(minutes=5)
"""The windows roll by the hour; after five minutes a twelfth of it is free again."""
_LONGEST_WAIT = timedelta(hours=24)


def budget(headers: Mapping[str, str], now: datetime | None = None) -> Budget | None:
    """What is left, in percent, of the allowance that is used up most; None if the answer does not say."""
    now = now or datetime.now(UTC)
    found = [
        Budget(100, max(0, 100 - used), now + (timedelta(minutes=wait) if wait else _ROLLING), what)
        for what, used, wait in _usages(headers)
    ]
    return min(found, key=lambda one: (one.remaining, one.what), default=None)


def retry_at(headers: Mapping[str, str], now: datetime | None = None) -> datetime:
    """When calls are let through again: by Meta's own estimate, or `Retry-After`, else in five minutes."""
    now = now or datetime.now(UTC)
    if waits := [wait for _, _, wait in _usages(headers) if wait]:
        return min(now + timedelta(minutes=max(waits)), now + _LONGEST_WAIT)
    if headers.get("retry-after"):
        return http.retry_at(headers, now)
    return now + _USUAL_WAIT


def _usages(headers: Mapping[str, str]) -> Iterator[tuple[str, int, int]]:
    """What is counted, percent used, minutes to wait."""
    for header, what in _PLAIN.items():
        if said := _object(headers.get(header, "")):
            yield what, _most(said), 0
    for _, rows in sorted(_object(headers.get(_BUSINESS, "")).items()):
        for row in reading.children({"rows": rows}, "rows"):
            wait = row.get("estimated_time_to_regain_access")
            yield reading.text(row, "type") or "business", _most(row), wait if isinstance(wait, int) and wait > 0 else 0


def _most(said: Mapping[str, Any]) -> int:
    return max((int(n) for name in _COUNTS if isinstance(n := said.get(name), int | float)), default=0)


def _object(value: str) -> dict[str, Any]:
    try:
        return reading.json_object(value.encode("utf-8", "replace")) if value else {}
    except reading.Unreadable:
        return {}
