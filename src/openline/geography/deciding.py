"""Which of several places of one name is meant: the one on the street, or in or near the area, that the text names."""

from __future__ import annotations

from collections.abc import Sequence

from openline.geography.claims import Claim, Reading
from openline.geography.gazetteer import Gazetteer
from openline.geography.lines import far_apart, metres
from openline.geography.place import Place

_ON_M = 200.0
"""A place that lies no further from a street is on it."""
_NEAR_M = 2_000.0
"""Where none of the places lies in the area, one alone may lie near its middle."""
_SAME_M = 250.0
"""Places of one name nearer than this are one: a playground and its building."""
_DECIDED = 0.25
"""Confidence that the other name gives back, of what the namesakes cost."""


def decided(gazetteer: Gazetteer, reading: Reading, claims: Sequence[Claim]) -> list[Claim]:
    """The claims, of landmarks with namesakes the one that the text's streets and areas point to, if it is one."""
    if not any(claim.place.alternatives and claim.place.kind == "landmark" for claim in claims):
        return list(claims)
    streets = [street for mention in reading.mentions if _claimed(mention.start, claims) for street in mention.streets]
    named = [claim.place for claim in claims if claim.place.kind == "area"]
    areas = {code for place in named for code in gazetteer.areas.codes_of(place.name)}
    return [_decide(gazetteer, claim, streets, areas, named) for claim in claims]


def _claimed(start: int, claims: Sequence[Claim]) -> bool:
    return any(claim.place.kind == "street" and claim.start <= start < claim.end for claim in claims)


def _decide(
    gazetteer: Gazetteer, claim: Claim, streets: Sequence[int], areas: set[str], named: Sequence[Place]
) -> Claim:
    place = claim.place
    if place.kind != "landmark" or not place.alternatives or not (streets or areas):
        return claim
    namesakes = (place._replace(alternatives=()), *place.alternatives)
    meant = [each for each in namesakes if _fits(gazetteer, each, streets, areas)]
    meant = meant or [each for each in namesakes if any(_near(each, area) for area in named)]
    if not meant or far_apart([(each.lon or 0.0, each.lat or 0.0) for each in meant], _SAME_M):
        return claim
    return claim._replace(place=meant[0]._replace(confidence=round(place.confidence + _DECIDED, 2)))


def _fits(gazetteer: Gazetteer, place: Place, streets: Sequence[int], areas: set[str]) -> bool:
    assert place.lat is not None and place.lon is not None
    if not areas.isdisjoint(gazetteer.areas.at(place.lat, place.lon)):
        return True
    return any(gazetteer.table.away(street, place.lon, place.lat) <= _ON_M for street in streets)


def _near(place: Place, area: Place) -> bool:
    assert place.lat is not None and place.lon is not None
    if area.lat is None or area.lon is None:
        return False
    return metres((place.lon, place.lat), (area.lon, area.lat)) <= _NEAR_M
