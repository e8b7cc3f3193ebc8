"""Phrase files: their small language, and that no phrase is out of reach of its trigger words."""

from __future__ import annotations

import random
import re

import pytest

from openline.triage.phrases import expand, load, parse
from openline.triage.text import words

FILES = ["emergencies_en.txt", "urgent.txt", "follow_up.txt", "intents.txt"]


def test_phrases_know_gaps_choices_and_options() -> None:
    section = parse(["[gas]", "words: gas", "smell ..2 (gas|propane)", "(a )?leak"]).sections["gas"]
    assert section.find("i smell a lot gas here")
    assert section.find("there is a leak")
    assert not section.find("smell one two three gas")
    assert not section.find("leaky")


def test_idiom_is_taken_out_before_the_search() -> None:
    section = parse(["[fire]", "words: fire", "not: fire (drill|sale)", "fire"]).sections["fire"]
    assert not section.find("the fire drill is at noon")
    assert section.find("the fire drill turned into a fire")


def test_a_text_without_trigger_words_need_not_be_searched() -> None:
    section = parse(["[gas]", "words: gas smell", "gas leak"]).sections["gas"]
    assert section.may_be_in({"a", "gas"})
    assert not section.may_be_in({"a", "pothole"})


def test_not_normalised_phrases_match_beginnings_of_words_and_within_han() -> None:
    section = parse(["[hurt]", "desmay", "着火"], normalised=False).sections["hurt"]
    assert section.find("una mujer desmayada")
    assert section.find("房子着火了")
    assert not section.find("undesmay")


def examples_of(pattern: str, chance: random.Random) -> str:
    """A text that matches `pattern`, an expanded phrase."""
    group = re.compile(r"\(\?:([^()]*)\)(\{0,\d+\}|[?*+])?")
    while match := group.search(pattern):
        choices = [] if (match[2] or "")[:1] in ("{", "?", "*") else match[1].split("|")
        pattern = pattern[: match.start()] + (chance.choice(choices) if choices else "") + pattern[match.end() :]
    pattern = re.sub(r"\(\?![^)]*\)|\\[bwdS][*+]?|\.\*|\^|.\?|\$|\[[^]]*\]", "", pattern)
    return " ".join(pattern.split())


@pytest.mark.parametrize("name", FILES)
def test_every_phrase_can_be_reached_by_a_trigger(name: str) -> None:
    """A phrase whose every wording lacks all trigger words of its section would never be found."""
    from importlib.resources import files

    chance, section, unreachable, person = random.Random(1), None, [], ""
    for line in (files("openline.triage") / "data" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = load(name).sections[line.strip("[] ")]
        elif line.startswith("person: "):
            person = line.removeprefix("person: ")
        elif section and line and not line.startswith(("#", "words: ", "not: ", "means: ")):
            texts = [examples_of(expand(line, person), chance) for _ in range(60)]
            unreachable += [(line[:60], text) for text in texts if not section.may_be_in(set(words(text)))][:1]
    assert not unreachable
