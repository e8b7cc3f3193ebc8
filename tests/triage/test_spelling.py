"""Spelling: forms and slips are mended, real words stay."""

from __future__ import annotations

import pytest

from openline.triage.spelling import mended
from openline.triage.text import words


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("dey", "they"),
        ("plz", "please"),
        ("fier", "fire"),
        ("siezure", "seizure"),
        ("pothle", "pothole"),
        ("trafficc", "traffic"),
        ("singal", "signal"),
        ("sidewslk", "sidewalk"),
        ("leakin", "leaking"),
        ("raod", "road"),
    ],
)
def test_forms_and_slips_are_mended(written: str, meant: str) -> None:
    assert mended(written) == (meant,)


@pytest.mark.parametrize(
    "word",
    [
        "horse",
        "parting",
        "rod",
        "tire",
        "grass",
        "drive",
        "garage",
        "small",
        "food",
        "learning",
        "accidente",
        "xyzzy",
        "",
    ],
)
def test_other_words_stay(word: str) -> None:
    assert mended(word) == (word,)


def test_a_form_may_be_several_words() -> None:
    assert words("its a fire rn") == ["its", "a", "fire", "right", "now"]
