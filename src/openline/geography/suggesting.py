"""Places for who is typing one: the addresses, corners and landmarks that can still be meant.

Every suggestion is a name that the finder knows as one point, so that choosing it settles the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from openline.geography.finder import geocode
from openline.geography.gazetteer import Gazetteer
from openline.geography.text import LONGEST

MOST = 8
_SHORTEST = 2
_MOST_STREETS, _MOST_TRIED = 40, 24
_CORNER = re.compile(r"\s*(?:&|@|/|\+|\band\b|\bat\b|\by\b)\s*", re.I)
_NUMBER = re.compile(r"(\d{1,6})\s+(\S.*)")
_WORD = re.compile(r"[\w']+")


def suggest(gazetteer: Gazetteer, typed: str, most: int = MOST) -> list[str]:
    """At most so many names of places that begin as `typed` does, likeliest first; none for less than two letters."""
    typed = " ".join(typed[:LONGEST].split())
    if len(typed) < _SHORTEST:
        return []
    found: dict[str, None] = {}
    for candidate in islice(_candidates(gazetteer, typed), _MOST_TRIED):
        place = geocode(gazetteer, candidate)
        if place and place.lat is not None and place.kind not in ("street", "area"):
            found.setdefault(place.name)
        if len(found) == most:
            break
    return list(found)


def _candidates(gazetteer: Gazetteer, typed: str) -> Iterator[str]:
    yield typed
    one, *others = _CORNER.split(typed, 1)
    if others and one:
        yield from _corners(gazetteer, one, others[0])
    if number := _NUMBER.fullmatch(typed):
        for street in _streets(gazetteer, number[2]):
            if gazetteer.table.locate(street, int(number[1])):
                yield f"{number[1]} {gazetteer.streets[street].display}"
    yield from (name for name in gazetteer.landmark_names() if _begins(name, typed))
    if not others:
        yield from _corners(gazetteer, typed, "")


def _corners(gazetteer: Gazetteer, one: str, other: str) -> Iterator[str]:
    """The corners of a street whose name begins as `one` with another that begins as `other` (any, if empty)."""
    second = set(_streets(gazetteer, other)) if other else None
    for street in _streets(gazetteer, one):
        for crossing in gazetteer.streets_at(street):
            if second is None or crossing in second:
                yield f"{gazetteer.streets[street].display} & {gazetteer.streets[crossing].display}"


def _streets(gazetteer: Gazetteer, typed: str) -> list[int]:
    """The streets whose name begins as `typed` does, those of the shortest names first."""
    found = [i for i, street in enumerate(gazetteer.streets) if _begins(street.display, typed)]
    return sorted(found, key=lambda i: len(gazetteer.streets[i].display))[:_MOST_STREETS]


def _begins(name: str, typed: str) -> bool:
    """Whether each typed word begins a word of the name, in order; the first may stand anywhere in it."""
    words = iter(_WORD.findall(name.lower()))
    return all(any(word.startswith(part) for word in words) for part in _WORD.findall(typed.lower()))
