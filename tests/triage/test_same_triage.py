"""Fairness and robustness: the same post in another spelling or dialect gets the same triage."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from openline.triage.assessment import Post
from openline.triage.reader import Reader

DATA = Path(__file__).parent / "data"


def pairs_of(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


PAIRS, MORE = pairs_of("same_triage.csv"), pairs_of("same_triage2.csv")


@pytest.mark.parametrize("kind", sorted({pair["kind"] for pair in PAIRS}))
def test_the_same_post_gets_the_same_triage(reader: Reader, kind: str) -> None:
    pairs = [pair for pair in PAIRS if pair["kind"] == kind]
    differing = []
    for pair in pairs:
        first, second = reader.assess([Post("1", pair["standard"]), Post("2", pair["other"])])
        if (first.intent, first.urgency) != (second.intent, second.urgency):
            differing.append((pair["other"], first.intent, first.urgency, second.intent, second.urgency))
    assert differing == []


@pytest.mark.parametrize(("kind", "least"), [("dialect", 0.95), ("typo", 1.0), ("curse", 1.0)])
def test_nearly_all_of_sixty_more_pairs_are_read_alike(reader: Reader, kind: str, least: float) -> None:
    pairs = [pair for pair in MORE if pair["kind"] == kind]
    one, other = (reader.assess([Post("", pair[side]) for pair in pairs]) for side in ("standard", "other"))
    alike = [(a.intent, a.urgency) == (b.intent, b.urgency) for a, b in zip(one, other, strict=True)]
    assert sum(alike) / len(alike) >= least
