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
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")
    DUPLICATE = "duplicate", _("Same as another request")
    REJECTED = "rejected", _("Rejected")


class Outcome(models.TextChoices):
    """How a request ended: the closed list from which closing chooses."""

    DONE = "done", _("Done")
    NO_ACTION_NEEDED = "no_action_needed", _("Checked: no action needed")
    NOT_FOUND = "not_found", _("Could not find it")
    DUPLICATE = "duplicate", _("Same as another request")
    REFERRED = "referred", _("Passed to who owns it")
    NOT_OURS = "not_ours", _("Not a city service")
    WITHDRAWN = "withdrawn", _("Taken back by the resident")


FINISHED_STATES = (Status.RESOLVED, Status.CLOSED, Status.DUPLICATE, Status.REJECTED)
"""Nothing more has to be done. Resolved: the work is done, and the resident has not yet said whether it is."""

OPEN_STATES = tuple(state for state in Status.values if state not in FINISHED_STATES)

_FROM_OPEN = (
    Status.ACCEPTED,
    Status.SCHEDULED,
    Status.IN_PROGRESS,
    Status.WAITING,
    Status.REFERRED,
    *FINISHED_STATES,
)

TRANSITIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(OPEN_STATES, _FROM_OPEN),
    Status.RESOLVED: (Status.CLOSED, Status.REOPENED),
    Status.CLOSED: (Status.REOPENED,),
    Status.DUPLICATE: (Status.REOPENED,),
    Status.REJECTED: (Status.REOPENED,),
}


def allowed(current: str) -> tuple[str, ...]:
    """The states that may follow `current`, without `current` itself."""
    return tuple(state for state in TRANSITIONS[current] if state != current)
