"""A stretch between two cross streets: "Pine between 12th and 13th", "on Pine from 12th to 13th"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from openline.geography.claims import Claim, Reading
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import metres, middle_of
from openline.geography.mentions import Mention, mention_at, number_at
from openline.geography.roles import BETWEEN_WORDS
from openline.geography.text import Words

_TO = frozenset("and & n to y thru through - e / nd".split())
_LONGEST_M = 1_200.0
_CONFIDENCE = 0.92
Point = tuple[float, float]


def stretches(gazetteer: Gazetteer, reading: Reading) -> Iterator[Claim]:
    """All stretches of a street between two others."""
    words = reading.words
    for i in range(len(words.lower) if not BETWEEN_WORDS.isdisjoint(words.lower) else 0):
        if words.lower[i] not in BETWEEN_WORDS:
            continue
        one, two = _pair(gazetteer, words, i + 1)
        if one is None or two is None:
            continue
        claim = _stretch_before(gazetteer, reading, i, one, two)
        if claim is None and words.lower[i] != "from":
            claim = _stretch_behind(gazetteer, reading, i, one, two)
        if claim:
            yield claim


def _pair(gazetteer: Gazetteer, words: Words, i: int) -> tuple[Mention | None, Mention | None]:
    """The two cross streets from word `i` on; bare numbers count here."""
    one = _at(gazetteer, words, i)
    if one is None or one.end >= len(words):
        return None, None
    if words.lower[one.end] in _TO:
        return one, _at(gazetteer, words, one.end + 1)
    dashed = words.text[words.ends[one.end - 1] : words.starts[one.end]].strip() in ("-", "–")
    return one, _at(gazetteer, words, one.end) if dashed else None


def _at(gazetteer: Gazetteer, words: Words, i: int) -> Mention | None:
    """The street that begins at word `i`, or one later if a direction or "the" comes first."""
    for name in range(i, min(i + 2, len(words))):
        mention = mention_at(gazetteer, words, name) or number_at(gazetteer, words, name)
        if mention and (name == i or mention.start == i or words.lower[i] in ("the", "la")):
            return mention if mention.direction >= 0 else None
    return None


def _stretch_before(gazetteer: Gazetteer, reading: Reading, i: int, one: Mention, two: Mention) -> Claim | None:
    """The main street stands before "between"."""
    main = next((m for m in reading.mentions if i - 2 <= m.end <= i and not reading.words.broken(m.end - 1, i)), None)
    return _stretch(gazetteer, reading, main, one, two, main.start, two.end) if main else None


def _stretch_behind(gazetteer: Gazetteer, reading: Reading, i: int, one: Mention, two: Mention) -> Claim | None:
    """The main street follows: "between 12th and 13th on Pine"."""
    words = reading.words
    if two.end >= len(words) or words.lower[two.end] not in ("on", "of", "along", "en", "at", "over"):
        return None
    main = _at(gazetteer, words, two.end + 1) if words.lower[two.end + 1 : two.end + 2] != ["the"] else None
    return _stretch(gazetteer, reading, main, one, two, i, main.end) if main and not main.bare_number else None


def _stretch(
    gazetteer: Gazetteer, reading: Reading, main: Mention, one: Mention, two: Mention, start: int, end: int
) -> Claim | None:
    """The middle between the corners of the main street with the two cross streets, the nearest pair that fits."""
    best: tuple[float, int, int, int, Point, Point] | None = None
    for street in main.streets:
        firsts, seconds = _meeting(gazetteer, street, one.streets), _meeting(gazetteer, street, two.streets)
        for (a, p), (b, q) in product(firsts, seconds):
            apart = metres(p, q)
            if a != b and apart < _LONGEST_M and (best is None or apart < best[0]):
                best = apart, street, a, b, p, q
    if best is None:
        return None
    apart, street, a, b, p, q = best
    names = gazetteer.streets
    name = f"{names[street].display} between {names[a].display} and {names[b].display}"
    return reading.claim("block", name, (*middle_of((p, q)), max(40.0, apart / 2)), start, end, _CONFIDENCE)


def _meeting(gazetteer: Gazetteer, street: int, others: Sequence[int]) -> list[tuple[int, Point]]:
    found = [(other, point) for other in others for point in gazetteer.known_corners(street, other)]
    if found or len(others) > 2:
        return found
    return [(other, point) for other in others for point in gazetteer.crossing(street, other)]
