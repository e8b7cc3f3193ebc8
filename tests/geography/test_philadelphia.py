"""Finding places in the sample city, in the spellings that residents use. Texts are written for these tests."""

from __future__ import annotations

import csv
import math
import time
from pathlib import Path

import pytest

from openline.cities.loading import SAMPLE
from openline.geography.finder import find_places, geocode
from openline.geography.gazetteer import Gazetteer

CONFIDENT = 0.75


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


FOUND = [
    ("huge pothole at 13th & Market, bent my rim", "N 13th St & Market St"),
    ("gas smell and hissing at 5th and Lombard", "S 5th St & Lombard St"),
    ("broad n snyder light is out", "S Broad St & Snyder Ave"),
    ("corner of Ninth and Christian", "S 9th St & Christian St"),
    ("5th @ Lombard", "S 5th St & Lombard St"),
    ("Front/Girard", "N Front St & W Girard Ave"),
    ("second and race is flooded", "N 2nd St & Race St"),
    ("40th and walnut streets", "S 40th St & Walnut St"),
    ("tree down at 52nd and Baltimore", "S 52nd St & Baltimore Ave"),
    ("12th and South, again", "S 12th St & South St"),
    ("Torresdale and Cottman", "Torresdale Ave & Cottman Ave"),
    ("Rising Sun Ave & Tabor", "Rising Sun Ave & E Tabor Rd"),
    ("Roosevelt Blvd and Cottman ave", "E Roosevelt Blvd & Cottman Ave"),
    ("6th and Spring Garden", "N 6th St & Spring Garden St"),
    ("8th and Washington", "S 8th St & Washington Ave"),
    ("at 17th and Moore st", "S 17th St & Moore St"),
    ("N 5th st and W Lehigh Ave", "N 5th St & W Lehigh Ave"),
    ("lehigh & 5th", "W Lehigh Ave & N 5th St"),
    ("Passyunk and Tasker", "E Passyunk Ave & Tasker St"),
    ("behind the school at 48th and Woodland", "S 48th St & Woodland Ave"),
    ("Ridge Ave near Midvale", "Ridge Ave & Midvale Ave"),
    ("49 and baltimore", "S 49th St & Baltimore Ave"),
    ("Aramingo & Lehigh", "Aramingo Ave & E Lehigh Ave"),
    ("7th and Porter!!", "S 7th St & Porter St"),
    ("22nd/Diamond pls", "N 22nd St & Diamond St"),
    ("corner of JFK & 16th", "John F Kennedy Blvd & N 16th St"),
    ("semáforo apagado en 5th y Lehigh", "N 5th St & W Lehigh Ave"),
    ("THE LIGHT AT FRANKFORD AND ALLEGHENY IS OUT", "Frankford Ave & E Allegheny Ave"),
    ("pothole @ 23rd & south", "S 23rd St & South St"),
    ("on the corner of twenty-third and Tasker", "S 23rd St & Tasker St"),
    ("hit a hole on E ABINTON AVE near WINSTON RD", "E Abington Ave & Winston Rd"),
    ("2300 block of Aspen St", "2300 block of Aspen St"),
    ("1400 block of S Broad", "1400 block of S Broad St"),
    ("700 block N 2nd", "700 block of N 2nd St"),
    ("1900 blk of s 10th", "1900 block of S 10th St"),
    ("light out 1500 block tasker", "1500 block of Tasker St"),
    ("900 BLOCK MC KEAN ST", "900 block of McKean St"),
    ("dumping at 3000 Kensington Ave", "3000 Kensington Ave"),
    ("1700 s 9th", "1700 S 9th St"),
    ("my house is 1901 Vine St.", "1901 Vine St"),
    ("5400 Wayne", "5400 Wayne Ave"),
    ("tree limb hanging at 2401 south lambert street", "2401 S Lambert St"),
    ("1500 Snydre Ave", "1500 Snyder Ave"),
    ("Pine between 12th and 13th", "Pine St between S 12th St and S 13th St"),
    ("between 12th and 13th on Pine", "Pine St between S 12th St and S 13th St"),
    ("graffiti at Clark Park", "Clark Park"),
    ("30th Street Station needs cleaning", "30th Street Station"),
    ("the steps at City Hall", "City Hall"),
    ("broken swing in Malcolm X Park", "Malcolm X Park"),
    ("trash all over Rittenhouse Square", "Rittenhouse Square"),
    ("dark outside Reading Terminal Market", "Reading Terminal Market"),
]


@pytest.mark.parametrize(("text", "name"), FOUND)
def test_found_and_good_enough_to_file_on(city: Gazetteer, text: str, name: str) -> None:
    places = find_places(city, text)
    assert places and places[0].name == name
    assert places[0].confidence >= CONFIDENT
    start, end = places[0].span
    assert text[start:end]


NOT_FILED = [
    "what a game last night",
    "wait a second, there is hope",
    "the front of the house",
    "new state of the market",
    "I want a broad range of answers",
    "race to the top",
    "pothole on south st",
    "Kelly Drive is flooded",
    "1234 Broad St",
    "the 3rd and 4th quarters",
    "school starts next week",
    "spring is in the air",
    "my street is dark",
    "call me at 215 555 0143",
    "2 trees fell",
    "we waited 45 minutes for the 47 bus",
    "in Fishtown",
    "all over Kensington",
    "@philly311 fix it",
    "#Broad #Market",
    "see https://example.org/13th-and-market",
    "99999 Market St",
    "the parking garage",
    "the fire station",
    "first of all, thank you",
    "at the corner store",
    "a church and a bank",
    "42nd and Lexington in New York",
    "24 hours and 7 days",
]


@pytest.mark.parametrize("text", NOT_FILED)
def test_nothing_to_file_on(city: Gazetteer, text: str) -> None:
    sure = [p for p in find_places(city, text) if p.confidence >= CONFIDENT and p.kind not in ("street", "area")]
    assert not sure


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pothole on south st", "street"),
        ("in Fishtown", "area"),
        ("over in Strawberry Mansion", "area"),
        ("https://maps.google.com/?q=39.9526,-75.1652", "coordinates"),
        ("geo:39.9526,-75.1652", "coordinates"),
        ("39.9526, -75.1652", "coordinates"),
        ("-75.1652 39.9526", "coordinates"),
        ("https://www.openstreetmap.org/?mlat=39.9526&mlon=-75.1652", "coordinates"),
    ],
)
def test_kinds(city: Gazetteer, text: str, kind: str) -> None:
    assert find_places(city, text)[0].kind == kind


def test_an_answer_to_where_is_read_more_generously(city: Gazetteer) -> None:
    assert find_places(city, "clark park", asked=True)[0].confidence >= CONFIDENT
    assert find_places(city, "broad and snyder", asked=True)[0].confidence >= CONFIDENT


def test_a_place_knows_its_areas(city: Gazetteer) -> None:
    areas = geocode(city, "13th & Market").areas  # type: ignore[union-attr]
    assert "zip-19107" in areas
    assert any(code.startswith("council-") for code in areas)


def test_outside_the_city_is_no_place(city: Gazetteer) -> None:
    assert city.describe(40.7128, -74.0060) is None
    assert not find_places(city, "40.7128, -74.0060")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ud800",
        "1" * 10_000,
        "& " * 5000,
        "13th & " * 2000,
        "🕳" * 1000,
        "x" * 1_000_000,
        "N S E W " * 500,
        "between between and and on on",
    ],
)
def test_hostile_text(city: Gazetteer, text: str) -> None:
    began = time.perf_counter()
    find_places(city, text)
    assert time.perf_counter() - began < 2


def test_what_is_packed_is_what_was_compiled(city: Gazetteer) -> None:
    again = Gazetteer.from_bytes(city.to_bytes())
    assert len(again.streets) == len(city.streets)
    one, two = geocode(city, "1500 S Broad St"), geocode(again, "1500 S Broad St")
    assert one and two and abs(one.lat - two.lat) < 1e-4  # type: ignore[operator]


def test_real_addresses_of_the_city(city: Gazetteer, shared: Path) -> None:
    with (shared / "data/philly_geo/address_points_vacant_2024.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[::40]
    errors = []
    for row in rows:
        place = geocode(city, row["address"])
        if place and place.kind == "address" and place.lat and place.lon:
            east = (place.lon - float(row["lon"])) * math.cos(math.radians(place.lat))
            errors.append(math.hypot(east, place.lat - float(row["lat"])) * 111_320)
    assert len(errors) >= 0.97 * len(rows)
    assert sorted(errors)[len(errors) // 2] < 40
