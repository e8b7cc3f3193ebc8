"""Over a hundred posts in messy spellings: the right place of the right kind, and none where none is named."""

from __future__ import annotations

import pytest

from openline.cities.loading import SAMPLE
from openline.geography.finder import find_places
from openline.geography.gazetteer import Gazetteer
from tests.geography.posts import NOWHERE, POSTS, UNSURE

CONFIDENT = 0.75
WEAK = ("street", "area")


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.from_bytes((SAMPLE / "gazetteer.bin").read_bytes())


@pytest.mark.parametrize(("text", "kind", "name"), POSTS)
def test_the_place_that_a_post_names(city: Gazetteer, text: str, kind: str, name: str) -> None:
    best = find_places(city, text)[0]
    assert (best.kind, best.name[: len(name)]) == (kind, name)
    assert (best.confidence >= CONFIDENT) == (kind not in WEAK)
    start, end = best.span
    assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("text", NOWHERE + UNSURE)
def test_nothing_sure_enough_to_file_on(city: Gazetteer, text: str) -> None:
    assert not [p for p in find_places(city, text) if p.confidence >= CONFIDENT and p.kind not in WEAK]


def test_the_span_is_what_was_written_in_any_script(city: Gazetteer) -> None:
    for text in ("🚧🚧 gefährlich! 13th & Market 😡", "在 13th & Market 有一个大坑", "İİİ яма на 13th & Market"):
        place = find_places(city, text)[0]
        assert text[slice(*place.span)] == "13th & Market"
        assert place.confidence >= CONFIDENT


def test_a_post_with_two_places_lists_both(city: Gazetteer) -> None:
    names = {p.name for p in find_places(city, "from 1234 S Broad St to the corner of 5th and Lombard")}
    assert names == {"1234 S Broad St", "S 5th St & Lombard St"}


def test_answers_are_read_more_generously(city: Gazetteer) -> None:
    for text, name in (("Broad, Snyder", "S Broad St & Snyder Ave"), ("CHOP", "Children's Hospital of Philadelphia")):
        assert find_places(city, text, asked=True)[0].name == name
        assert not [p for p in find_places(city, f"We saw {text.lower()} and left") if p.confidence >= CONFIDENT]


def test_the_name_of_another_city_takes_the_confidence(city: Gazetteer) -> None:
    assert find_places(city, "pothole at 5th and Lombard")[0].confidence >= CONFIDENT
    assert find_places(city, "pothole at 5th and Lombard, Brooklyn")[0].confidence < CONFIDENT
    assert find_places(city, "moved from Brooklyn to Philly: pothole at 5th and Lombard")[0].confidence >= CONFIDENT
    assert find_places(city, "1500 Boston St has a pothole")[0].kind != "area"
