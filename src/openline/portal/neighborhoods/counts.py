"""How many requests each area had lately, counted for all areas at once and kept for some minutes in each process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from openline.foundation.bulk import query

DAYS = 90
SECONDS = 300.0
_cached: tuple[float, Mapping[str, Counts]] | None = None
_COUNT = """
SELECT area, count(*) FILTER (WHERE closed_at IS NULL), count(*) FILTER (WHERE closed_at IS NOT NULL)
FROM service_requests_servicerequest, jsonb_array_elements_text(areas) AS area
WHERE public AND requested_at >= %s GROUP BY area
"""


class Counts(NamedTuple):
    """Requests that came in the last `DAYS` days: those still open, and those that are closed."""

    open: int = 0
    closed: int = 0


def counts() -> Mapping[str, Counts]:
    """By code of the area."""
    global _cached
    if _cached is None or time.monotonic() - _cached[0] > SECONDS:
        rows = query(_COUNT, [timezone.now() - timedelta(days=DAYS)])
        _cached = (time.monotonic(), {area: Counts(*numbers) for area, *numbers in rows})
    return _cached[1]


def forget() -> None:
    """Count anew at the next use."""
    global _cached
    _cached = None
