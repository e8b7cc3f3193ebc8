"""Finding places in what residents write: addresses, blocks, corners, landmarks, areas, coordinates.

Precision before recall: a wrong pin is worse than none. Every rule gives a confidence; from 0.75 on a request may be
filed without asking. Rules work on the words of the text and the names of the gazetteer; nothing is guessed that the
city's own tables do not hold. `docs/geography.md` tells how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

from openline.geography import elsewhere
from openline.geography.addresses import addresses
from openline.geography.claims import Claim, Reading
from openline.geography.coordinates import coordinates, linked_names
from openline.geography.corners import corners
from openline.geography.deciding import decided
from openline.geography.gazetteer import Gazetteer
from openline.geography.hashtags import tagged
from openline.geography.kinds import kinds
from openline.geography.landmark_slips import misspelled, misspelled_areas
from openline.geography.mentions import Mention, mentions_in, number_at, slip_at
from openline.geography.named import areas, landmarks, streets
from openline.geography.place import Place
from openline.geography.rivals import SURE, problems_place
from openline.geography.roles import AREA, LANDMARK, SUFFIX, Roles
from openline.geography.stretches import stretches
from openline.geography.text import LONGEST, Words
from openline.geography.words import DIRECTIONS

_DECIMALS = re.compile(r"\.\d{3}")
_POINTS = frozenset(("address", "block", "intersection", "landmark", "coordinates"))
_RANK = {"block": 0, "address": 0, "intersection": 0, "landmark": 1, "area": 2, "street": 3}


def find_places(gazetteer: Gazetteer, text: str, asked: bool = False) -> list[Place]:
    """The places that `text` names, best first. `asked`: the text answers our question "where is it?"."""
    return find_all(gazetteer, [text], asked)[0]


def find_all(gazetteer: Gazetteer, texts: Sequence[str], asked: bool = False) -> list[list[Place]]:
    """The places that each of `texts` names, best first, in their order.

    Each rule reads all texts before the next one begins: what it needs then stays in the processor's cache, which
    saves a third of the time.
    """
    texts = [text[:LONGEST] for text in texts]
    found = map(partial(_everywhere, gazetteer), texts, _in_words(gazetteer, texts, asked))
    return [sorted(places, key=lambda place: -place.confidence) if len(places) > 1 else places for places in found]


def geocode(gazetteer: Gazetteer, line: str) -> Place | None:
    """The place that `line`, which holds nothing else, names; None if there is none in this city."""
    places = find_places(gazetteer, line, asked=True)
    return places[0] if places else None


def _everywhere(gazetteer: Gazetteer, text: str, in_words: list[Place]) -> list[Place]:
    """The places within the city that a text names in any way: by coordinates, links, `in_words`, hashtags."""
    found = list(coordinates(gazetteer, text)) if _DECIMALS.search(text) or "°" in text else []
    for name, span in linked_names(text):
        found += [place._replace(span=span) for place in _in_words(gazetteer, [name], asked=True)[0][:1]]
    found += in_words
    if "#" in text and not any(place.confidence >= SURE and place.kind in _POINTS for place in found):
        found += tagged(gazetteer, text)
    inside = [place for place in (_with_areas(gazetteer, place) for place in found) if place]
    return problems_place(text, inside) if len(inside) > 1 else inside


def _in_words(gazetteer: Gazetteer, texts: Sequence[str], asked: bool) -> list[list[Place]]:
    """The places that the words of each text name, none on the words of another."""
    read = [Words(text) for text in texts]
    role = gazetteer.names.roles.__getitem__
    roles = [Roles(list(map(role, words.lower))) for words in read]
    named = [mentions_in(gazetteer, *both, asked) for both in zip(read, roles, strict=True)]
    named = [
        _with_slips(gazetteer, words, of.having(SUFFIX), mentions)
        for words, of, mentions in zip(read, roles, named, strict=True)
    ]
    readings = [Reading(words, mentions, asked) for words, mentions in zip(read, named, strict=True)]
    claims = [[*landmarks(gazetteer, one, of.having(LANDMARK))] for one, of in zip(readings, roles, strict=True)]
    for reading, claimed in zip(readings, claims, strict=True):
        claimed += misspelled(gazetteer, reading)
    on_streets = [both for both in zip(readings, claims, strict=True) if both[0].mentions]
    for rule in (stretches, addresses, corners):
        for reading, claimed in on_streets:
            claimed += rule(gazetteer, reading)
    for reading, claimed in on_streets:
        claimed += streets(gazetteer, _unclaimed(reading, claimed))
    for reading, of, claimed in zip(readings, roles, claims, strict=True):
        claimed += _areas(gazetteer, reading, of.having(AREA), claimed)
    return [_kept(gazetteer, *both) if both[1] else [] for both in zip(readings, claims, strict=True)]


def _unclaimed(reading: Reading, claims: Sequence[Claim]) -> Reading:
    """The text with only those streets that are no part of a longer claim: a street alone would give way to it."""
    free = [m for m in reading.mentions if not any(c.start <= m.start and m.end <= c.end for c in claims)]
    return reading._replace(mentions=free)


def _areas(gazetteer: Gazetteer, reading: Reading, beginnings: Sequence[int], claims: Iterable[Claim]) -> list[Claim]:
    """The areas that a text names, also misspelled, and the places of a kind that are the only ones in them."""
    named = list(areas(gazetteer, reading, beginnings)) or list(misspelled_areas(gazetteer, reading))
    known = [claim for claim in claims if claim.place.kind == "landmark"]
    return [*named, *kinds(gazetteer, reading, named, known)]


def _kept(gazetteer: Gazetteer, reading: Reading, claims: list[Claim]) -> list[Place]:
    """The places of the claims that stand; with less confidence in a text that is about another city."""
    words = reading.words
    kept = decided(gazetteer, reading, _without_overlaps(claims))
    places = [c.place for c in kept if not elsewhere.in_other_state(gazetteer, words.text, c.place.span[1])]
    if not elsewhere.is_elsewhere(gazetteer, words, kept):
        return places
    return [
        place._replace(confidence=round(place.confidence * elsewhere.DOUBT, 2))
        for place in places
        if place.kind in _POINTS
    ]


def _with_slips(gazetteer: Gazetteer, words: Words, suffixes: Iterable[int], mentions: list[Mention]) -> list[Mention]:
    """Also the misspelled names that one of the `suffixes` shows to be streets: "Passyunck Ave"."""
    read = (slip_at(gazetteer, words, i - 1) or _numbered(gazetteer, words, i) for i in suffixes if i)
    slips = [mention for mention in read if mention]
    if not slips:
        return mentions
    taken = {i for mention in mentions for i in range(mention.start, mention.end)}
    found = [slip for slip in slips if taken.isdisjoint((slip.start, slip.name, slip.name + 1))]
    return sorted(mentions + found, key=lambda mention: mention.start) if found else mentions


def _numbered(gazetteer: Gazetteer, words: Words, suffix: int) -> Mention | None:
    """ "N 6 St": a bare number between a direction and a suffix."""
    return number_at(gazetteer, words, suffix - 1) if suffix > 1 and words.lower[suffix - 2] in DIRECTIONS else None


def _without_overlaps(claims: list[Claim]) -> list[Claim]:
    """Of claims on the same words the one that takes more of them stays."""
    if len(claims) < 2:
        return claims
    kept: list[Claim] = []
    for claim in sorted(claims, key=lambda c: (c.start - c.end, _RANK[c.place.kind], -c.place.confidence)):
        if all(claim.end <= other.start or claim.start >= other.end for other in kept):
            kept.append(claim)
    return sorted(kept, key=lambda claim: claim.start)


def _with_areas(gazetteer: Gazetteer, place: Place) -> Place | None:
    """The place with the areas around it; None if its point lies outside the city."""
    if place.lat is None or place.lon is None or place.kind not in _POINTS:
        return place
    codes = gazetteer.areas.at(place.lat, place.lon)
    if not (codes or (not gazetteer.areas.table and gazetteer.inside(place.lat, place.lon))):
        return None
    others = tuple(filter(None, (_with_areas(gazetteer, other) for other in place.alternatives)))
    return place._replace(areas=codes, alternatives=others)
