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

from openline.triage.phrases import expand, sections_of
from openline.triage.text import words

_ALPHABET = re.compile(r"\(*[a-zà-ɏа-яё]")
_OTHER_SCRIPT = re.compile("[\u0400-\u06ff\u1780-\u17ff\u3400-\u9fff\uac00-\ud7af]")


class _Dangers(NamedTuple):
    triggers: frozenset[str]
    doubts: re.Pattern[str]
    kinds: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]


def find(text: str, known: set[str], language: str) -> str:
    """The danger that a text reports, with its words; "" if none. `known` are its words; `language` "" for unknown.

    English texts are searched if they have a foreign word of danger or another script.
    """
    dangers = _dangers()
    foreign = language not in ("en", "") or not known.isdisjoint(dangers.triggers)
    if not foreign and (text.isascii() or not _OTHER_SCRIPT.search(text)):
        return ""
    lower = " ".join(text.lower().split())
    if dangers.doubts.search(lower):
        return ""
    for name, pattern, harmless in dangers.kinds:
        match = pattern.search(harmless.sub("~", lower))
        if match:
            return f"{name} (“{match.group().strip()}”)"
    return ""


@cache
def _dangers() -> _Dangers:
    """The file, compiled: trigger words, doubts, and of each kind its name, phrases and idiom."""
    text = (files("openline.triage") / "data" / "emergencies_world.txt").read_text(encoding="utf-8")
    sections = sections_of(text.splitlines())
    head, doubts = sections.pop(""), sections.pop("doubts")
    triggers = frozenset(word for line in head["words"] for word in words(line))
    kinds = tuple(
        (name, _beginnings(lines["phrase"]), _beginnings(lines["not"] or ["(?!)"])) for name, lines in sections.items()
    )
    return _Dangers(triggers, _beginnings(doubts["phrase"]), kinds)


def _beginnings(phrases: Sequence[str]) -> re.Pattern[str]:
    """A pattern for phrases at beginnings of words; scripts that join words ("着火", "النار") have no beginnings."""
    starts = ((r"(?<!\w)" if _ALPHABET.match(phrase) else "", phrase) for phrase in phrases)
    return re.compile("|".join(start + expand(phrase, "") for start, phrase in starts))
