"""Graph's way to ask for fields: `id,comments.limit(5).order(chronological){id,message}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from openline.channels.facebook.emulator.errors import Refusal

_TOKEN = re.compile(r"(\w+)((?:\.\w+\([^()]*\))*)")
_CHANGE = re.compile(r"\.(\w+)\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One field, how it is to be given, and which fields of it."""

    name: str
    how: dict[str, str] = field(default_factory=dict)
    inner: tuple[Wanted, ...] = ()


def parse(text: str) -> tuple[Wanted, ...]:
    """Read such a list. Raises Refusal as Graph does."""
    found, at = _list(text.replace(" ", ""), 0)
    if at != len(text.replace(" ", "")):
        raise Refusal(2500, f"Syntax error at character {at} of fields")
    return found


def _list(text: str, at: int) -> tuple[tuple[Wanted, ...], int]:
    found = list[Wanted]()
    while at < len(text) and text[at] != "}":
        match = _TOKEN.match(text, at)
        if not match:
            raise Refusal(2500, f"Syntax error: Expected name at character {at}")
        at, inner = match.end(), tuple[Wanted, ...]()
        if text[at : at + 1] == "{":
            inner, at = _list(text, at + 1)
            if text[at : at + 1] != "}":
                raise Refusal(2500, "Syntax error: Expected end of fields")
            at += 1
        found.append(Wanted(match[1], dict(_CHANGE.findall(match[2])), inner))
        if text[at : at + 1] == ",":
            at += 1
    return tuple(found), at
