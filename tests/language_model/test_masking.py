"""What leaves the machine: the problem and its place, and nothing of the person."""

from __future__ import annotations

import pytest

from openline.language_model.masking import LONGEST, masked


@pytest.mark.parametrize(("text", "gone", "stays"), [
    ("call me at 215-555-0143 about the pothole at 13th & Market", ["215", "0143"], ["pothole", "13th & Market"]),
    ("write to ana@example.org! the light at 22nd and Diamond is out", ["ana", "example"], ["22nd and Diamond"]),
    ("My name is Ana Lopez. Trash at 1402 S Broad St", ["Ana", "Lopez"], ["1402 S Broad St"]),
    ("I live at 1234 N Broad St and the hydrant at 5th and Lombard leaks", ["1234"], ["5th and Lombard"]),
    ("@maria_g https://x.example/me the tree at 9th and Tasker fell", ["maria", "x.example"], ["9th and Tasker"]),
    ("my plate is KXY-1234, towed from 9th and Tasker", ["KXY", "1234,"], ["9th and Tasker"]),
])  # fmt: skip
def test_the_person_goes_and_the_place_stays(text: str, gone: list[str], stays: list[str]) -> None:
    found = masked(text)
    assert not [word for word in gone if word in found]
    assert all(word in found for word in stays)


def test_the_authors_own_names_go_too() -> None:
    text = "ana lopez here, or AnaL as they say: pothole at Analog Street. - @anal@social.example"
    found = masked(text, ["@anal@social.example", "Ana Lopez"])
    assert found.startswith("[name removed] here, or [name removed] as they say: pothole at Analog Street")
    assert "social" not in found


def test_names_that_are_no_patterns_and_short_ones_do_no_harm() -> None:
    assert masked("a hole (big) at 5th", ["(big", "a", "", "@"]) == "a hole [name removed]) at 5th"


def test_broken_text_can_be_sent() -> None:
    assert masked("a hole\ud800\0 at 5th").encode() == b"a hole? at 5th"


def test_a_very_long_post_is_cut() -> None:
    assert len(masked("pothole " * 2000)) <= LONGEST
