"""Measure how well the places of written posts are found: the lists of `tests/geography/data`.

    python tools/evaluate_places.py [-v] [FILE ...]

For each list and kind of place: found (sure enough to file on, within the row's tolerance), pinned elsewhere, or
nothing sure; of posts without a place, those with a sure point. `-v` prints the posts that are not read rightly.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from openline.geography.finder import find_places
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import metres
from openline.geography.place import Place

ROOT = Path(__file__).resolve().parent.parent
LISTS = ROOT / "tests" / "geography" / "data"
CITY = ROOT / "src" / "openline" / "cities" / "philadelphia" / "gazetteer.bin"
SURE, WEAK = 0.75, ("street", "area")


def outcome(row: dict[str, str], best: Place | None) -> str:
    """What became of one post."""
    sure = best is not None and best.confidence >= SURE and best.kind not in WEAK
    if row["kind"] == "none":
        return "false pin" if sure else "no pin"
    if best is None or best.lat is None or best.lon is None:
        return "nothing"
    away = metres((float(row["longitude"]), float(row["latitude"])), (best.lon, best.lat))
    near = away <= float(row["tolerance_m"])
    if row["kind"] == "neighborhood":
        return "found" if near and best.kind == "area" else "nothing"
    return "nothing" if not sure else "found" if near else "elsewhere"


def main() -> None:
    """Print the counts of each list."""
    options = argparse.ArgumentParser(description="Measure how well the places of written posts are found.")
    options.add_argument("files", nargs="*", type=Path, default=sorted(LISTS.glob("*.csv")))
    options.add_argument("-v", "--verbose", action="store_true", help="print the posts not read rightly")
    chosen = options.parse_args()
    city = Gazetteer.from_bytes(CITY.read_bytes())
    for file in chosen.files:
        counts: Counter[tuple[str, str]] = Counter()
        for row in csv.DictReader(file.open(encoding="utf-8")):
            said = outcome(row, next(iter(find_places(city, row["text"])), None))
            counts[row["kind"], said] += 1
            if chosen.verbose and said not in ("found", "no pin"):
                print(f"  {said}: {row['text']}")
        print(file.name, *(f"\n  {kind:13} {said:10} {count}" for (kind, said), count in sorted(counts.items())))


if __name__ == "__main__":
    main()
