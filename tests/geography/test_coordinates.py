"""Coordinates and links of maps, in the forms that phones share."""

from __future__ import annotations

import pytest

from openline.cities.loading import SAMPLE
from openline.geography.finder import find_places
from openline.geography.gazetteer import Gazetteer
from openline.geography.picture import street_map


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


@pytest.mark.parametrize(
    "text",
    [
        "39.95260, -75.16350",
        "39.95260 -75.16350",
        "-75.16350, 39.95260",
        "(39.95260,-75.16350)",
        "39.95260N 75.16350W",
        "39.95260° N, 75.16350° W",
        "geo:39.95260,-75.16350?z=17",
        "39°57'09.4\"N 75°09'48.6\"W",
        "https://www.google.com/maps/@39.95260,-75.16350,17z",
        "https://maps.google.com/?q=39.95260,-75.16350",
        "https://www.google.com/maps/search/?api=1&query=39.95260%2C-75.16350",
        "https://www.google.com/maps/place/X/data=!3d39.95260!4d-75.16350",
        "https://maps.apple.com/?ll=39.95260,-75.16350",
        "https://www.openstreetmap.org/?mlat=39.95260&mlon=-75.16350#map=19",
        "http://osm.org/#map=18/39.95260/-75.16350",
        "https://waze.com/ul?ll=39.95260%2C-75.16350",
        "lat 39.95260, lon -75.16350",
        "lat 39.95260 lon -75.16350",
        "Latitude 39.95260 Longitude -75.16350",
        "N39.95260 W75.16350",
        "39°57.156'N 75°09.810'W",
        "https://www.google.com/maps/search/39.95260,+-75.16350",
        "https://www.google.com/maps?q=loc:39.95260,-75.16350",
        "https://www.google.com/maps?ll=39.95260,-75.16350&z=16",
        "https://maps.google.com/?saddr=39.90000,-75.20000&daddr=39.95260,-75.16350",
        "https://www.google.com/maps/dir/39.90000,-75.20000/39.95260,-75.16350",
        "https://www.google.com/maps/place/39%C2%B057'09.4%22N+75%C2%B009'48.6%22W/@39.9600,-75.1700,17z",
        "https://www.google.com/maps/place/X/@39.9600,-75.1700,15z/data=!3m1!4b1!8m2!3d39.95260!4d-75.16350!16s",
        "https://maps.apple.com/?q=Dropped%20Pin&ll=39.95260,-75.16350",
        "https://maps.apple.com/place?coordinate=39.95260,-75.16350&name=Marked%20Location",
        "https://www.openstreetmap.org/?mlat=39.95260&mlon=-75.16350#map=15/39.9600/-75.1700",
        "https://www.bing.com/maps?cp=39.95260~-75.16350&lvl=17",
    ],
)
def test_coordinates_in_the_forms_that_people_share(city: Gazetteer, text: str) -> None:
    place = find_places(city, f"look here {text} thanks")[0]
    assert place.kind == "coordinates" and place.confidence >= 0.9
    assert (place.lat, place.lon) == (pytest.approx(39.9526, abs=2e-4), pytest.approx(-75.1635, abs=2e-4))
    assert place.name and place.areas


def test_a_link_is_one_place(city: Gazetteer) -> None:
    link = "https://www.google.com/maps/place/City+Hall/@39.9600,-75.1700,15z/data=!3d39.95260!4d-75.16350"
    assert [(p.kind, p.lat) for p in find_places(city, link)] == [("coordinates", 39.9526)]


@pytest.mark.parametrize(
    "text",
    ["///filled.count.soap", "https://what3words.com/filled.count.soap", "https://maps.app.goo.gl/AbCdEf", "XR3P+2J"],
)
def test_what_tells_nothing_by_itself(city: Gazetteer, text: str) -> None:
    assert find_places(city, f"pothole right here {text}") == []


@pytest.mark.parametrize(
    "text",
    [
        "40.7128, -74.0060",
        "version 1.2345, 6.7890",
        "0.000, 0.000",
        "999.123, 999.456",
        "$39.952, 75.163 miles? no",
    ],
)
def test_numbers_that_are_no_point_in_the_city(city: Gazetteer, text: str) -> None:
    found = [p for p in find_places(city, text) if p.kind == "coordinates"]
    assert not found or "39.952" in text


def test_a_link_that_asks_for_a_name(city: Gazetteer) -> None:
    text = "it is here: https://www.google.com/maps/search/5th+and+Lombard,+Philadelphia"
    place = find_places(city, text)[0]
    assert place.name == "S 5th St & Lombard St"
    assert text[slice(*place.span)].startswith("https://")


def test_the_middle_of_a_map_is_only_near_what_the_link_names(city: Gazetteer) -> None:
    found = find_places(city, "https://www.openstreetmap.org/search?query=13th%20and%20Market#map=18/39.9600/-75.1700")
    assert found[0].name == "N 13th St & Market St" and found[1].kind == "coordinates" and found[1].confidence < 0.75


def test_a_picture_of_the_streets_around_a_point(city: Gazetteer) -> None:
    picture = street_map(city, 39.9526, -75.1635)
    assert len(picture.lines) > 10
    assert any(label.text == "Market St" for label in picture.labels)
