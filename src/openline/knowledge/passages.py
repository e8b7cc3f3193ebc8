"""An article in passages: by heading, paragraph and point of a list, so that an answer is a part and not the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARKUP = re.compile(r"(\*\*|__|`|^#+\s*|^>\s?)", re.M)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_POINT = re.compile(r"^(?:[-*+]|\d{1,2}[.)])\s+")
_NOT_FOR_READERS = re.compile(r"^(?:\*[^*].*\*|(?:More|Más):.*)$", re.S)
"""A paragraph that is all in italics, or only leads elsewhere, answers nothing."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One part of an article as plain text, with the heading under which it stands ("" above the first one)."""

    heading: str
    text: str


def passages(markdown: str) -> list[Passage]:
    """The passages of an article's body in their order; the first one is its answer."""
    found, heading = [], ""
    for block in re.split(r"\n\s*\n", markdown.replace("\r\n", "\n")):
        lines = [line.strip() for line in block.strip().splitlines() if line.strip()]
        if lines and lines[0].startswith("#"):
            heading = plain(lines.pop(0))
        for text in _parts(lines):
            if not _NOT_FOR_READERS.match(text):
                found.append(Passage(heading, plain(text)))
    return found


def _parts(lines: list[str]) -> list[str]:
    """The paragraph of `lines`, or the points of a list; a line that begins no point goes on with the one before."""
    parts: list[str] = []
    for line in lines:
        point = _POINT.match(line)
        if point or not parts:
            parts.append(line[point.end() :] if point else line)
        else:
            parts[-1] += " " + line
    return parts


def plain(markdown: str) -> str:
    """`markdown` without markup, the addresses of its links behind their words."""
    return " ".join(_MARKUP.sub("", _LINK.sub(r"\1 (\2)", markdown)).split())
