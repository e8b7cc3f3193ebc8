"""Feeling towards the city, for insights; nothing is decided by it."""

from __future__ import annotations

import pytest

from openline.triage.assessment import Post
from openline.triage.reader import Reader
from openline.triage.sentiment import read
from openline.triage.text import words


def feeling(text: str) -> float:
    split = words(text)
    return read(split, set(split))[0]


@pytest.mark.parametrize("text", [
    "Thank you so much, the crew was great", "Kudos to the sanitation crew", "You guys are awesome",
    "thx for the quick fix", "the city did an excellent job on our street", "Gracias, excelente trabajo",
    "Love how responsive 311 is", "really impressed with the streets department", "👏 crew fixed it in a day",
    "Merci à la ville", "the inspector was polite and helpful", "Not bad at all, thanks city",
])  # fmt: skip
def test_praise_is_felt(text: str) -> None:
    assert feeling(text) > 0.2


@pytest.mark.parametrize("text", [
    "This city is a disgrace", "311 is useless", "you ignored my report again", "the mayor should be ashamed",
    "lazy department, shame on you", "your crew is incompetent", "the city never does anything, pathetic",
    "You people are a joke 🤡", "la ciudad es una vergüenza", "the city is not helpful", "worst city government ever",
    "absolutely unacceptable, council", "sick and tired of this city", "no thanks to the city",
])  # fmt: skip
def test_anger_is_felt(text: str) -> None:
    assert feeling(text) < -0.2


@pytest.mark.parametrize("text", [
    "pothole at 5th and Lehigh", "my neighbor is lazy and useless", "what an awful storm", "the light is out",
    "terrible smell on Market St", "when is trash day in the city?", "", "I love this park", "hay un bache",
])  # fmt: skip
def test_what_is_not_about_the_city_is_neutral(text: str) -> None:
    assert abs(feeling(text)) <= 0.1


def test_the_words_that_decided_are_told() -> None:
    split = words("the city is useless")
    assert read(split, set(split)) == (-0.8, ("useless",))


def test_the_reader_tells_it(reader: Reader) -> None:
    (angry,) = reader.assess([Post("1", "This city is a disgrace, the street light is out")])
    assert angry.sentiment < 0
