"""Compile the sample city's gazetteer and areas from public facts of the City of Philadelphia.

    python tools/build_philadelphia.py [FOLDER WITH THE OPEN DATA]

Reads open CSV and GeoJSON (by default ../shared/data/philly_geo, or OPENLINE_SHARED) and the small lists
of well-known places and nicknames in src/openline/cities/philadelphia; writes gazetteer.bin and areas.geojson
there. Sources, licences and vintages are in ATTRIBUTION.md beside them.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from shapely import set_precision
from shapely.geometry import mapping, shape
from shapely.ops import unary_union

from openline.geography.gazetteer import AreaShape, Corner, Gazetteer, Segment
from openline.geography.words import ordinal
from philadelphia_landmarks import features, landmarks, rows, unique

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/openline/cities/philadelphia"
SIMPLIFY_DEGREES = 0.0001
ROUND_DEGREES = 0.00001
GAP_DEGREES = 0.0003
"""Simplified neighbours leave slivers between them: so much is closed when they are put together."""
NOT_STREETS = {"RAMP", "SPUR", "DWY"}
DIRECTION_WORDS = {"N": "North", "S": "South", "E": "East", "W": "West"}
HOME = ("Philadelphia", "Philly", "Phila", "PA", "Pennsylvania")

# --- streets -----------------------------------------------------------------------------------


def segments(source: Path) -> Iterator[Segment]:
    """The street segments with their ranges and lines."""
    for row in rows(source / "street_segments_geom.csv"):
        line = tuple((float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", row["linestring_wkt"]))
        if row["st_type"] in NOT_STREETS or not line:
            continue
        numbers = (int(row[side] or 0) for side in ("l_from", "l_to", "r_from", "r_to"))
        yield Segment(row["pre_dir"], row["st_name"], row["st_type"], row["post_dir"], *numbers, line)


def corners(source: Path) -> Iterator[Corner]:
    """The named corners, ours first: those that people say although the streets do not quite meet."""
    for row in (*rows(TARGET / "intersections.csv"), *rows(source / "intersections.csv")):
        yield Corner(row["street_1"], row["street_2"], float(row["lon"]), float(row["lat"]))


def aliases(source: Path) -> set[tuple[str, str]]:
    """Other names of streets: the City's list, and what people say."""
    found = {(row["alias"], row["street"]) for row in rows(TARGET / "street_nicknames.csv")}
    for row in rows(source / "street_aliases.csv"):
        own = row["pre_dir"] in ("", row["cl_pre_dir"])
        if own or row["pre_dir"] in DIRECTION_WORDS:
            before = "" if own else DIRECTION_WORDS[row["pre_dir"]]  # "W River Dr" is the West River Drive
            found.add((f"{before} {row['st_name']} {row['st_type'] or 'ST'}".strip(), row["cl_street_full"]))
    return found


# --- areas -------------------------------------------------------------------------------------


def areas(source: Path) -> Iterator[AreaShape]:
    """Neighbourhoods, council districts, police districts and ZIP codes, with simplified lines."""
    nicknames = {row["name"]: row["aliases"].split(";") for row in rows(TARGET / "neighborhood_nicknames.csv")}
    for feature in features(source / "neighborhoods_odp.geojson"):
        raw = feature["properties"]["MAPNAME"]
        parts = raw.split(" - ") if " - " in raw else []
        turned = re.sub(r"^(North|South|East|West|Southwest|West Central|Old|Upper|Lower) (.*)", r"\2 \1", raw)
        yield area("nb", raw, raw, "neighborhood", [*parts, *nicknames.get(raw, []), turned], feature)
    for file, kind, column, prefix in (
        ("council_districts", "council_district", "council_district", "council"),
        ("police_districts", "police_district", "police_district", "police"),
    ):
        for feature in features(source / f"{file}.geojson"):
            raw = str(feature["properties"][column])
            label = kind.replace("_", " ").capitalize()
            yield area(prefix, raw, f"{label} {raw}", kind, [f"{ordinal(int(raw))} {label}"], feature)
    for feature in features(source / "zip_codes.geojson"):
        raw = str(feature["properties"]["zip_code"])
        yield area("zip", raw, raw, "zip", [], feature)


def sections(neighborhoods: list[AreaShape]) -> Iterator[AreaShape]:
    """The parts of the city that people speak of, put together from their neighbourhoods: South Philly."""
    shapes = {n.name: shape(n.geometry) for n in neighborhoods}
    for row in rows(TARGET / "sections.csv"):
        together = unary_union([shapes[name].buffer(GAP_DEGREES) for name in row["neighborhoods"].split(";")])
        feature = {"geometry": mapping(together.buffer(-GAP_DEGREES).simplify(SIMPLIFY_DEGREES))}
        yield area("section", row["name"], row["name"], "section", row["aliases"].split(";"), feature)


def area(prefix: str, code: str, name: str, kind: str, names: Iterable[str], feature: dict[str, Any]) -> AreaShape:
    """One area, its outline simplified to some ten metres and rounded to one."""
    simple = set_precision(shape(feature["geometry"]).simplify(SIMPLIFY_DEGREES), ROUND_DEGREES)
    geometry = rounded(mapping(simple))
    assert isinstance(geometry, dict)
    code = f"{prefix}-" + re.sub(r"\W+", "-", code.lower()).strip("-")
    return AreaShape(code, name, kind, tuple(dict.fromkeys(n for n in names if n and n != name)), geometry)


def rounded(value: object) -> object:
    """The same structure with coordinates to a metre."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return {key: rounded(item) for key, item in value.items()} if isinstance(value, dict) else value


def main() -> None:
    """Build both files and say how large they are."""
    shared = Path(os.environ.get("OPENLINE_SHARED", ROOT.parent / "shared"))
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else shared / "data/philly_geo"
    if not source.is_dir():
        raise SystemExit(f"No open data in {source}: name the folder that holds it.")
    parts = list(segments(source)), list(corners(source))
    shapes, other = list(areas(source)), aliases(source)
    shapes += list(sections([s for s in shapes if s.kind == "neighborhood"]))
    neighbours = [row["name"] for row in rows(TARGET / "elsewhere.csv")]
    streets = Gazetteer.compile(*parts, (), shapes, other)
    marks = unique(landmarks(source, streets))
    content = Gazetteer.compile(*parts, marks, shapes, other, home=HOME, elsewhere=neighbours).to_bytes()
    (TARGET / "gazetteer.bin").write_bytes(content)
    collection = [
        {
            "type": "Feature",
            "geometry": a.geometry,
            "properties": {"code": a.code, "name": a.name, "kind": a.kind, "aliases": ";".join(a.aliases)},
        }
        for a in shapes
    ]
    text = json.dumps({"type": "FeatureCollection", "features": collection}, separators=(",", ":"))
    (TARGET / "areas.geojson").write_text(text)
    print(
        f"{len(parts[0])} segments, {len(marks)} landmarks, {len(shapes)} areas: "
        f"gazetteer.bin {len(content) / 1e6:.2f} MB, areas.geojson {len(text) / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main()
