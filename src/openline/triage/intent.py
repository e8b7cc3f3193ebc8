"""What a post wants: request, question, feedback, chatter, abuse or spam.

A trained model gives probabilities; phrases (data/intents.txt) and what other steps found add evidence to them as
log-odds, each with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from openline.triage.assessment import INTENTS
from openline.triage.phrases import load
from openline.triage.text import HANDLE, URL
from openline.triage.text import words as split_words

NO_WORDS = "no words"
_MARKS = frozenset({URL, HANDLE, ".", "?", "!"})
_POLITE = frozenset("""_user hey hi hello ok so and but um yo good morning please , excuse me""".split())
_ASKING = frozenset(
    """what when where who which how why can could do doe did is are am will would should may has have anyone any
    que cuando donde como quien cual puedo quand ou comment quel quelle qual quando onde posso kijan kile ki
    eske где когда как кто можно сколько""".split()
)
_SERVICE_SURE, _SERVICE_LIKELY = 0.6, 0.3


class Signs(NamedTuple):
    """What other steps found that bears on the intent."""

    danger: bool = False
    placed: bool = False
    service: float = 0.0
    asks_about_status: bool = False
    not_fixed: bool = False


class Intent(NamedTuple):
    """What a post wants, how sure that is, and what rules said for it ("" if the model alone)."""

    name: str
    confidence: float
    reason: str


def read(words: Sequence[str], known: set[str], joined: str, chances: Sequence[float], signs: Signs) -> Intent:
    """The intent of a post: its words, also as a set and joined, and the model's chances in the order of `INTENTS`."""
    if all(word in _MARKS or not word[0].isalnum() for word in known):
        return Intent("chatter", 0.95, NO_WORDS)
    odds = {name: math.log(max(chance, 1e-4)) for name, chance in zip(INTENTS, chances, strict=True)}
    reasons: dict[str, tuple[float, str]] = {}
    for name, weight, reason in _evidence(words, known, joined, signs):
        odds[name] += weight
        reasons[name] = max(reasons.get(name, (0.0, "")), (weight, reason))
    best = max(odds, key=odds.__getitem__)
    total = sum(map(math.exp, odds.values()))
    return Intent(best, round(math.exp(odds[best]) / total, 4), reasons.get(best, (0.0, ""))[1])


def _evidence(words: Sequence[str], known: set[str], joined: str, signs: Signs) -> Iterator[tuple[str, float, str]]:
    """What speaks for which intent: its name, the log-odds it adds, the reason for staff."""
    said = load("intents.txt")
    named = set()
    for reason in said.find_all(joined, known):
        name, weight = said.sections[reason].means.split()
        named.add(name)
        yield name, float(weight), reason
    problem = not known.isdisjoint(_problem_words())
    if not (problem or signs.placed or signs.service >= _SERVICE_LIKELY or "request" in named):
        yield "request", -0.8, ""  # names nothing that a city deals with, no place, and asks for nothing
    if problem and (signs.placed or signs.service >= _SERVICE_SURE):
        yield "abuse", -3.0, ""  # who curses at a pothole still reports it
    if problem and signs.service >= _SERVICE_SURE:
        yield "request", 1.0, "describes a problem the city deals with"
    if signs.placed:
        yield "request", 1.0 if problem else 0.3, "names a place"
    if signs.danger:
        yield "request", 6.0, "reports danger"
    if signs.not_fixed:
        yield "request", 1.5, "says it is not fixed"
    if signs.asks_about_status:
        yield "question", 1.5, "asks how a request stands"
    if "?" in known and _begins_asking(words):
        yield "question", 0.7 if problem else 1.5, "put as a question"


@cache
def _problem_words() -> frozenset[str]:
    """Words for what is broken, dirty, blocked or dangerous (data/problems.txt)."""
    text = (files("openline.triage") / "data" / "problems.txt").read_text(encoding="utf-8")
    return frozenset(split_words(text))


def _begins_asking(words: Sequence[str]) -> bool:
    """Whether the first word that is no greeting asks."""
    return next((word for word in words if word not in _POLITE), "") in _ASKING
