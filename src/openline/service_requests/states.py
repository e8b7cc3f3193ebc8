"""The life of a service request, declared in one place: states, what may follow, and the outcomes of closing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where a request stands."""

    RECEIVED = "received", _("Received")
    ACCEPTED = "accepted", _("Accepted")
    SCHEDULED = "scheduled", _("Scheduled")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING = "waiting", _("Waiting for the resident")
    REFERRED = "referred", _("Referred outside")
    REOPENED = "reopened", _("Reopened")
    CLOSED = "closed", _("Closed")


class Outcome(models.TextChoices):
    """How a request ended: the closed list from which closing chooses."""

    DONE = "done", _("Done")
    NO_ACTION_NEEDED = "no_action_needed", _("Checked: no action needed")
    NOT_FOUND = "not_found", _("Could not find it")
    DUPLICATE = "duplicate", _("Same as another request")
    REFERRED = "referred", _("Passed to who owns it")
    NOT_OURS = "not_ours", _("Not a city service")
    WITHDRAWN = "withdrawn", _("Taken back by the resident")


_WORKING = (Status.ACCEPTED, Status.SCHEDULED, Status.IN_PROGRESS, Status.WAITING, Status.REFERRED, Status.CLOSED)

TRANSITIONS: dict[str, tuple[str, ...]] = {
    Status.RECEIVED: _WORKING,
    Status.ACCEPTED: _WORKING,
    Status.SCHEDULED: _WORKING,
    Status.IN_PROGRESS: _WORKING,
    Status.WAITING: _WORKING,
    Status.REFERRED: _WORKING,
    Status.REOPENED: _WORKING,
    Status.CLOSED: (Status.REOPENED,),
}

OPEN_STATES = tuple(state for state in Status.values if state != Status.CLOSED)


def allowed(current: str) -> tuple[str, ...]:
    """The states that may follow `current`, without `current` itself."""
    return tuple(state for state in TRANSITIONS[current] if state != current)
