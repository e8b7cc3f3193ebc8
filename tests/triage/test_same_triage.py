"""Fairness and robustness: the same post in another spelling or dialect gets the same triage."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from openline.triage.assessment import Post
from openline.triage.reader import Reader

SET = Path(__file__).parent / "data" / "same_triage.csv"
PAIRS = list(csv.DictReader(SET.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("kind", sorted({pair["kind"] for pair in PAIRS}))
def test_the_same_post_gets_the_same_triage(reader: Reader, kind: str) -> None:
    pairs = [pair for pair in PAIRS if pair["kind"] == kind]
    differing = []
    for pair in pairs:
        first, second = reader.assess([Post("1", pair["standard"]), Post("2", pair["other"])])
        if (first.intent, first.urgency) != (second.intent, second.urgency):
            differing.append((pair["other"], first.intent, first.urgency, second.intent, second.urgency))
    assert differing == []
