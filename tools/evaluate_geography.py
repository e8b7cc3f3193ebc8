"""How well places are found, on the shared open data: `python tools/evaluate_geography.py`."""

from __future__ import annotations

import csv
import json
import math
import os
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from openline.geography.finder import find_places, geocode
from openline.geography.gazetteer import Gazetteer
from openline.geography.place import Place

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("OPENLINE_SHARED", ROOT.parent / "shared")) / "data"
CITY = ROOT / "src/openline/cities/philadelphia/gazetteer.bin"

CONFIDENT = 0.75
FAR_M = 250
OTHER_CITIES = (
    ("resident_text/nyc_street_tweets_2022.csv", "tweet"),
    ("resident_text/gainesville_dev_split.csv", "description"),
    ("resident_text/boston_311_text_sample.csv", "description"),
    ("resident_text/mumbai_civic_tweets_2019.csv", "tweet"),
    ("abuse_spam/davidson_labeled_data.csv", "tweet"),
    ("triage_crisis/incident_tweets_us_cities.csv", "tweet"),
    ("outbound/fdny_alerts_tweets_2019_2020.csv", "text"),
)


def metres(place: Place, lat: float, lon: float) -> float:
    """Distance of a found place from the true point."""
    assert place.lat is not None and place.lon is not None
    return math.hypot((place.lon - lon) * math.cos(math.radians(lat)), place.lat - lat) * 111_320


def report(what: str, gazetteer: Gazetteer, known: list[tuple[str, float, float]], kinds: set[str]) -> None:
    """Share placed, and the error, on lines with known points (latitude, longitude)."""
    errors, confident = [], []
    for line, lat, lon in known:
        place = geocode(gazetteer, line)
        if place and place.kind in kinds and place.lat is not None:
            errors.append(metres(place, lat, lon))
            if place.confidence >= CONFIDENT:
                confident.append(errors[-1])
    errors.sort()
    near = sum(error <= FAR_M for error in errors) / len(known)
    wrong = sum(error > FAR_M for error in confident) / max(1, len(confident))
    print(
        f"{what}: {len(known)} lines, placed {len(errors) / len(known):.1%}, within {FAR_M} m {near:.1%},"
        f" median {statistics.median(errors):.0f} m, p90 {errors[int(len(errors) * 0.9)]:.0f} m;"
        f" sure {len(confident) / len(known):.1%}, of these further off than {FAR_M} m {wrong:.2%}"
    )


def rows(file: str) -> list[dict[str, str]]:
    """The rows of a shared CSV file."""
    with (DATA / file).open(newline="", encoding="utf-8", errors="replace") as handle:
        return list(csv.DictReader(handle))


def against_points(gazetteer: Gazetteer) -> None:
    """Addresses, blocks and corners with known points."""
    addresses = rows("philly_geo/address_points_vacant_2024.csv")[::7]
    known = [(row["address"], float(row["lat"]), float(row["lon"])) for row in addresses]
    report("addresses", gazetteer, known, {"address"})
    blocks = rows("philly_geo/block_location_gold.csv")[::2]
    known = [(row["location_block"], float(row["lat"]), float(row["lng"])) for row in blocks]
    report("blocks", gazetteer, known, {"block", "address", "intersection"})
    shelters = json.loads((DATA / "philly_geo/transit_shelters.geojson").read_text())["features"]
    known = [(f["properties"]["site"], *f["geometry"]["coordinates"][::-1]) for f in shelters if f["geometry"]]
    report("corners of bus shelters", gazetteer, known, {"intersection", "block", "address"})


def false_places(gazetteer: Gazetteer, file: str, column: str, limit: int = 4000) -> None:
    """Sure places in texts about other cities, and the time for a text."""
    texts = [row[column] or "" for row in rows(file)][:limit]
    false, spent = [], []
    for text in texts:
        began = time.thread_time()
        places = find_places(gazetteer, text)
        spent.append((time.thread_time() - began) * 1e6)
        if places and places[0].confidence >= CONFIDENT and places[0].kind not in ("street", "area"):
            false.append(places[0])
    kinds = dict(Counter(place.kind for place in false))
    length = statistics.median(map(len, texts))
    print(
        f"{file}: {len(texts)} texts of {length:.0f} characters, sure places {len(false) / len(texts):.2%} {kinds},"
        f" {statistics.median(spent):.0f} us a text"
    )
    if "-v" in sys.argv:
        print("   ", [place.name for place in false[:40]])


def main() -> None:
    """Print all figures."""
    if not DATA.is_dir():
        raise SystemExit("The shared open data is not here; nothing to evaluate against.")
    began = time.perf_counter()
    gazetteer = Gazetteer.from_bytes(CITY.read_bytes())
    print(f"loaded in {time.perf_counter() - began:.2f} s")
    against_points(gazetteer)
    for file, column in OTHER_CITIES:
        false_places(gazetteer, file, column)


if __name__ == "__main__":
    main()
