"""Coordinates and shared map links in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote_plus

from openline.geography.gazetteer import Gazetteer
from openline.geography.place import Place

_CONFIDENCE = 0.95
_DECIMAL = re.compile(
    r"(?<![\d.])([-+]?\d{1,3}\.\d{3,15})\s*°?\s*([NSEW]?)"
    r"(?:\s*[,;/~|]\s*(?:lo?ng?(?:itude)?\s*[:=]?\s*)?|%2C(?:%20|\+)?|&m?lon(?:gitude)?=|!4d|\s+)"
    r"([-+]?\d{1,3}\.\d{3,15})(?!\d)\s*°?\s*([NSEW]?)",
    re.I,
)
_DEGREES = re.compile(
    r"(\d{1,3})\s*°\s*(\d{1,2})\s*['′’]\s*(\d{1,2}(?:\.\d+)?)?\s*[\"″”]?\s*([NS])[\s,]+"
    r"(\d{1,3})\s*°\s*(\d{1,2})\s*['′’]\s*(\d{1,2}(?:\.\d+)?)?\s*[\"″”]?\s*([EW])",
    re.I,
)
_MAP_LINK = re.compile(r"https?://\S*(?:map|goo\.gl|waze|bing)\S*", re.I)
_ASKED_FOR = re.compile(r"(?:[?&](?:q|query|daddr|destination|address)=|/(?:place|search)/)([^&?/#\s]+)", re.I)


def coordinates(gazetteer: Gazetteer, text: str) -> Iterator[Place]:
    """Places given as decimal degrees, as degrees with minutes, or in the link of a map."""
    for match in _DECIMAL.finditer(text):
        first = _signed(float(match[1]), match[2])
        second = _signed(float(match[3]), match[4])
        yield from _described(gazetteer, first, second, match.span())
    if "°" in text:
        for match in _DEGREES.finditer(text):
            lat = _signed(_degrees(match[1], match[2], match[3]), match[4])
            lon = _signed(_degrees(match[5], match[6], match[7]), match[8])
            yield from _described(gazetteer, lat, lon, match.span())


def linked_names(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """What map links ask for by name ("?q=13th+and+Market"), with the link's span."""
    if "://" not in text:
        return
    for link in _MAP_LINK.finditer(text):
        asked = _ASKED_FOR.search(link.group())
        if asked:
            yield unquote_plus(asked[1]), link.span()


def _signed(value: float, side: str) -> float:
    """South and west count below zero."""
    return -abs(value) if side.upper() in ("S", "W") and side else value


def _degrees(degrees: str, minutes: str, seconds: str | None) -> float:
    return int(degrees) + int(minutes) / 60 + float(seconds or 0) / 3600


def _described(gazetteer: Gazetteer, first: float, second: float, span: tuple[int, int]) -> Iterator[Place]:
    """Latitude first as people write it; put right if only the other order, or a lost minus, is in the city."""
    for lat, lon in ((first, second), (second, first), (first, -second), (second, -first)):
        place = gazetteer.describe(lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None
        if place:
            yield replace(place, span=span, confidence=_CONFIDENCE)
            return
