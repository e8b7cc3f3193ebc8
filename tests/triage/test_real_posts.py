"""The labels of real posts are well formed, and point at rows that have a text."""

import csv
import os
from pathlib import Path

import pytest

from openline.triage.assessment import INTENTS, URGENCIES

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("OPENLINE_SHARED", ROOT.parent / "shared")) / "data"
COLUMNS = ["file", "row", "intent", "ticket", "urgency", "place", "language", "doubt"]
PARTS = ("dev", "blind", "blind2", "dev3", "blind3", "dev4")


def labels(part: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / f"real_posts_{part}.csv").open(encoding="utf-8", newline="")))


@pytest.mark.parametrize("part", PARTS)
def test_labels_have_known_values_only(part: str) -> None:
    rows = labels(part)
    assert len(rows) >= 450
    assert list(rows[0]) == COLUMNS
    assert {row["intent"] for row in rows} == set(INTENTS)
    assert {row["urgency"] for row in rows} == set(URGENCIES)
    assert all(row[column] in ("0", "1") for row in rows for column in ("ticket", "place", "doubt"))
    assert all(row["ticket"] == "1" for row in rows if row["intent"] == "request")


def test_parts_share_no_row() -> None:
    keys = [(row["file"], row["row"]) for part in PARTS for row in labels(part)]
    assert len(keys) == len(set(keys))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared development sets are not here")
@pytest.mark.parametrize("part", PARTS)
def test_every_label_has_its_text(part: str) -> None:
    sets: dict[str, list[dict[str, str]]] = {}
    for label in labels(part):
        name = label["file"]
        if name not in sets:
            with (SHARED / name).open(encoding="utf-8", errors="replace", newline="") as file:
                sets[name] = list(csv.DictReader(file))
        row = sets[name][int(label["row"])]
        text = next(row[c] for c in ("description", "tweet", "text", "utterance", "v2") if c in row)
        assert len(text.strip()) > 2, f"{name} row {label['row']}"
