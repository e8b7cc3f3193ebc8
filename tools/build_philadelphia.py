"""Compile the sample city's gazetteer and areas from public facts of the City of Philadelphia.

    python tools/build_philadelphia.py [FOLDER WITH THE OPEN DATA]

Reads open CSV and GeoJSON (by default ../shared/data/philly_geo, or OPENLINE_SHARED) and the small lists
of well-known places and nicknames in src/openline/cities/philadelphia; writes gazetteer.bin and areas.geojson
there. Sources, licences and vintages are in ATTRIBUTION.md beside them.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely import set_precision
from shapely.geometry import mapping, shape
from shapely.ops import unary_union

from openline.geography.finder import geocode
from openline.geography.gazetteer import AreaShape, Corner, Gazetteer, Landmark, Segment
from openline.geography.lines import metres
from openline.geography.names import GENERIC, KIND_WORDS, OFTEN
from openline.geography.text import name_keys
from openline.geography.words import ordinal, title

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/openline/cities/philadelphia"
SIMPLIFY_DEGREES = 0.0001
ROUND_DEGREES = 0.00001
GAP_DEGREES = 0.0003
"""Simplified neighbours leave slivers between them: so much is closed when they are put together."""
SAME_PARK_M = 1_000
NOT_STREETS = {"RAMP", "SPUR", "DWY"}
DIRECTION_WORDS = {"N": "North", "S": "South", "E": "East", "W": "West"}
BY_ADDRESS = "addressed place"
HOME = ("Philadelphia", "Philly", "Phila", "PA", "Pennsylvania")
PUBLIC_BUILDINGS = re.compile(
    r"Library|Fire Station|Police Station|Health Center|Recreation|Pool|Older Adult|Park|Square|Museum|Ice Rink|Golf"
    r"|Transit|Historic|Playground|Skateboard|Spray"
)
KINDS = KIND_WORDS | {"mint", "tower", "building", "rink", "arboretum", "mansion", "shelter", "manor", "triangle"}


def rows(path: Path, header: list[str] | None = None) -> Iterator[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file, fieldnames=header)


def features(path: Path) -> list[dict[str, Any]]:
    """The features of a GeoJSON file."""
    return json.loads(path.read_text())["features"]


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
        yield area("nb", raw, raw, "neighborhood", [*parts, *nicknames.get(raw, [])], feature)
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


# --- landmarks ---------------------------------------------------------------------------------


def landmarks(source: Path, streets: Gazetteer) -> Iterator[Landmark]:
    """All places known by name: the well-known ones first, so that these keep their names."""
    city_parks = list(parks(source))
    yield from at_their_parks(well_known(streets), city_parks)
    yield from city_parks
    yield from schools(source)
    yield from city_buildings(source)
    for row in rows(source / "farmers_markets.csv"):
        name = re.sub(r"\s*\(.*", "", row["NAME"])
        if "&" not in name and " and " not in name and distinct(f"{name} Farmers Market"):
            yield Landmark(f"{name} Farmers Market", "market", float(row["LON"]), float(row["LAT"]))
    yield from addressed(source, streets)


def well_known(streets: Gazetteer) -> Iterator[Landmark]:
    """The list of well-known places, by their points or by an address that the streets resolve."""
    for row in rows(TARGET / "landmarks.csv"):
        point = (float(row["lon"]), float(row["lat"])) if row["lon"] else point_of(streets, row["address"])
        if point is None:
            print(f"landmarks.csv: {row['name']}: no such address: {row['address']}", file=sys.stderr)
            continue
        yield Landmark(row["name"], row["kind"], *point, tuple(a for a in row["aliases"].split(";") if a))


def at_their_parks(marks: Iterator[Landmark], city_parks: list[Landmark]) -> Iterator[Landmark]:
    """Well-known parks at the point that the City's own outline gives."""
    points = {name_keys(park.name): (park.lon, park.lat) for park in city_parks}
    for mark in marks:
        point = next((points[k] for k in map(name_keys, (mark.name, *mark.aliases)) if k in points), None)
        near = point is not None and metres(point, (mark.lon, mark.lat)) < SAME_PARK_M
        yield replace(mark, lon=point[0], lat=point[1]) if point and near else mark


def point_of(streets: Gazetteer, address: str) -> tuple[float, float] | None:
    """The point of a sure address or corner."""
    place = geocode(streets, address)
    if place and place.kind in ("address", "intersection") and place.confidence >= 0.85 and place.lat and place.lon:
        return place.lon, place.lat
    return None


def distinct(name: str) -> bool:
    """Whether a name has a word of its own and a word that tells its kind: the rest is no help to anybody."""
    keys = [key for key in name_keys(name) if key != "the"]
    own = any(len(key) > 1 and key.isalpha() and key not in GENERIC for key in keys)
    return len(keys) > 1 and own and not KINDS.isdisjoint(keys)


def parks(source: Path) -> Iterator[Landmark]:
    """Parks, playgrounds and recreation centres with the short names that people use."""
    for feature in features(source / "parks_ppr_properties.geojson"):
        facts = feature["properties"]
        p = {key: (facts[key] or "").strip() for key in ("PUBLIC_NAME", "OFFICIAL_NAME", "LABEL", "ALIAS", "PPR_USE")}
        centre = shape(feature["geometry"]).representative_point()
        listed = [part.strip() for alias in p["ALIAS"].split(";") for part in (alias, *re.split(r" and |/", alias)[:1])]
        others = [p["OFFICIAL_NAME"], *(a for a in listed if distinct(a) and "&" not in a)]
        kinds = ("Recreation Center", "Playground", "Rec", "Pool", "Park") if "REC" in p["PPR_USE"] else ("Park",)
        others += [f"{stem} {kind}" for stem in park_stems(p["PUBLIC_NAME"], p["LABEL"]) for kind in kinds]
        yield Landmark(p["PUBLIC_NAME"], "park", centre.x, centre.y, tuple(dict.fromkeys(o for o in others if o)))


def park_stems(name: str, label: str) -> set[str]:
    """The names without their kind: "Fishtown" of Fishtown Recreation Center. None that is a corner."""
    stems = {
        re.sub(r"\(.*|\b(Memorial|Recreation|Center|Playground|Park|Rec|[A-Z]\.?)(?= |$)", "", text).strip()
        for text in (name, label)
    }
    return {
        " ".join(stem.split())
        for stem in stems
        if stem and "&" not in stem and " and " not in stem and KINDS.isdisjoint(name_keys(stem))
    }


def schools(source: Path) -> Iterator[Landmark]:
    """Schools; "Dobson, James" is James Dobson School, and Dobson Elementary for short."""
    for row in rows(source / "school_facilities_2013.csv"):
        lon, lat = json.loads(row["geojson"])["coordinates"]
        name = re.sub(r"\s*\(.*?\)|\.(?=$)", "", row["facil_name"]).strip()
        last, _, first = (part.strip() for part in name.partition(","))
        name = f"{first} {last}".strip()
        level = re.sub(r"/.*", "", row["grade_leve"].replace(" School", "")) or "Elementary"
        named = re.search(r"school|high|elem|academy|acad|college|\bH\.?S\b|institute|center|sch\b", name, re.I)
        full = name if named else f"{name} School"
        short = {last, name} if not named else set()
        others = {f"{n} {kind}" for n in short for kind in ("School", level, f"{level} School")} - {full}
        if name.endswith("High"):
            others.add(f"{name} School")
        yield Landmark(full, "school", lon, lat, tuple(sorted(o for o in others if distinct(o))))


def city_buildings(source: Path) -> Iterator[Landmark]:
    """Libraries, fire and police stations, health centres and other public buildings."""
    subtypes = {row["CODE"]: row["DESCRIPTION"] for row in rows(source / "city_buildings_subtypes.csv")}
    for row in rows(source / "city_buildings_2012.csv"):
        kind = subtypes.get(row["asset_subtype"], "")
        name = row["site_name"].strip() or row["name"].strip()
        if not PUBLIC_BUILDINGS.search(kind) or not row["lat"] or name.startswith("Former"):
            continue
        for spelled, others in NAMED_BY_KIND.get(kind, as_written)(row["name"].strip(), name):
            yield Landmark(spelled, kind.lower(), float(row["lng"]), float(row["lat"]), tuple(others))


Spelled = Iterator[tuple[str, list[str]]]


def as_written(name: str, site: str) -> Spelled:
    """The name of the site, if it tells anything."""
    if distinct(site):
        yield site, []


def library(name: str, site: str) -> Spelled:
    """ "Library Branch - Charles L. Durham": Durham Library, Durham Branch."""
    stem = re.sub(r"(?i)(free )?library( of philadelphia)?|\bregional\b|\bbranch\b|[-/]", " ", name)
    short = re.sub(r"(?i)\b(community|memorial|avenue|road|street|greater|children's)\b", " ", stem)
    person = re.search(r"\w+$", short.strip()) if re.search(r"\b[A-Z]\. |^\W*[A-Z][a-z]+ [A-Z][a-z]+$", short) else None
    stems = dict.fromkeys(" ".join(s.split()) for s in (stem, short, person[0] if person else "") if s.strip())
    names = [
        spelled
        for s in stems
        for spelled in (
            f"{s} Library",
            f"{s} Branch Library",
            f"{s} Library Branch",
            f"{s} Free Library",
            f"Free Library {s}",
            f"Free Library {s} Branch",
            f"Library Branch {s}",
        )
        if distinct(spelled)
    ]
    yield names[0] if names else name, names[1:]


def firehouse(name: str, site: str) -> Spelled:
    """Every engine and ladder of the station."""
    for unit, number in re.findall(r"(Engine|Ladder) (\d+)", name):
        yield (
            f"{unit} {number} Fire Station",
            [
                f"{unit} Company {number}",
                f"{unit} {number} Firehouse",
                f"Fire Station {unit} {number}",
                f"Fire {unit} {number}",
            ],
        )


def police(name: str, site: str) -> Spelled:
    """The district's station."""
    for number in re.findall(r"(\d+)(?:st|nd|rd|th)", name):
        nth = ordinal(int(number))
        yield (
            f"{nth} District Police Station",
            [f"{nth} Police District", f"{nth} Police Station", f"Police {nth} District", f"{nth} District Station"],
        )


def health_center(name: str, site: str) -> Spelled:
    """Health centres go by numbers."""
    for number in re.findall(r"(?:Center|Centre) (?:#|No\.? ?)?(\d+)", name)[:1]:
        yield f"Health Center {number}", [f"District Health Center {number}", f"City Health Center {number}"]


NAMED_BY_KIND: dict[str, Callable[[str, str], Spelled]] = {
    "Library Branch": library,
    "Library Regional": library,
    "Fire Station": firehouse,
    "Police Station": police,
    "Health Center": health_center,
}


def addressed(source: Path, streets: Gazetteer) -> Iterator[Landmark]:
    """Landmarks of the City's address tool, whose points come from their addresses."""
    for row in rows(source / "landmarks_to_address.csv", ["name", "address"]):
        name = title(row["name"])
        if distinct(name) and re.match(r"\d+[ -]", row["address"]) and (point := point_of(streets, row["address"])):
            yield Landmark(name, BY_ADDRESS, *point)


def unique(marks: Iterator[Landmark]) -> list[Landmark]:
    """One landmark for each name, the first that bears it; an alias that another bears as its name is left out."""
    kept: dict[tuple[str, ...], Landmark] = {}
    for mark in marks:
        kept.setdefault(name_keys(mark.name), mark)
    counts = Counter(key for keys in kept for key in set(keys))
    dull = {
        keys
        for keys, mark in kept.items()
        if mark.kind == BY_ADDRESS and all(key in GENERIC or counts[key] >= OFTEN for key in keys)
    }
    return [
        Landmark(m.name, m.kind, m.lon, m.lat, tuple(a for a in m.aliases if name_keys(a) not in kept))
        for keys, m in kept.items()
        if keys not in dull
    ]


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
