"""Real addresses, blocks and corners with known points, and real texts about other cities. Skipped without the data."""

from __future__ import annotations

import csv
import json
import math
import statistics
from collections.abc import Iterable
from pathlib import Path

import pytest

from openline.cities.loading import SAMPLE
from openline.geography.finder import find_all, geocode
from openline.geography.gazetteer import Gazetteer

Known = tuple[str, float, float]
FAR_M = 250.0


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        return list(csv.DictReader(file))


def _errors(city: Gazetteer, known: Iterable[Known]) -> list[float]:
    """Metres between the point found and the true one; infinite where none is found."""
    errors = []
    for text, lat, lon in known:
        place = geocode(city, text)
        if place is None or place.lat is None or place.lon is None or place.kind in ("street", "area"):
            errors.append(math.inf)
            continue
        east = (place.lon - lon) * math.cos(math.radians(lat))
        errors.append(math.hypot(east, place.lat - lat) * 111_320)
    return errors


def _within(errors: list[float], limit: float) -> float:
    return sum(error <= limit for error in errors) / len(errors)


def test_addresses(city: Gazetteer, shared: Path) -> None:
    rows = _rows(shared / "data/philly_geo/address_points_vacant_2024.csv")[::20]
    errors = _errors(city, [(r["address"], float(r["lat"]), float(r["lon"])) for r in rows])
    assert _within(errors, FAR_M) >= 0.985
    assert statistics.median(errors) <= 35


def test_blocks(city: Gazetteer, shared: Path) -> None:
    rows = _rows(shared / "data/philly_geo/block_location_gold.csv")[::5]
    errors = _errors(city, [(r["location_block"], float(r["lat"]), float(r["lng"])) for r in rows])
    assert _within(errors, FAR_M) >= 0.95


def test_corners(city: Gazetteer, shared: Path) -> None:
    features = json.loads((shared / "data/philly_geo/transit_shelters.geojson").read_text())["features"]
    known = [(f["properties"]["site"], *f["geometry"]["coordinates"][::-1]) for f in features if f["geometry"]]
    assert _within(_errors(city, known), FAR_M) >= 0.96


@pytest.mark.parametrize(
    ("file", "column", "limit"),
    [
        ("resident_text/nyc_street_tweets_2022.csv", "tweet", 0.002),
        ("resident_text/gainesville_dev_split.csv", "description", 0.004),
        ("abuse_spam/davidson_labeled_data.csv", "tweet", 0.001),
        ("resident_text/mumbai_civic_tweets_2019.csv", "tweet", 0.001),
        ("resident_text/city_chatbot_intents_kit.csv", "utterance", 0.004),
    ],
)
def test_texts_about_other_cities_name_no_sure_place(
    city: Gazetteer, shared: Path, file: str, column: str, limit: float
) -> None:
    rows = _rows(shared / "data" / file)[:3000]
    texts = [row[column] for row in rows if row.get(column)]
    assert len(texts) > 500
    best = [places[0] for places in find_all(city, texts) if places]
    false = [place for place in best if place.confidence >= 0.75 and place.kind not in ("street", "area")]
    assert len(false) / len(texts) <= limit
