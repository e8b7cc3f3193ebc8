"""Why a message was read as it was: its text with the words that decided marked, and the reasons by step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from openline.triage.models import Assessment
from openline.triage.text import readable

_QUOTED = re.compile("“([^”]+)”")
_STEPS = {
    "intent": _("What it wants"),
    "urgency": _("How urgent"),
    "service": _("Which service"),
    "place": _("Where"),
}
_MOST_WORDS = 40


class Stretch(NamedTuple):
    """A part of the text; `kind` is "" or "personal", "place" or "word"."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Why:
    """What one step found, in words for staff."""

    step: str
    label: str
    text: str


def reasons(assessment: Assessment) -> list[Why]:
    """The reasons of an assessment by step, in their order."""
    found = []
    for reason in assessment.reasons:
        step, _colon, text = str(reason).partition(": ")
        found.append(Why(step, str(_STEPS.get(step, step)), text) if text else Why("", "", step))
    return found


def stretches(text: str, assessment: Assessment) -> list[Stretch]:
    """The text of a message in parts: personal data, the place, words that decided, and what lies between.

    Where two would overlap, the first of that order counts.
    """
    text = readable(text)
    marks = [(item["span"][0], item["span"][1], "personal") for item in assessment.personal_data]
    place = (assessment.place or {}).get("span")
    marks += [(place[0], place[1], "place")] if place else []
    marks += [(start, end, "word") for start, end in _words(text, assessment)]
    return _cut(text, _without_overlaps(marks, len(text)))


def _words(text: str, assessment: Assessment) -> list[tuple[int, int]]:
    """Where the words stand that the reasons quote; they are quoted in small letters and without endings."""
    quoted = {word for reason in assessment.reasons for word in _QUOTED.findall(str(reason))}
    found: list[tuple[int, int]] = []
    for words in sorted(quoted, key=len, reverse=True)[:_MOST_WORDS]:
        parts = re.findall(r"\w+", words)
        if parts:
            pattern = r"\b" + r"\W+".join(re.escape(part) + r"\w{0,2}" for part in parts) + r"\b"
            found += [match.span() for match in re.finditer(pattern, text, re.I)]
    return found


def _without_overlaps(marks: list[tuple[int, int, str]], length: int) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for start, end, kind in marks:
        if 0 <= start < end <= length and all(end <= a or start >= b for a, b, _kind in kept):
            kept.append((start, end, kind))
    return sorted(kept)


def _cut(text: str, marks: list[tuple[int, int, str]]) -> list[Stretch]:
    parts, last = [], 0
    for start, end, kind in marks:
        parts += [Stretch(text[last:start], ""), Stretch(text[start:end], kind)]
        last = end
    return [part for part in [*parts, Stretch(text[last:], "")] if part.text]
