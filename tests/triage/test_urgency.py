"""Emergencies: found when they are reported, and only then."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from openline.triage.assessment import Post
from openline.triage.phrases import parse
from openline.triage.reader import Reader

SET = Path(__file__).parent / "data" / "emergencies.csv"


def urgency_of(reader: Reader, *texts: str) -> list[str]:
    return [found.urgency for found in reader.assess([Post("", text) for text in texts])]


def test_emergencies_of_the_hand_made_set(reader: Reader) -> None:
    rows = list(csv.DictReader(SET.read_text(encoding="utf-8").splitlines()))
    said = [level == "emergency" for level in urgency_of(reader, *(row["text"] for row in rows))]
    wanted = [row["emergency"] == "1" for row in rows]
    both = sum(map(min, said, wanted))
    assert len(rows) >= 120
    assert both / sum(wanted) >= 0.95
    assert both / sum(said) >= 0.9


def test_danger_makes_a_request_with_its_reason(reader: Reader) -> None:
    found = reader.assess([Post("1", "I smell gas in my basement")])[0]
    assert found.intent == "request"
    assert any(reason.step == "urgency" and "smell gas" in reason.text for reason in found.reasons)


@pytest.mark.parametrize(
    ("emergency", "calm"),
    [
        ("there is a fire on my block", "there was a fire on my block last year"),
        ("I smell gas in my kitchen", "what's the number to call if I smell gas?"),
        ("a kid was hit by a car here", "before a kid is hit by a car here, put in speed bumps"),
        ("someone is trapped in the elevator", "we are trapped in traffic"),
        ("shots fired at 5th and Cambria", "flu shots at 5th and Cambria"),
        ("wires down across the street and sparking", "the cable wire is hanging low"),
        ("my house is on fire", "your playlist is on fire"),
        ("I want to kill myself", "this commute is killing me"),
    ],
)
def test_danger_and_its_harmless_twin(reader: Reader, emergency: str, calm: str) -> None:
    first, second = urgency_of(reader, emergency, calm)
    assert first == "emergency"
    assert second != "emergency"


def test_hazards_are_urgent(reader: Reader) -> None:
    assert urgency_of(reader, "loose manhole cover at 9th and Snyder", "raw sewage coming up in the street") == [
        "urgent",
        "urgent",
    ]
    assert urgency_of(reader, "graffiti on the library wall", "") == ["routine", "routine"]


@pytest.mark.parametrize(
    "text",
    [
        "my uncle keeled over by the produce stand and his lips look strange",
        "roofer dangling from the edge of the shed",
        "sparks and crackling behind the breaker panel",
        "something caught under the porch, glowing embers everywhere",
    ],
)
def test_words_that_no_phrase_knows_are_read_by_the_model(reader: Reader, text: str) -> None:
    found = reader.assess([Post("1", text)])[0]
    assert found.urgency == "emergency"
    assert found.intent == "request"


@pytest.mark.parametrize(
    "text",
    [
        "Blue Hyundai",
        "Resident parking",
        "Sinkhole on our block is filled, great job",
        "Boil water advisory after a water main break in Tulsa",
        "hear hear",
    ],
)
def test_bland_and_settled_posts_and_news_are_routine(reader: Reader, text: str) -> None:
    assert urgency_of(reader, text) == ["routine"]


def test_a_street_with_the_name_of_a_far_place_is_no_news(reader: Reader) -> None:
    here, there = urgency_of(reader, "house on fire at 2100 S Colorado St", "house on fire in Colorado")
    assert here == "emergency"
    assert there != "emergency"


@pytest.mark.parametrize(
    ("emergency", "calm"),
    [
        ("oak limb on the power lines, road is open", "oak limbs are growing into the power lines, please trim them"),
        ("wire hanging off the house in the alley", "Comcast line hanging off the house in the alley"),
        ("flooding, trees and wires", "please keep trees and wires apart when you plant"),
        ("House fire, needs board up", "house burned in 2016, needs to come down"),
        ("dad's heart stopped, we pump his chest", "my heart stopped when the bus came on time"),
        ("open manhole by the school", "they opened the manhole to clean the sewer"),
    ],
)
def test_wires_desk_notes_and_open_holes(reader: Reader, emergency: str, calm: str) -> None:
    first, second = urgency_of(reader, emergency, calm)
    assert first == "emergency"
    assert second != "emergency"


def test_a_cry_for_rescue_counts_also_when_it_is_passed_on(reader: Reader) -> None:
    cry = "RT @user: pls help, family with baby trapped on the roof at 12 Mabini St, water still rising #rescue"
    news = "Family trapped on roof by flood, rescuers on the way http://example.org/1"
    assert urgency_of(reader, cry, news) == ["emergency", "routine"]


def test_a_phrase_may_name_a_group_of_words() -> None:
    parsed = parse(["let wires: wire|power ?line", "[wires]", "means: x", "{wires} ..2 down"])
    assert parsed.find_all("powerline is down", {"powerline", "is", "down"})


@pytest.mark.parametrize("text", ["PERSON", "persona", "baby", "body", "kids please"])
def test_one_or_two_words_that_name_no_danger_are_none(reader: Reader, text: str) -> None:
    assert urgency_of(reader, text) == ["routine"]


def test_dangers_and_what_only_sounds_like_them(reader: Reader) -> None:
    """`alarms.csv`: written and measured once before anything was mended for it; here is held what was reached."""
    rows = list(csv.DictReader(SET.with_name("alarms.csv").read_text(encoding="utf-8").splitlines()))
    said = urgency_of(reader, *(row["text"] for row in rows))
    pairs = [(row["urgency"], level) for row, level in zip(rows, said, strict=True)]
    wrong = [row["text"] for row, level in zip(rows, said, strict=True) if row["urgency"] != level]
    emergencies = [level == "emergency" for wanted, level in pairs if wanted == "emergency"]
    calm = [level == "routine" for wanted, level in pairs if wanted == "routine"]
    assert sum(emergencies) / len(emergencies) >= 0.97, wrong
    assert sum(calm) / len(calm) >= 0.95, wrong
