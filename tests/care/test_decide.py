"""The rules of customer care, one by one: from what was understood and known to what is done."""

from __future__ import annotations

import pytest

from openline.care.decide import MOST_MACHINE_ANSWERS, Act, Known, decide
from openline.geography.place import Place
from openline.triage.assessment import Assessment, RankedService

CORNER = Place("intersection", "13th St & Market St", 39.95, -75.16, 0.9)
READ = Assessment("1", "request", 0.95, "routine", (RankedService("HOLE", "Pothole", 0.9),), CORNER, "en", (), ())
KNOWN = Known(
    kinds={"HOLE": "request", "GAS": "referral", "INFO": "question", "SNOW": "out_of_season"}, placeless=frozenset()
)


def act(known: Known = KNOWN, text: str = "", **read: object) -> Act:
    return decide(READ._replace(**read), known, text).act  # type: ignore[arg-type]


def service(code: str, confidence: float = 0.9) -> tuple[RankedService, ...]:
    return (RankedService(code, code, confidence),)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ({}, Act.OPEN),
        ({"place": None}, Act.ASK_PLACE),
        ({"place": CORNER._replace(kind="street")}, Act.ASK_PLACE),
        ({"place": CORNER._replace(kind="area")}, Act.ASK_PLACE),
        ({"place": CORNER._replace(confidence=0.5)}, Act.ASK_PLACE),
        ({"services": service("HOLE", 0.3)}, Act.LOOK),
        ({"services": ()}, Act.LOOK),
        ({"intent_confidence": 0.4}, Act.LOOK),
        ({"services": service("GAS")}, Act.REFER),
        ({"services": service("INFO")}, Act.ANSWER),
        ({"services": service("SNOW")}, Act.LOOK),
        ({"intent": "question"}, Act.ANSWER),
        ({"urgency": "emergency"}, Act.EMERGENCY),
        ({"urgency": "emergency", "intent": "chatter"}, Act.EMERGENCY),
        ({"intent": "chatter"}, Act.KEEP),
        ({"intent": "spam"}, Act.KEEP),
        ({"intent": "abuse"}, Act.KEEP),
        ({"intent": "feedback", "intent_confidence": 0.5}, Act.LOOK),
    ],
)
def test_a_first_message(read: dict[str, object], expected: Act) -> None:
    assert act(**read) == expected


@pytest.mark.parametrize(
    ("known", "read", "expected"),
    [
        ({"ours": True}, {"urgency": "emergency"}, Act.KEEP),
        ({"elsewhere": True}, {}, Act.KEEP),
        ({"late": True}, {}, Act.LOOK),
        ({"late": True}, {"urgency": "emergency"}, Act.EMERGENCY),
        ({"publishing_only": True}, {}, Act.LOOK),
        ({"publishing_only": True}, {"intent": "question"}, Act.ANSWER),
        ({"machine_answers": MOST_MACHINE_ANSWERS}, {}, Act.LOOK),
        ({"placeless": frozenset({"HOLE"})}, {"place": None}, Act.OPEN),
        ({"edited": True}, {}, Act.LOOK),
        ({"edited": True}, {"intent": "chatter"}, Act.KEEP),
        ({"asked": 1, "intake_service": "HOLE"}, {"intent": "chatter"}, Act.COMPLETE),
        ({"asked": 1, "intake_service": "HOLE"}, {"place": None, "intent": "chatter"}, Act.ASK_PLACE),
        ({"asked": 2, "intake_service": "HOLE"}, {"place": None, "intent": "chatter"}, Act.LOOK),
        ({"asked": 1, "intake_service": "HOLE"}, {"place": None, "intent": "question"}, Act.ANSWER),
        ({"asked": 1, "intake_service": ""}, {}, Act.LOOK),
        ({"asked": 1}, {"urgency": "emergency"}, Act.EMERGENCY),
        ({"request_number": "1", "request_status": "closed"}, {"not_fixed": True}, Act.REOPEN),
        ({"request_number": "1", "request_status": "received"}, {"not_fixed": True}, Act.LOOK),
        ({"request_number": "1", "request_status": "received"}, {"status_question": True}, Act.TELL_STATUS),
        ({"request_number": "1", "request_status": "received"}, {"place": None}, Act.LOOK),
        ({"request_number": "1", "request_status": "received"}, {}, Act.OPEN),
        ({"request_number": "1", "request_status": "received"}, {"intent": "chatter"}, Act.KEEP),
    ],
)
def test_a_message_in_a_conversation(known: dict[str, object], read: dict[str, object], expected: Act) -> None:
    assert act(KNOWN._replace(**known), **read) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["no", "No!!", "@philly311 nope", "nah", "no it's not", "not yet", "no, still there"])
def test_a_plain_no_to_closing_reopens(text: str) -> None:
    closed = KNOWN._replace(request_number="1", request_status="closed")
    assert act(closed, text, intent="chatter", place=None) == Act.REOPEN


@pytest.mark.parametrize("text", ["no problem, thank you", "thanks!", "great", "it works now, thank you so much"])
def test_thanks_for_closing_reopens_nothing(text: str) -> None:
    closed = KNOWN._replace(request_number="1", request_status="closed")
    assert act(closed, text, intent="feedback", place=None) == Act.KEEP


def test_every_decision_says_why() -> None:
    for intent in ("request", "question", "feedback", "chatter", "abuse", "spam"):
        assert decide(READ._replace(intent=intent), KNOWN).reason


@pytest.mark.parametrize("read", [{}, {"place": None}, {"intent": "feedback"}, {"urgency": "urgent"}])
def test_nothing_is_decided_by_feeling(read: dict[str, object]) -> None:
    decisions = [decide(READ._replace(sentiment=feeling, **read), KNOWN) for feeling in (-1.0, 0.0, 1.0)]  # type: ignore[arg-type]
    assert decisions[0] == decisions[1] == decisions[2]
