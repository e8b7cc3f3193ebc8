"""Places: known points found again, and points found where there are none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from openline.evaluation.findings import Figure, Part, Table
from openline.evaluation.sets import OTHER_CITIES, Labelled, rows_of
from openline.geography.finder import find_places, geocode
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import metres

SURE = 0.75
_VAGUE = ("street", "area")
_NEAR_M = 250.0
Known = tuple[str, float, float]


def geocoding(gazetteer: Gazetteer, data: Path, every: int) -> Part:
    """Addresses, blocks and corners of open data, found again; one in `every` lines."""
    part = Part("geocoding", "Places: lines with a known point")
    geo = data / "philly_geo"
    addresses = [
        (r["address"], float(r["lat"]), float(r["lon"])) for r in rows_of(geo / "address_points_vacant_2024.csv")
    ]
    blocks = [(r["location_block"], float(r["lat"]), float(r["lng"])) for r in rows_of(geo / "block_location_gold.csv")]
    if not addresses:
        part.skipped = "the open data with known points is not here"
        return part
    _found(part, gazetteer, "addresses", addresses[::every], (0.985, 25.0, 70.0))
    _found(part, gazetteer, "blocks", blocks[:: max(1, every // 4)], (0.95, None, None))
    _found(part, gazetteer, "corners", list(_shelters(geo)), (0.97, None, None))
    return part


def _shelters(geo: Path) -> Iterable[Known]:
    """The corners at which bus shelters stand."""
    path = geo / "transit_shelters.geojson"
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"] if path.is_file() else ():
        if feature["geometry"]:
            lon, lat = feature["geometry"]["coordinates"]
            yield feature["properties"]["site"], lat, lon


def _found(
    part: Part, gazetteer: Gazetteer, name: str, known: Sequence[Known], goals: tuple[float | None, ...]
) -> None:
    """Share placed, and the error in metres; `goals` for share, median and 95th percentile."""
    placed = [(place, lat, lon) for line, lat, lon in known if (place := geocode(gazetteer, line)) and place.lat]
    points = [(p, lat, lon) for p, lat, lon in placed if p.kind not in _VAGUE and p.lon is not None]
    errors = np.array([metres((p.lon or 0, p.lat or 0), (lon, lat)) for p, lat, lon in points])
    if not len(errors):
        return
    part.figures += [
        Figure(f"{name}: placed", len(errors) / len(known), goal=goals[0]),
        Figure(f"{name}: median error", float(np.median(errors)), goal=goals[1], at_most=True, unit="m"),
        Figure(f"{name}: 95th percentile", float(np.percentile(errors, 95)), goal=goals[2], at_most=True, unit="m"),
        Figure(f"{name}: within {_NEAR_M:.0f} m", float((errors <= _NEAR_M).sum()) / len(known)),
    ]


def false_pins(gazetteer: Gazetteer, data: Path, limit: int) -> Part:
    """Sure points in texts about other cities."""
    part = Part("false_pins", "Places: points where there is none")
    rows, total, wrong = [], 0, 0
    for file, column in OTHER_CITIES:
        texts = [row[column] or "" for row in rows_of(data / file)][:limit]
        pins = sum(_sure(gazetteer, text) for text in texts)
        total, wrong = total + len(texts), wrong + pins
        if texts:
            rows.append((file, len(texts), pins, f"{pins / len(texts):.2%}"))
    if not rows:
        part.skipped = "no texts about other cities here"
        return part
    part.figures.append(Figure("sure points in texts about other cities", wrong / total, goal=0.02, at_most=True))
    part.tables.append(Table("By set", ("set", "texts", "sure points", "share"), rows))
    return part


def _sure(gazetteer: Gazetteer, text: str) -> bool:
    found = find_places(gazetteer, text)
    return bool(found) and found[0].confidence >= SURE and found[0].kind not in _VAGUE


def in_posts(gazetteer: Gazetteer, rows: Sequence[Labelled]) -> Part:
    """A city's own posts with a known point."""
    part = Part("places", "Places in posts")
    known = [row for row in rows if row.lat is not None and row.lon is not None]
    if not known:
        part.skipped = "no posts with a known point"
        return part
    errors = []
    for row in known:
        best = next((place for place in find_places(gazetteer, row.text) if place.kind not in _VAGUE), None)
        if best and best.lat is not None and best.lon is not None:
            errors.append(metres((best.lon, best.lat), (row.lon or 0, row.lat or 0)))
    near = sum(error <= _NEAR_M for error in errors)
    part.figures = [Figure("found", len(errors) / len(known)), Figure("found within 250 m", near / len(known))]
    return part
