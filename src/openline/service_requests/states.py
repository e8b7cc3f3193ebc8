"""The life of a service request, declared in one place: states, what may follow, reasons, and outcomes of closing."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
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
    PARTLY_DONE = "partly_done", _("Partly done")
    NO_ACTION_NEEDED = "no_action_needed", _("Checked: no action needed")
    NOT_FOUND = "not_found", _("Could not find it")
    NOT_DONE = "not_done", _("Closed without being fixed")
    DUPLICATE = "duplicate", _("Same as another request")
    REFERRED = "referred", _("Passed to who owns it")
    NOT_OURS = "not_ours", _("Not a city service")
    WITHDRAWN = "withdrawn", _("Taken back by the resident")


CLOSING_OUTCOMES = tuple(outcome for outcome in Outcome if outcome != Outcome.DUPLICATE)
"""What staff choose from: a duplicate is joined to the other request instead."""

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

REASONS: dict[str, tuple[tuple[str, str | Promise], ...]] = {
    Status.WAITING: (
        ("place", _("We need the exact place")),
        ("photo", _("We need a photo")),
        ("details", _("We need to know more")),
        ("access", _("We need access, or an appointment")),
        ("not_found", _("We could not find it")),
    ),
    Status.REFERRED: (
        ("utility", _("A utility's work")),
        ("state", _("The state's or another authority's work")),
        ("neighbour_city", _("Another city's work")),
        ("private", _("A private owner's work")),
    ),
    Status.REJECTED: (
        ("spam", _("Spam or advertising")),
        ("test", _("A test")),
        ("no_request", _("Asks for nothing that can be done")),
        ("false_report", _("Made up")),
    ),
    Status.REOPENED: (
        ("not_fixed", _("The resident says that it is not fixed")),
        ("came_back", _("The problem came back")),
        ("mistake", _("Closed by mistake")),
        ("new_facts", _("New facts")),
    ),
}
"""The closed lists of reasons: a move to one of these states names one, so that they can be counted."""


def allowed(current: str) -> tuple[str, ...]:
    """The states that may follow `current`, without `current` itself."""
    return tuple(state for state in TRANSITIONS[current] if state != current)


def reason_label(state: str, reason: str) -> str:
    """A reason in words; empty for none."""
    return str(dict(REASONS.get(state, ())).get(reason, ""))
