"""Personal data is found in marked posts, and nowhere else."""

from __future__ import annotations

from openline.evaluation.personal import marked, personal
from openline.evaluation.sets import shipped


def test_marks_are_taken_out_and_say_where() -> None:
    text, spans = marked("call [[phone:555-0142]], [[name:Ann Lee]]!")
    assert text == "call 555-0142, Ann Lee!"
    assert [(one.kind, text[one.start : one.end]) for one in spans] == [("phone", "555-0142"), ("name", "Ann Lee")]


def test_nearly_all_is_found_and_little_else() -> None:
    rows = [row["text"] for row in shipped("personal.csv")]
    found, right = personal(rows).figures
    assert len(rows) > 180 and found.value >= 0.96 and right.value >= 0.93


def test_what_is_missed_and_what_is_taken_for_it_is_shown() -> None:
    part = personal(["the light is out [[phone:nowhere]]", "call me at 215-555-0142"])
    assert [figure.value for figure in part.figures] == [0.0, 0.0] and len(part.examples) == 2
