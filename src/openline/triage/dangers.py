"""What danger to life looks like in words: the phrases of data/emergencies_*.txt, compiled.

A post without a trigger word of a danger is not searched for it, so that calm posts cost one set intersection.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from openline.triage.text import words

_GAP = re.compile(r"\.\.(\d+) ?")
_ALPHABET = re.compile("[a-zà-ɏа-яё(]")


@dataclass(frozen=True, slots=True)
class Danger:
    """One kind of danger: words that trigger the search, phrases that tell of it, phrases to take out first."""

    name: str
    triggers: frozenset[str]
    pattern: re.Pattern[str]
    harmless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Dangers:
    """All dangers of one file, and all their triggers."""

    kinds: tuple[Danger, ...]
    triggers: frozenset[str]


@cache
def english() -> Dangers:
    """Dangers in English; phrases see a sentence as normalised words (`text.words`)."""
    return parse(_lines("emergencies_en.txt"), whole_words=True)


@cache
def elsewhere() -> Dangers:
    """Dangers in other languages; phrases see the text in lower case, with accents."""
    return parse(_lines("emergencies_world.txt"), whole_words=False)


def _lines(name: str) -> list[str]:
    return (files("openline.triage") / "data" / name).read_text(encoding="utf-8").splitlines()


def parse(lines: list[str], whole_words: bool) -> Dangers:
    """The dangers that `lines` describe. `whole_words`: a phrase must end where a word ends."""
    sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    kind = ""
    for line in lines:
        if line.startswith("["):
            kind = line.strip("[] ")
        elif line and not line.startswith("#"):
            key, _, rest = line.partition(": ")
            known = key in ("words", "not", "person")
            sections[kind][key if known else "phrase"].append(rest if known else line)
    common = sections.pop("", {})
    person = "|".join(common.get("person", ["somebody"]))
    kinds = [_danger(name, found, person, whole_words) for name, found in sections.items()]
    return Dangers(tuple(kinds), _triggers(common).union(*(danger.triggers for danger in kinds)))


def _danger(name: str, found: dict[str, list[str]], person: str, whole_words: bool) -> Danger:
    pattern = _any_of(found["phrase"], person, whole_words)
    harmless = _any_of(found["not"], person, whole_words) if found["not"] else None
    return Danger(name, _triggers(found), pattern, harmless)


def _triggers(found: dict[str, list[str]]) -> frozenset[str]:
    return frozenset(word for line in found.get("words", ()) for word in words(line))


def _any_of(phrases: list[str], person: str, whole_words: bool) -> re.Pattern[str]:
    """A pattern that finds any of the phrases. Scripts that join words ("着火", "النار") have no word beginnings."""
    ends = r"(?!\w)" if whole_words else ""
    bounded = "|".join(expand(phrase, person) for phrase in phrases if _ALPHABET.match(phrase))
    unbounded = "|".join(expand(phrase, person) for phrase in phrases if not _ALPHABET.match(phrase))
    parts = [rf"(?<!\w)(?:{bounded}){ends}" if bounded else "", f"(?:{unbounded})" if unbounded else ""]
    return re.compile("|".join(filter(None, parts)))


def expand(phrase: str, person: str) -> str:
    """A phrase of the file as a regular expression."""
    phrase = re.sub(r"\((?!\?)", "(?:", phrase).replace("{person}", f"(?:{person})")
    return _GAP.sub(r"(?:\\w+ ){0,\1}", phrase)
