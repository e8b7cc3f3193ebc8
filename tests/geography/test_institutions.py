"""Names that stand for an institution are not pinned; the same names as places are."""

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
    "text",
    [
        "City Hall doesn't really care about our block",
        "City Hall should answer the phone for once",
        "my sister works at CHOP and says the bus is always late",
        "got a degree at La Salle University and still cannot read this bill",
        "a letter from City Hall about my taxes",
        "the Philadelphia Zoo membership page is broken",
        "Hey City Hall, wake up",
        "my dad was a janitor at City Hall for 30 years",
        "this pothole is older than the Liberty Bell",
        "my kitchen looks like Eastern State Penitentiary, help",
    ],
)
def test_an_institution_is_no_place(city: Gazetteer, text: str) -> None:
    assert not any(place.confidence >= SURE for place in find_places(city, text)), text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Clark Park needs to be cleaned", "Clark Park"),
        ("Vare rec doesn't have a working light", "George A Vare Recreation Center"),
        ("no crossing guard at Clark Park", "Clark Park"),
        ("lights out at Burholme Park", "Burholme Park"),
        ("rocks thrown off the roof of Stetson middle school", "John B. Stetson Charter School"),
        ("road work at Clark Park all night", "Clark Park"),
        ("looks like Clark Park is flooded again", "Clark Park"),
        ("the hose in liberty lands community garden is gushing", "Liberty Lands Park"),
        ("trash under the el at Somerset", "Somerset Station"),
        ("carts all over the walmart on columbus blvd", "Walmart Columbus Blvd"),
        ("broken swing at smith playground in strawberry mansion", "Smith Memorial Playground"),
        ("no hay luz en el centro recreativo Vare", "George A Vare Recreation Center"),
        ("raccoons in the attic at cw henry school", "Charles W Henry School"),
    ],
)
def test_the_same_words_about_a_place_are_pinned(city: Gazetteer, text: str, name: str) -> None:
    best = find_places(city, text)[0]
    assert (best.name, best.confidence >= SURE) == (name, True)
