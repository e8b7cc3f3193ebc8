"""The landmarks of the sample city, from the City's lists and our own: part of `tools/build_philadelphia.py`."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely.geometry import shape

from openline.geography.finder import geocode
from openline.geography.gazetteer import Gazetteer, Landmark
from openline.geography.lines import metres
from openline.geography.names import GENERIC, KIND_WORDS, OFTEN
from openline.geography.text import name_keys
from openline.geography.words import ordinal, title

TARGET = Path(__file__).resolve().parent.parent / "src/openline/cities/philadelphia"
SAME_PARK_M = 1_000
LARGE_ACRES = 170
BY_ADDRESS = "addressed place"
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
    points = {name_keys(park.name): (park.lon, park.lat, park.kind) for park in city_parks}
    for mark in marks:
        point = next((points[k] for k in map(name_keys, (mark.name, *mark.aliases)) if k in points), None)
        near = point is not None and metres(point, (mark.lon, mark.lat)) < SAME_PARK_M
        yield replace(mark, lon=point[0], lat=point[1], kind=point[2]) if point and near else mark


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
        others += [f"{stem} {kind}" for stem in sorted(park_stems(p["PUBLIC_NAME"], p["LABEL"])) for kind in kinds]
        size = "large park" if (facts["ACREAGE"] or 0) > LARGE_ACRES else "park"
        yield Landmark(p["PUBLIC_NAME"], size, centre.x, centre.y, tuple(dict.fromkeys(o for o in others if o)))


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


def _its_own(alias: str, mark: Landmark, kept: dict[tuple[str, ...], Landmark]) -> bool:
    """Whether nothing else of that name is meant rather: of two well-known places far apart, people mean either."""
    other = kept.get(name_keys(alias))
    if other is None:
        return True
    both = bool({"park", "large park"} & {mark.kind, other.kind}) and BY_ADDRESS not in (mark.kind, other.kind)
    return other is not mark and both and metres((mark.lon, mark.lat), (other.lon, other.lat)) > SAME_PARK_M


def unique(marks: Iterator[Landmark]) -> list[Landmark]:
    """One landmark for each name, the first that bears it, with the aliases of all.

    An alias that another bears as its name is left out.
    """
    kept: dict[tuple[str, ...], Landmark] = {}
    for mark in marks:
        first = kept.setdefault(name_keys(mark.name), mark)
        if first is not mark and metres((first.lon, first.lat), (mark.lon, mark.lat)) < SAME_PARK_M:
            aliases = tuple(dict.fromkeys((*first.aliases, *mark.aliases)))
            kept[name_keys(mark.name)] = replace(first, aliases=aliases)
    counts = Counter(key for keys in kept for key in set(keys))
    dull = {
        keys
        for keys, mark in kept.items()
        if mark.kind == BY_ADDRESS and all(key in GENERIC or counts[key] >= OFTEN for key in keys)
    }
    return [
        Landmark(m.name, m.kind, m.lon, m.lat, tuple(a for a in m.aliases if _its_own(a, m, kept)))
        for keys, m in kept.items()
        if keys not in dull
    ]
