"""How hard a text is to read, without a dictionary and in any language that has spaces between its words.

RIX: long words (seven letters or more) for each sentence, and the school years that it stands for; J. Anderson, "Lix
and Rix: Variations on a Little-Known Readability Index", Journal of Reading 26 (1983), table 2.
"""

from __future__ import annotations

import re

_GRADES = (
    (7.2, 13), (6.2, 12), (5.3, 11), (4.5, 10), (3.7, 9), (3.0, 8), (2.4, 7), (1.8, 6), (1.3, 5), (0.8, 4), (0.5, 3),
    (0.2, 2),
)  # fmt: skip
_SHOWN = re.compile(r"https?://\S+|www\.\S+|[#@]\w+")
_SENTENCE = re.compile(r"(?<=[.!?…。！？؟:])\s+|\n+")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_FEWEST_WORDS = 20
"""Fewer words tell nothing about how hard a text is."""
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?(?:\w{3,}ed|done|given|held|kept|made|paid|put|sent|set|shut|"
    r"taken|told|written|brought|built|found|known|seen|shown)\b(?=\s+(?:by|to)\b|[\s.,;!])",
    re.I,
)


def sentences(text: str) -> list[str]:
    """The sentences and lines of `text`, without addresses and hashtags."""
    return [one.strip() for one in _SENTENCE.split(_SHOWN.sub("", text)) if _WORD.search(one)]


def words(text: str) -> list[str]:
    """The words of `text`, without addresses and hashtags."""
    return _WORD.findall(_SHOWN.sub("", text))


def grade(text: str) -> int | None:
    """The school year (1 to 12, 13: later) in which most can read `text`; None if it is too short to tell."""
    all_words = words(text)
    if len(all_words) < _FEWEST_WORDS:
        return None
    hardness = sum(len(word) >= 7 for word in all_words) / max(len(sentences(text)), 1)
    return next((year for least, year in _GRADES if hardness >= least), 1)


def longest_sentence(text: str) -> str:
    """The sentence with the most words."""
    return max(sentences(text), key=lambda one: len(words(one)), default="")


def passive(text: str) -> list[str]:
    """What looks like English passive voice: who acts is not said."""
    return [found.group() for found in _PASSIVE.finditer(text)]
