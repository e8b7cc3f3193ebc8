"""JSON Lines in and out."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from openline.triage.lines import assess_lines, training_rows
from openline.triage.reader import Reader


def answers(reader: Reader, lines: Iterable[bytes | str]) -> list[dict]:
    return [orjson.loads(line) for line in assess_lines(reader, lines)]


def test_good_lines_are_assessed_in_order_and_keep_their_id(reader: Reader) -> None:
    found = answers(reader, [b'{"id": "a", "text": "pothole"}\n', b"\n", '{"id": 7, "text": "thanks!", "lang": null}'])
    assert [answer["id"] for answer in found] == ["a", 7]
    assert found[0]["services"][0]["code"] == "ST1"


def test_a_bad_line_says_why_and_the_next_goes_on(reader: Reader) -> None:
    lines = [
        b"nonsense", b"[1]", b'{"id": "a"}', b'{"id": "b", "text": 5}', b'{"id": "c", "text": "x", "lat": "north"}',
        b'{"id": {}, "text": "x"}', b"\xff\xfe", b'{"id": "d", "text": "x", "lat": 95, "lon": 0}', b"[" * 100_000,
        b'{"id": "z", "text": "pothole"}',
    ]  # fmt: skip
    found = answers(reader, lines)
    assert len(found) == len(lines)
    assert [answer.get("id") for answer in found] == [None, None, "a", "b", "c", None, None, "d", None, "z"]
    assert all(answer["error"].startswith(f"line {number}: ") for number, answer in enumerate(found[:-1], 1))
    assert "lat" in found[4]["error"]
    assert "error" not in found[-1]


def test_surrogates_and_byte_order_marks_are_read(reader: Reader) -> None:
    found = answers(reader, [b'\xef\xbb\xbf{"id": "a", "text": "pothole \\ud83d"}', b'{"id": "\\ud800", "text": "x"}'])
    assert found[0]["id"] == "a"
    assert "error" not in found[0]
    assert len(found) == 2


def test_many_lines_are_read_in_batches(reader: Reader) -> None:
    lines = (b'{"id": %d, "text": "pothole"}' % number for number in range(450))
    assert [answer["id"] for answer in answers(reader, lines)] == list(range(450))


def test_training_rows_say_what_is_wrong() -> None:
    lines = [b'{"text": "pothole", "service": "ST1"}', b'{"text": "pothole"}', b"x"]
    rows = list(training_rows(lines))
    assert rows[0] == ("pothole", "ST1")
    assert [text for text, _ in rows[1:]] == [None, None]
    assert "service" in rows[1][1]
