"""Places known by name: landmarks, areas, and streets without a number or a cross street."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openline.geography.addresses import AMBIGUOUS_M
from openline.geography.claims import Claim, Reading
from openline.geography.common_words import COMMON_WORDS
from openline.geography.gazetteer import Gazetteer
from openline.geography.institutions import means_institution
from openline.geography.lines import far_apart
from openline.geography.mentions import Mention
from openline.geography.names import GENERIC, KIND_WORDS, Keys, Trie
from openline.geography.streets import Located
from openline.geography.text import Words, name_keys
from openline.geography.words import DIRECTIONS, SIDE_LINKS, STRONG_SUFFIXES

_JOINTS = frozenset(("&", "/", "and"))
_AREA_WORDS = frozenset("neighborhood neighbourhood area section community nabe".split())
_BESIDE = frozenset("at near outside behind beside inside around by opposite across cerca".split())
"""Before a name that is both: these mean the park, "in" the neighbourhood around it."""
_TWO_BESIDE = frozenset((("next", "to"), ("close", "to"), ("across", "from")))
_WITHIN = frozenset("in en throughout across over".split())
"""Before a name that is both: these mean the neighbourhood."""
_SPOT_M = 300.0
"""A landmark wider than this is no place to send a crew to."""
_ALSO_AN_AREA = 0.7
_RUNS_ON = 0.7
"""Of a name that goes on behind a hyphen or means an institution: "Happy Hollow-een", "Christ Church folks"."""
_ACRONYM = 0.78
_OWN_NAME = 7
"""From so many letters on, a name that is no everyday word is that of the area, also in small letters."""
_SHORT_STREET_M = 160.0


def landmarks(gazetteer: Gazetteer, reading: Reading, beginnings: Iterable[int]) -> Iterator[Claim]:
    """Parks, schools, stations and other places by their names, which begin at some of these words."""
    words = reading.words
    for start, end, keys, indexes in _matches(gazetteer.names.landmarks, words, beginnings):
        if _is_street(gazetteer, words, start, end) or _is_area(words, end):
            continue
        confidence = _landmark_confidence(gazetteer, reading, start, end, keys)
        others = _others(gazetteer, indexes) if len(indexes) > 1 else []
        if others:
            confidence -= 0.25
        name, *point = gazetteer.landmark(indexes[0])
        if len(keys) == 1 and reading.cue(start) and _is_acronym(words, start, name):
            confidence = max(confidence, _ACRONYM)
        if words.glued(end - 1) or means_institution(words, start, end):
            confidence = min(confidence, _RUNS_ON)
        wide = point[2] > _SPOT_M
        before = _word_before(words, start)
        if stands_for(gazetteer.names.areas, keys) and before not in _BESIDE:
            other = name_keys(name) != keys or keys[-1] not in KIND_WORDS  # Juniata Park (Ferko Playground), a mansion
            within = other or before in _WITHIN
            if within and not (wide or reading.asked):
                continue
            confidence = min(confidence, _ALSO_AN_AREA)  # "Cedar Park": the park, or the whole neighbourhood?
        if confidence >= 0.5:
            if wide and not reading.asked:
                confidence = min(confidence, _ALSO_AN_AREA)  # where in the Wissahickon?
            yield reading.claim("landmark", name, (point[0], point[1], point[2]), start, end, confidence, others)


def _is_area(words: Words, end: int) -> bool:
    """Whether the word behind the name makes a neighbourhood of it; not "Liberty Lands community garden"."""
    if end >= len(words) or words.lower[end] not in _AREA_WORDS:
        return False
    return end + 1 == len(words) or words.keys[end + 1] not in KIND_WORDS


def _others(gazetteer: Gazetteer, indexes: tuple[int, ...]) -> list[tuple[str, Located]]:
    """The landmarks of the same name that are far from the first."""
    first, *rest = ((name, (lon, lat, reach)) for name, lon, lat, reach in map(gazetteer.landmark, indexes))
    return [(name, point) for name, point in rest if far_apart((first[1], point), AMBIGUOUS_M)]


def _matches(trie: Trie, words: Words, beginnings: Iterable[int]) -> Iterator[tuple[int, int, Keys, tuple[int, ...]]]:
    """Where names stand in the text: the longest at each word that begins one."""
    keys, last = words.keys, len(words.keys) - 1
    for i in beginnings:
        node, after = trie[keys[i]], keys[i + 1] if i < last else ""
        if None in node or after in node or after in _JOINTS or after[:-1] in node:
            end, indexes = longest_name(trie, words, i)
            if end:
                named = tuple(k for k in keys[i:end] if k not in _JOINTS)
                owner = words.lower[end - 1].endswith("'s") and not stands_for(trie, named)
                yield i, end, (*named[:-1], named[-1][:-1]) if owner else named, indexes


def longest_name(trie: Trie, words: Words, start: int) -> tuple[int, tuple[int, ...]]:
    """Where the longest name that begins at word `start` ends, and what it stands for; (0, ()) if none does.

    "&", "/" and "and" count for nothing within a name.
    """
    keys, found = words.keys, (0, ())
    node, position = trie[keys[start]], start + 1
    while True:
        if None in node:
            found = position, node[None]
        while position < len(keys) and keys[position] in _JOINTS and keys[position] not in node:
            position += 1
        key = keys[position] if position < len(keys) else None
        if key not in node and key and words.lower[position].endswith("'s"):
            key = key[:-1]  # "Clark Park's benches"
        if key is None or key not in node or words.broken(position - 1, position):
            return found
        node, position = node[key], position + 1


def stands_for(trie: Trie, keys: Keys) -> tuple[int, ...]:
    """What exactly this name stands for."""
    node: Trie | None = trie
    for key in keys:
        node = node.get(key) if node else None
    return node.get(None, ()) if node else ()


def _is_street(gazetteer: Gazetteer, words: Words, start: int, end: int) -> bool:
    """A suffix behind the name, or a house number before it, makes a street of it.

    Not of a name whose kind is no street's name: "Mummers Museum street is blocked".
    """
    suffixed = end < len(words) and words.lower[end] in STRONG_SUFFIXES and words.close(end - 1)
    last = words.keys[end - 1]
    if suffixed and not (end - start > 1 and last in KIND_WORDS and last not in gazetteer.names.streets):
        return True
    before = start - 1 - (start > 1 and words.lower[start - 1] in DIRECTIONS)
    return before >= 0 and (words.number(before) or 0) >= 10 and words.close(before)


def _landmark_confidence(gazetteer: Gazetteer, reading: Reading, start: int, end: int, keys: Keys) -> float:
    """Names of several words with one of their own are sure; others need a cue or capitals."""
    words = reading.words
    cue = reading.cue(start)
    written = [i for i in range(start, end) if words.lower[i] not in ("of", "the", "and", "&", "at", "for")]
    capital = all(map(words.capital, written)) and not words.text.isupper()
    if reading.whole(start, end):
        return 0.9
    if len(keys) == 1:
        named_on = end < len(words) and words.keys[end] in KIND_WORDS and words.close(start)  # "Sullivan Station"
        return 0.0 if named_on else _of_one_word(reading, start, keys[0], capital)
    distinctive = gazetteer.names.distinctive(keys)
    if cue and not capital and (_is_vague(keys) or (keys[0] == "the" and len(keys) == 2)) and _leads_on(words, start):
        cue = 0  # "city hall does not care", "eastern state of mind", "going to the zoo", "the uptown funk guy"
    if not distinctive:
        return 0.8 if cue or capital or len(keys) > 2 else 0.6
    if len(keys) >= 3 or keys[-1] in KIND_WORDS or keys[0] in KIND_WORDS:
        return 0.9 if cue or capital else 0.82
    return 0.84 if capital else 0.78 if cue else 0.55


def _word_before(words: Words, start: int) -> str:
    """The word before the name, articles left out."""
    return words.lower[start - 1 - (start > 1 and words.lower[start - 1] in ("the", "la"))] if start else ""


def _is_vague(keys: Keys) -> bool:
    """Whether a name is of everyday words: kinds of places, or none of them."""
    return GENERIC.issuperset(keys) or (KIND_WORDS.isdisjoint(keys) and COMMON_WORDS.issuperset(set(keys) - GENERIC))


def _leads_on(words: Words, start: int) -> bool:
    """Whether nothing but the beginning of the text, or "to", comes before: this says little of a place."""
    return start == 0 or (words.lower[start - 1] == "to" and words.lower[max(0, start - 2)] not in ("next", "close"))


def _of_one_word(reading: Reading, start: int, key: str, capital: bool) -> float:
    """Names of one word need a word that puts something there: "near capitolo". Everyday words stay unsure."""
    words = reading.words
    if reading.asked:
        return 0.78
    if not reading.cue(start) or start == 0 or (len(key) < 4 and not capital):
        return 0.0
    before = start - 1 - (start > 1 and words.lower[start - 1] in ("the", "la"))
    two = tuple(words.lower[max(0, before - 1) : before + 1])
    beside = words.lower[before] in _BESIDE | SIDE_LINKS or two in _TWO_BESIDE
    if key in COMMON_WORDS or not beside:
        return 0.7 if capital else 0.0
    return 0.78


def _is_acronym(words: Words, i: int, name: str) -> bool:
    """Whether word `i`, which is none of the name's own, is of four or more capitals: "noise from CHOP"."""
    written = words.text[slice(*words.span(i, i + 1))]
    shouted = len(written) > 3 and written.isupper() and not words.text.isupper()
    return shouted and words.keys[i] not in COMMON_WORDS and words.keys[i] not in name_keys(name)


def areas(gazetteer: Gazetteer, reading: Reading, beginnings: Iterable[int]) -> Iterator[Claim]:
    """A neighbourhood or ZIP code by name, which begins at one of these words; its middle is no place to file on."""
    words = reading.words
    for start, end, keys, indexes in _matches(gazetteer.names.areas, words, beginnings):
        cue = reading.cue(start)
        if keys[0].isdigit() and not cue:
            continue
        if words.lower[end : end + 1] and words.lower[end] in _AREA_WORDS:
            end, cue = end + 1, 2
        own = len(keys[0]) >= _OWN_NAME and keys[0] not in COMMON_WORDS
        if len(keys) > 1 or words.capital(start) or cue or own:
            name, lon, lat, reach = gazetteer.area(indexes[0], keys)
            yield reading.claim("area", name, (lon, lat, reach), start, end, 0.4 + 0.1 * (cue > 0))


def streets(gazetteer: Gazetteer, reading: Reading) -> Iterator[Claim]:
    """A street alone: named for staff and for the question back, never good enough to file on."""
    for mention in reading.mentions:
        if not _street_is_meant(reading, mention):
            continue
        street = mention.streets[0]
        point = gazetteer.table.middle(street)
        sure = len(mention.streets) == 1 and mention.suffix > 0 and point[2] < _SHORT_STREET_M
        name = gazetteer.streets[street]
        shown = name.undirected if not mention.direction and len(mention.streets) > 1 else name.display
        yield reading.claim("street", shown, point, mention.start, mention.end, 0.6 if sure else 0.45)


def _street_is_meant(reading: Reading, mention: Mention) -> bool:
    """Whether a name without number or cross street means the street at all."""
    if reading.whole(mention.start, mention.end):
        return True
    before = reading.words.lower[mention.start - 1 : mention.start]
    if mention.strength < 0 or (before == ["the"] and not mention.suffix):
        return False  # "on the 13th" is a day
    if mention.suffix > 0:
        return not mention.slip or reading.cue(mention.start) > 0
    if mention.slip or mention.common:
        return mention.direction > 0 and not mention.slip and reading.cue(mention.start) > 0
    return reading.cue(mention.start) > 0 and (reading.asked or reading.words.capital(mention.name))
