"""Names, tags and stock symbols as X sees them in a text (twitter-text 3.1, extractMentions and its like)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from openline.channels.x.text import urls
from openline.channels.x.text.urls import ACCENTS, DIRECTIONS, SPACES

_AT = "[@＠]"
_MENTION = re.compile(
    r"(?:^|(?<=[^a-zA-Z0-9_!#$%&*@＠])|(?:^|(?<=[^a-zA-Z0-9_+~.\-]))rt:?)"
    rf"(?P<all>{_AT}(?P<name>[a-zA-Z0-9_]{{1,20}})(?P<list>/[a-zA-Z][a-zA-Z0-9_\-]{{0,24}})?)",
    re.IGNORECASE,
)
_REPLY = re.compile(rf"[{SPACES}{DIRECTIONS}]*{_AT}(?P<name>[a-zA-Z0-9_]{{1,20}})")
_NO_MENTION = re.compile(rf"{_AT}|[{ACCENTS}]|://")
_CASHTAG = re.compile(
    rf"(?:^|(?<=[{SPACES}{DIRECTIONS}]))\$(?P<name>[a-z]{{1,6}}(?:[._][a-z]{{1,2}})?)"
    r"(?=$|\s|[!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$])",
    re.IGNORECASE,
)
_TAG_SIGNS = frozenset(
    "_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
)
_NO_TAG = re.compile(r"[#＃]|://")


@dataclass(frozen=True, slots=True)
class Found:
    """A name or tag without its sign; `start` is where the sign stands."""

    name: str
    start: int
    end: int


def mentions(text: str) -> list[Found]:
    """The names that are mentioned."""
    found = [
        Found(match["name"], match.start("all"), match.end("name"))
        for match in _MENTION.finditer(text)
        if not match["list"] and not _NO_MENTION.match(text, match.end("all"))
    ]
    return _apart(found, text)


def reply_to(text: str) -> str:
    """The name at the beginning of `text`; "" if there is none."""
    match = _REPLY.match(text)
    return match["name"] if match and not _NO_MENTION.match(text, match.end()) else ""


def hashtags(text: str) -> list[Found]:
    """The tags. One that is part of a link is none."""
    found, end = list[Found](), 0
    for match in re.finditer("[#＃]", text):
        at = match.start()
        if at < end or (at and _tags(text[at - 1])) or text[at - 1 : at] == "&":
            continue
        end = at + 1
        while end < len(text) and _tags(text[end]):
            end += 1
        name = text[at + 1 : end]
        if any(map(_letter, name)) and name[:1] not in ("\ufe0f", "\u20e3") and not _NO_TAG.match(text, end):
            found.append(Found(name, at, end))
    return _apart(found, text)


def cashtags(text: str) -> list[Found]:
    """The stock symbols: X takes at most one in a post since 2026."""
    return [Found(match["name"], match.start(), match.end()) for match in _CASHTAG.finditer(text)]


def _letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" and char not in "\ufe0e\ufe0f"


def _tags(char: str) -> bool:
    return _letter(char) or unicodedata.category(char) == "Nd" or char in _TAG_SIGNS


def _apart(found: list[Found], text: str) -> list[Found]:
    """Without those that lie in a link."""
    links = urls.find(text) if found else []
    return [one for one in found if not any(link.start <= one.start < link.end for link in links)]
