"""Danger to life in languages other than English: the basic terms of data/emergencies_world.txt.

Other than in English, phrases see the text in lower case with its accents, which tell words apart in Vietnamese,
and match beginnings of words, because endings carry grammar ("desmay" finds "desmayado").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from openline.triage.language import SMALL_ENGLISH
from openline.triage.phrases import expand, sections_of
from openline.triage.text import words

_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile("[a-zà-ɏḀ-ỿ]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_JOINED = re.compile("[\u0600-\u06ff\u1780-\u17ff\u3000-\u9fff\uac00-\ud7af]")
_OTHER_SCRIPT = re.compile("[\u0400-\u06ff\u1780-\u17ff\u3400-\u9fff\uac00-\ud7af]")


class _Phrases(NamedTuple):
    """Phrases of one kind by script, so that a text is searched only for what it can have."""

    at_words: re.Pattern[str]
    cyrillic: re.Pattern[str]
    joined: re.Pattern[str]

    def search(self, text: str, scripts: _Scripts) -> re.Match[str] | None:
        """One of the phrases in `text`."""
        match = self.at_words.search(text) if scripts.latin else None
        match = match or (self.cyrillic.search(text) if scripts.cyrillic else None)
        return match or (self.joined.search(text) if scripts.joined else None)


class _Scripts(NamedTuple):
    latin: bool
    cyrillic: bool
    joined: bool


class _Dangers(NamedTuple):
    triggers: frozenset[str]
    doubts: _Phrases
    kinds: tuple[tuple[str, _Phrases, re.Pattern[str]], ...]


def find(text: str, known: set[str], language: str) -> str:
    """The danger that a text reports, with its words; "" if none. `known` are its words; `language` "" for unknown.

    English texts are searched if they have a foreign word of danger or another script.
    """
    dangers = _dangers()
    foreign = language not in ("en", "") or not known.isdisjoint(dangers.triggers)
    if not foreign and (text.isascii() or not _OTHER_SCRIPT.search(text)):
        return ""
    lower = " ".join(text.lower().split())
    found = _first(dangers, lower, _scripts(lower))
    return f"{found[0]} (“{found[1].group().strip()}”)" if found else ""


def _first(dangers: _Dangers, lower: str, scripts: _Scripts) -> tuple[str, re.Match[str]] | None:
    """The first kind of danger in a text in lower case, with its words; none if the text is in doubt."""
    for name, phrases, harmless in dangers.kinds:
        match = phrases.search(lower, scripts) and phrases.search(harmless.sub("~", lower), scripts)
        if match:
            return None if dangers.doubts.search(lower, scripts) else (name, match)
    return None


def _scripts(text: str) -> _Scripts:
    return _Scripts(
        latin=_LATIN.search(text) is not None,
        cyrillic=not text.isascii() and _CYRILLIC.search(text) is not None,
        joined=not text.isascii() and _JOINED.search(text) is not None,
    )


@cache
def _dangers() -> _Dangers:
    """The file, compiled: trigger words, doubts, and of each kind its name, phrases and idiom."""
    text = (files("openline.triage") / "data" / "emergencies_world.txt").read_text(encoding="utf-8")
    sections = sections_of(text.splitlines())
    head, doubts = sections.pop(""), sections.pop("doubts")
    # Without its accents a word may be an English one: "cắn", to bite, is no reason to read every "can" as Vietnamese.
    triggers = frozenset(word for line in head["words"] for word in words(line)) - SMALL_ENGLISH
    kinds = tuple((name, _phrases(lines["phrase"]), _beginnings(lines["not"])) for name, lines in sections.items())
    return _Dangers(triggers, _phrases(doubts["phrase"]), kinds)


def _phrases(written: Sequence[str]) -> _Phrases:
    """The phrases of a section by script; one that has letters of two scripts goes with the first."""
    by_script: dict[str, list[str]] = {"latin": [], "cyrillic": [], "joined": []}
    for phrase in written:
        letter = _LETTER.search(phrase)
        first = letter.group() if letter else "a"
        by_script["latin" if _LATIN.match(first) else "cyrillic" if _CYRILLIC.match(first) else "joined"].append(phrase)
    return _Phrases(*map(_beginnings, by_script.values()))


def _beginnings(phrases: Sequence[str]) -> re.Pattern[str]:
    """A pattern for phrases at beginnings of words; scripts that join words ("着火", "النار") have no beginnings."""
    spaced = [expand(phrase, "") for phrase in phrases if not _JOINED.search(phrase)]
    joined = [expand(phrase, "") for phrase in phrases if _JOINED.search(phrase)]
    parts = ([rf"(?<!\w)(?:{'|'.join(spaced)})"] if spaced else []) + joined
    return re.compile("|".join(parts) or "(?!)")
