"""A claim: words of a text that a rule reads as a place. Where claims overlap, the finder keeps the best."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from openline.geography.mentions import Mention
from openline.geography.place import Kind, Place
from openline.geography.streets import Located
from openline.geography.text import Words
from openline.geography.words import CUES, SIDE_LINKS, SIDES, STRONG_CUES

_OPENING = frozenset(":(\n-–—📍|")
"""Signs after which something is named: "Location: ...", "Flooding (...)"."""
_OF_OLD = frozenset("old new former vacant abandoned closed".split())
"""Words that may stand before a name without changing it."""
_MAY_OPEN = re.compile(f"[{re.escape(''.join(sorted(_OPENING)))}]")


Others = Sequence[tuple[str, Located]]
"""Names and points of places that are meant as likely."""


class Claim(NamedTuple):
    """The words from `start` to before `end`, and the place that they name."""

    start: int
    end: int
    place: Place


class Reading(NamedTuple):
    """A text as the rules see it: its words, the streets they may name, and whether it answers "where is it?"."""

    words: Words
    mentions: list[Mention]
    asked: bool

    def claim(
        self, kind: Kind, name: str, point: Located, start: int, end: int, confidence: float, others: Others = ()
    ) -> Claim:
        """A claim on the words `start` to `end`; `others` are names and points that the words may mean as well."""
        span, sure = self.words.span(start, end), round(max(confidence, 0.05), 2)
        made = [
            Place(kind, called, lat, lon, sure, span, round(precision))
            for called, (lon, lat, precision) in ((name, point), *others)
        ]
        return Claim(start, end, made[0]._replace(alternatives=tuple(made[1:])) if others else made[0])

    def cue(self, start: int) -> int:
        """2: the words before `start` say that a place follows; 1: they may; 0: they do not."""
        before = self.words.lower[max(0, start - 4) : start]
        if before and before[-1] in _OF_OLD:
            before.pop()  # "by the old Germantown Hospital"
        if before and before[-1] in ("the", "la", "el") and len(before) > 1:
            before.pop()
        beside = len(before) > 1 and before[-1] in SIDE_LINKS and before[-2] in SIDES
        if beside:
            before.pop()  # "corner of", "in front of", "cerca de"
        if self.asked or (before and before[-1] in STRONG_CUES):
            return 2
        if start == 0 or beside or (before and before[-1] in CUES):
            return 1
        text = self.words.text
        if not _MAY_OPEN.search(text):
            return 0  # without asking where the words stand
        return int(text[: self.words.starts[start]].rstrip(" \"'“")[-1:] in _OPENING)

    def whole(self, start: int, end: int) -> bool:
        """Whether the claim takes all words of the text."""
        return start == 0 and end == len(self.words)
