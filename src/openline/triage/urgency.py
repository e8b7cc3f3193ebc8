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

from openline.triage.phrases import Section, expand, load, sections_of
from openline.triage.text import words as split_words

MODEL_ALONE = 0.85
"""From this probability on, the model alone makes an emergency of a post with words of danger."""
MODEL_DENIES = 0.01
"""Below this probability, the model makes of an emergency that a phrase found something merely urgent."""
_NEAR = 40
_OTHER_SCRIPT = re.compile("[\u0400-\u06ff\u1780-\u17ff\u3400-\u9fff\uac00-\ud7af]")
_ALPHABET = re.compile("[a-zà-ɏа-яё(]")
_LAUGHING = re.compile("[😂🤣💀😆😜😹]")
_DOUBTS_ELSEWHERE = re.compile(
    r"\bno hay (?:un )?(?:incendio|fuego|fuga)|\bn[uú]mero (?:para|de)|\bqu[eé] hago si|\bsi (?:hay|huele|veo)\b|\bayer\b|"
    r"\bsemana pasada|\bhace (?:\w+ )?(?:d[ií]as|semanas|meses|a[nñ]os)|\bsimulacro|\bpel[ií]cula|\bcanci[oó]n|\bjaja|\bkkk+|"
    r"\bnoticias?\b|\bhier\b|\bontem\b|\bque faire (?:si|en cas)|\bquel num[eé]ro|\bo que fa[cç]o se|\bki nimewo|\byè\b|"
    r"如果|昨天|上周|电话是多少|演习|电影|если\b|вчера|на прошлой неделе|какой номер|учени[яе]|фильм|إذا\b|أمس|رقم|فيلم|"
    r"nếu\b|hôm qua|tuần trước|số điện thoại nào|\bphim\b"
)


@dataclass(frozen=True, slots=True)
class Urgency:
    """How urgent, and why in words for staff ("" for routine)."""

    level: str
    reason: str


def read(text: str, words: Sequence[str], known: set[str], chances: Sequence[float]) -> Urgency:
    """The urgency of a post: its text, its words, their set, and the model's chances of routine, urgent, emergency."""
    if not known:
        return Urgency("routine", "")
    danger = find_danger(text, words, known)
    if danger and chances[2] >= MODEL_DENIES:
        return Urgency("emergency", f"danger to life: {danger}")
    if chances[2] >= MODEL_ALONE and not known.isdisjoint(load("emergencies_en.txt").triggers):
        sentences = list(_sentences(words))
        if not any(_doubtful(sentence) for sentence in sentences):
            return Urgency("emergency", "reads like danger to life")
    return _urgent(words, known, max(chances[1] + chances[2], 0.5 if danger else 0.0))


def find_danger(text: str, words: Sequence[str], known: set[str]) -> str:
    """The danger to life that a post reports, with its words ('gas (“smell gas”)'); "" if none."""
    if not known.isdisjoint(load("emergencies_en.txt").triggers) and not _joking(text, words):
        sentences = list(_sentences(words))
        for danger in load("emergencies_en.txt").sections.values():
            told = _told(danger, sentences, known)
            if told:
                return f"{danger.name} (“{told}”)"
    if not known.isdisjoint(foreign_triggers()) or (not text.isascii() and _OTHER_SCRIPT.search(text)):
        return _told_elsewhere(" ".join(text.lower().split()))
    return ""


def _urgent(words: Sequence[str], known: set[str], chance: float) -> Urgency:
    """Urgent or routine: phrases count for more than the model, but not against it."""
    section = load("urgent.txt").sections["urgent"]
    match = section.find(" ".join(words), known) if chance >= 0.2 else None
    if match:
        return Urgency("urgent", f"“{match.group().strip()}”")
    if chance >= 0.5:
        return Urgency("urgent", "reads like something that cannot wait")
    return Urgency("routine", "")


def _joking(text: str, words: Sequence[str]) -> bool:
    """Whether a post laughs, or passes on somebody else's post."""
    if words[0] == "rt" or (not text.isascii() and _LAUGHING.search(text)):
        return True
    return bool(load("emergency_doubts.txt").sections["joke"].find(" ".join(words), set(words)))


def _sentences(words: Sequence[str]) -> Iterator[str]:
    """The sentences of a text given as words; exclamation marks stay within."""
    return filter(None, (part.strip() for part in " ".join(words).replace("?", ".").split(".")))


def _told(danger: Section, sentences: Sequence[str], known: set[str]) -> str:
    """The words that report a danger in any of the sentences; "" if none does."""
    for sentence in sentences:
        match = danger.find(sentence, known)
        if match and not _doubtful(sentence) and (danger.means == "intended" or not _feared(match)):
            return match.group().strip()
    return ""


def _doubtful(sentence: str) -> bool:
    """Whether a sentence speaks of danger that is absent, over, elsewhere or asked about in general."""
    known = set(sentence.split())

    def speaks_of(name: str) -> bool:
        return load("emergency_doubts.txt").sections[name].find(sentence, known) is not None

    if speaks_of("told") or speaks_of("negated"):
        return True
    if speaks_of("over") and not speaks_of("ongoing"):
        return True
    return speaks_of("in general") and not speaks_of("here")


def _feared(match: re.Match[str]) -> bool:
    """Whether the words just before a find make it something that may come ("before somebody is hit by a car")."""
    before = match.string[: match.start()][-_NEAR:].strip()
    return load("emergency_doubts.txt").sections["feared"].find(before, set(before.split())) is not None


def _told_elsewhere(lower: str) -> str:
    if not _DOUBTS_ELSEWHERE.search(lower):
        for name, pattern, harmless in _foreign_dangers():
            match = pattern.search(harmless.sub("~", lower))
            if match:
                return f"{name} (“{match.group().strip()}”)"
    return ""


@cache
def foreign_triggers() -> frozenset[str]:
    """Words, normalised, at which a text is searched for danger in other languages."""
    written = sections_of(_foreign_lines())[""]["words"]
    return frozenset(word for line in written for word in split_words(line))


@cache
def _foreign_dangers() -> list[tuple[str, re.Pattern[str], re.Pattern[str]]]:
    """Name, phrases and idiom of each danger in other languages, for text in lower case with accents."""
    return [
        (name, _beginnings(lines["phrase"]), _beginnings(lines["not"] or ["(?!)"]))
        for name, lines in sections_of(_foreign_lines()).items()
        if name
    ]


def _foreign_lines() -> list[str]:
    return (files("openline.triage") / "data" / "emergencies_world.txt").read_text(encoding="utf-8").splitlines()


def _beginnings(phrases: Sequence[str]) -> re.Pattern[str]:
    """A pattern for phrases at beginnings of words; scripts that join words ("着火", "النار") have no beginnings."""
    return re.compile("|".join((r"(?<!\w)" if _ALPHABET.match(phrase) else "") + expand(phrase, "") for phrase in phrases))
