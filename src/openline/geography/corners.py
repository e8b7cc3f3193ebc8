"""Two streets that meet: "13th & Market", "broad n snyder", "corner of 5th and Lombard", "at Front/Girard"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from openline.geography.claims import Claim, Reading
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import far_apart, middle_of
from openline.geography.mentions import Mention, bare_at, slip_at
from openline.geography.text import Words
from openline.geography.words import CONNECTORS, DIRECTIONS, FILLERS, SIGNS

_PRECISION_M = 20.0
_SAME_CORNER_M = 330.0
"""Two streets may meet several times at one square or slanting corner: so far apart it is still one."""
_FEW = 12
_NEAR = frozenset("near nr off above below past before after by north south east west".split())
"""Connecting words after which the spot is near the corner, not at it."""
_GOES_ON = frozenset(
    "is are was has have had there here needs need in on at near by street st and for with please pls"
    " since again can by the a keeps looks still yesterday today this".split()
)
"""Words that may follow a bare street number: "Broad and 13 is flooded", but not "Broad and 13 cars"."""


class Crossing(NamedTuple):
    """One way of reading a corner: a street of each mention, and where they meet."""

    one: int
    two: int
    point: tuple[float, float]


def corners(gazetteer: Gazetteer, reading: Reading) -> Iterator[Claim]:
    """All corners of two neighbouring mentions, of a mention and a bare number, of a mention and a slip."""
    starts = {mention.start: mention for mention in reading.mentions}
    for mention in reading.mentions:
        claim = _corner_from(gazetteer, reading, mention, starts) or _corner_to(gazetteer, reading, mention, starts)
        if claim:
            yield claim


def _corner_from(gazetteer: Gazetteer, reading: Reading, first: Mention, starts: dict[int, Mention]) -> Claim | None:
    """A corner of `first` with what a connecting word joins to it."""
    words = reading.words
    position = _after_joint(words, first.end, reading.asked)
    if position is None or position >= len(words) or words.broken(first.end - 1, position):
        return None
    second = starts.get(position)
    if second is None and words.lower[position - 1] in ("the", "n"):  # "& N 40th": a direction, no "and"
        second = starts.get(position - 1)
    if second:
        return _corner(gazetteer, reading, first, second)
    bare = bare_at(gazetteer, words, position)
    if bare or words.number(position) is not None:
        return _corner(gazetteer, reading, first, bare) if bare and _stands_alone(words, bare) else None
    if position == first.end:
        return None  # only a comma between: no place for guesses
    slips = (slip_at(gazetteer, words, i) for i in range(position, min(position + 2, len(words.lower))))
    slip = next((slip for slip in slips if slip and slip.start == position), None)
    return _corner(gazetteer, reading, first, slip) if slip and (first.strength > 0 or slip.suffix) else None


def _corner_to(gazetteer: Gazetteer, reading: Reading, second: Mention, starts: dict[int, Mention]) -> Claim | None:
    """A corner of `second` with a bare number or a slip before it: "13 and Market", "Lombrad & 5th"."""
    words, i = reading.words, second.start - 1
    while i > 0 and words.lower[i] in FILLERS:
        i -= 1
    if i < 1 or words.lower[i] not in CONNECTORS or words.broken(i - 1, second.start):
        return None
    bare = bare_at(gazetteer, words, i - 1)
    if bare and (reading.cue(i - 1) or words.lower[i] in SIGNS) and not second.bare_number:
        return _corner(gazetteer, reading, bare, second)
    slip = slip_at(gazetteer, words, i - 1)
    meant = slip and slip.end == i and (second.strength > 0 or reading.cue(slip.start))
    return _corner(gazetteer, reading, slip, second) if slip and meant else None


def _after_joint(words: Words, end: int, asked: bool) -> int | None:
    """Where the second street begins, if the words from `end` on connect; None if they do not."""
    position, connected = end, False
    while position < len(words) and position - end < 4:
        word = words.lower[position]
        beside = word in DIRECTIONS and words.lower[position + 1 : position + 2] == ["of"]  # "3rd just north of Girard"
        if not beside and word not in CONNECTORS and word not in FILLERS:
            break
        connected = connected or beside or word in CONNECTORS or word == "corner"
        position += 1
    if connected:
        return position
    if asked and end < len(words) and words.gap(end - 1) in ("", ",", "-", "&"):
        return end
    return None


def _stands_alone(words: Words, number: Mention) -> bool:
    """Whether a bare number is followed by nothing that it could count."""
    following = words.lower[number.end : number.end + 1]
    return number.suffix > 0 or not following or following[0] in _GOES_ON or not words.close(number.end - 1)


def _corner(gazetteer: Gazetteer, reading: Reading, first: Mention, second: Mention) -> Claim | None:
    """The corner of two mentions, if the streets meet and the words around leave no doubt."""
    if (first.slip and second.slip) or (first.bare_number and second.bare_number):
        return None
    found = _crossings(gazetteer, first, second)
    if not found:
        return None
    confidence = _confidence(reading, first, second)
    apart = _far_apart(found)
    if len(apart) > 1:
        confidence = min(confidence, 0.55)
    if confidence < 0.5:
        return None
    beside = _NEAR.intersection(reading.words.lower[first.end : second.start])
    precision = 3 * _PRECISION_M if beside else _PRECISION_M
    middle = middle_of(crossing.point for crossing in found) if confidence > 0.55 else found[0].point
    others = [(_named(gazetteer, crossing), (*crossing.point, precision)) for crossing in apart[1:]]
    name = _named(gazetteer, found[0])
    return reading.claim("intersection", name, (*middle, precision), first.start, second.end, confidence, others)


def _far_apart(found: list[Crossing]) -> list[Crossing]:
    """Those of the crossings that are different places: each far from all before it."""
    kept: list[Crossing] = []
    for crossing in found:
        if all(far_apart((crossing.point, other.point), _SAME_CORNER_M) for other in kept):
            kept.append(crossing)
    return kept


def _named(gazetteer: Gazetteer, crossing: Crossing) -> str:
    return f"{gazetteer.streets[crossing.one].display} & {gazetteer.streets[crossing.two].display}"


def _crossings(gazetteer: Gazetteer, first: Mention, second: Mention) -> list[Crossing]:
    """Every place where a street of one mention meets a street of the other; known corners before near misses."""
    pairs = [(a, b) for a in first.streets for b in second.streets if a != b and not _parallel(gazetteer, a, b)]
    known = [Crossing(a, b, point) for a, b in pairs for point in gazetteer.known_corners(a, b)]
    if not known and len(pairs) <= _FEW:
        known = [Crossing(a, b, point) for a, b in pairs for point in gazetteer.crossing(a, b)]
    # "58th" is 58th St before it is another name of Cobbs Creek Pkwy.
    own = [c for c in known if c.one in first.own and c.two in second.own]
    return own or known


def _parallel(gazetteer: Gazetteer, a: int, b: int) -> bool:
    """Two numbered streets of the same kind run side by side: "3rd and 4th" is no corner."""
    one, two = gazetteer.streets[a], gazetteer.streets[b]
    return one.name == two.name or (one.name[0].isdigit() and two.name[0].isdigit() and one.suffix == two.suffix)


def _confidence(reading: Reading, first: Mention, second: Mention) -> float:
    """How sure two names beside a connecting word are a corner."""
    words = reading.words
    signs = not SIGNS.isdisjoint(words.lower[first.end : second.start])
    cue = reading.cue(first.start)
    capitals = words.capital(first.name) and words.capital(second.name)
    weaker, stronger = sorted((first.strength, second.strength))
    if weaker < 0:
        confidence = 0.6 if stronger > 0 else 0.3
    elif weaker > 0:
        confidence = 0.95
    elif stronger > 0:
        confidence = 0.9 if signs or cue or capitals else 0.8
    else:
        confidence = 0.88 if cue == 2 or (cue and signs) else 0.8 if cue or (signs and capitals) else 0.4
    if words.lower[first.end : second.start] in (["n"], ["y"], ["x"], ["by"], ["off"], ["after"], ["before"], ["past"]):
        confidence -= 0.03
    return confidence - first.doubt - second.doubt
