"""Telling open pages what changed: ids only, never content, when the transaction commits."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from openline.foundation.bulk import notify_all

CHANNEL = "openline_changes"
"""The database channel to which the server of live events listens."""


def conversations_changed(*conversation_ids: UUID) -> None:
    """Whoever looks at these conversations, or at the list, sees them anew."""
    _tell("conversation", conversation_ids)


def request_changed(request_id: UUID) -> None:
    """Whoever looks at this service request sees it anew."""
    _tell("request", [request_id])


def _tell(what: str, ids: Iterable[UUID]) -> None:
    notify_all(CHANNEL, [f"{what}:{found}" for found in ids])
