"""A place by its kind and its street or area: "the library on Frankford Ave", "rec center in Fishtown"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from openline.geography.claims import Claim, Reading
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import far_apart
from openline.geography.mentions import Mention

_KINDS = frozenset("library recreation playground hospital cemetery".split())
"""Kinds of places of which a street may have one alone."""
_OF_AREAS = frozenset(("library", "recreation"))
"""Kinds of places that are all known, so that the only one known in an area is the one meant."""
_ON, _IN = frozenset(("on", "at")), frozenset(("in", "at"))
"""Between the kind and a street, and between the kind and an area."""
_ANY = frozenset("a an any another new no every each your other".split())
"""Before the kind: these speak of none that is there."""
_ON_M = 130.0
_SAME_M = 200.0
_SURE = 0.78


def kinds(
    gazetteer: Gazetteer, reading: Reading, areas: Iterable[Claim], landmarks: Iterable[Claim] = ()
) -> Iterator[Claim]:
    """Places of a kind on a street or in an area that a text names behind the kind, where there is only one.

    Not where the kind is part of the name of one of `landmarks`: "Kelly Playground in Roxborough".
    """
    keys = reading.words.keys
    if _KINDS.isdisjoint(keys):
        return
    mentions = {mention.start: mention for mention in reading.mentions}
    named = {claim.start: claim for claim in areas}
    taken = {i for claim in landmarks for i in range(claim.start, claim.end)}
    for i, key in enumerate(keys):
        if key not in _KINDS or i in taken or (i and keys[i - 1] in _ANY):
            continue
        link = i + 1 + (keys[i + 1 : i + 2] == ["center"])
        if link + 1 >= len(keys) or reading.words.broken(i, link + 1):
            continue
        word = reading.words.lower[link]
        if word in _ON and (mention := mentions.get(link + 1)):
            found, end = _on(gazetteer, key, mention), mention.end
        elif word in _IN and key in _OF_AREAS and (claim := named.get(link + 1)):
            found, end = _in(gazetteer, key, claim.place.name), claim.end
        else:
            continue
        yield from _only(gazetteer, reading, found, i, end)


def _on(gazetteer: Gazetteer, kind: str, mention: Mention) -> list[int]:
    """The places of a kind that lie on a street; none where the name may be another word."""
    if mention.strength < 1:
        return []
    away = gazetteer.table.away
    return [
        index
        for index in gazetteer.of_kind(kind)
        if any(away(street, *gazetteer.landmark(index)[1:3]) <= _ON_M for street in mention.streets)
    ]


def _in(gazetteer: Gazetteer, kind: str, name: str) -> list[int]:
    """The places of a kind that lie in an area."""
    codes = gazetteer.areas.codes_of(name)
    points = ((index, *gazetteer.landmark(index)[1:3]) for index in gazetteer.of_kind(kind))
    return [index for index, lon, lat in points if not codes.isdisjoint(gazetteer.areas.at(lat, lon))]


def _only(gazetteer: Gazetteer, reading: Reading, found: Sequence[int], start: int, end: int) -> Iterator[Claim]:
    """The claim on the one place found, if it is one."""
    if found and not far_apart([gazetteer.landmark(index)[1:3] for index in found], _SAME_M):
        name, lon, lat, reach = gazetteer.landmark(found[0])
        yield reading.claim("landmark", name, (lon, lat, reach), start, end, _SURE)
