"""When residents do not answer: reminded once half-way, then the request goes on without them, and says so.

- A question that was not answered within `answer_days` working days: "could not find it" is closed with that outcome,
  anything else goes back to work, where a person decides: nothing waits for ever.
- "Is it fixed?" that was not answered within `confirm_days` days: closed.

Where a conversation waits for a person to look at it, the resident did say something: nothing is closed over that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from openline.care import speaking, texts
from openline.care.models import Report
from openline.inbox.models import Status as ConversationStatus
from openline.outbox.models import Delivery
from openline.service_requests import actions
from openline.service_requests.deadlines import calendar_of
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Outcome, Status

_BATCH = 500


def follow_up(now: datetime | None = None) -> int:
    """Remind, close and take back to work what is due; returns how many requests that was."""
    now = now or timezone.now()
    return sum(_question(one, now) for one in _asking(Status.WAITING)) + sum(
        _confirmed_by_silence(one, now) for one in _asking(Status.RESOLVED)
    )


def _asking(status: str) -> Iterable[ServiceRequest]:
    """Requests that ask their residents something, the longest unchanged first."""
    found = ServiceRequest.objects.filter(status=status).select_related("service__department")
    return found.order_by("updated_at").iterator(_BATCH)


def _question(request: ServiceRequest, now: datetime) -> bool:
    """A request that waits for an answer: half of the time is over, or all of it, or neither."""
    days, since = jurisdiction().answer_days, request.paused_at or request.updated_at
    calendar = calendar_of(request.service)
    if calendar.add_days(since, days) <= now:
        return _give_up(request)
    return calendar.add_days(since, (days + 1) // 2) <= now and _remind(request, since)


@transaction.atomic
def _remind(request: ServiceRequest, since: datetime) -> bool:
    """Ask again in every conversation, once; False if that was done before."""
    reports = list(_reports(request))
    purpose = f"remind:{request.pk.hex[-12:]}:{since:%m%d%H%M%S}"
    keys = [f"{report.conversation_id}:{purpose}" for report in reports]
    said = set(Delivery.objects.filter(key__in=keys).values_list("key", flat=True))
    for key, report in zip(keys, reports, strict=True):
        if key not in said:
            with texts.speaking(speaking.language_of(report.message)):
                speaking.say(report.conversation, texts.reminder(request.number), purpose=purpose, by=None)
    return len(said) < len(keys)


@transaction.atomic
def _give_up(request: ServiceRequest) -> bool:
    """Go on without the answer."""
    now_locked = actions.locked(request.pk, None)
    if now_locked.status != Status.WAITING or _a_person_looks(request):
        return False
    if now_locked.reason == "not_found":
        actions.move(request.pk, Status.CLOSED, by=None, outcome=Outcome.NOT_FOUND, note="No answer from the resident.")
    else:
        actions.move(request.pk, Status.IN_PROGRESS, by=None, note="No answer from the resident: go on, or close it.")
    return True


@transaction.atomic
def _confirmed_by_silence(request: ServiceRequest, now: datetime) -> bool:
    """Close a resolved request to which nobody said no in time."""
    now_locked = actions.locked(request.pk, None)
    resolved_at = now_locked.closed_at
    late = resolved_at and resolved_at + timedelta(days=jurisdiction().confirm_days) <= now
    if now_locked.status != Status.RESOLVED or not late or _a_person_looks(request):
        return False
    actions.move(request.pk, Status.CLOSED, by=None, note="Nobody said that it is not fixed.")
    return True


def _a_person_looks(request: ServiceRequest) -> bool:
    return Report.objects.filter(request=request, conversation__status=ConversationStatus.OPEN).exists()


def _reports(request: ServiceRequest) -> Iterable[Report]:
    return Report.objects.filter(request=request, quiet=False).select_related(
        "conversation__account", "conversation__identity", "message__assessment"
    )
