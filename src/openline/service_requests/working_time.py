"""Changing when the city works and who is told of deadlines; each change is on the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from openline.records import log
from openline.records.models import Kind
from openline.service_requests import calendars
from openline.service_requests.models import Department, EscalationRule, Holiday, WorkingCalendar
from openline.service_requests.models.deadlines import Told


@transaction.atomic
def save(calendar: WorkingCalendar, hours: dict[str, Any], days: Sequence[Holiday], *, by: User) -> WorkingCalendar:
    """Save a calendar with its hours and own days. A new standard one takes the place of the one before.

    Open requests keep the deadlines that they have.
    """
    calendar.hours = hours
    if calendar.standard:
        WorkingCalendar.objects.filter(standard=True).exclude(pk=calendar.pk).update(standard=False)
    calendar.save()
    calendar.days.all().delete()
    for day in days:
        day.calendar = calendar
    Holiday.objects.bulk_create(days)
    facts = {"hours": hours, "country": calendar.country, "subdivision": calendar.subdivision, "days": len(days)}
    _record(by, {"what": "calendar saved", "calendar": calendar.code, "standard": calendar.standard, **facts})
    return calendar


@transaction.atomic
def keep(department: Department, calendar: WorkingCalendar | None, *, by: User) -> None:
    """Let a department keep `calendar`; None: the standard one."""
    department.calendar = calendar
    department.save(update_fields=["calendar"])
    _record(by, {"what": "calendar chosen", "department": department.code, "calendar": calendar and calendar.code})


@transaction.atomic
def add_rule(rule: EscalationRule, *, by: User) -> None:
    """Add a rule of telling."""
    rule.save()
    _record(by, {"what": "escalation added"} | _facts(rule))


@transaction.atomic
def drop_rule(rule: EscalationRule, *, by: User) -> None:
    """Put a rule out of use; what it told stays."""
    rule.active = False
    rule.save(update_fields=["active"])
    _record(by, {"what": "escalation dropped"} | _facts(rule))


def begin() -> None:
    """Rules to begin with, in a city that has none: the department when the day passes, supervisors a week later."""
    if not EscalationRule.objects.exists():
        EscalationRule.objects.create(hours=0, tell=Told.DEPARTMENT)
        EscalationRule.objects.create(hours=40, tell=Told.SUPERVISORS)


def _facts(rule: EscalationRule) -> dict[str, Any]:
    return {
        "hours": rule.hours,
        "tell": rule.tell,
        "service": rule.service.code if rule.service else "",
        "department": rule.department.code if rule.department else "",
    }


def _record(by: User, body: dict[str, Any]) -> None:
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body=body)])
    transaction.on_commit(calendars.forget)
