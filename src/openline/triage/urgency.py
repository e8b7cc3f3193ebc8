"""How urgent a post is. Danger to life is found by phrases, tuned for recall, with a model behind them.

An idiom, a negation, something long over, news from elsewhere and a question in general ("who do I call about a gas
leak?") are no emergencies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from openline.triage import foreign_dangers
from openline.triage.phrases import Phrase, Section, load
from openline.triage.text import words as split_words

MODEL_ALONE = 0.85
"""From this probability on, the model alone makes an emergency of a post with words of danger."""
MODEL_DENIES = 0.003
"""Below this probability, the model makes of an emergency that an English phrase found something merely urgent."""
MODEL_URGENT = 0.45
"""From this probability on (urgent or emergency), the model alone makes a post with words of hazard urgent."""
MODEL_PERMITS = {"urgent": 0.0, "perhaps": 0.01}
"""Below this probability of urgent or emergency, the phrases of these sections of urgent.txt do not count."""
UNDENIED = ("electric wires", "gas")
"""Kinds of danger that no model denies: nobody can see whether a fallen wire is live, or where gas comes from."""
INTENDED = "intended"
"""Kinds of danger that are one already when they are thought of: suicide."""
_NEAR = 40
_LAUGHING = re.compile("[😂🤣💀😆😜😹]")


@dataclass(frozen=True, slots=True)
class Urgency:
    """How urgent, and why in words for staff ("" for routine)."""

    level: str
    reason: str


def read(text: str, words: Sequence[str], known: set[str], language: str, chances: Sequence[float]) -> Urgency:
    """The urgency of a post: its text, words, their set, and the model's chances of routine, urgent, emergency."""
    if not known:
        return Urgency("routine", "")
    danger = find_danger(text, words, known, language)
    certain = danger.startswith(UNDENIED) or chances[2] >= MODEL_DENIES
    if danger and (certain or foreign_dangers.find(text, known, language)):
        return Urgency("emergency", f"danger to life: {danger}")
    alone = chances[2] >= MODEL_ALONE and language == "en" and _may_be_danger(known)
    sure = alone and not any(map(_doubtful, _sentences(" ".join(words))))
    if sure and not _joking(text, words) and not _news(words, known):
        return Urgency("emergency", "reads like danger to life")
    return _urgent(words, known, max(chances[1] + chances[2], 1.0 if danger else 0.0))


def _may_be_danger(known: set[str]) -> bool:
    """Whether a post has any word of hazard or of danger to life."""
    return not known.isdisjoint(hazards()) or bool(load("emergencies_en.txt").triggered(known))


def find_danger(text: str, words: Sequence[str], known: set[str], language: str = "") -> str:
    """The danger to life that a post reports, with its words ('gas (“smell gas”)'); "" if none."""
    tried = load("emergencies_en.txt").triggered(known)
    joined = " ".join(words) if tried else ""
    sentences = list(_sentences(joined))
    for danger, phrase in tried:
        told = _told(danger, phrase, sentences) if phrase.may_be_within(joined) else ""
        if told:
            if _joking(text, words) or _news(words, known):
                break
            return f"{danger.name} (“{told}”)"
    return foreign_dangers.find(text, known, language)


def _urgent(words: Sequence[str], known: set[str], chance: float) -> Urgency:
    """Urgent or routine: phrases count for more than the model, but not against it."""
    joined = " ".join(words)
    for name, section in load("urgent.txt").sections.items():
        match = section.find(joined, known) if chance >= MODEL_PERMITS[name] else None
        if match:
            return Urgency("urgent", f"“{match.group().strip()}”")
    if chance >= MODEL_URGENT and not known.isdisjoint(hazards()):
        return Urgency("urgent", "reads like something that cannot wait")
    return Urgency("routine", "")


@cache
def hazards() -> frozenset[str]:
    """Words for what can hurt people or cut them off (data/hazards.txt)."""
    text = (files("openline.triage") / "data" / "hazards.txt").read_text(encoding="utf-8")
    return frozenset(split_words(text))


def _joking(text: str, words: Sequence[str]) -> bool:
    """Whether a post laughs, or passes on somebody else's post."""
    if words[0] == "rt" or (not text.isascii() and _LAUGHING.search(text)):
        return True
    return bool(load("emergency_doubts.txt").sections["joke"].find(" ".join(words), set(words)))


def _news(words: Sequence[str], known: set[str]) -> bool:
    """Whether any sentence of a post passes on news or a dispatch; what a desk notes of a call is neither."""
    doubts, joined = load("emergency_doubts.txt").sections, " ".join(words)
    return doubts["news"].find(joined, known) is not None and doubts["desk"].find(joined, known) is None


def _sentences(joined: str) -> Iterator[str]:
    """The sentences of a text given as words, joined; exclamation marks stay within."""
    return filter(None, map(str.strip, joined.replace("?", ".").split(".")))


def _told(danger: Section, phrase: Phrase, sentences: Sequence[str]) -> str:
    """The words that report a danger in any of the sentences; "" if none does."""
    for sentence in sentences:
        match = danger.search(phrase, sentence)
        if match and not (_doubtful(sentence, danger.means) or _feared(match, danger.means)):
            return match.group().strip()
    return ""


def _doubtful(sentence: str, kind: str = "") -> bool:
    """Whether a sentence speaks of danger that is absent, over, elsewhere or, unless `INTENDED`, in general."""
    known = set(sentence.split())

    def speaks_of(name: str) -> bool:
        return load("emergency_doubts.txt").sections[name].find(sentence, known) is not None

    if speaks_of("negated") or (speaks_of("told") and not speaks_of("desk")):
        return True
    if speaks_of("over") and not speaks_of("ongoing"):
        return True
    return kind != INTENDED and speaks_of("in general") and not speaks_of("here")


def _feared(match: re.Match[str], kind: str) -> bool:
    """Whether the words just before a find make it something that may come ("before somebody is hit by a car")."""
    if kind == INTENDED:
        return False
    before = match.string[: match.start()][-_NEAR:].strip()
    return load("emergency_doubts.txt").sections["feared"].find(before, set(before.split())) is not None
