"""Which of several places of one name is meant: the one on the street or in the area that the text also names."""

from __future__ import annotations

from collections.abc import Sequence

from openline.geography.claims import Claim, Reading
from openline.geography.gazetteer import Gazetteer
from openline.geography.place import Place

_ON_M = 200.0
"""A place that lies no further from a street is on it."""
_DECIDED = 0.25
"""Confidence that the other name gives back, of what the namesakes cost."""


def decided(gazetteer: Gazetteer, reading: Reading, claims: Sequence[Claim]) -> list[Claim]:
    """The claims, of landmarks with namesakes the one that the text's streets and areas point to, if it is one."""
    if not any(claim.place.alternatives and claim.place.kind == "landmark" for claim in claims):
        return list(claims)
    streets = [street for mention in reading.mentions if _claimed(mention.start, claims) for street in mention.streets]
    named = [claim.place.name for claim in claims if claim.place.kind == "area"]
    areas = {code for name in named for code in gazetteer.areas.codes_of(name)}
    return [_decide(gazetteer, claim, streets, areas) for claim in claims]


def _claimed(start: int, claims: Sequence[Claim]) -> bool:
    return any(claim.place.kind == "street" and claim.start <= start < claim.end for claim in claims)


def _decide(gazetteer: Gazetteer, claim: Claim, streets: Sequence[int], areas: set[str]) -> Claim:
    place = claim.place
    if place.kind != "landmark" or not place.alternatives or not (streets or areas):
        return claim
    namesakes = (place._replace(alternatives=()), *place.alternatives)
    meant = [each for each in namesakes if _fits(gazetteer, each, streets, areas)]
    if len(meant) != 1:
        return claim
    return claim._replace(place=meant[0]._replace(confidence=round(place.confidence + _DECIDED, 2)))


def _fits(gazetteer: Gazetteer, place: Place, streets: Sequence[int], areas: set[str]) -> bool:
    assert place.lat is not None and place.lon is not None
    if not areas.isdisjoint(gazetteer.areas.at(place.lat, place.lon)):
        return True
    return any(gazetteer.table.away(street, place.lon, place.lat) <= _ON_M for street in streets)
