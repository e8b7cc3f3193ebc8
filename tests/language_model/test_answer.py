"""Only what was asked for is taken; everything else is refused with a reason that quotes nothing."""

from __future__ import annotations

import json

import pytest

from openline.language_model.answer import OffSchema, completion, read
from openline.language_model.question import Question
from tests.language_model.standin import completion as answered
from tests.language_model.standin import reading
from tests.triage.conftest import CATALOGUE

QUESTION = Question("big hole at 13th  & Market, [name removed] saw it", "en", CATALOGUE)


def test_a_good_answer_is_read() -> None:
    found = read(reading(service="ST1", place="13th & market", urgency="urgent"), QUESTION)
    assert (found.intent, found.urgency, found.service, found.place) == ("request", "urgent", "ST1", "13th & market")
    assert read(reading(), QUESTION).service == ""


@pytest.mark.parametrize("content", [
    "", "I think it is ST1.", "[]", "null", "NaN", "{}", '"ST1"', reading() + reading(), "```json\n{}\n```", "{" * 5000,
    "\ud800", reading(service="HACK"), reading(service="st1"), reading(service=""), reading(intent="close_everything"),
    reading(urgency="catastrophe"), reading(urgency="Routine"), reading(extra="1"), reading(reason="x" * 5000),
    json.dumps({"service": "ST1"}), reading().replace('"routine"', "3"), reading().replace('"routine"', "null"),
    reading().replace('"routine"', '["routine"]'),
])  # fmt: skip
def test_what_is_off_the_schema_is_refused(content: str) -> None:
    with pytest.raises(OffSchema) as told:
        read(content, QUESTION)
    assert "HACK" not in str(told.value) and len(str(told.value)) < 200


@pytest.mark.parametrize("place", ["City Hall", "13th & Market and more", "name removed]", "[name removed] saw", " "])
def test_a_place_that_the_post_does_not_name_is_none(place: str) -> None:
    assert read(reading(place=place), QUESTION).place == ""


def test_a_reason_carries_no_links_handles_or_numbers_to_call() -> None:
    wild = "Call 215-555-0143, see https://evil.example/x or @evil.\u202e\0 Now!" + " word" * 100
    reason = read(reading(reason=wild), QUESTION).reason
    assert not [bad for bad in ("0143", "evil", "\u202e", "\0") if bad in reason]
    assert len(reason) <= 300


@pytest.mark.parametrize(("data", "problem"), [
    (b"", "no JSON"), (b"<html>", "no JSON"), (b"[]", "no message"), (b"{}", "no message"),
    (b'{"choices": []}', "no message"), (b'{"choices": [{}]}', "no message"), (b'{"choices": "x"}', "no message"),
    (b'{"choices": [{"message": {"content": 3}}]}', "no message"), (b'{"choices": [null], "usage": 7}', "no message"),
    (answered(None).data, "no message"), (answered(None, refusal="I cannot help.").data, "declined"),
    (answered('{"reason": "', finish="length").data, "cut off"),
])  # fmt: skip
def test_a_body_without_a_usable_message_says_why(data: bytes, problem: str) -> None:
    assert problem in completion(data).problem


def test_tokens_are_those_that_the_server_counted() -> None:
    said = completion(answered(reading()).data)
    assert (said.tokens_in, said.tokens_out, said.problem) == (1200, 40, "")
    assert completion(answered(reading(), usage=False).data).tokens_in is None
    odd = b'{"choices": [], "usage": {"prompt_tokens": -5, "completion_tokens": true}}'
    assert (completion(odd).tokens_in, completion(odd).tokens_out) == (None, None)
