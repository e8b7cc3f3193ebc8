"""Telling somebody before a promise is broken, and after: each rule once for each request and deadline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.foundation.bulk import insert_rows
from openline.foundation.changes import request_changed
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.calendars import calendars
from openline.service_requests.models import EscalationRule, ServiceRequest, Update
from openline.service_requests.models.deadlines import Told

SUPERVISORS = "supervisor"
"""The role (a group) whose members are the supervisors of the contact centre."""
_BATCH = 500
_COLUMNS = {"request_id": "uuid", "rule_id": "int8", "due_at": "timestamptz", "at": "timestamptz", "told": "text"}
_SLACK = timedelta(days=5)
"""Working hours before a deadline begin at most so much earlier for each eight of them (weekends, holidays)."""


def escalate(now: datetime | None = None) -> int:
    """Carry out every rule that is due; returns how many escalations there were."""
    now = now or timezone.now()
    rules = list(EscalationRule.objects.filter(active=True).order_by("hours", "pk"))
    return sum(_escalate(request, rules, now) for request in _candidates(now)) if rules else 0


def _candidates(now: datetime) -> Iterable[ServiceRequest]:
    """Open requests whose clock runs and whose deadline is near enough, soonest first."""
    span = EscalationRule.objects.filter(active=True).aggregate(first=Min("hours"), last=Max("hours"))
    ahead = timedelta(hours=max(0, -span["first"])) * 3 + _SLACK
    found = ServiceRequest.objects.filter(closed_at=None, paused_at=None, due_at__lt=now + ahead)
    found = found.select_related("service", "department", "team", "assigned_to").prefetch_related("escalations")
    return found.order_by("due_at", "pk").iterator(_BATCH)


def _escalate(request: ServiceRequest, rules: list[EscalationRule], now: datetime) -> int:
    """Carry out what is due for one request, in a transaction of its own."""
    told = {one.rule_id for one in request.escalations.all() if one.due_at == request.due_at}
    due = [rule for rule in _rules_of(request, rules) if rule.pk not in told and _moment(request, rule) <= now]
    if not due:
        return 0
    with transaction.atomic():
        rows = [(request.pk, rule.pk, request.due_at, now, rule.get_tell_display()) for rule in due]
        new = insert_rows("service_requests_escalation", _COLUMNS, rows,
                          conflict="(request_id, rule_id, due_at) DO NOTHING", returning="rule_id")  # fmt: skip
        fresh = {rule_id for (rule_id,) in new}
        for rule in due:
            if rule.pk in fresh:
                _tell(request, rule, now)
    return len(fresh)


def _rules_of(request: ServiceRequest, rules: list[EscalationRule]) -> list[EscalationRule]:
    """The rules of its service; without such those of its department; without such those for all."""
    own = [rule for rule in rules if rule.service_id == request.service_id]
    wide = [rule for rule in rules if rule.service_id is None]
    department = [rule for rule in wide if rule.department_id == request.department_id]
    return own or department or [rule for rule in wide if rule.department_id is None]


def _moment(request: ServiceRequest, rule: EscalationRule) -> datetime:
    """When the rule is due: so many working hours before or after the deadline."""
    assert request.due_at
    calendar = calendars().of(request.department.calendar_id)
    if rule.hours == 0:
        return request.due_at
    if rule.hours > 0:
        return calendar.add_hours(request.due_at, rule.hours)
    # Backwards: the moment from which so many working hours are left until the deadline.
    start = request.due_at - timedelta(hours=-rule.hours) * 3 - _SLACK
    spare = calendar.working_time(start, request.due_at) - timedelta(hours=-rule.hours)
    return calendar.add_hours(start, max(spare, timedelta()) / timedelta(hours=1))


def _tell(request: ServiceRequest, rule: EscalationRule, now: datetime) -> None:
    """Write it into the history and under "Mentions me" of whom the rule names."""
    people = whom(request, rule)
    update = Update.objects.create(request=request, at=now, note=_words(rule))
    update.mentioned.set(people)
    body = {"what": "escalated", "number": request.number, "hours": rule.hours, "told": rule.tell,
            "people": [user.get_username() for user in people]}  # fmt: skip
    log.write([log.Entry(Kind.CHANGED, "openline", request_id=request.pk, body=body)])
    ServiceRequest.objects.filter(pk=request.pk).update(version=request.version + 1, updated_at=now)
    request.version += 1
    request_changed(request.pk)


def whom(request: ServiceRequest, rule: EscalationRule) -> list[User]:
    """The people whom a rule tells; if there is nobody, the next wider circle: nothing sticks unseen."""
    circles = {
        Told.PERSON: Q(pk=request.assigned_to_id),
        Told.TEAM: Q(teams=request.team_id) if request.team_id else Q(pk=None),
        Told.DEPARTMENT: Q(departments=request.department_id),
        Told.SUPERVISORS: Q(groups__name=SUPERVISORS),
    }
    order = list(circles)
    for circle in order[order.index(Told(rule.tell)) :]:
        if found := list(User.objects.filter(circles[circle], is_active=True).distinct().order_by("username")):
            return found
    return []


def _words(rule: EscalationRule) -> str:
    hours = abs(rule.hours)
    if rule.hours < 0:
        return ngettext("%(n)d working hour is left.", "%(n)d working hours are left.", hours) % {"n": hours}
    if rule.hours == 0:
        return _("The promised day has passed.")
    return ngettext("%(n)d working hour overdue.", "%(n)d working hours overdue.", hours) % {"n": hours}
