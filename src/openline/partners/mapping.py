"""Their words as ours, and ours as theirs: services, answers to questions, states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openline.partners.models import Connector
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Outcome, Status

USUAL: dict[str, dict[str, str]] = {
    "open": {},
    "received": {},
    "submitted": {},
    "new": {},
    "acknowledged": {"status": Status.ACCEPTED},
    "accepted": {"status": Status.ACCEPTED},
    "investigating": {"status": Status.ACCEPTED},
    "assigned": {"status": Status.ACCEPTED},
    "planned": {"status": Status.SCHEDULED},
    "action_scheduled": {"status": Status.SCHEDULED},
    "scheduled": {"status": Status.SCHEDULED},
    "in progress": {"status": Status.IN_PROGRESS},
    "in_progress": {"status": Status.IN_PROGRESS},
    "fixed": {"status": Status.RESOLVED, "outcome": Outcome.DONE},
    "done": {"status": Status.RESOLVED, "outcome": Outcome.DONE},
    "resolved": {"status": Status.RESOLVED, "outcome": Outcome.DONE},
    "closed": {"status": Status.RESOLVED, "outcome": Outcome.DONE},
    "no_further_action": {"status": Status.CLOSED, "outcome": Outcome.NO_ACTION_NEEDED},
    "reopened": {"status": Status.REOPENED},
    "reopen": {"status": Status.REOPENED},
    "not_ours": {"person": "They say that it is not theirs."},
    "not_councils_responsibility": {"person": "They say that it is not theirs."},
    "not_found": {"person": "They could not find it."},
    "duplicate": {"person": "They say that it is the same as another request."},
    "rejected": {"person": "They refuse it."},
}
"""What words mean of which the connector says nothing. "person": someone of ours has to decide; empty: no news."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A word of theirs: a state and outcome of ours, or why a person has to look. `known` is false for a new word."""

    status: str = ""
    outcome: str = ""
    person: str = ""
    known: bool = True


def meaning(connector: Connector, word: str) -> Meaning:
    """What `word` means at this partner; an unknown one changes nothing and is shown to staff."""
    key = word.strip().casefold()
    if not key:
        return Meaning()
    found = connector.statuses.get(key)
    if found is None:
        found = USUAL.get(key)
    if found is None:
        return Meaning(known=False)
    return Meaning(found.get("status", ""), found.get("outcome", ""), found.get("person", ""))


def their_service(connector: Connector, request: ServiceRequest) -> str:
    """Their code of the request's service; "" if nobody has said which it is."""
    return str(connector.service_codes.get(request.service.code, ""))


def their_answers(connector: Connector, request: ServiceRequest) -> dict[str, list[str]]:
    """The answers to their questions, from ours and from fixed texts."""
    found: dict[str, list[str]] = {}
    for row in connector.attributes:
        if row.get("service") not in ("", None, their_service(connector, request)):
            continue
        value = row["fixed"] if row.get("fixed") else request.answers.get(row.get("from", ""))
        if value not in (None, "", []):
            found[str(row["code"])] = [_plain(one) for one in (value if isinstance(value, list) else [value])]
    return found


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
