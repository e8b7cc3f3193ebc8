"""How well named places are found: every name of the shared open lists, in several manners of writing, in sentences.

    python tools/evaluate_names.py

A post counts as right if the best place is sure and lies within 300 m of the true point, or within the park.
Names that two places far apart bear are left out. What the City's address tool lists is placed by our own streets.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from shapely.geometry import shape

from evaluate_geography import CITY, CONFIDENT, DATA
from openline.geography.finder import find_places, geocode
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import metres
from openline.geography.names import KIND_WORDS
from openline.geography.place import Place
from openline.geography.text import name_keys
from openline.geography.words import title
from philadelphia_landmarks import features, rows

SOURCE = DATA / "philly_geo"
NEAR_M = 300.0
FRAMES = (
    "pothole at {}",
    "trash all over {}",
    "broken glass near {}, kids walk there every day",
    "streetlight out by {}",
    "someone dumped tires behind {}",
    "graffiti on the wall of {}",
    "{} has been full of needles for weeks",
    "can someone clean up {}? it's disgusting",
    "{}'s front steps are covered in graffiti",
    "Been calling about {} for a month. Nothing.",
)
SHORT = {
    "Recreation": "rec", "Center": "ctr", "Elementary": "elem", "High School": "HS", "Library": "lib", "Square": "sq",
    "Playground": "plgrd", "Saint": "St", "Mount": "Mt", "Avenue": "ave", "Street": "st", "Hospital": "hosp",
}  # fmt: skip
Named = tuple[str, str, float, float, float]
"""Source, name, longitude, latitude, and the metres within which a pin is right."""


def things(city: Gazetteer) -> Iterator[Named]:
    """Everything that bears a name in the lists."""
    for feature in features(SOURCE / "parks_ppr_properties.geojson"):
        outline, facts = shape(feature["geometry"]), feature["properties"]
        west, south, east, north = outline.bounds
        point, reach = outline.representative_point(), metres((west, south), (east, north)) / 2
        for source, column in (("parks", "PUBLIC_NAME"), ("parks' other names", "ALIAS"), ("parks' labels", "LABEL")):
            for name in (facts[column] or "").split(";"):
                yield source, name, point.x, point.y, max(NEAR_M, reach)
    for row in rows(SOURCE / "school_facilities_2013.csv"):
        lon, lat = json.loads(row["geojson"])["coordinates"]
        last, _, first = (part.strip() for part in row["facil_name"].partition(","))
        school = "" if re.search("(?i)school|high|acad|college|center|institute", last + first) else " School"
        yield "schools", f"{first} {last}{school}", lon, lat, NEAR_M
    for row in rows(SOURCE / "city_buildings_2012.csv"):
        if row["lat"]:
            yield "city buildings", row["site_name"] or row["name"], float(row["lng"]), float(row["lat"]), NEAR_M
    for row in rows(SOURCE / "landmarks_to_address.csv", ["name", "address"]):
        place = geocode(city, row["address"]) if row["address"][:1].isdigit() else None
        if place and place.kind == "address" and place.lat and place.lon:
            yield "address tool", title(row["name"]), place.lon, place.lat, NEAR_M


def manners(name: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """The name as people write it."""
    yield "as listed", name
    yield "small letters", name.lower()
    short = name
    for word, letters in SHORT.items():
        short = re.sub(rf"\b{word}\b", letters, short)
    if short != name:
        yield "abbreviated", short.lower()
    yield "hashtag", "#" + re.sub(r"\W", "", name.title())
    own = [word for word in name.split() if word.isalpha() and len(word) > 5 and word.lower() not in KIND_WORDS]
    if own:
        word = max(own, key=len)
        i = chance.randrange(1, len(word) - 1)
        slip = chance.choice((word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:]))
        yield "one letter wrong", name.replace(word, slip).lower()


def result(place: Place | None, lon: float, lat: float, reach: float) -> str:
    """Right, wrong (a sure pin elsewhere) or none."""
    sure = place and place.confidence >= CONFIDENT and place.kind not in ("street", "area")
    if not sure or place is None or place.lat is None or place.lon is None:
        return "none"
    return "right" if metres((lon, lat), (place.lon, place.lat)) <= reach else "wrong"


def main() -> None:
    """Print the shares by source and manner."""
    if not SOURCE.is_dir():
        raise SystemExit("The shared open data is not here; nothing to evaluate against.")
    city = Gazetteer.from_bytes(CITY.read_bytes())
    named: dict[tuple[str, ...], list[Named]] = defaultdict(list)
    for thing in things(city):
        named[name_keys(thing[1])].append(thing)
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for keys, same in named.items():
        if not keys or any(metres(same[0][2:4], other[2:4]) > NEAR_M for other in same):
            continue
        source, name, *point = same[0]
        chance = random.Random(name)
        for manner, written in manners(" ".join(name.split()), chance):
            places = find_places(city, chance.choice(FRAMES).format(written))
            counts[source, manner][result(places[0] if places else None, *point)] += 1
    for (source, manner), found in sorted(counts.items()):
        total = sum(found.values())
        print(f"{source}, {manner}: {total}, right {found['right'] / total:.1%}, wrong {found['wrong'] / total:.1%}")


if __name__ == "__main__":
    main()
