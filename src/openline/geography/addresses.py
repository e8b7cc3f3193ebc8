"""A number and a street: "1234 S Broad St", "1400 block of S Broad", "Aspen St, 2300 block"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from openline.geography.claims import Claim, Reading
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import far_apart
from openline.geography.mentions import Mention
from openline.geography.place import Kind
from openline.geography.streets import Located
from openline.geography.text import Words
from openline.geography.words import BLOCK_WORDS, CARDINALS, DIRECTIONS

AMBIGUOUS_M = 250.0
_FAR_LONGER = 3.0
_NOT_A_HOUSE = frozenset(
    (
        "route rt bus exit unit apt suite ste room floor line trolley district engine ladder ticket case "
        "request channel highway hwy interstate us age top only about over under than box id sr po number "
    ).split()
)
"""Words whose number is not a house number."""


_BEFORE_A_HOUSE_TOO = frozenset("about over under box".split())
"""Of these, words that may stand before a large house number: "who do I call about 8120 Castor"."""


class House(NamedTuple):
    """A number that may belong to a street: where it begins, and whether it means the whole block."""

    start: int
    number: int
    block: bool
    direction: str = ""


def addresses(gazetteer: Gazetteer, reading: Reading) -> Iterator[Claim]:
    """All numbers with their streets."""
    for mention in reading.mentions:
        house = _before(reading.words, mention)
        claim = _placed(gazetteer, reading, mention, house, mention.end) if house else None
        if claim is None:
            house = _behind(reading.words, mention)
            claim = _placed(gazetteer, reading, mention, house, house.start + 2) if house else None
        if claim:
            yield claim


def _before(words: Words, mention: Mention) -> House | None:
    """The number in front of a street, through "block of", "-36", "1/2", "R"."""
    i, block = mention.start - 1, False
    if i > 0 and words.lower[i] in ("of", "on", "along", "the"):
        i -= 1 + (words.lower[i] == "the" and words.lower[i - 1] == "of")
        if words.lower[i] not in BLOCK_WORDS:
            return None
    if i >= 1 and words.lower[i] in BLOCK_WORDS:
        block, i = True, i - 1
    hundred = block and i >= 1 and words.lower[i] in ("hundred", "unit")
    if hundred and words.lower[i] == "unit":
        return House(i, 0, True)
    if hundred and words.lower[i - 1] in CARDINALS:
        return House(i - 1, 100 * CARDINALS[words.lower[i - 1]], True)
    return _number_ending_at(words, i - hundred, block, 100 if hundred else 1)


def _number_ending_at(words: Words, i: int, block: bool, times: int) -> House | None:
    """The house number whose last word is `i`; None if the figures there mean something else."""
    if i < 0 or not _ends_a_number(words.lower[i]) or (not block and not words.close(i)):
        return None
    i = _first_of_number(words, i)
    number = words.number(i) if i >= 0 else None
    sign = words.text[words.starts[i] - 1] if number is not None and words.starts[i] else " "
    if number is None or sign in "$€£:.-/%" or sign.isalnum() or (number == 0 and not block):
        return None
    previous = words.lower[i - 1] if i else ""
    if previous in _NOT_A_HOUSE and not block and (number < 100 or previous not in _BEFORE_A_HOUSE_TOO):
        return None
    house = House(i, number * times, block)
    if previous in DIRECTIONS and number % 100 == 0 and words.close(i - 1):
        return house._replace(start=i - 1, block=True, direction=DIRECTIONS[previous])  # "S 2100 McKean St"
    return house


def _ends_a_number(word: str) -> bool:
    """Whether a house number may end in this word: "1234", "1234R", "1234 rear"."""
    return word.isdigit() or len(word) == 1 or word == "rear"


def _first_of_number(words: Words, i: int) -> int:
    """Back over what may end a house number: "1234 1/2", "1234R", "1234-36", "1234 rear"."""
    if i >= 3 and words.lower[i - 2 : i + 1] == ["1", "/", "2"] and words.number(i - 3) is not None:
        i -= 3
    if i >= 1 and _letter_of_number(words, i):
        i -= 1
    if i >= 1 and words.number(i) is not None and words.text[words.ends[i - 1] : words.starts[i]].strip() == "-":
        first = i - 2 if i >= 2 and _letter_of_number(words, i - 1) else i - 1
        if words.number(first) is not None and len(words.lower[first]) >= len(words.lower[i]):
            return first
    return i


def _letter_of_number(words: Words, i: int) -> bool:
    """Whether word `i` is the letter of "1234R" or the "rear" of "1234 rear"."""
    glued = words.ends[i - 1] == words.starts[i] and len(words.lower[i]) == 1
    return words.number(i - 1) is not None and (glued or words.lower[i] == "rear")


def _behind(words: Words, mention: Mention) -> House | None:
    """A block behind its street: "Aspen St, 2300 block"."""
    i = mention.end
    if i + 1 >= len(words) or words.lower[i + 1] not in BLOCK_WORDS or words.lower[i + 2 : i + 3] == ["of"]:
        return None
    number = words.number(i)
    return House(i, number, True) if number is not None else None


def _placed(gazetteer: Gazetteer, reading: Reading, mention: Mention, house: House, end: int) -> Claim | None:
    """The point of the house or block; the bare street, unsure, if the street has no such number."""
    if not house.block and not _plausible(reading, mention, house):
        return None
    streets = [s for s in mention.streets if house.direction in ("", gazetteer.streets[s].pre)] or mention.streets
    hundred = house.number // 100 * 100
    look = gazetteer.table.block if house.block else gazetteer.table.locate
    found = [(s, point) for s in streets if (point := look(s, hundred if house.block else house.number))]
    start = min(house.start, mention.start)
    if not found and mention.strength == 2:  # a block that the data leaves out, between two that it has
        found = [(s, point) for s in streets if (point := gazetteer.table.block(s, hundred))]
    if not found:
        return _street_only(gazetteer, reading, mention, start, end)
    found = [f for f in found if f[0] in mention.own] or found
    street, point = max(found, key=lambda f: gazetteer.table.middle(f[0])[2]) if len(found) > 1 else found[0]
    confidence = _confidence(gazetteer, reading, mention, house, point)
    if _other_quadrant(gazetteer, reading.words, mention.end):
        confidence = 0.4
    name = f"{hundred} block of " if house.block else f"{house.number} "
    others: list[tuple[str, Located]] = []
    if far_apart((p for _, p in found), AMBIGUOUS_M):
        confidence = min(confidence, 0.78 if _outweighs(gazetteer, street, [s for s, _ in found]) else 0.5)
        away = [f for f in found if far_apart((point, f[1]), AMBIGUOUS_M)]
        others = [(name + gazetteer.streets[s].display, located) for s, located in away]
    kind: Kind = "block" if house.block else "address"
    return reading.claim(kind, name + gazetteer.streets[street].display, point, start, end, confidence, others)


def _other_quadrant(gazetteer: Gazetteer, words: Words, end: int) -> bool:
    """Whether a quadrant follows that this city does not have: "22nd Street, SE" is in Washington."""
    written = words.text[words.starts[end] : words.ends[end]] if end < len(words) else ""
    return written in ("NE", "NW", "SE", "SW") and not gazetteer.has_direction(written)


def _outweighs(gazetteer: Gazetteer, street: int, others: list[int]) -> bool:
    """Whether a street is far longer than all its namesakes: "2100 Walnut" is Walnut St, not a lane in the north."""
    length = gazetteer.table.middle(street)[2]
    return all(length > _FAR_LONGER * gazetteer.table.middle(other)[2] for other in others if other != street)


def _plausible(reading: Reading, mention: Mention, house: House) -> bool:
    """Keep "2 second delay", "25 race cars" and "2023 spring" out: an everyday word needs more than a number."""
    if reading.asked or mention.strength == 2 or mention.suffix or mention.direction:
        return True
    if 1950 <= house.number <= 2035 and mention.common and not reading.cue(house.start):
        return False
    return house.number >= (100 if mention.common or mention.numbered else 10)


def _confidence(gazetteer: Gazetteer, reading: Reading, mention: Mention, house: House, point: Located) -> float:
    """How sure the reading is, from what is written around the number."""
    if mention.suffix < 0 or mention.direction < 0:
        only = len(mention.streets) == 1 and mention.direction >= 0
        return 0.78 if only and not mention.common and not mention.slip else 0.55
    if mention.strength == 2:
        confidence = 0.95 if mention.direction > 0 or len(mention.streets) == 1 else 0.9
    elif mention.direction or not mention.common or house.block:
        confidence = 0.88
    else:
        telling = _leads(reading, house.start) or (house.number >= 1000 and reading.words.capital(mention.name))
        confidence = 0.8 if telling and house.number >= 100 else 0.62
    if house.number < 100 and not (house.block or reading.asked or mention.suffix or mention.direction):
        confidence -= 0.15
    return confidence - mention.slip - 0.08 * (not house.block and point[2] > 60)


def _leads(reading: Reading, start: int) -> bool:
    """Whether the words before `start` say that a place follows; "to" and "over" lead to prices too."""
    return reading.cue(start) > 0 and reading.words.lower[start - 1 : start] not in (["to"], ["over"], ["up"], ["down"])


def _street_only(gazetteer: Gazetteer, reading: Reading, mention: Mention, start: int, end: int) -> Claim | None:
    """The street has no such number: the street is named, the point is not known."""
    if not (mention.suffix or mention.direction or not mention.common):
        return None
    street = mention.streets[0]
    return reading.claim("street", gazetteer.streets[street].display, gazetteer.table.middle(street), start, end, 0.35)
