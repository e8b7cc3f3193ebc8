"""Danger to life in nine languages besides English: 25 reports and 25 harmless posts that tempt, in each."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from openline.triage.assessment import Post
from openline.triage.reader import Reader

SET = Path(__file__).parent / "data" / "dangers_by_language.csv"
ROWS = list(csv.DictReader(SET.read_text(encoding="utf-8").splitlines()))
LANGUAGES = ("es", "zh", "vi", "ru", "fr", "ar", "ht", "pt", "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_dangers_are_found_and_the_harmless_left_alone(reader: Reader, language: str) -> None:
    rows = [row for row in ROWS if row["language"] == language]
    found = reader.assess([Post("", row["text"]) for row in rows])
    said = [assessment.urgency == "emergency" for assessment in found]
    wanted = [row["emergency"] == "1" for row in rows]
    assert wanted.count(True) >= 25
    assert wanted.count(False) >= 25
    assert [row["text"] for row, yes, due in zip(rows, said, wanted, strict=True) if yes != due] == []
