"""Several places in one text: where the resident lives or goes is not where the problem is; two problems are two."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openline.geography.lines import metres
from openline.geography.place import Place

APART_M = 250.0
"""Points nearer than this are one place, named twice: "at 5th and Market, by 501 Market"."""
SURE = 0.75
_POINTS = ("address", "block", "intersection", "landmark", "coordinates")
_NOT_HERE = 0.4
"""Confidence of a place that the text names for another reason, where it also names the problem's own."""
_BEFORE = 60
_OTHER_REASON = re.compile(
    r"\b(?:(?:i|we) (?:live|reside|work|stay|moved|walk(?:ed)?|drove|drive|was driving|commute|go|went|came|come|rent)"
    r"|my (?:home|house|apartment|office|job|school|address|church|gym)(?: is)?|our (?:home|house|office)(?: is)?"
    r"|on my way|headed|heading|going|route|bus|trolley|el|train|detour(?:ed)?|called from|calling from|writing from"
    r"|vivo|trabajo|mi (?:casa|oficina|trabajo) (?:esta|está)|born|formerly|used to (?:be|live)|same as"
    r"|like (?:the one|they did)|next (?:stop|meeting)|meeting)"
    r"(?:\W+(?:near|at|on|in|from|to|by|over|around|the|corner|of|en|cerca|de|a|block|home|work|back|down|up)\b){0,4}\W*$",
    re.I,
)


def problems_place(text: str, places: Sequence[Place]) -> list[Place]:
    """`places` with less confidence in those that a text names for another reason, if it also names a surer one.

    "I live at 1234 Pine, the hydrant at 13th and Pine is open": the hydrant counts.
    """
    aside = [place for place in places if _for_another_reason(text, place)]
    if not aside or not any(
        place.confidence >= SURE and place.kind in _POINTS for place in places if place not in aside
    ):
        return list(places)
    return [
        place._replace(confidence=min(place.confidence, _NOT_HERE)) if place in aside else place for place in places
    ]


def _for_another_reason(text: str, place: Place) -> bool:
    start = place.span[0]
    return _OTHER_REASON.search(text[max(0, start - _BEFORE) : start]) is not None


def further_places(places: Sequence[Place]) -> tuple[Place, ...]:
    """Of places, best first, those that are as sure as the first but somewhere else: the text speaks of several."""
    if not places or not _sure_point(places[0]):
        return ()
    found = [places[0]]
    for place in places[1:]:
        if _sure_point(place) and all(_apart(place, other) for other in found):
            found.append(place)
    return tuple(found[1:])


def _sure_point(place: Place) -> bool:
    return place.confidence >= SURE and place.kind in _POINTS and place.lat is not None


def _apart(one: Place, two: Place) -> bool:
    assert one.lat is not None and one.lon is not None and two.lat is not None and two.lon is not None
    return metres((one.lon, one.lat), (two.lon, two.lat)) > APART_M + one.precision_m + two.precision_m
