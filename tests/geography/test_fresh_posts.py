"""Some 430 posts in residents' words, in three lists: each was written before the rules had seen it, and measured once.

The figures of that first measure are in docs/geography.md; these tests hold what was reached afterwards.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from openline.cities.loading import SAMPLE
from openline.geography.finder import find_all, find_places, geocode
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import metres
from openline.geography.place import Place

Row = dict[str, str]
SURE, WEAK = 0.75, ("street", "area")
WITHIN_M = {"address": 100.0, "block": 120.0, "intersection": 100.0, "landmark": 300.0}
REACHED = {"address": 0.96, "block": 0.95, "intersection": 0.97, "landmark": 0.88, "area": 0.93, "none": 0.98}
"""The share of posts of each kind of which the right thing is said; of "none": nothing sure."""


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


def test_many_texts_are_read_as_each_by_itself(city: Gazetteer) -> None:
    rows = csv.DictReader((Path(__file__).parent / "fresh_posts.csv").open(encoding="utf-8"))
    texts = ["", *(row["text"] for row in rows), "39.9526, -75.1652 and #ClarkPark"]
    assert find_all(city, texts) == [find_places(city, text) for text in texts]


@pytest.fixture(scope="module")
def results(city: Gazetteer) -> dict[str, list[tuple[Row, Place | None, bool]]]:
    """For each kind the posts, the best place that is found, and whether that is right."""
    found: dict[str, list[tuple[Row, Place | None, bool]]] = defaultdict(list)
    for row in csv.DictReader((Path(__file__).parent / "fresh_posts.csv").open(encoding="utf-8")):
        best = next(iter(find_places(city, row["text"])), None)
        found[row["kind"]].append((row, best, right(city, row, best)))
    return found


def sure(place: Place | None) -> bool:
    """Whether a request may be filed on the place."""
    return place is not None and place.confidence >= SURE and place.kind not in WEAK


def right(city: Gazetteer, row: Row, best: Place | None) -> bool:
    """Whether the best place is what the post means."""
    if row["kind"] == "none":
        return not sure(best)
    if row["kind"] == "area":
        return best is not None and best.kind == "area" and row["place"].casefold() in names_of(city, best)
    return sure(best) and distance(city, row, best) <= float(row["within_m"] or WITHIN_M[row["kind"]])


def names_of(city: Gazetteer, area: Place) -> set[str]:
    """All names of the areas that bear the name of `area`."""
    rows = [(name, *aliases) for _, name, _, aliases in city.areas.table]
    return {name.casefold() for row in rows for name in row if area.name in row}


def distance(city: Gazetteer, row: Row, best: Place | None) -> float:
    """Metres between the place found and the true one, which is given by its point or its whole name."""
    assert best and best.lat is not None and best.lon is not None
    parts = row["place"].split(",")
    if len(parts) == 2:
        return metres((float(parts[1]), float(parts[0])), (best.lon, best.lat))
    true = geocode(city, row["place"])
    assert true and true.lat is not None and true.lon is not None and sure(true), row["place"]
    return metres((true.lon, true.lat), (best.lon, best.lat))


@pytest.mark.parametrize("kind", REACHED)
def test_the_share_of_posts_read_rightly(results: dict[str, list[tuple[Row, Place | None, bool]]], kind: str) -> None:
    wrong = [(row["text"], best and best.name) for row, best, good in results[kind] if not good]
    assert 1 - len(wrong) / len(results[kind]) >= REACHED[kind], wrong


def test_few_sure_places_are_far_off(results: dict[str, list[tuple[Row, Place | None, bool]]]) -> None:
    pinned = [(row, best, good) for kind in WITHIN_M for row, best, good in results[kind] if sure(best)]
    assert sum(not good for _, _, good in pinned) / len(pinned) <= 0.01
