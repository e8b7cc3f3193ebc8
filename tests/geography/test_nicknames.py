"""Short names of places, made by rule when a gazetteer is compiled, and how they are read."""

from __future__ import annotations

import pytest

from openline.cities.loading import SAMPLE
from openline.geography.finder import find_places
from openline.geography.gazetteer import AreaShape, Gazetteer, Landmark
from openline.geography.nicknames import with_nicknames

SURE = 0.75


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


def _aliases(*names: str, areas: tuple[AreaShape, ...] = (), streets: tuple[str, ...] = ()) -> set[str]:
    """The nicknames of places with these names, each a kilometre from the next."""
    marks = [Landmark(name, "landmark", 0.01 * i, 0.0) for i, name in enumerate(names)]
    found = with_nicknames(marks, areas, [tuple(street.split()) for street in streets])
    return {alias for mark in found for alias in mark.aliases}


@pytest.mark.parametrize(
    ("name", "nickname"),
    [
        ("National Liberty Museum", "liberty museum"),
        ("Independence Seaport Museum", "seaport museum"),
        ("Plays and Players Theater", "plays players"),
        ("The Rosenbach Museum", "the rosenbach"),
        ("Stephen E Fotterall Square", "fotterall square"),
        ("William Way LGBT Community Center", "william way center"),
        ("Ford PAL Recreation Center", "ford pal"),
        ("MAST Community Charter School II", "mast ii"),
        ("Mastery Charter School at Smedley", "smedley charter school"),
        ("Thomas M. Pierce Elementary School", "t m pierce school"),
        ("Saint Simon the Cyrenian Church", "st simon cyrenian"),
        ("West Oak Lane Senior Center", "west oak lane older adult center"),
        ("Fairhill Cemetery", "fairhill burial ground"),
        ("29th and Passyunk Park", "park at 29th passyunk"),
        ("Philadelphia College of Osteopathic Medicine", "pcom"),
    ],
)
def test_how_people_shorten_a_name(name: str, nickname: str) -> None:
    assert nickname in _aliases(name)


@pytest.mark.parametrize(
    ("name", "said_too_little"),
    [
        ("Chelwayne Animal Hospital", "animal hospital"),
        ("Oak Science Museum", "science museum"),
        ("Native American Church", "native church"),
        ("Organic Community Garden", "organic garden"),
        ("Saint Monica Church", "st monica"),
        ("Red Lion Shopping Center", "red lion center"),
    ],
)
def test_what_may_be_any_place_is_no_nickname(name: str, said_too_little: str) -> None:
    assert said_too_little not in _aliases(name)


def test_a_nickname_of_many_places_or_of_a_street_is_none() -> None:
    schools = [f"Smedley {kind}" for kind in ("Middle School", "High School", "Charter School", "Elementary School")]
    assert "smedley school" in _aliases(*schools[:3]), "of a few, the street or the area decides"
    assert "smedley school" not in _aliases(*schools)
    assert "merriam" in _aliases("Merriam Theater")
    assert "merriam" not in _aliases("Merriam Theater", streets=("merriam",))


def test_a_place_bears_the_other_names_of_its_area() -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    area = AreaShape("nl", "Northern Liberties", "neighborhood", ("No Libs", "Old Kensington"), square)
    found = _aliases("Northern Liberties Recreation Center", areas=(area,))
    assert "no libs recreation center" in found and "old kensington recreation center" not in found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("no libs rec center never answers the phone", "Northern Liberties"),
        ("big sinkhole near the old germantown hospital", "Germantown Hospital"),
        ("generator noise from CHOP all night", "Children's Hospital"),
        ("vernoon park's benches are broken", "Vernon Park"),
        ("ambulance blocked at HMS school on baltimore", "Hms School"),
    ],
)
def test_a_short_name_is_read(city: Gazetteer, text: str, name: str) -> None:
    place = find_places(city, text)[0]
    assert place.name.startswith(name) and place.confidence >= SURE


@pytest.mark.parametrize(
    "text",
    [
        "happy hollow-een everybody",
        "Friends hospital-ized me with laughter",
        "christ church folks knocked on my door",
        "love park rangers, they are so kind",
        "chop it down already",
        "the uptown funk guy plays his speaker all night",
    ],
)
def test_what_only_sounds_like_a_place_is_none(city: Gazetteer, text: str) -> None:
    assert not [p for p in find_places(city, text) if p.confidence >= SURE]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kelly playground in roxborough has a wasp nest", "Joseph V Kelly Memorial Playground"),
        ("mummers museum street is blocked with floats", "Mummers Museum"),
    ],
)
def test_a_name_goes_before_its_kind_and_a_street_behind_it(city: Gazetteer, text: str, name: str) -> None:
    assert find_places(city, text)[0].name.startswith(name)


def test_a_block_in_words_and_a_house_in_a_block_that_the_data_leave_out(city: Gazetteer) -> None:
    assert find_places(city, "trash on the two hundred block of brown st")[0].name == "200 block of Brown St"
    between = find_places(city, "4649 N 8th st tires dumped")[0]
    assert (between.kind, between.name) == ("address", "4649 N 8th St") and between.precision_m > 60


def test_a_house_number_on_a_bare_number(city: Gazetteer) -> None:
    assert find_places(city, "construction w no permit 3022 n 6 st")[0].name == "3022 N 6th St"
