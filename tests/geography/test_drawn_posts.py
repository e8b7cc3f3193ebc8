"""Posts about places by writers who had not seen which names we know: drawn by lot from open lists, or remembered.

`drawn_posts.csv` was measured once before anything was mended for it, `kept_posts.csv` once at the very end: these
figures stand in docs/geography.md; so for the files of `remembered_...`, of landmarks
remembered by heart. Here is held what was reached.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from openline.cities.loading import SAMPLE
from openline.geography.finder import find_places
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import metres
from openline.geography.place import Place

SURE, WEAK = 0.75, ("street", "area")
REACHED = {
    "drawn_posts.csv": {
        "landmark": 0.87, "address": 0.97, "block": 0.97, "intersection": 0.97, "neighborhood": 0.97, "none": 0.98
    },
    "kept_posts.csv": {
        "landmark": 0.88, "address": 1.0, "block": 0.9, "intersection": 1.0, "neighborhood": 1.0, "none": 0.98
    },
    "remembered_posts.csv": {"landmark": 0.98, "none": 0.97},
    "remembered_kept_posts.csv": {"landmark": 0.93, "none": 0.95},
    "remembered_posts2.csv": {"landmark": 0.95, "none": 1.0},
}  # fmt: skip
"""The share of posts of each kind of which the right thing is said; of "none": nothing sure."""
Row = dict[str, str]


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


def right(row: Row, best: Place | None) -> bool:
    """Whether the best place is what the post means."""
    sure = best is not None and best.confidence >= SURE and best.kind not in WEAK
    if row["kind"] == "none":
        return not sure
    if best is None or best.lat is None or best.lon is None:
        return False
    away = metres((float(row["longitude"]), float(row["latitude"])), (best.lon, best.lat))
    meant = best.kind == "area" if row["kind"] == "neighborhood" else sure
    return meant and away <= float(row["tolerance_m"])


@pytest.mark.parametrize("file", REACHED)
def test_the_share_of_drawn_posts_read_rightly(city: Gazetteer, file: str) -> None:
    results: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for row in csv.DictReader((Path(__file__).parent / "data" / file).open(encoding="utf-8")):
        best = next(iter(find_places(city, row["text"])), None)
        results[row["kind"]].append((row["text"], right(row, best)))
    for kind, least in REACHED[file].items():
        wrong = [text for text, good in results[kind] if not good]
        assert 1 - len(wrong) / len(results[kind]) >= least, (kind, wrong)
