"""How promises are kept: on time, late, and still open although the day has passed, which counts as broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from openline.foundation.bulk import query


@dataclass(frozen=True, slots=True)
class Kept:
    """Requests of one service or department that were due in a span of time, or were closed in it."""

    name: str
    on_time: int
    late: int
    overdue: int
    running: int
    first_on_time: int
    first_late: int

    @property
    def share(self) -> float | None:
        """Kept promises among all that are decided, 0 to 1: open overdue ones count as broken. None if none is."""
        decided = self.on_time + self.late + self.overdue
        return self.on_time / decided if decided else None

    @property
    def percent(self) -> int | None:
        """The share in percent, rounded down: 100 only if all were kept."""
        return None if self.share is None else int(self.share * 100)


_BY = {"service": "service_requests_service", "department": "service_requests_department"}
_KEPT = """
SELECT n.name,
       count(*) FILTER (WHERE r.closed_at <= r.due_at),
       count(*) FILTER (WHERE r.closed_at > r.due_at),
       count(*) FILTER (WHERE r.closed_at IS NULL AND r.due_at < %s AND r.paused_at IS NULL),
       count(*) FILTER (WHERE r.closed_at IS NULL AND (r.due_at >= %s OR r.paused_at IS NOT NULL)),
       count(*) FILTER (WHERE coalesce(r.first_answered_at, r.closed_at) <= r.first_answer_due_at),
       count(*) FILTER (WHERE coalesce(r.first_answered_at, r.closed_at, %s) > r.first_answer_due_at)
FROM service_requests_servicerequest r JOIN {table} n ON n.id = r.{column}_id
WHERE r.due_at IS NOT NULL AND r.duplicate_of_id IS NULL AND r.status <> 'rejected'
  AND (r.closed_at >= %s OR r.closed_at IS NULL) AND r.requested_at < %s
  AND (%s::uuid[] IS NULL OR r.id = ANY(%s::uuid[]))
GROUP BY n.name ORDER BY n.name
"""


def kept(by: str, since: datetime, now: datetime, only: Sequence[UUID] | None = None) -> list[Kept]:
    """How promises were kept since `since`, by "service" or "department", in one query.

    What was closed since then and what is open now counts; joined and rejected requests do not.
    """
    statement = _KEPT.format(table=_BY[by], column=by)
    ids = None if only is None else list(only)
    return [Kept(*row) for row in query(statement, [now, now, now, since, now, ids, ids])]


def together(rows: Sequence[Kept], name: str) -> Kept:
    """All rows as one, under `name`."""
    sums = [sum(column) for column in zip(*((r.on_time, r.late, r.overdue, r.running, r.first_on_time, r.first_late)
                                            for r in rows), strict=True)]  # fmt: skip
    return Kept(name, *(sums or [0] * 6))
