"""A department gives a request back, and how often that happens: the misroute rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import query
from openline.service_requests import owning, routing
from openline.service_requests.actions import locked, save
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import Assignment, Department, ServiceRequest
from openline.service_requests.models.routing import ReturnReason

WITHIN_DAYS = 14
"""A request that leaves its first owner later than that was not misrouted: something else came up."""


@transaction.atomic
def give_back(
    request_id: UUID,
    reason: str,
    *,
    by: User,
    note: str = "",
    to: Department | None = None,
    version: int | None = None,
) -> ServiceRequest:
    """The department gives the request back: to the fallback tray, or to the department `to` if it knows better."""
    if reason not in ReturnReason.values:
        raise NotPossible(_("Choose why the request is given back."))
    request = locked(request_id, version)
    if request.closed_at is not None:
        raise NotPossible(_("The request is finished. Open it again first, then give it back."))
    owner = to or routing.fallback()
    if owner.pk == request.department_id:
        raise NotPossible(_("“%(department)s” has it already: choose another one.") % {"department": owner.name})
    before, words = request.department.name, str(ReturnReason(reason).label)
    _close_assignment(request, reason, note, by)
    owning.hand_over(request, owner, by, f"Given back by {before}: {words}. {note}".strip())
    return save(request, by, "returned", note=f"{before} → {owner.name}: {words}. {note}".strip())


def _close_assignment(request: ServiceRequest, reason: str, note: str, by: User) -> None:
    """Mark the present assignment as returned; made good for requests older than assignments."""
    now = timezone.now()
    last = request.assignments.order_by("-at", "-id").first() or Assignment(
        request=request, department=request.department, reason=request.routing_reason, at=request.requested_at
    )
    last.returned_at, last.returned_by = now, by
    last.returned_reason, last.returned_note = reason, note[:300]
    last.save()


@dataclass(frozen=True, slots=True)
class Misroutes:
    """Of one service: how many requests the rules sent, how many came back, and how many were handed on instead."""

    code: str
    name: str
    routed: int
    returned: int
    handed_over: int
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """The share that went to the wrong department, between 0 and 1."""
        return (self.returned + self.handed_over) / self.routed if self.routed else 0.0

    @property
    def reason_words(self) -> list[tuple[str, int]]:
        """Why they came back, the most frequent reason first."""
        return [(str(ReturnReason(key).label), n) for key, n in sorted(self.reasons.items(), key=lambda r: -r[1])]


# The first assignment of each request in the period, and what became of it within so many days.
_MISROUTES = """
WITH first AS (
  SELECT DISTINCT ON (a.request_id) a.* FROM service_requests_assignment a
  WHERE a.at >= %(since)s AND a.version IS NOT NULL AND a.by_id IS NULL
  ORDER BY a.request_id, a.at, a.id
), judged AS (
  SELECT r.service_id, first.returned_reason,
    coalesce(first.returned_at <= first.at + %(within)s, false) AS returned,
    EXISTS (SELECT 1 FROM service_requests_assignment b WHERE b.request_id = first.request_id AND b.by_id IS NOT NULL
      AND b.version IS NULL AND b.department_id <> first.department_id AND b.at BETWEEN first.at
      AND first.at + %(within)s) AS handed
  FROM first JOIN service_requests_servicerequest r ON r.id = first.request_id
)
SELECT s.code, s.name, returned, handed AND NOT returned, CASE WHEN returned THEN returned_reason ELSE '' END, count(*)
FROM judged JOIN service_requests_service s ON s.id = judged.service_id GROUP BY 1, 2, 3, 4, 5
"""


def misroutes(days: int = 90, within_days: int = WITHIN_DAYS) -> list[Misroutes]:
    """The misroute rate of each service over the requests opened in the last `days` days, the worst first."""
    bounds = {"since": timezone.now() - timedelta(days=days), "within": timedelta(days=within_days)}
    found: dict[str, Misroutes] = {}
    for code, name, returned, handed, reason, count in query(_MISROUTES, bounds):
        known = found.get(code) or Misroutes(code, name, 0, 0, 0)
        reasons = known.reasons | ({reason: known.reasons.get(reason, 0) + count} if reason else {})
        found[code] = Misroutes(
            code,
            name,
            known.routed + count,
            known.returned + (count if returned else 0),
            known.handed_over + (count if handed else 0),
            reasons,
        )
    return sorted(found.values(), key=lambda row: (-row.rate, row.name))
