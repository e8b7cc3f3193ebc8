"""How urgent a post is. Danger to life is found by phrases, tuned for recall, with a model behind them.

An idiom, a negation, something long over, news from elsewhere and a question in general ("who do I call about a gas
leak?") are no emergencies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from openline.foundation.memo import Memo
from openline.triage import foreign_dangers
from openline.triage.concepts import concepts_of_pair, concepts_of_word, known_pairs
from openline.triage.language import detect
from openline.triage.phrases import Phrase, Section, load
from openline.triage.text import HANDLE, URL, readable
from openline.triage.text import words as split_words

MODEL_ALONE = 0.55
"""From this probability on, the model alone makes an emergency: missing one is about twice as bad as a false alarm."""
MODEL_ALONE_UNNAMED = 0.8
"""The same where no word names a danger ("dad's heart stopped")."""
MODEL_ALONE_SHORT = 0.9
"""The same for fewer words than `SHORT`: they tell a model little ("stroke of genius", "shoes on wire")."""
SHORT = 5
LEAST_UNNAMED = 3
"""Fewer words than that tell a model nothing, unless one names a danger: "PERSON" asks for somebody at the desk."""
MODEL_DENIES = 0.05
"""Below this probability, the model makes of an emergency that an English phrase found something merely urgent."""
MODEL_DOUBTS = {"collapse": 0.15}
"""The same for kinds of danger that mostly threaten: what has fallen in endangers nobody who is not in it."""
MODEL_DISMISSES = 0.03
"""Below this probability of urgent or emergency, it makes something routine of it."""
MODEL_URGENT = 0.5
"""From this probability on (urgent or emergency), the model alone makes a post urgent."""
MODEL_PERMITS = {"urgent": 0.0, "perhaps": 0.1, "said": 0.15}
"""Below this probability of urgent or emergency, English phrases of these sections of urgent.txt do not count."""
TALK_WITH_LINK = 0.5
"""From this probability of talk on, a post with a link that addresses nobody passes on news, whatever it says."""
MODEL_TALKS = 0.7
"""From this probability of talk, question, thanks or advertisement on, the model alone makes nothing urgent."""
TALK_ABOUT_DANGER = 0.9
"""From this probability of talk on, a post only speaks of danger, unless the model sees one itself."""
MODEL_BELIEVES = 0.5
"""From this probability on, the model sees danger in talk too."""
CRIES = ("call for help", "suicide")
"""Kinds of danger of which people speak as in talk."""
UNDENIED = ("electric wires", "gas", "open manhole")
"""Kinds of danger that no model denies: they look harmless to who does not know them."""
PERILS = frozenset(
    """fire smoke gas monoxide wires shock fell loose hurt collapsed weapon attack cry trapped drowning helpless suicide
    crash chemical explosion hole sick tree traffic_signal traffic_sign manhole water power needles building animal snow
    housing dumping""".split()
)
"""Concepts (data/concepts.csv) of what can hurt people or cut them off."""
INTENDED = "intended"
"""Kinds of danger that are one already when they are thought of: suicide."""
_NEAR = 40
_LAUGHING = re.compile("[😂🤣💀😆😜😹]")


@dataclass(frozen=True, slots=True)
class Urgency:
    """How urgent, and why in words for staff ("" for routine)."""

    level: str
    reason: str


def read(
    text: str, words: Sequence[str], known: set[str], language: str, chances: Sequence[float], talk: float = 0.0
) -> Urgency:
    """The urgency of a post: its text, words, their set, and the model's chances of routine, urgent, emergency.

    `talk` is the model's chance that the post is talk, a question, thanks or an advertisement.
    """
    if not known:
        return Urgency("routine", "")
    danger = find_danger(text, words, known, language)
    passed_on = URL in known and HANDLE not in known and talk >= TALK_WITH_LINK
    spoken_of = talk >= TALK_ABOUT_DANGER and chances[2] < MODEL_BELIEVES and not danger.startswith(CRIES)
    certain = not passed_on and not spoken_of and _believed(danger, chances)
    if danger and (certain or foreign_dangers.find(text, known, language)):
        return Urgency("emergency", f"danger to life: {danger}")
    if talk < MODEL_TALKS and language in ("en", "und") and _alone(text, words, known, chances[2]):
        return Urgency("emergency", "reads like danger to life")
    if passed_on:
        return Urgency("routine", "")
    chance = chances[1] + chances[2]
    if danger and not spoken_of and chance >= MODEL_DISMISSES:
        chance = 1.0
    return _urgent(words, known, chance, language == "en", talk < MODEL_TALKS)


def _believed(danger: str, chances: Sequence[float]) -> bool:
    """Whether the model does not deny a danger that a phrase found."""
    least = MODEL_DOUBTS.get(danger.partition(" (")[0], MODEL_DENIES)
    return danger.startswith(UNDENIED) or chances[2] >= least


def _alone(text: str, words: Sequence[str], known: set[str], chance: float) -> bool:
    """Whether the model may call an emergency what no phrase found."""
    if chance < (MODEL_ALONE if len(words) >= SHORT else MODEL_ALONE_SHORT):
        return False
    unnamed = chance >= MODEL_ALONE_UNNAMED and len(words) >= LEAST_UNNAMED
    if not (unnamed or _names_danger(words)) or any(map(_doubtful, _sentences(" ".join(words)))):
        return False
    return not _joking(text, words) and not _news(words, known)


def _names_danger(words: Sequence[str]) -> bool:
    """Whether any word, or two in a row, stand for what can hurt people: a model alone has odd ideas of short posts."""
    return any(map(_IS_PERIL.__getitem__, words)) or not _perilous_pairs().isdisjoint(pairwise(words))


_IS_PERIL = Memo(lambda word: not PERILS.isdisjoint(concepts_of_word(word)), 15_000)
"""Whether a word stands for what can hurt people."""


@cache
def _perilous_pairs() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(pair.split()) for pair in known_pairs() if not PERILS.isdisjoint(concepts_of_pair(pair)))


def find_danger(text: str, words: Sequence[str], known: set[str], language: str = "") -> str:
    """The danger to life that a post reports, with its words ('gas (“smell gas”)'); "" if none."""
    tried = load("emergencies_en.txt").candidates.among(known)
    joined = " ".join(words) if tried else ""
    sentences = list(_sentences(joined)) if tried else []
    for danger, phrase in tried:
        told = _told(danger, phrase, sentences) if phrase.may_be_within(joined) else ""
        if told:
            if _joking(text, words) or _news(words, known):
                break
            return f"{danger.name} (“{told}”)"
    return foreign_dangers.find(text, known, language)


def danger_in(text: str) -> str:
    """The same by the phrases alone, for who has no reader at hand: it costs a twentieth of a millisecond."""
    text = readable(text)
    words = split_words(text)
    return find_danger(text, words, set(words), detect(text, "")) if words else ""


def _urgent(words: Sequence[str], known: set[str], chance: float, english: bool, asks: bool) -> Urgency:
    """Urgent or routine, by phrases and by the model's chance of urgent or emergency; what is settled is routine."""
    told = _hurried(" ".join(words), known, chance if english else 1.0)
    alone = asks and chance >= MODEL_URGENT and _names_danger(words)
    if not (told or alone) or _settled(words, known) or _news(words, known):
        return Urgency("routine", "")
    return Urgency("urgent", f"“{told}”" if told else "reads like something that cannot wait")


def _hurried(joined: str, known: set[str], chance: float) -> str:
    """The words of a post that tell of what cannot wait, if the model does not exclude it; "" if none."""
    for name, section in load("urgent.txt").sections.items():
        match = section.find(joined, known) if chance >= MODEL_PERMITS[name] else None
        if match:
            return match.group().strip()
    return ""


def _joking(text: str, words: Sequence[str]) -> bool:
    """Whether a post laughs, or passes on somebody else's post."""
    joined, known = " ".join(words), set(words)
    doubts = load("emergency_doubts.txt").sections
    if words[0] == "rt":
        return doubts["rescue"].find(joined, known) is None
    if not text.isascii() and _LAUGHING.search(text):
        return True
    return doubts["joke"].find(joined, known) is not None


def _settled(words: Sequence[str], known: set[str]) -> bool:
    """Whether a post says that it is done, gives thanks for it, or asks in general."""
    return load("emergency_doubts.txt").sections["settled"].find(" ".join(words), known) is not None


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
