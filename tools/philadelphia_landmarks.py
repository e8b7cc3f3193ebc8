"""The landmarks of the sample city, from the City's lists and our own: part of `tools/build_philadelphia.py`."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely.geometry import shape

from openline.geography.finder import geocode
from openline.geography.gazetteer import Gazetteer, Landmark
from openline.geography.lines import metres
from openline.geography.names import GENERIC, OFTEN
from openline.geography.text import name_keys
from openline.geography.words import ordinal, title
from philadelphia_names import (
    asset_names,
    church_names,
    distinct,
    found_by_kind,
    park_names,
    school_names,
    shop_names,
    station_names,
)

TARGET = Path(__file__).resolve().parent.parent / "src/openline/cities/philadelphia"
SAME_PARK_M = 1_000
SAME_PLACE_M = 150
LARGE_ACRES = 170
BY_ADDRESS = "addressed place"
PARTS = re.compile("Shed|Restrooms|Garage|Fuel|Trailers|Storage|Generator|Parking|Warehouse|Stands|Yard|Concessions")
"""Kinds of buildings by which nobody says where something is."""


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
    city_parks = [park for park in parks(source) if streets.inside(park.lat, park.lon)]
    known = list(at_their_parks(well_known(streets), city_parks))
    known += no_streets(city_parks, streets)
    known += no_streets(schools(source), streets)
    known += city_buildings(source)
    known += markets(source)
    known += addressed(source, streets)
    yield from known
    yield from other_names(source, known)


def no_streets(marks: Iterable[Landmark], streets: Gazetteer) -> Iterator[Landmark]:
    """The landmarks without aliases of one word that are a street's or an area's: "near Belfield" is the avenue."""
    names = streets.names
    for mark in marks:
        kept = [
            a for a in mark.aliases if " " in a or not {*name_keys(a)} & (names.streets.keys() | names.areas.keys())
        ]
        yield replace(mark, aliases=tuple(kept))


def markets(source: Path) -> Iterator[Landmark]:
    """Farmers markets, and the farms among them."""
    for row in rows(source / "farmers_markets.csv"):
        name = re.sub(r"\s*\(.*|- .*|!", "", row["NAME"])
        market = name if re.search(r"(?i)market$", name) else f"{name} Farmers Market"
        if "&" in name or " and " in name or not distinct(market):
            continue
        others = [name] if re.search(r"Farm|Piazza|Greensgrow", name) and distinct(f"{name} farm") else []
        yield Landmark(market, "market", float(row["LON"]), float(row["LAT"]), tuple(o for o in others if o != market))


def well_known(streets: Gazetteer) -> Iterator[Landmark]:
    """The list of well-known places, by their points or by an address that the streets resolve."""
    listed = list(rows(TARGET / "landmarks.csv"))
    shops = [row["name"] for row in listed if row["kind"] == "shop"]
    for row in listed:
        point = (float(row["lon"]), float(row["lat"])) if row["lon"] else point_of(streets, row["address"])
        if point is None:
            print(f"landmarks.csv: {row['name']}: no such address: {row['address']}", file=sys.stderr)
            continue
        others = (*row["aliases"].split(";"), *station_names(row["name"], row["kind"]))
        if row["kind"] == "shop":
            others += tuple(shop_names(row["name"], row["address"], shops))
        yield Landmark(row["name"], row["kind"], *point, tuple(dict.fromkeys(o for o in others if o)))


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


def parks(source: Path) -> Iterator[Landmark]:
    """Parks, playgrounds and recreation centres with the short names that people use."""
    listed = features(source / "parks_ppr_properties.geojson")
    own = {name_keys(feature["properties"]["PUBLIC_NAME"]) for feature in listed}
    for feature in listed:
        facts = feature["properties"]
        p = {key: (facts[key] or "").strip() for key in ("PUBLIC_NAME", "OFFICIAL_NAME", "LABEL", "ALIAS", "PPR_USE")}
        centre = shape(feature["geometry"]).representative_point()
        others = park_names(p, [part.strip() for part in p["ALIAS"].split(";")])
        others = [other for other in others if name_keys(other) not in own]
        size = "large park" if (facts["ACREAGE"] or 0) > LARGE_ACRES else "park"
        yield Landmark(p["PUBLIC_NAME"], size, centre.x, centre.y, tuple(others))


def schools(source: Path) -> Iterator[Landmark]:
    """Schools; "Dobson, James" is James Dobson School, and Dobson Elementary for short."""
    for row in rows(source / "school_facilities_2013.csv"):
        lon, lat = json.loads(row["geojson"])["coordinates"]
        name, *others = school_names(row["facil_name"], row["grade_leve"])
        yield Landmark(name, "school", lon, lat, tuple(others))


def city_buildings(source: Path) -> Iterator[Landmark]:
    """Libraries, fire and police stations, health centres and other public buildings."""
    subtypes = {row["CODE"]: row["DESCRIPTION"] for row in rows(source / "city_buildings_subtypes.csv")}
    for row in rows(source / "city_buildings_2012.csv"):
        kind = subtypes.get(row["asset_subtype"], "")
        name = row["site_name"].strip() or row["name"].strip()
        if not row["lat"] or row["name"].startswith("Former") or PARTS.search(kind):
            continue
        spell = NAMED_BY_KIND.get(kind, as_written)
        for spelled, others in spell(row["name"].strip(), name):
            yield Landmark(spelled, kind.lower(), float(row["lng"]), float(row["lat"]), tuple(others))


Spelled = Iterator[tuple[str, list[str]]]


def as_written(name: str, site: str) -> Spelled:
    """The names of the thing and of its site, if they tell anything."""
    for spelled in (asset_names(name), asset_names(site) if site != name else []):
        if spelled:
            yield spelled[0], spelled[1:]


def library(name: str, site: str) -> Spelled:
    """ "Library Branch - Charles L. Durham": Durham Library, Durham Branch."""
    stem = re.sub(r"(?i)(free )?library( of philadelphia)?|\bregional\b|\bbranch\b|[-/]", " ", name)
    short = re.sub(r"(?i)\b(community|memorial|avenue|road|street|greater|children's)\b", " ", stem)
    last = re.search(r"\w+$", short.strip())
    person = (
        last
        if last
        and last[0].lower() not in {"lane", "park", "oak", "hill"}
        and re.search(r"\b[A-Z]\. |^\W*[A-Z][a-z]+ [A-Z][a-z]+$", short)
        else None
    )
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
        if distinct(spelled) or len(name_keys(s)) > 1
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
        name = re.sub(r"(?i)\ba\.m\.e\.", "AME", title(row["name"]))
        named = distinct(name) or found_by_kind(name)
        if named and re.match(r"\d+[ -]", row["address"]) and (point := point_of(streets, row["address"])):
            yield Landmark(name, BY_ADDRESS, *point, tuple(church_names(name)))


def other_names(source: Path, known: list[Landmark]) -> Iterator[Landmark]:
    """Names that the City's address tool gives to places whose points we know under another name."""
    points = {name_keys(name): mark for mark in reversed(known) for name in (*reversed(mark.aliases), mark.name)}
    for row in rows(source / "landmarks_to_address.csv", ["name", "address"]):
        mark = points.get(name_keys(row["address"]))
        name = title(row["name"])
        if mark and name_keys(name) not in points and distinct(name):
            yield replace(mark, aliases=(name,))


def _its_own(alias: str, mark: Landmark, kept: dict[tuple[str, ...], Landmark]) -> bool:
    """Whether nothing else of that name is meant rather: of two well-known places far apart, people mean either."""
    other = kept.get(name_keys(alias))
    if other is None or other is mark:
        return other is None
    apart = metres((mark.lon, mark.lat), (other.lon, other.lat))
    both = bool({"park", "large park"} & {mark.kind, other.kind}) and BY_ADDRESS not in (mark.kind, other.kind)
    return apart < SAME_PLACE_M or (both and apart > SAME_PARK_M)


def unique(marks: Iterator[Landmark]) -> list[Landmark]:
    """One landmark for each name, the first that bears it, with the aliases of all; of churches and shops each.

    An alias that another bears as its name is left out.
    """
    kept: dict[tuple[str, ...], Landmark] = {}
    namesakes: list[Landmark] = []
    for mark in marks:
        first = kept.setdefault(name_keys(mark.name), mark)
        if first is mark:
            continue
        if metres((first.lon, first.lat), (mark.lon, mark.lat)) < SAME_PARK_M:
            aliases = tuple(dict.fromkeys((*first.aliases, *mark.aliases)))
            kept[name_keys(mark.name)] = replace(first, aliases=aliases)
        elif first.kind == mark.kind == BY_ADDRESS:
            namesakes.append(mark)
    counts = Counter(key for keys in kept for key in set(keys))
    dull = {
        keys
        for keys, mark in kept.items()
        if mark.kind == BY_ADDRESS
        and len(keys) < 3
        and all(key in GENERIC or counts[key] >= OFTEN for key in keys)
        and not found_by_kind(mark.name)
    }
    return [
        Landmark(m.name, m.kind, m.lon, m.lat, tuple(a for a in m.aliases if _its_own(a, m, kept)))
        for keys, m in (*kept.items(), *((name_keys(m.name), m) for m in namesakes))
        if keys not in dull
    ]
