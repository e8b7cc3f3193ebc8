"""Phrase files: what an expert would look for in a post, written down so that people can read and correct it.

A file in `data/` has sections, "[name]", of lines:

    words: gas smell       a post without any of these words is not searched for this section (none: always searched)
    not: gas station       idiom and the like, taken out before the search
    means: request 2.0     what a find stands for; for whoever reads the section
    smell ..3 gas          anything else is a phrase: (a|b) either, (a )? perhaps, ..3 at most three words between,
                           {person} any of the words after "person:" at the head of the file

Phrases see normalised words (`text.words`: lower case, no accents or apostrophes, no plural s, sentences end with
" . "), unless the file is read with `normalised=False`: then the text in lower case, and beginnings of words count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from openline.triage.text import words

_GAP = re.compile(r"\.\.(\d+) ?")
_ALPHABET = re.compile("[a-zà-ɏа-яё(]")
_KEYS = ("words", "not", "means", "person")


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a phrase file, compiled."""

    name: str
    means: str
    triggers: frozenset[str]
    pattern: re.Pattern[str]
    harmless: re.Pattern[str] | None

    def find(self, text: str) -> re.Match[str] | None:
        """The first phrase of this section in `text`, idiom left out."""
        return self.pattern.search(self.harmless.sub(" ~ ", text) if self.harmless else text)

    def may_be_in(self, known: Collection[str]) -> bool:
        """Whether a text of these words needs to be searched."""
        return not self.triggers or not self.triggers.isdisjoint(known)


@dataclass(frozen=True, slots=True)
class PhraseFile:
    """The sections of one file, by name and in order, and the triggers of all of them."""

    sections: Mapping[str, Section]
    triggers: frozenset[str]


@cache
def load(name: str, normalised: bool = True) -> PhraseFile:
    """The phrase file `name` of the package, read once."""
    text = (files("openline.triage") / "data" / name).read_text(encoding="utf-8")
    return parse(text.splitlines(), normalised)


def parse(lines: list[str], normalised: bool = True) -> PhraseFile:
    """The sections that `lines` describe. Raises re.error for a phrase that cannot be understood."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    name = ""
    for line in lines:
        if line.startswith("["):
            name = line.strip("[] ")
        elif line and not line.startswith("#"):
            key, _, rest = line.partition(": ")
            known = key in _KEYS
            found[name][key if known else "phrase"].append(rest if known else line)
    head = found.pop("", {})
    person = "|".join(head.get("person", []))
    sections = {name: _section(name, lines, person, normalised) for name, lines in found.items()}
    triggers = _triggers(head).union(*(section.triggers for section in sections.values()))
    return PhraseFile(sections, triggers)


def _section(name: str, lines: Mapping[str, list[str]], person: str, normalised: bool) -> Section:
    pattern = _any_of(lines["phrase"], person, normalised)
    harmless = _any_of(lines["not"], person, normalised) if lines["not"] else None
    return Section(name, " ".join(lines["means"]), _triggers(lines), pattern, harmless)


def _triggers(lines: Mapping[str, list[str]]) -> frozenset[str]:
    return frozenset(word for line in lines.get("words", ()) for word in words(line))


def _any_of(phrases: list[str], person: str, normalised: bool) -> re.Pattern[str]:
    """A pattern that finds any of the phrases. Scripts that join words ("着火", "النار") have no word beginnings."""
    if not phrases:
        return re.compile("(?!)")  # a section of words alone
    if normalised:
        return re.compile(rf"(?<!\S)(?:{'|'.join(expand(phrase, person) for phrase in phrases)})(?!\S)")
    bounded = "|".join(expand(phrase, person) for phrase in phrases if _ALPHABET.match(phrase))
    unbounded = "|".join(expand(phrase, person) for phrase in phrases if not _ALPHABET.match(phrase))
    return re.compile("|".join(filter(None, [rf"(?<!\w)(?:{bounded})" if bounded else "", unbounded])))


def expand(phrase: str, person: str) -> str:
    """A phrase of a file as a regular expression."""
    phrase = re.sub(r"\((?!\?)", "(?:", phrase).replace("{person}", f"(?:{person})")
    return _GAP.sub(r"(?:\\w+ ){0,\1}", phrase)
