"""The life of one made-up request, from the day on which it came to how it stands today, as lines for COPY."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openline.operations.seeding.city import Kind, Spot
from openline.service_requests.states import FINISHED_STATES, Outcome, Status

REQUEST = (
    "id", "number", "service_id", "department_id", "team_id", "assigned_to_id", "status", "reason", "outcome",
    "status_note", "urgency", "description", "public_description", "answers", "public", "place_kind", "place_name",
    "latitude", "longitude", "precision_m", "areas", "source", "routing_reason", "requested_at", "updated_at",
    "first_answer_due_at", "first_answered_at", "due_at", "closed_at", "reopened", "version",
)  # fmt: skip
UPDATE = ("id", "request_id", "at", "from_status", "to_status", "outcome", "public_text", "note")
ASSIGNMENT = ("id", "request_id", "department_id", "team_id", "person_id", "version", "rule", "reason", "at",
              "returned_reason", "returned_note")  # fmt: skip

_SOURCES = (("open311", 34), ("phone", 30), ("mastodon", 18), ("nostr", 2), ("visit", 4), ("email", 8), ("letter", 4))
_CALLS = [name for name, share in _SOURCES for _ in range(share)]
_ENDS = [Outcome.DONE] * 76 + [Outcome.PARTLY_DONE] * 4 + [Outcome.NO_ACTION_NEEDED] * 9 + [Outcome.NOT_FOUND] * 6 + [
    Outcome.NOT_DONE] * 5  # fmt: skip
_OPEN = [Status.ACCEPTED] * 3 + [Status.SCHEDULED] * 2 + [Status.IN_PROGRESS] * 4 + [Status.WAITING]
_LAST_WORDS = {
    Outcome.DONE: "The work is done.",
    Outcome.PARTLY_DONE: "The worst is done; the rest follows with other work.",
    Outcome.NO_ACTION_NEEDED: "We looked at it: nothing has to be done.",
    Outcome.NOT_FOUND: "We went there and could not find it.",
    Outcome.NOT_DONE: "We cannot do this within our means.",
}
_NEVER, _REJECTED, _REOPENED = 0.012, 0.012, 0.03
"""The shares that stay open for good, are rejected, and were opened again once."""
_SPREAD = 0.95
"""Of the logarithm of the time that a request takes."""
_RESOLVED_FOR = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Made:
    """The lines of one request for the three tables."""

    request: bytes
    updates: bytes
    assignment: bytes


def identifier(dice: random.Random, at: datetime) -> str:
    """A UUID of version 7 (RFC 9562) of the time `at`, the rest from `dice`."""
    rest = dice.getrandbits(74)
    when = f"{int(at.timestamp() * 1000):012x}"
    middle = f"7{rest >> 62:03x}-{0x8000 | rest >> 48 & 0x3FFF:04x}"
    return f"{when[:8]}-{when[8:]}-{middle}-{rest & (1 << 48) - 1:012x}"


def live(dice: random.Random, kind: Kind, spot: Spot, at: datetime, number: str, now: datetime) -> Made:
    """A request that came `at` and lived until `now`."""
    own, steps = identifier(dice, at), _steps(dice, kind, at, now)
    moment, status, outcome, words = steps[-1]
    first_due, due = kind.promised(at)
    said = public = _escaped(f"{dice.choice(kind.texts)} ({spot.name})")
    if dice.random() < 0.04:
        said, public = f"{said} Call me: 215-555-01{dice.randrange(100):02d}", f"{public} Call me: [phone removed]"
    service, owner = kind.service, kind.owner
    closed = moment.isoformat() if status in FINISHED_STATES else None
    answered = steps[1][0].isoformat() if len(steps) > 1 else None
    urgency = "urgent" if dice.random() < 0.03 else "routine"
    reopened = sum(step[1] == Status.REOPENED for step in steps)
    request = _line((
        own, number, service.pk, owner.department.pk, owner.team_id, owner.person_id, status, _reason(status), outcome,
        words, urgency, said, public, "{}", service.public, spot.kind, _escaped(spot.name), spot.lat, spot.lon,
        spot.precision_m, _escaped(spot.areas), dice.choice(_CALLS), _escaped(owner.reason[:300]), at.isoformat(),
        moment.isoformat(), first_due and first_due.isoformat(), answered, due and due.isoformat(), closed, reopened,
        len(steps),
    ))  # fmt: skip
    assignment = _line((identifier(dice, at), own, owner.department.pk, owner.team_id, owner.person_id, owner.version,
                        _escaped(owner.rule), _escaped(owner.reason[:300]), at.isoformat(), "", ""))  # fmt: skip
    return Made(request, _updates(dice, own, steps), assignment)


_Step = tuple[datetime, str, str, str]


def _steps(dice: random.Random, kind: Kind, at: datetime, now: datetime) -> list[_Step]:
    """Its states in order: when, which, the outcome and the public word."""
    steps: list[_Step] = [(at, Status.RECEIVED, "", "")]
    luck = dice.random()
    takes = timedelta(days=min(900.0, kind.days * dice.lognormvariate(0.0, _SPREAD)))
    if luck < _NEVER:
        takes = timedelta(days=3650)
    seen = at + takes * (0.05 + 0.6 * dice.random())
    if seen < now and dice.random() < 0.8:
        steps.append((seen, dice.choice(_OPEN), "", ""))
    end = at + takes
    if end >= now:
        return steps
    if luck > 1 - _REJECTED:
        return [*steps, (end, Status.REJECTED, "", "")]
    outcome = dice.choice(_ENDS)
    closing = Status.RESOLVED if now - end < _RESOLVED_FOR and outcome == Outcome.DONE else Status.CLOSED
    steps.append((end, closing, outcome, _LAST_WORDS[outcome]))
    again = end + timedelta(days=1 + 6 * dice.random())
    if closing == Status.CLOSED and dice.random() < _REOPENED and again < now:
        steps.append((again, Status.REOPENED, "", ""))
        if (end := again + takes * dice.random()) < now:
            steps.append((end, Status.CLOSED, Outcome.DONE, _LAST_WORDS[Outcome.DONE]))
    return steps


def _reason(status: str) -> str:
    return {Status.WAITING: "details", Status.REJECTED: "no_request", Status.REOPENED: "not_fixed"}.get(
        Status(status), ""
    )


def _updates(dice: random.Random, own: str, steps: Sequence[_Step]) -> bytes:
    before, lines = "", []
    for at, status, outcome, words in steps:
        lines.append(_line((identifier(dice, at), own, at.isoformat(), before, status, outcome, words, "")))
        before = status
    return b"".join(lines)


def _escaped(text: str) -> str:
    """A text as COPY reads it (PostgreSQL's manual, COPY, "Text Format")."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _line(values: Sequence[object]) -> bytes:
    return ("\t".join(["\\N" if value is None else str(value) for value in values]) + "\n").encode()
