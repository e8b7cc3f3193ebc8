"""Places by their names: of one word, misspelled, in Spanish, too wide to file on, or the area around."""

from __future__ import annotations

import pytest

from openline.cities.loading import SAMPLE
from openline.geography.finder import find_places
from openline.geography.gazetteer import Gazetteer

SURE = 0.75


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("fireworks at capitolo", "Capitolo Playground"),
        ("glass all over in front of ikea", "IKEA"),
        ("trash at pennypak creek on the delaware", ""),
        ("needles by rittenhouse sqare", "Rittenhouse Square"),
        ("swing broken at Markwerd playground", "Markward Playground"),
        ("basura frente a la biblioteca Lovett", "Lovett Memorial Library"),
        ("hay un bache cerca de la escuela Penn Alexander", "Penn Alexander School"),
    ],
)
def test_names_as_people_write_them(city: Gazetteer, text: str, name: str) -> None:
    sure = [place.name for place in find_places(city, text) if place.confidence >= SURE and place.kind == "landmark"]
    assert [found[: len(name)] for found in sure] == ([name] if name else [])


@pytest.mark.parametrize(
    "text",
    ["Drexel won last night", "Masterman said so", "a quote from Einstein", "I read Temple news", "capitolo is a name"],
)
def test_a_name_of_one_word_alone_is_no_place(city: Gazetteer, text: str) -> None:
    assert not [p for p in find_places(city, text) if p.confidence >= SURE and p.kind == "landmark"]


def test_a_park_of_many_acres_is_no_place_to_send_a_crew_to(city: Gazetteer) -> None:
    park = find_places(city, "tree down in Pennypack Park")[0]
    assert park.kind == "landmark" and park.confidence < SURE and park.precision_m > 500
    assert find_places(city, "in FDR Park", asked=True)[0].confidence >= SURE, "whoever was asked means all of it"


@pytest.mark.parametrize("text", ["dumping all over the hunting park neighborhood", "cars stolen, Fitler Square area"])
def test_a_word_behind_it_makes_an_area_of_a_park(city: Gazetteer, text: str) -> None:
    assert {place.kind for place in find_places(city, text)} == {"area"}


def test_beside_a_park_is_not_in_its_neighbourhood(city: Gazetteer) -> None:
    at, within = (find_places(city, f"potholes {word} Fitler Square")[0] for word in ("at", "in"))
    assert (at.kind, at.confidence >= SURE) == ("landmark", True)
    assert within.confidence < SURE


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("graffiti on Clark Park's benches", "Clark Park"),
        ("swings gone at cione plgrd", "Cione"),
        ("broken lock at Danil Boyle rec center", "Daniel Boyle"),
        ("lights out by the pratt librray", ""),
        ("dumping behind Frankford High", "Frankford High School"),
        ("no lights on the stairs of the berks el stop", "Berks Station"),
        ("pothole at carroll park", "Carroll Park"),
    ],
)
def test_names_with_a_slip_possessive_or_abbreviated(city: Gazetteer, text: str, name: str) -> None:
    best = next((place for place in find_places(city, text) if place.kind == "landmark"), None)
    assert (best.name[: len(name)] if best else "") == name


@pytest.mark.parametrize("text", ["in Strawberry Mansion", "all over Logan Square", "noise in cedar park at night"])
def test_within_a_name_that_is_both_is_the_neighbourhood(city: Gazetteer, text: str) -> None:
    assert find_places(city, text)[0].kind == "area"


@pytest.mark.parametrize("text", ["city hall does not care", "eastern state of mind", "going to the zoo tomorrow"])
def test_everyday_words_at_the_beginning_or_behind_to_are_no_place_to_file_on(city: Gazetteer, text: str) -> None:
    assert not [place for place in find_places(city, text) if place.confidence >= SURE]


def test_a_word_of_one_kind_behind_a_name_of_one_word_makes_another_place_of_it(city: Gazetteer) -> None:
    assert not [p for p in find_places(city, "ice at Capitolo Station") if p.confidence >= SURE]


@pytest.mark.parametrize(
    ("text", "name", "sure"),
    [
        ("so dirty #ClarkPark #philly", "Clark Park", True),
        ("why is it dark #30thStreetStation", "30th Street Station", True),
        ("pool closed again #fishtownreccenter", "Fishtown Recreation Center", True),
        ("#CityHall is dark", "City Hall", False),
        ("pothole at 13th and Pine #ClarkPark", "S 13th St & Pine St", True),
        ("worst week ever #mood #4thofJuly", "", False),
    ],
)
def test_a_hashtag_names_a_place_where_the_words_do_not(city: Gazetteer, text: str, name: str, sure: bool) -> None:
    best = next(iter(find_places(city, text)), None)
    assert (best.name if best else "", bool(best and best.confidence >= SURE)) == (name, sure)
    assert not best or name in ("", "S 13th St & Pine St") or text[slice(*best.span)].startswith("#")


def test_a_field_that_any_place_has_is_none(city: Gazetteer) -> None:
    assert not [p for p in find_places(city, "dark at the athletic field") if p.confidence >= SURE]


@pytest.mark.parametrize(
    ("text", "name", "sure"),
    [
        ("abandoned rv at the walmart on columbus blvd", "Walmart Columbus Blvd", True),
        ("fight at the walmart", "Walmart", False),
        ("swing broken at Mitchell Playground", "", False),
        ("no heat at myers rec in Kingsessing", "Francis J Myers Recreation Center", True),
    ],
)
def test_a_street_or_an_area_decides_between_namesakes(city: Gazetteer, text: str, name: str, sure: bool) -> None:
    best = find_places(city, text)[0]
    assert best.name.startswith(name) and (best.confidence >= SURE) == sure
    assert sure != bool(best.alternatives)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rats by the library on Torresdale Ave", "Tacony Library"),
        ("the library in Lawncrest has no heat", "Lawncrest Library"),
        ("we need a library in Lawncrest", ""),
        ("leak at the library on Frankford Ave", ""),
    ],
)
def test_the_only_one_of_its_kind_on_a_street_or_in_an_area(city: Gazetteer, text: str, name: str) -> None:
    sure = [place.name for place in find_places(city, text) if place.confidence >= SURE]
    assert sure == ([name] if name else [])


@pytest.mark.parametrize("text", ["graffiti on the wall of Cione", "trash across from ferko", "glass next to Cione"])
def test_a_name_of_one_word_beside_which_something_is(city: Gazetteer, text: str) -> None:
    assert find_places(city, text)[0].confidence >= SURE


def test_the_owner_of_something_is_as_sure_as_the_name_alone(city: Gazetteer) -> None:
    assert not [place for place in find_places(city, "city hall's a joke") if place.confidence >= SURE]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("no plow in Strawbery Mansion", "Strawberry Mansion"),
        ("trash all over, from end to end of kensignton", "Kensington"),
        ("potholes in Germantown East", "Germantown East"),
        ("Juniata Park is full of rats", "Juniata Park"),
        ("trash in the kichen", ""),
    ],
)
def test_neighbourhoods_turned_round_misspelled_or_named_like_a_park(city: Gazetteer, text: str, name: str) -> None:
    found = find_places(city, text)
    assert ([(place.kind, place.name) for place in found[:1]]) == ([("area", name)] if name else [])
