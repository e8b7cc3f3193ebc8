"""What came of publications."""

from __future__ import annotations

from datetime import datetime, timedelta

from openline.publishing.models import Variant

FIRST_LOOK = timedelta(minutes=10)


def first_look(variant: Variant, sent_at: datetime) -> datetime:
    """When the network is first asked what came of it."""
    return sent_at + FIRST_LOOK
