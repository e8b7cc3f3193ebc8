"""Phrase files: their small language, and that no phrase is out of reach of the words it needs."""

from __future__ import annotations

import random
import re
from importlib.resources import files

import pytest

from openline.triage import foreign_dangers
from openline.triage.candidates import Together
from openline.triage.phrases import expand, load, parse, sections_of
from openline.triage.text import words
from openline.triage.triggers import needs

FILES = ["emergencies_en.txt", "emergency_doubts.txt", "urgent.txt", "follow_up.txt", "intents.txt"]


def found(lines: list[str], text: str) -> bool:
    section = next(iter(parse(lines).sections.values()))
    return section.find(text, set(text.split())) is not None


def test_phrases_know_gaps_choices_and_options() -> None:
    lines = ["[gas]", "smell ..2 (gas|propane)", "(a )?leak"]
    assert found(lines, "i smell a lot gas here")
    assert found(lines, "there is a leak")
    assert not found(lines, "smell one two three gas")
    assert not found(lines, "leaky")


def test_idiom_is_taken_out_before_the_search() -> None:
    lines = ["[fire]", "not: fire (drill|sale)", "fire"]
    assert not found(lines, "the fire drill is at noon")
    assert found(lines, "the fire drill turned into a fire")


def test_people_are_named_once_for_all_phrases() -> None:
    lines = ["person: man|woman", "[hurt]", "{person} ..2 collapsed"]
    assert found(lines, "an old man just collapsed")
    assert not found(lines, "the market collapsed")


def test_all_sections_are_found_by_name_with_what_they_mean() -> None:
    file = parse(["[thanks]", "means: feedback 2.0", "thank", "[asks]", "how do"])
    assert set(file.find_all("thank you how do i", {"thank", "how", "do"})) == {"thanks", "asks"}
    assert file.sections["thanks"].means == "feedback 2.0"


def test_phrases_asked_together_are_those_asked_one_by_one() -> None:
    files = [load("emergencies_en.txt"), load("intents.txt")]
    parts = [*(file.candidates for file in files), *(s.candidates for f in files for s in f.sections.values())]
    text = "please help there is a gas leak and smoke in the house when will someone come".split()
    apart = [list(part.among(set(text))) for part in parts]
    known = Together(parts).known(text)
    assert known == set(text)
    assert [list(part.among(known)) for part in parts] == apart
    assert sum(map(len, apart)) > 3


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("smell ..2 (gas|propane)", {"smell"}),
        ("(the )?gas leak", {"gas"}),
        ("kill(ing)? (me|us)", {"kill", "killing"}),
        ("huge sink ?hole", {"huge"}),
        ("sink ?hole", {"sink", "sinkhole"}),
        ("(call|send) ..1 911", {"911"}),
        ("(call|send) ..1 911(?! (call|operator))", {"911"}),
        (r"electrocut\w+", set()),
    ],
)
def test_the_first_need_are_the_rarest_words_that_cannot_be_missing(phrase: str, expected: set[str]) -> None:
    assert next(iter(needs(phrase)), set()) == expected


def test_a_phrase_needs_a_word_of_each_part() -> None:
    assert needs("(the )?smell ..2 (gas|propane) here") == ({"smell"}, {"gas", "propane"}, {"here"})


def example_of(pattern: str, chance: random.Random) -> str:
    """A text that matches `pattern`, an expanded phrase: choices by chance, nothing that is optional."""
    group = re.compile(r"\(\?:([^()]*)\)(\{0,\d+\}|[?*+])?")
    pattern = re.sub(r"\(\?![^()]*(?:\([^()]*\)[^()]*)*\)|\\[bwdS][*+]?|\.\*|\^|\$|\[[^]]*\]", "", pattern)
    while match := group.search(pattern):
        choices = [""] if (match[2] or "")[:1] in ("{", "?", "*") else match[1].split("|")
        pattern = pattern[: match.start()] + chance.choice(choices) + pattern[match.end() :]
    return " ".join(re.sub(r".\?", "", pattern).split())


@pytest.mark.parametrize("name", FILES)
def test_every_phrase_can_be_reached(name: str) -> None:
    """A phrase with a wording that lacks what it needs would be missed in that wording."""
    chance, unreachable = random.Random(1), []
    sections = sections_of((files("openline.triage") / "data" / name).read_text(encoding="utf-8").splitlines())
    person = "|".join(sections.pop("", {}).get("person", ["somebody"]))
    for lines in sections.values():
        for phrase in lines["phrase"]:
            texts = [example_of(expand(phrase, person), chance) for _ in range(60)]
            short = [text for text in texts if any(some.isdisjoint(text.split()) for some in needs(phrase))]
            unreachable += [(phrase, text) for text in short[:1]]
    assert not unreachable


def test_phrases_may_be_written_in_the_plural() -> None:
    assert found(["[trees]", "(fallen|dead) trees"], " ".join(words("Dead trees everywhere")))


@pytest.mark.parametrize(
    ("text", "language", "danger"),
    [
        ("Una mujer desmayada en la parada", "es", "hurt"),
        ("房子着火了", "zh", "fire"),
        ("Сильно пахнет газом", "ru", "gas"),
        ("Ayer hubo un incendio en la cuadra", "es", ""),
        ("Hay mucha basura", "es", ""),
    ],
)
def test_danger_in_other_languages(text: str, language: str, danger: str) -> None:
    said = foreign_dangers.find(text, set(words(text)), language)
    assert said.startswith(danger) if danger else said == ""
