"""Questions: which are asked, what is made of the answers, and that no answer can break what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.service_requests.models import AttributeType, ServiceAttribute
from openline.service_requests.questions import Stop, asked, in_words, missing, shown, stop_in, validate

NOW = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
YES_NO = [{"key": "yes", "name": "Yes"}, {"key": "no", "name": "No"}]


def question(code: str, datatype: str = "string", order: int = 0, **more: Any) -> ServiceAttribute:
    return ServiceAttribute(code=code, order=order, question=code.title(), datatype=datatype, **more)


def answer(one: ServiceAttribute, value: Any) -> Any:
    answers, faults = validate([one], {one.code: value}, now=NOW, zone=UTC)
    return str(faults[one.code]) if faults else answers.get(one.code)


@pytest.mark.parametrize(
    ("datatype", "more", "sent", "kept"),
    [
        ("number", {}, "12", 12),
        ("number", {}, "-3.5", -3.5),
        ("number", {}, 7, 7),
        ("number", {}, "1_000", "“1_000” is not a number. Write it as 12 or 12.5."),
        ("number", {}, "nan", "“nan” is not a number. Write it as 12 or 12.5."),
        ("number", {"minimum": 2}, "1", "The number must be at least 2."),
        ("number", {"maximum": 2.5}, "2.6", "The number must be at most 2.5."),
        ("datetime", {}, "2026-11-01", "2026-11-01T00:00:00+00:00"),
        ("datetime", {}, "2026-11-01T10:30+01:00", "2026-11-01T10:30:00+01:00"),
        ("datetime", {}, "last week", "“last week” is not a date. Write it as 2026-11-27 or 2026-11-27T14:30."),
        ("datetime", {"maximum": 0}, "2026-11-28", "That is too late for this question."),
        ("datetime", {"minimum": -30}, "2026-10-01", "That is too early for this question."),
        ("string", {"minimum": 3}, "ab", "Write at least 3 characters."),
        ("string", {}, "x" * 501, "Write at most 500 characters."),
        ("text", {}, "x" * 501, "x" * 501),
        ("string", {}, "  7 \x00", "7"),
        ("string", {}, ["a", "b"], "Give one answer only."),
        ("string", {"required": True}, "  ", "Please answer this question."),
        ("string", {}, "", None),
        ("string", {}, {"a": 1}, None),
        ("singlevaluelist", {"values": YES_NO}, "yes", "yes"),
        ("singlevaluelist", {"values": YES_NO}, "Yes", "“Yes” is not one of the choices: yes, no."),
        ("multivaluelist", {"values": YES_NO}, ["no", "yes", "no"], ["yes", "no"]),
        ("multivaluelist", {"values": YES_NO, "maximum": 1}, ["no", "yes"], "Choose at most 1."),
    ],
)
def test_answers_are_typed_and_bounded(datatype: str, more: dict[str, Any], sent: Any, kept: Any) -> None:
    assert answer(question("q", datatype, **more), sent) == kept


def chain() -> list[ServiceAttribute]:
    """Lamp out? -> which lamp? -> its number; the last two only if the one before was answered so."""
    return [
        question("number", "number", 3, depends_on="which", depends_values=["pole"], required=True),
        question("out", "singlevaluelist", 1, values=YES_NO, required=True),
        question(
            "which",
            "singlevaluelist",
            2,
            values=[{"key": "pole", "name": "On a pole"}, {"key": "wire", "name": "On a wire"}],
            depends_on="out",
            depends_values=["yes"],
            required=True,
        ),
    ]


def test_a_question_counts_only_if_the_one_before_it_was_answered_so() -> None:
    assert [q.code for q in asked(chain(), {})] == ["out"]
    assert [q.code for q in asked(chain(), {"out": "yes", "which": "pole"})] == ["out", "which", "number"]
    assert validate(chain(), {"out": "no", "which": "pole", "number": "x"}) == ({"out": "no"}, {})
    answers, faults = validate(chain(), {"out": "yes", "which": "pole"})
    assert answers == {"out": "yes", "which": "pole"} and list(faults) == ["number"]
    assert [q.code for q in missing(chain(), {"out": "yes"})] == ["which"]


def test_an_answer_that_is_refused_asks_nothing_further() -> None:
    answers, faults = validate(chain(), {"out": "maybe", "which": "pole", "number": "3"})
    assert answers == {} and list(faults) == ["out"]


def test_a_circle_and_an_unknown_question_are_never_asked() -> None:
    circle = [
        question("a", order=1, depends_on="b"),
        question("b", order=2, depends_on="a"),
        question("c", order=3, depends_on="gone"),
    ]
    assert asked(circle, {"a": "1", "b": "1", "c": "1", "gone": "1"}) == []
    assert validate(circle, {"a": "1", "b": "1", "gone": "1"}) == ({}, {})


def test_a_value_can_stop_the_form() -> None:
    wires = [
        question(
            "wires",
            "singlevaluelist",
            1,
            values=[{"key": "yes", "name": "Yes", "stop": "Call 911 now."}, {"key": "no", "name": "No"}],
        ),
        question("pole", required=True, order=2),
    ]
    answers, faults = validate(wires, {"wires": "yes"})
    assert answers == {"wires": "yes"} and stop_in(faults) == Stop("wires", "Call 911 now.", "yes")
    assert list(faults) == ["wires"], "nothing after the stop is asked"
    assert [q.code for q in asked(wires, {"wires": "yes"})] == ["wires"]
    assert stop_in(validate(wires, {"wires": "no", "pole": "7"})[1]) is None


def test_texts_between_questions_are_shown_and_take_no_answer() -> None:
    note = question("note", variable=False, required=True)
    assert asked([note], {}) == [note]
    assert validate([note], {"note": "x"}) == ({}, {}) and missing([note], {}) == []


def test_answers_in_words_and_only_the_public_ones() -> None:
    known = [question("plate", order=2), question("out", "multivaluelist", 1, values=YES_NO, public=True)]
    answers = {"plate": "ABC", "out": ["yes", "no"]}
    assert [(q.code, words) for q, words in shown(known, answers)] == [("out", "Yes, No"), ("plate", "ABC")]
    assert [q.code for q, _words in shown(known, answers, public_only=True)] == ["out"]
    assert in_words(question("q", "singlevaluelist", values=[]), "gone") == "gone"


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.text(max_size=5), max_size=4),
    st.sampled_from(["a", "b", "c"]),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
codes = st.sampled_from(["q0", "q1", "q2", "q3", "q4"])


@st.composite
def forms(draw: st.DrawFn) -> list[ServiceAttribute]:
    keys = [{"key": k, "name": k} | ({"stop": "Stop."} if draw(st.booleans()) else {}) for k in "abc"]
    return [
        question(
            f"q{n}",
            draw(st.sampled_from(AttributeType.values)),
            draw(st.integers(0, 5)),
            required=draw(st.booleans()),
            values=keys,
            depends_on=draw(st.one_of(st.just(""), codes)),
            depends_values=draw(st.lists(st.sampled_from(["a", "b", "1"]), max_size=2)),
        )
        for n in range(draw(st.integers(0, 5)))
    ]


@settings(max_examples=300, deadline=timedelta(seconds=2))
@given(forms(), st.dictionaries(codes, values))
def test_whatever_is_sent_is_kept_in_order_or_refused(form: list[ServiceAttribute], sent: dict[str, Any]) -> None:
    answers, faults = validate(form, sent, now=NOW, zone=UTC)
    json.dumps(answers, allow_nan=False)
    stopped = stop_in(faults)
    shown_codes = {q.code for q in asked(form, answers)}
    assert answers.keys() <= shown_codes, "nothing is kept that is not asked"
    assert faults.keys() <= shown_codes and answers.keys() <= sent.keys()
    if not faults:
        assert validate(form, answers, now=NOW, zone=UTC) == (answers, {}), "what was kept is accepted again"
        assert missing(form, answers) == []
    if stopped:
        assert stopped.code in answers and list(faults)[-1] == stopped.code
