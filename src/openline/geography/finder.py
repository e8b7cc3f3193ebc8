"""Finding places in what residents write: addresses, blocks, corners, landmarks, areas, coordinates.

Precision before recall: a wrong pin is worse than none. Every rule gives a confidence; from 0.75
on a request may be filed without asking. Rules work on the words of the text and the names of the
gazetteer; nothing is guessed that the city's own tables do not hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from openline.geography.gazetteer import METRES_PER_DEGREE, Gazetteer
from openline.geography.mentions import Mention, mention_at
from openline.geography.place import Place
from openline.geography.words import CONNECTORS, CUES, STRONG_SUFFIXES, SUFFIXES, Token, tokens

LONGEST = 2_000
"""Characters of a text that are searched for places."""
_BLOCK_WORDS = {"block", "blk", "blks", "bl", "blocks"}
_AMBIGUOUS_METRES = 250.0
_NOISE = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\w[\w.]*|(?<!\w)@\w[\w.]*(@[\w.-]+)?|nostr:\w+|\bnpub1\w+")
_COORDINATES = re.compile(
    r"(?:geo:|[?&@/](?:q=|ll=|query=|mlat=|center=|loc:|sll=|daddr=)?|(?<![\d.\w]))(-?\d{1,2}\.\d{3,})\s*(?:,|%2C|\s|&mlon=|/)\s*"
    r"(-?\d{1,3}\.\d{3,})", re.I)


def find_places(gazetteer: Gazetteer, text: str, asked: bool = False) -> list[Place]:
    """The places that `text` names, best first. `asked`: the text answers our question "where is it?"."""
    text = text[:LONGEST]
    found = list(_coordinates(gazetteer, text))
    words = tokens(_NOISE.sub(lambda m: " " * len(m.group()), text))
    taken = [False] * len(words)
    for rule in (_landmarks_long, _blocks_between, _addresses, _corners, _landmarks, _areas, _streets):
        found += rule(gazetteer, words, taken, asked)
    best = sorted(found, key=lambda place: -place.confidence)
    return [_with_areas(gazetteer, place) for place in best if _inside(gazetteer, place)]


def geocode(gazetteer: Gazetteer, line: str) -> Place | None:
    """The place that `line`, which holds nothing else, names; None if there is none in this city."""
    places = find_places(gazetteer, line, asked=True)
    return places[0] if places else None


def _inside(gazetteer: Gazetteer, place: Place) -> bool:
    return place.lat is None or place.lon is None or gazetteer.inside(place.lat, place.lon)


def _with_areas(gazetteer: Gazetteer, place: Place) -> Place:
    if place.lat is None or place.lon is None or place.kind in ("street", "area"):
        return place
    return replace(place, areas=gazetteer.areas.at(place.lat, place.lon))


def _span(words: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    return words[start].start, words[end - 1].end


def _take(taken: list[bool], start: int, end: int) -> None:
    for i in range(start, end):
        taken[i] = True


def _free(taken: list[bool], start: int, end: int) -> bool:
    return not any(taken[start:end])


# --- coordinates -------------------------------------------------------------------------------


def _coordinates(gazetteer: Gazetteer, text: str) -> Iterable[Place]:
    """Decimal degrees and shared map links; longitude and latitude swapped are put right if only that fits."""
    for match in _COORDINATES.finditer(text):
        first, second = float(match[1]), float(match[2])
        for lat, lon in ((first, second), (second, first)):
            place = gazetteer.describe(lat, lon) if abs(lat) <= 90 else None
            if place:
                yield replace(place, span=match.span(), confidence=0.95)
                break


# --- addresses and blocks ----------------------------------------------------------------------


def _addresses(gazetteer: Gazetteer, words: list[Token], taken: list[bool], asked: bool) -> Iterable[Place]:
    """A number and a street: "1234 S Broad St", "1400 block of S Broad"."""
    for i, word in enumerate(words):
        number = word.number
        if number is None or taken[i]:
            continue
        start, block = i + 1, False
        if start < len(words) and words[start].number is not None and words[start].start - word.end == 1:
            start += 1  # the second half of "1230-32 Pine St"
        if start < len(words) and words[start].lower in _BLOCK_WORDS:
            block, start = True, start + 1
            if start < len(words) and words[start].lower in ("of", "on"):
                start += 1
        mention = (mention_at(gazetteer, words, start) or _slipped(gazetteer, words, start))
        if mention is None or (number == 0 and not block) or not _free(taken, i, mention.end):
            continue
        place = (_block(gazetteer, words, i, number, mention) if block
                 else _address(gazetteer, words, i, number, mention, asked))
        if place:
            _take(taken, i, mention.end)
            yield place


def _slipped(gazetteer: Gazetteer, words: list[Token], i: int) -> Mention | None:
    """A misspelled name, only where a suffix behind it says that it is a street."""
    if not any(word.lower in SUFFIXES for word in words[i + 1:i + 3]):
        return None
    mention = mention_at(gazetteer, words, i, fuzzy=True)
    return mention if mention and mention.fuzzy and mention.suffix else None


def _block(gazetteer: Gazetteer, words: list[Token], i: int, number: int, mention: Mention) -> Place | None:
    hundred = number // 100 * 100
    found = [(s, b) for s in mention.streets if (b := gazetteer.block(s, hundred))]
    if not found:
        return _off_range(gazetteer, words, i, mention)
    street, (lon, lat, reach) = found[0]
    confidence = 0.92 - 0.1 * mention.fuzzy
    if _apart(b[:2] for _, b in found):
        confidence = 0.5
    name = f"{hundred} block of {gazetteer.streets[street].display}"
    return Place("block", name, lat, lon, confidence, _span(words, i, mention.end), reach)


def _address(gazetteer: Gazetteer, words: list[Token], i: int, number: int, mention: Mention,
             asked: bool) -> Place | None:
    if not _number_is_an_address(words, i, mention, asked):
        return None
    found = [(s, p) for s in mention.streets if (p := gazetteer.locate(s, number))]
    if not found:
        return _off_range(gazetteer, words, i, mention) if mention.suffix or mention.direction else None
    street, (lon, lat, reach) = found[0]
    confidence = 0.95 if mention.suffix or mention.direction else 0.86
    confidence -= 0.1 * mention.fuzzy + 0.12 * (reach > 60)
    if mention.common and not mention.suffix and not mention.direction:
        confidence -= 0.16 * (not asked and not (i and words[i - 1].lower in CUES))
    if _apart(p[:2] for _, p in found):
        confidence = 0.5
    name = f"{number} {gazetteer.streets[street].display}"
    return Place("address", name, lat, lon, confidence, _span(words, i, mention.end), reach)


def _number_is_an_address(words: list[Token], i: int, mention: Mention, asked: bool) -> bool:
    """Keep "2 second delay" and "25 race cars" out: a small number before a common word needs more."""
    number = words[i].number or 0
    if mention.suffix or mention.direction:
        return True
    if mention.numbered and not asked and number < 100:
        return False
    return number >= 100 or not mention.common or asked


def _off_range(gazetteer: Gazetteer, words: list[Token], i: int, mention: Mention) -> Place | None:
    """The street has no such number: the street is named, the point is not known."""
    street = mention.streets[0]
    lon, lat, length = gazetteer.middle(street)
    return Place("street", gazetteer.streets[street].display, lat, lon, 0.35, _span(words, i, mention.end), length)


def _apart(points: Iterable[tuple[float, ...]]) -> bool:
    """Do the candidate points lie too far from each other to be the same place?"""
    listed = list(points)
    first = listed[0]
    return any(_metres(first, other) > _AMBIGUOUS_METRES for other in listed[1:])


def _metres(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    scale = math.cos(math.radians(a[1]))
    return math.hypot((a[0] - b[0]) * scale, a[1] - b[1]) * METRES_PER_DEGREE


# --- corners -----------------------------------------------------------------------------------


def _corners(gazetteer: Gazetteer, words: list[Token], taken: list[bool], asked: bool) -> Iterable[Place]:
    """Two streets with a connecting word: "13th & Market", "broad n snyder", "corner of 5th and Lombard"."""
    i = 0
    while i < len(words):
        place, end = _corner_from(gazetteer, words, taken, i, asked)
        if place:
            _take(taken, i, end)
            yield place
            i = end
        else:
            i += 1


def _corner_from(gazetteer: Gazetteer, words: list[Token], taken: list[bool], i: int,
                 asked: bool) -> tuple[Place | None, int]:
    if taken[i]:
        return None, i
    # Mentions are looked for wherever a corner could begin; bare numbers count only beside a connector.
    if not any(word.lower in CONNECTORS for word in words[i + 1:i + 6]):
        return None, i
    for slip in (False, True):
        first = mention_at(gazetteer, words, i, loose=True, fuzzy=slip)
        if first is None:
            continue
        joint = _joint(words, first.end)
        if joint is None:
            continue
        second = mention_at(gazetteer, words, joint, loose=True, fuzzy=slip)
        if second is None or not _free(taken, i, second.end):
            continue
        place = _corner(gazetteer, words, first, second, asked)
        if place:
            return place, second.end
    return None, i


def _joint(words: list[Token], end: int) -> int | None:
    """Where the second street begins, if the words from `end` on connect; None if they do not."""
    position = end
    while position < len(words) and position - end < 3 and words[position].lower in CONNECTORS | {"the", "of"}:
        position += 1
    return position if position > end and any(w.lower in CONNECTORS for w in words[end:position]) else None


def _corner(gazetteer: Gazetteer, words: list[Token], first: Mention, second: Mention, asked: bool) -> Place | None:
    pairs = [(a, b) for a in first.streets for b in second.streets if a != b]
    found = [(a, b, point) for a, b in pairs for point in gazetteer.corners.get((min(a, b), max(a, b)), ())]
    if not found or (first.fuzzy and second.fuzzy) or (first.bare_number and second.bare_number):
        return None
    if _parallel(gazetteer, found[0][0], found[0][1]):
        return None
    a, b, (lon, lat) = found[0]
    confidence = 0.95 - 0.1 * (first.fuzzy or second.fuzzy)
    sign = words[first.end].lower if first.end < len(words) else ""
    cued = asked or sign in ("&", "@", "/", "+") or (first.start and words[first.start - 1].lower in CUES)
    if not (first.sure and second.sure):
        confidence -= 0.05
    if not first.sure and not second.sure and not cued:
        confidence = 0.5
    if (first.bare_number or second.bare_number) and not (cued or first.suffix or second.suffix):
        confidence = min(confidence, 0.8 if first.sure or second.sure else 0.5)
    if _apart(point for _, _, point in found):
        lon, lat, confidence = *found[0][2], min(confidence, 0.55)
    name = f"{gazetteer.streets[a].display} & {gazetteer.streets[b].display}"
    return Place("intersection", name, lat, lon, confidence, _span(words, first.start, second.end), 20.0)


def _parallel(gazetteer: Gazetteer, a: int, b: int) -> bool:
    """Two numbered streets of the same kind run side by side: "3rd and 4th" is no corner."""
    one, two = gazetteer.streets[a], gazetteer.streets[b]
    return one.name[0].isdigit() and two.name[0].isdigit() and one.suffix == two.suffix


def _blocks_between(gazetteer: Gazetteer, words: list[Token], taken: list[bool], asked: bool) -> Iterable[Place]:
    """A stretch between two cross streets: "Pine between 12th and 13th", "between 12th and 13th on Pine"."""
    for i, word in enumerate(words):
        if word.lower not in ("between", "btwn", "btw", "bet", "b/w"):
            continue
        one = mention_at(gazetteer, words, i + 1, loose=True)
        if one is None or one.end >= len(words) or words[one.end].lower not in ("and", "&", "n", "to", "y"):
            continue
        two = mention_at(gazetteer, words, one.end + 1, loose=True)
        if two is None:
            continue
        start, end, main = i, two.end, None
        if end < len(words) and words[end].lower in ("on", "of", "along"):
            main = mention_at(gazetteer, words, end + 1)
            end = main.end if main else end
        if main is None:
            main = next((m for back in range(4, 0, -1) if i - back >= 0
                         and (m := mention_at(gazetteer, words, i - back)) and m.end == i), None)
            start = main.start if main else start
        place = _stretch(gazetteer, words, start, end, main, one, two) if main else None
        if place and _free(taken, start, end):
            _take(taken, start, end)
            yield place


def _stretch(gazetteer: Gazetteer, words: list[Token], start: int, end: int, main: Mention, one: Mention,
             two: Mention) -> Place | None:
    """The middle between the corners of `main` with the two cross streets."""
    best: tuple[float, int, int, int, tuple[float, float], tuple[float, float]] | None = None
    for street in main.streets:
        for a in one.streets:
            for b in two.streets:
                for p in gazetteer.corners.get((min(street, a), max(street, a)), ()):
                    for q in gazetteer.corners.get((min(street, b), max(street, b)), ()):
                        length = _metres(p, q)
                        if length < 1_200 and (best is None or length < best[0]):
                            best = (length, street, a, b, p, q)
    if best is None:
        return None
    length, street, a, b, p, q = best
    names = gazetteer.streets
    name = f"{names[street].display} between {names[a].display} and {names[b].display}"
    return Place("block", name, (p[1] + q[1]) / 2, (p[0] + q[0]) / 2, 0.92, _span(words, start, end),
                 max(40.0, length / 2))


# --- landmarks, streets, areas -----------------------------------------------------------------


def _landmarks_long(gazetteer: Gazetteer, words: list[Token], taken: list[bool], asked: bool) -> Iterable[Place]:
    """Names of two words or more go before streets: "Clark Park", "30th Street Station"."""
    return _named(gazetteer, words, taken, asked, at_least=2)


def _landmarks(gazetteer: Gazetteer, words: list[Token], taken: list[bool], asked: bool) -> Iterable[Place]:
    """Names of one word, with a cue."""
    return _named(gazetteer, words, taken, asked, at_least=1)


_KIND_WORDS = {"PARK", "PLAYGROUND", "SCHOOL", "LIBRARY", "STATION", "RECREATION", "CENTER", "SQUARE", "POOL", "FIELD",
               "HALL", "MARKET", "MUSEUM", "UNIVERSITY", "HOSPITAL", "CEMETERY", "STADIUM", "ZOO", "TERMINAL", "BRIDGE",
               "CIRCLE", "PLAZA", "HIGH", "ELEMENTARY", "GARDEN", "PIER", "THEATER", "AIRPORT", "LANDING", "MALL"}


def _named(gazetteer: Gazetteer, words: list[Token], taken: list[bool], asked: bool, at_least: int) -> Iterable[Place]:
    for i, word in enumerate(words):
        start = (word.key, words[i + 1].key) if i + 1 < len(words) else (word.key,)
        longest = gazetteer.landmark_starts.get(start, 1 if at_least == 1 else 0)
        if longest == 0 or taken[i]:
            continue
        for end in range(min(i + longest, len(words)), i + at_least - 1, -1):
            keys = tuple(w.key for w in words[i:end])
            index = gazetteer.landmarks.get(keys)
            if index is None or not _free(taken, i, end):
                continue
            confidence = _landmark_confidence(words, i, end, keys, asked)
            # "12 Clark Park Ave" is an address: leave streets alone.
            if confidence < 0.5 or _goes_on_as_street(words, i, end):
                break
            _take(taken, i, end)
            name, _kind, lon, lat = gazetteer.landmark(index)
            yield Place("landmark", name, lat, lon, confidence, _span(words, i, end), 150.0)
            break


def _goes_on_as_street(words: list[Token], start: int, end: int) -> bool:
    """A suffix behind the name, or a house number before it, makes a street of it."""
    after = end < len(words) and words[end].lower in STRONG_SUFFIXES
    before = start > 0 and words[start - 1].number is not None and (words[start - 1].number or 0) >= 10
    return after or before


def _landmark_confidence(words: list[Token], start: int, end: int, keys: tuple[str, ...], asked: bool) -> float:
    """Longer names and names with a kind of place in them are surer; one-word names need a cue and a capital."""
    cued = asked or (start > 0 and words[start - 1].lower in CUES) or (
        start > 1 and words[start - 1].lower == "the" and words[start - 2].lower in CUES)
    capital = all(w.text[:1].isupper() or w.text[:1].isdigit() for w in words[start:end])
    if len(keys) >= 2 and (set(keys) & _KIND_WORDS or len(keys) >= 3):
        return 0.88 if cued or capital else 0.8
    if len(keys) >= 2:
        return 0.82 if cued else 0.6
    return 0.8 if asked and end - start == len(words) else 0.55 if cued and capital else 0.0


def _streets(gazetteer: Gazetteer, words: list[Token], taken: list[bool], asked: bool) -> Iterable[Place]:
    """A street alone: named for staff and for the question back, never good enough to file on."""
    for i, word in enumerate(words):
        if taken[i] or word.lower in CUES and not word.lower.isdigit():
            continue
        mention = mention_at(gazetteer, words, i) or (_slipped(gazetteer, words, i))
        if mention is None or not _free(taken, i, mention.end):
            continue
        cued = i > 0 and words[i - 1].lower in CUES
        if not (mention.suffix or (mention.sure and cued) or (asked and mention.end - i == len(words))):
            continue
        street = mention.streets[0]
        lon, lat, length = gazetteer.middle(street)
        _take(taken, i, mention.end)
        short = length < 160 and len(mention.streets) == 1 and mention.suffix
        yield Place("street", gazetteer.streets[street].display, lat, lon, 0.45 if not short else 0.6,
                    _span(words, i, mention.end), length)


def _areas(gazetteer: Gazetteer, words: list[Token], taken: list[bool], asked: bool) -> Iterable[Place]:
    """A neighbourhood by name; its middle is no place to file on."""
    for i in range(len(words)):
        if words[i].key not in gazetteer.areas.first_words:
            continue
        for size in (3, 2, 1):
            keys = tuple(w.key for w in words[i:i + size])
            index = gazetteer.areas.names.get(keys) if len(keys) == size else None
            if index is None or not _free(taken, i, i + size) or _goes_on_as_street(words, i, i + size):
                continue
            capital = words[i].text[:1].isupper() or (i > 0 and words[i - 1].lower in CUES) or asked or size > 1
            if not capital:
                continue
            lon, lat, reach = gazetteer.areas.centre(index)
            _take(taken, i, i + size)
            yield Place("area", gazetteer.areas.table[index][1], lat, lon, 0.4, _span(words, i, i + size), reach)
            break
