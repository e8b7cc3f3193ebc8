"""Why a message was read as it was: its text with what decided marked, and the reason of every step in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.inbox.models import Message
from openline.triage import language
from openline.triage.models import Assessment
from openline.triage.text import readable

_QUOTED = re.compile("“([^”]+)”")
_STEPS = {
    "intent": gettext_lazy("What it wants"),
    "urgency": gettext_lazy("How urgent"),
    "service": gettext_lazy("Which service"),
}
_MOST_WORDS = 40
PERSONAL = {
    "phone": gettext_lazy("a telephone number: digits in its groups, and not one that the city publishes"),
    "email": gettext_lazy("an e-mail address"),
    "card": gettext_lazy("the number of a payment card: its check digit is right"),
    "ssn": gettext_lazy("a social security number, by its form or the words before it"),
    "account": gettext_lazy("the number of an account or policy, by the word before it"),
    "plate": gettext_lazy("a license plate, by the word before it or its form"),
    "name": gettext_lazy("a person's name, by the words before it or as a signature"),
    "home_address": gettext_lazy("where somebody lives, by the words before it"),
    "birth_date": gettext_lazy("a date of birth, by the words before it"),
    "handle": gettext_lazy("a resident's handle"),
}


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


def reasons(message: Message) -> list[Why]:
    """Why each step decided as it did about an assessed message, in their order; every decision has its reason."""
    assessment = message.assessment
    found = [_why(str(reason)) for reason in assessment.reasons if not str(reason).startswith("place: ")]
    found.append(Why("place", _("Where"), _place(message.text, assessment)))
    if assessment.language:
        found.append(Why("language", _("Language"), _language(message)))
    for kind in dict.fromkeys(item["kind"] for item in assessment.personal_data):
        found.append(Why("personal", _("Taken out in public"), str(PERSONAL.get(kind, kind))))
    return found


def _why(reason: str) -> Why:
    step, _colon, text = reason.partition(": ")
    return Why(step, str(_STEPS.get(step, step)), text) if text else Why("", _("Reason"), step)


def _place(text: str, assessment: Assessment) -> str:
    """What was found as the place, and from what."""
    place: dict[str, Any] | None = assessment.place
    if place is None:
        return _("no place was found in the words, and none came with the post")
    facts = {"kind": place["kind"], "name": place["name"], "percent": round(100 * (place.get("confidence") or 0))}
    span = place.get("span")
    if not span:
        return _("%(name)s (%(kind)s, %(percent)d%%), from the position that came with the post") % facts
    said = readable(text)[span[0] : span[1]] or _("its subject")  # which is read behind the text
    return _("%(name)s (%(kind)s, %(percent)d%%), from the words “%(said)s”") % (facts | {"said": said})


def _language(message: Message) -> str:
    found = message.assessment.language
    name = _("not known") if found == language.UNKNOWN else found
    how, words = language.why(readable(message.text), message.language, found)
    return f"{name}: " + {
        "words": _("small words that only this language has: %(words)s"),
        "script": _("its letters: %(words)s"),
        "tag": _("the network says so: %(words)s"),
        "statistics": _("how its letters follow each other"),
        "unknown": _("too few words to tell"),
    }[how] % {"words": words}


def stretches(text: str, assessment: Assessment) -> list[Stretch]:
    """The text of a message in parts: personal data, the place, words that decided, and what lies between.

    Where two would overlap, the first of that order counts.
    """
    text = readable(text)
    marks = [(item["span"][0], item["span"][1], "personal") for item in assessment.personal_data]
    place = (assessment.place or {}).get("span")
    marks += [(place[0], place[1], "place")] if place else []
    marks += [(start, end, "word") for start, end in _words(text, assessment)]
    return list(cut(text, marks))


def cut(text: str, marks: Iterable[tuple[int, int, str]]) -> Iterator[Stretch]:
    """`text` in parts by its `marks` (start, end, kind); of marks that overlap the first counts."""
    last = 0
    for start, end, kind in _without_overlaps(marks, len(text)):
        yield from (part for part in (Stretch(text[last:start], ""), Stretch(text[start:end], kind)) if part.text)
        last = end
    if text[last:]:
        yield Stretch(text[last:], "")


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


def _without_overlaps(marks: Iterable[tuple[int, int, str]], length: int) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for start, end, kind in marks:
        if 0 <= start < end <= length and all(end <= a or start >= b for a, b, _kind in kept):
            kept.append((start, end, kind))
    return sorted(kept)
