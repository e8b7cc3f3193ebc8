"""Compile the sample city's gazetteer and areas from public facts of the City of Philadelphia.

    python tools/build_philadelphia.py [FOLDER WITH THE OPEN DATA]

Reads open CSV and GeoJSON (by default ../shared/data/philly_geo, or OPENLINE_SHARED) and writes
gazetteer.bin and areas.geojson into src/openline/cities/philadelphia. Sources, licences and
vintages are in ATTRIBUTION.md there.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from shapely.geometry import mapping, shape

from openline.geography.finder import geocode
from openline.geography.gazetteer import AreaShape, Corner, Gazetteer, Landmark, Segment
from openline.geography.words import title

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/openline/cities/philadelphia"
SIMPLIFY_DEGREES = 0.0001
NOT_STREETS = {"RAMP", "SPUR", "DWY"}


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def segments(source: Path) -> Iterator[Segment]:
    """The street segments with their ranges and lines."""
    for row in rows(source / "street_segments_geom.csv"):
        line = tuple((float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", row["linestring_wkt"]))
        if row["st_type"] in NOT_STREETS or not line:
            continue
        yield Segment(row["pre_dir"], row["st_name"], row["st_type"], row["post_dir"], int(row["l_from"] or 0),
                      int(row["l_to"] or 0), int(row["r_from"] or 0), int(row["r_to"] or 0), line)


def corners(source: Path) -> Iterator[Corner]:
    """The named corners."""
    for row in rows(source / "intersections.csv"):
        yield Corner(row["street_1"], row["street_2"], float(row["lon"]), float(row["lat"]))


def aliases(source: Path) -> set[tuple[str, str]]:
    """Other names of streets, as whole names."""
    found = {(row["st_name"], row["cl_street_full"]) for row in rows(source / "street_aliases.csv")
             if not row["pre_dir"].endswith("B")}
    for row in rows(TARGET / "street_nicknames.csv"):
        found.add((row["alias"], row["street"]))
    return found


def areas(source: Path) -> Iterator[AreaShape]:
    """Neighbourhoods, council districts, police districts and ZIP codes, with simplified lines."""
    extra: dict[str, str] = {row["name"]: row["aliases"] for row in rows(TARGET / "neighborhood_nicknames.csv")}
    kinds = (("neighborhoods_odp", "neighborhood", "MAPNAME", "nb-"),
             ("council_districts", "council_district", "council_district", "council-"),
             ("police_districts", "police_district", "police_district", "police-"),
             ("zip_codes", "zip", "zip_code", "zip-"))
    for file, kind, name_key, prefix in kinds:
        for feature in json.loads((source / f"{file}.geojson").read_text())["features"]:
            raw = str(feature["properties"][name_key])
            name = raw if kind in ("neighborhood", "zip") else f"{kind.replace('_', ' ').capitalize()} {raw}"
            geometry = shape(feature["geometry"]).simplify(SIMPLIFY_DEGREES)
            parts = tuple(part.strip() for part in raw.split(" - ")) if " - " in raw else ()
            names = (*parts, *(a for a in extra.get(raw, "").split(";") if a))
            code = prefix + re.sub(r"\W+", "-", raw.lower()).strip("-")
            yield AreaShape(code, name, kind, names, rounded(mapping(geometry)))


def rounded(value: object) -> object:
    """The same structure with coordinates to a metre."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value


def landmarks(source: Path, streets: Gazetteer) -> Iterator[Landmark]:
    """Parks, schools, libraries, stations and the places that everybody knows."""
    for row in rows(TARGET / "landmarks.csv"):
        yield Landmark(row["name"], row["kind"], float(row["lon"]), float(row["lat"]),
                       tuple(a for a in row["aliases"].split(";") if a))
    for feature in json.loads((source / "parks_ppr_properties.geojson").read_text())["features"]:
        p = feature["properties"]
        centre = shape(feature["geometry"]).representative_point()
        others = {p.get("OFFICIAL_NAME"), *(p.get("ALIAS") or "").split(";")} - {None, "", p["PUBLIC_NAME"]}
        yield Landmark(p["PUBLIC_NAME"], "park", centre.x, centre.y, tuple(sorted(o.strip() for o in others if o)))
    for row in rows(source / "city_buildings_2012.csv"):
        name = row["site_name"].strip() or row["name"].strip()
        public = re.search(r"library|health center|recreation|rec center|fire|police|playground|ice rink|pool",
                           name, re.I)
        if public and row["lat"] and len(name.split()) >= 2:
            yield Landmark(name, "city building", float(row["lng"]), float(row["lat"]))
    for row in rows(source / "school_facilities_2013.csv"):
        point = json.loads(row["geojson"])["coordinates"]
        name = row["facil_name"].strip()
        if "," in name:
            last, first = name.split(",", 1)
            name = f"{first.strip()} {last.strip()}"
        full = name if re.search(r"school|high|elem|academy|college", name, re.I) else f"{name} School"
        yield Landmark(full, "school", point[0], point[1],
                       tuple({f"{name} Elementary", f"{name} Elementary School"} if full.endswith(" School") else ()))
    with (source / "landmarks_to_address.csv").open(newline="", encoding="utf-8") as file:
        for name, address in csv.reader(file):
            words = name.split()
            if len(words) < 2 or not re.match(r"\d+ ", address) or re.search(r"\d", name):
                continue
            place = geocode(streets, address)
            if place and place.kind == "address" and place.confidence >= 0.9 and place.lat and place.lon:
                yield Landmark(title(name), "landmark", place.lon, place.lat)


def unique(marks: Iterator[Landmark]) -> list[Landmark]:
    """One landmark for each name: the first that names it."""
    seen: dict[str, Landmark] = {}
    for mark in marks:
        seen.setdefault(re.sub(r"\W+", " ", mark.name.lower()).strip(), mark)
    return list(seen.values())


def main() -> None:
    """Build both files and say how large they are."""
    shared = Path(os.environ.get("OPENLINE_SHARED", ROOT.parent / "shared"))
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else shared / "data/philly_geo"
    if not source.is_dir():
        raise SystemExit(f"No open data in {source}: name the folder that holds it.")
    all_segments, all_areas, named = list(segments(source)), list(areas(source)), list(corners(source))
    other = aliases(source)
    streets = Gazetteer.compile(all_segments, named, (), all_areas, other)
    marks = unique(landmarks(source, streets))
    content = Gazetteer.compile(all_segments, named, marks, all_areas, other).to_bytes()
    (TARGET / "gazetteer.bin").write_bytes(content)
    features = [{"type": "Feature", "properties": {"code": a.code, "name": a.name, "kind": a.kind,
                                                   "aliases": ";".join(a.aliases)}, "geometry": a.geometry}
                for a in all_areas]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    (TARGET / "areas.geojson").write_text(text)
    print(f"{len(all_segments)} segments, {len(marks)} landmarks, {len(all_areas)} areas: "
          f"gazetteer.bin {len(content) / 1e6:.2f} MB, areas.geojson {len(text) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
