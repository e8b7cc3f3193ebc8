"""Finding places in what residents write: addresses, blocks, corners, landmarks, areas, coordinates.

Precision before recall: a wrong pin is worse than none. Every rule gives a confidence; from 0.75 on a request may be
filed without asking. Rules work on the words of the text and the names of the gazetteer; nothing is guessed that the
city's own tables do not hold. `docs/geography.md` tells how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

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
    text = text[:LONGEST]
    found = list(coordinates(gazetteer, text)) if _DECIMALS.search(text) or "°" in text else []
    for name, span in linked_names(text):
        found += [replace(place, span=span) for place in _in_words(gazetteer, name, asked=True)[:1]]
    found += _in_words(gazetteer, text, asked)
    if "#" in text and not any(place.confidence >= SURE and place.kind in _POINTS for place in found):
        found += tagged(gazetteer, text)
    inside = [place for place in (_with_areas(gazetteer, place) for place in found) if place]
    if len(inside) > 1:
        inside = problems_place(text, inside)
    return sorted(inside, key=lambda place: -place.confidence)


def geocode(gazetteer: Gazetteer, line: str) -> Place | None:
    """The place that `line`, which holds nothing else, names; None if there is none in this city."""
    places = find_places(gazetteer, line, asked=True)
    return places[0] if places else None


def _in_words(gazetteer: Gazetteer, text: str, asked: bool) -> list[Place]:
    """The places that the words of a text name, none on the words of another."""
    words = Words(text)
    roles = Roles(list(map(gazetteer.names.roles.__getitem__, words.lower)))
    if not roles.marked:
        return []
    mentions = mentions_in(gazetteer, words, roles, asked)
    reading = Reading(words, _with_slips(gazetteer, words, roles.having(SUFFIX), mentions), asked)
    claims = [*landmarks(gazetteer, reading, roles.having(LANDMARK)), *misspelled(gazetteer, reading)]
    if reading.mentions:
        for rule in (stretches, addresses, corners, streets):
            claims += rule(gazetteer, reading)
    named = list(areas(gazetteer, reading, roles.having(AREA))) or list(misspelled_areas(gazetteer, reading))
    claims += (*named, *kinds(gazetteer, reading, named))
    kept = decided(gazetteer, reading, _without_overlaps(claims))
    if not kept:
        return []
    places = [c.place for c in kept if not elsewhere.in_other_state(gazetteer, text, c.place.span[1])]
    if not elsewhere.is_elsewhere(gazetteer, words, kept):
        return places
    return [
        replace(place, confidence=round(place.confidence * elsewhere.DOUBT, 2))
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
    return place.within(codes, others)
