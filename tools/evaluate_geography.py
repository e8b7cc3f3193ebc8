"""How well places are found, on the shared open data: `python tools/evaluate_geography.py`."""

from __future__ import annotations

import csv
import math
import os
import statistics
import sys
import time
from pathlib import Path

from openline.geography.finder import find_places, geocode
from openline.geography.gazetteer import Gazetteer
from openline.geography.place import Place

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("OPENLINE_SHARED", ROOT.parent / "shared")) / "data"
CITY = ROOT / "src/openline/cities/philadelphia/gazetteer.bin"


def metres(place: Place, lat: float, lon: float) -> float:
    """Distance of a found place from the true point."""
    assert place.lat is not None and place.lon is not None
    return math.hypot((place.lon - lon) * math.cos(math.radians(lat)), place.lat - lat) * 111_320


def against_points(gazetteer: Gazetteer, file: str, text: str, lat: str, lon: str, every: int, kinds: set[str]) -> None:
    """Share placed, and the error, on addresses or blocks with known points."""
    with (DATA / file).open(newline="") as handle:
        rows = list(csv.DictReader(handle))[::every]
    errors, confident = [], []
    for row in rows:
        place = geocode(gazetteer, row[text])
        if place and place.kind in kinds and place.lat is not None:
            error = metres(place, float(row[lat]), float(row[lon]))
            errors.append(error)
            if place.confidence >= 0.75:
                confident.append(error)
    errors.sort()
    print(
        f"{file}: {len(rows)} rows, placed {len(errors) / len(rows):.1%}, median {statistics.median(errors):.0f} m,"
        f" p90 {errors[int(len(errors) * 0.9)]:.0f} m, within 250 m of all"
        f" {sum(e <= 250 for e in errors) / len(rows):.1%};"
        f" confident {len(confident) / len(rows):.1%}, of these over 250 m"
        f" {sum(e > 250 for e in confident) / max(1, len(confident)):.2%}"
    )


def false_places(gazetteer: Gazetteer, file: str, text: str, limit: int) -> None:
    """Confident places in texts about other cities, and the time for a text."""
    with (DATA / file).open(newline="", encoding="utf-8", errors="replace") as handle:
        texts = [row[text] for row in csv.DictReader(handle)][:limit]
    false = []
    began = time.perf_counter()
    for line in texts:
        places = find_places(gazetteer, line)
        if places and places[0].confidence >= 0.75 and places[0].kind not in ("street", "area"):
            false.append(places[0])
    spent = (time.perf_counter() - began) / len(texts) * 1e6
    kinds: dict[str, int] = {}
    for place in false:
        kinds[place.kind] = kinds.get(place.kind, 0) + 1
    print(
        f"{file}: {len(texts)} texts, confident false places {len(false) / len(texts):.2%} {kinds},"
        f" {spent:.0f} us a text"
    )
    if "-v" in sys.argv:
        print("   ", [p.name for p in false[:40]])


def main() -> None:
    """Print all figures."""
    if not DATA.is_dir():
        raise SystemExit("The shared open data is not here; nothing to evaluate against.")
    began = time.perf_counter()
    gazetteer = Gazetteer.from_bytes(CITY.read_bytes())
    print(f"loaded in {time.perf_counter() - began:.2f} s")
    against_points(gazetteer, "philly_geo/address_points_vacant_2024.csv", "address", "lat", "lon", 7, {"address"})
    against_points(
        gazetteer,
        "philly_geo/block_location_gold.csv",
        "location_block",
        "lat",
        "lng",
        2,
        {"block", "address", "intersection"},
    )
    false_places(gazetteer, "resident_text/nyc_street_tweets_2022.csv", "tweet", 3000)
    false_places(gazetteer, "resident_text/gainesville_dev_split.csv", "description", 3000)
    false_places(gazetteer, "abuse_spam/davidson_labeled_data.csv", "tweet", 3000)


if __name__ == "__main__":
    main()
