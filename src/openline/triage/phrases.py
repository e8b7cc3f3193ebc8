"""Phrase files: what an expert would look for in a post, written down so that people can read and correct it.

A file in `data/` has sections, "[name]", of lines:

    not: gas station       idiom and the like, taken out before the search
    means: request 2.0     what a find stands for; for whoever reads the section
    smell ..3 gas          anything else is a phrase: (a|b) either, (a )? perhaps, ..3 at most three words between,
                           {person} any of the words after "person:" at the head of the file, {wires} any of those
                           after "let wires:" there

Phrases see normalised words (`text.words`: lower case, no accents or apostrophes, no plural s, sentences end with
" . "). A phrase is tried only if the text has the words it `needs`: one of its triggers, and one of each further set.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from openline.triage.candidates import Candidates, Together
from openline.triage.text import singular
from openline.triage.triggers import needs, split

_GAP = re.compile(r"\.\.(\d+) ?")
_PLAIN_WORD = re.compile(r"(?<![\\\w{)])[a-z]+(?![\w*?+{}(])")
_KEYS = ("not", "means", "person", "words")
_GROUP = "let "


class Phrase:
    """One phrase; its pattern is compiled when it is first needed."""

    def __init__(self, written: str, person: str) -> None:
        self.needs = needs(written)
        self._expanded = expand(written, person)
        self._anchored = "^" in written or "$" in written
        self._looks_beyond = self._anchored or "(?" in written
        self._pattern: re.Pattern[str] | None = None

    def may_be_within(self, text: str) -> bool:
        """Whether any sentence of `text` may have the phrase: one search spares one for each sentence."""
        return self._looks_beyond or self.search(text) is not None

    def search(self, text: str) -> re.Match[str] | None:
        """The phrase in `text`, with the spaces around it if any."""
        if self._pattern is None:
            # A pattern that begins with a plain space is found at half the cost of one that looks back.
            words = rf"(?<!\S)(?:{self._expanded})(?!\S)" if self._anchored else f" (?:{self._expanded}) "
            self._pattern = re.compile(words)
        return self._pattern.search(text if self._anchored else f" {text} ")


class Section:
    """One section of a phrase file: its phrases, what they stand for, and idiom that only looks like them."""

    def __init__(self, name: str, means: str, phrases: Sequence[Phrase], harmless: re.Pattern[str] | None) -> None:
        self.name, self.means, self._harmless = name, means, harmless
        self.candidates = Candidates((phrase.needs, phrase) for phrase in phrases)

    def search(self, phrase: Phrase, text: str) -> re.Match[str] | None:
        """One of this section's phrases in `text`, idiom left out."""
        match = phrase.search(text)
        if match and self._harmless:
            return phrase.search(self._harmless.sub("~", text))
        return match

    def find(self, text: str, known: set[str]) -> re.Match[str] | None:
        """Any phrase of this section in `text`; `known` are the words of the text, or more."""
        for phrase in self.candidates.among(known):
            match = self.search(phrase, text)
            if match:
                return match
        return None


class PhraseFile:
    """The sections of one file, by name and in order; its `candidates` are phrases with their sections."""

    def __init__(self, sections: Mapping[str, Section]) -> None:
        self.sections = sections
        self.candidates = Candidates(
            (needs, (section, phrase)) for section in sections.values() for needs, phrase in section.candidates.items
        )

    def find_all(self, text: str, known: set[str]) -> dict[str, re.Match[str]]:
        """For each section that `text` has a phrase of, one such phrase, by the section's name."""
        found: dict[str, re.Match[str]] = {}
        for section, phrase in self.candidates.among(known):
            if section.name not in found:
                match = section.search(phrase, text)
                if match:
                    found[section.name] = match
        return found


@cache
def load(name: str) -> PhraseFile:
    """The phrase file `name` of the package, read once."""
    return parse((files("openline.triage") / "data" / name).read_text(encoding="utf-8").splitlines())


_WHOLE_FILES, _BY_SECTION = ("emergencies_en.txt", "intents.txt"), ("urgent.txt", "follow_up.txt")
"""What every post is searched for: files whose phrases are tried whatever their section, and sections one by one."""


@cache
def of_every_post() -> Together:
    """All phrases that every post is searched for, to be asked together."""
    sections = [section for name in _BY_SECTION for section in load(name).sections.values()]
    return Together([*(load(name).candidates for name in _WHOLE_FILES), *(one.candidates for one in sections)])


def parse(lines: Iterable[str]) -> PhraseFile:
    """The sections that `lines` describe. Raises ValueError for a phrase that cannot be understood."""
    found = sections_of(lines)
    person = "|".join(found.pop("", {}).get("person", []))
    return PhraseFile({name: _section(name, lines, person) for name, lines in found.items()})


def sections_of(lines: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """The lines of a file by section and by what stands before their colon ("phrase" if nothing).

    Groups of words that the head names are put in where lines name them.
    """
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    name = ""
    for line in lines:
        if line.startswith("[") and line.endswith("]"):
            name = line.strip("[] ")
        elif line and not line.startswith("#"):
            key, _, rest = line.partition(": ")
            known = key in _KEYS or key.startswith(_GROUP)
            found[name][key if known else "phrase"].append(rest if known else line)
    for key, words in found.get("", {}).items():
        if key.startswith(_GROUP):
            for lines in found.values():
                _spell_out(lines, key.removeprefix(_GROUP), "|".join(words))
    return found


def _spell_out(lines: dict[str, list[str]], group: str, words: str) -> None:
    """Put the words of a group into the lines of a section that name it ("{wires}")."""
    for some in lines.values():
        some[:] = [line.replace(f"{{{group}}}", f"({words})") for line in some]


def _section(name: str, lines: Mapping[str, list[str]], person: str) -> Section:
    phrases = [Phrase(written, person) for written in map(_normalised, _single(lines["phrase"]))]
    idiom = "|".join(expand(_normalised(written), person) for written in lines["not"])
    harmless = re.compile(rf"(?<!\S)(?:{idiom})(?!\S)") if idiom else None
    return Section(name, " ".join(lines["means"]), phrases, harmless)


def _normalised(phrase: str) -> str:
    """A phrase with its words in the singular, as texts have them; who writes phrases need not think of it."""
    return _PLAIN_WORD.sub(lambda word: singular(word.group()), phrase)


def _single(written: Iterable[str]) -> Iterator[str]:
    """Phrases that are nothing but a choice, "(a|b)", one by one."""
    for phrase in written:
        inner = phrase[1:-1]
        alone = phrase[0] == "(" and phrase[-1] == ")" and len(split(phrase, " ")) == 1 and _balanced(inner)
        yield from split(inner, "|") if alone else [phrase]


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0


def expand(phrase: str, person: str) -> str:
    """A phrase of a file as a regular expression."""
    phrase = re.sub(r"\((?!\?)", "(?:", phrase).replace("{person}", f"(?:{person})")
    return _GAP.sub(r"(?:\\w+ ){0,\1}", phrase)
