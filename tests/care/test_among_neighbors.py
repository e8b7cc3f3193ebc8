"""What is done with what neighbors say under a request or a topic: no machine joins in, but for danger."""

from __future__ import annotations

import pytest

from openline.care.decide import Act, Decision, decide
from openline.care.folding import Under
from tests.care.test_decide import CORNER, KNOWN, READ, service

HOLE = Under("HOLE", CORNER.lat, CORNER.lon, None, "2026-1", None)
UNDER = KNOWN._replace(discussion="request:2026-1", about=HOLE)
FAR = CORNER._replace(name="Broad St & Oregon Ave", lat=39.91)


def decided(text: str = "", *, known: object = UNDER, **read: object) -> Decision:
    return decide(READ._replace(**read), known, text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ({}, Act.KEEP),
        ({"place": None}, Act.KEEP),
        ({"intent": "chatter"}, Act.KEEP),
        ({"intent": "feedback"}, Act.KEEP),
        ({"intent": "question"}, Act.ANSWER),
        ({"intent": "chatter", "status_question": True}, Act.ANSWER),
        ({"place": FAR}, Act.LOOK),
        ({"place": FAR, "intent": "chatter"}, Act.KEEP),
        ({"place": CORNER._replace(lat=39.951), "services": service("GRAFFITI")}, Act.LOOK),
        ({"urgency": "urgent"}, Act.LOOK),
        ({"urgency": "emergency"}, Act.EMERGENCY),
        ({"intent": "abuse"}, Act.LOOK),
        ({"intent": "spam"}, Act.LOOK),
    ],
)
def test_only_what_is_said_to_the_city_asks_a_person_and_a_machine_speaks_of_danger_alone(
    read: dict[str, object], expected: Act
) -> None:
    assert decided(**read).act == expected


def test_what_reads_like_abuse_or_spam_is_held_and_nothing_else_is_by_what_it_says() -> None:
    assert decided(intent="abuse").held and decided(intent="spam").held
    assert decided(intent="abuse", urgency="emergency").held
    assert not decided(intent="spam", intent_confidence=0.6).held
    assert not any(decided(intent=one).held for one in ("request", "question", "feedback", "chatter"))
    assert decided(known=UNDER._replace(hold="A new member's words have a link.")).held.startswith("A new member")


def test_what_tells_something_of_the_request_goes_to_its_department_unless_it_is_held() -> None:
    assert decided().adds and decided().about == HOLE
    assert decided(intent="chatter", not_fixed=True).adds and decided(known=UNDER._replace(photo=True)).adds
    assert not decided(intent="chatter").adds and not decided(intent="abuse").adds
    assert not decided(known=UNDER._replace(hold="It waits.")).adds


def test_a_question_to_a_neighbor_asks_nobody_of_the_city() -> None:
    assert decided(intent="question", known=UNDER._replace(to_neighbor=True)).act == Act.KEEP
    assert decided("PERSON", intent="chatter", known=UNDER._replace(to_neighbor=True)).act == Act.ANSWER


def test_under_a_closed_request_who_says_that_it_is_not_fixed_is_read_by_a_person() -> None:
    closed = UNDER._replace(about=None)
    assert decided(intent="feedback", not_fixed=True, known=closed).act == Act.LOOK
    assert decided(intent="feedback", not_fixed=True).act == Act.KEEP


def test_under_a_topic_a_problem_with_a_place_is_looked_at_and_opens_nothing() -> None:
    topic = KNOWN._replace(discussion="topic:1")
    assert decided(known=topic).act == Act.LOOK
    assert decided(known=topic, place=None).act == Act.KEEP
    assert decided(known=topic).place == CORNER
