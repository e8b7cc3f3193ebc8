"""When the next try is: soon after the first failure, ever later, then not by itself."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.utils import timezone

MINUTES = (5, 30, 120, 360, 720)
"""So long to the next try after the first, second, ... failure; after the last one a person is asked."""
HOOK_SECONDS = (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_000)
"""The same for webhooks, in seconds: a bit more than a day in all, as Standard Webhooks advises."""


def next_try(attempts: int, wait_seconds: int = 0) -> datetime | None:
    """When to try again after so many tries, not before what they asked for; None: a person has to look."""
    if attempts > len(MINUTES):
        return None
    return _after(max(MINUTES[max(attempts, 1) - 1] * 60, wait_seconds))


def next_delivery(attempts: int) -> datetime | None:
    """When to deliver to a webhook again; None: it is given up."""
    return _after(HOOK_SECONDS[attempts - 1]) if attempts <= len(HOOK_SECONDS) else None


def _after(seconds: float) -> datetime:
    """Up to a tenth later, so that what failed together does not come back all at once."""
    return timezone.now() + timedelta(seconds=seconds * random.uniform(1, 1.1))
