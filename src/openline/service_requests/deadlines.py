"""Promises: when a request is to be answered and fixed, counted in working time, and stopped while we wait.

A promise that was given stays: when the catalogue or a calendar changes, requests that are open already keep theirs.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from openline.service_requests.calendars import Calendar, calendars
from openline.service_requests.models import Service, ServiceRequest


def calendar_of(service: Service) -> Calendar:
    """The calendar by which the promises of `service` count: its department's, else the city's standard one."""
    return calendars().of(service.department.calendar_id if service.department else None)


def due_at(service: Service, since: datetime, calendar: Calendar | None = None) -> datetime | None:
    """When a request for `service` made at `since` is due; None if the service promises nothing.

    Days end with the last hour of work of the last promised day, hours are working hours.
    """
    if service.promise_days is None:
        return None
    calendar = calendar or calendar_of(service)
    if service.promise_unit == "hours":
        return calendar.add_hours(since, service.promise_days)
    if service.promise_unit == "calendar":
        return calendar.end_of(since.astimezone(calendar.zone).date() + timedelta(days=service.promise_days))
    return calendar.add_days(since, service.promise_days)


def first_answer_due_at(service: Service, since: datetime, calendar: Calendar | None = None) -> datetime | None:
    """When a person has to have answered first; None if the service promises nothing."""
    if service.first_answer_hours is None:
        return None
    return (calendar or calendar_of(service)).add_hours(since, service.first_answer_hours)


def promise(service: Service, since: datetime) -> tuple[datetime | None, datetime | None]:
    """By when a person answers first, and by when it is fixed."""
    calendar = calendar_of(service)
    return first_answer_due_at(service, since, calendar), due_at(service, since, calendar)


def restart(request: ServiceRequest, now: datetime) -> None:
    """Give a request that is opened again its promise anew, from `now` on."""
    request.due_at, request.paused_at = due_at(request.service, now), None


def pause(request: ServiceRequest, now: datetime) -> None:
    """Stop the clock of a request: we wait for the resident."""
    request.paused_at = request.paused_at or now


def go_on(request: ServiceRequest, now: datetime) -> None:
    """Let the clock run again: the deadline moves by the working time for which it stood still."""
    if request.paused_at and request.due_at:
        calendar = calendar_of(request.service)
        left = calendar.working_time(request.paused_at, request.due_at)
        request.due_at = calendar.add_hours(now, left / timedelta(hours=1)) if left else request.due_at
    request.paused_at = None
