"""Coordinates and shared map links in a text.

Nothing is fetched: a short link (maps.app.goo.gl) tells nothing by itself, nor do the words of what3words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from openline.geography.gazetteer import Gazetteer
from openline.geography.place import Place

_CONFIDENCE = 0.95
_VIEW_CONFIDENCE = 0.6
"""Where a link names a place, the middle of its map is only near it."""
_NUMBER = r"(?<![\d.])(?:(?<![A-Za-z])([NSEW]) ?)?([-+]?\d{1,3}\.\d{3,15})(?!\d)\s*°?\s*(?:([NSEW])(?![A-Za-z]))?"
_DECIMAL = re.compile(
    _NUMBER
    + r"(?:(?:\s*[,;/~|]\s*|\s+)(?:lo?ng?(?:itude)?\s*[:=]?\s*)?|%2C(?:%20|\+)?|&m?lon(?:gitude)?=|!4d)"
    + _NUMBER.removeprefix(r"(?<![\d.])"),
    re.I,
)
_DEGREES = re.compile(
    r"(\d{1,3})\s*°\s*(\d{1,2}(?:\.\d+)?)\s*['′’]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[\"″”]?)?\s*([NS])[\s,]+"
    r"(\d{1,3})\s*°\s*(\d{1,2}(?:\.\d+)?)\s*['′’]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[\"″”]?)?\s*([EW])",
    re.I,
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)
_MAP_LINK = re.compile(r"https?://\S*(?:map|goo\.gl|waze|bing)\S*", re.I)
_ASKED_FOR = re.compile(r"(?:[?&](?:q|query|daddr|destination|address)=|/(?:place|search)/)([^&?/#\s]+)", re.I)
_NOT_A_NAME = re.compile(r"[-+\d.,°'\"NSEW\s]*|(?:dropped|marked|my|current) (?:pin|location)|loc:.*", re.I)
_BEFORE_A_VIEW = re.compile(r"(?:@|#map=[\d.]+/|[?&](?:center|cp|sll|saddr|origin)=(?:loc:)?)$", re.I)


def coordinates(gazetteer: Gazetteer, text: str) -> Iterator[Place]:
    """Places given as decimal degrees, as degrees with minutes, or in the link of a map: of each link one."""
    if "://" in text or "www." in text:
        for link in _LINK.finditer(text):
            yield from _linked(gazetteer, link)
        text = _LINK.sub(lambda link: " " * len(link[0]), text)
    for (lat, lon), match in _pairs(text):
        yield from _described(gazetteer, lat, lon, match.span())


def linked_names(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """What map links ask for by name ("?q=13th+and+Market"), with the link's span, where they hold no pin."""
    if "://" not in text:
        return
    for link in _MAP_LINK.finditer(text):
        name, pins = _name(link.group()), _pins(unquote_plus(link.group()))
        if name and not pins:
            yield name, link.span()


def _linked(gazetteer: Gazetteer, link: re.Match[str]) -> Iterator[Place]:
    """The pin of a map's link, else the middle of its map."""
    address = unquote_plus(link.group())
    pins = _pins(address)
    for lat, lon in pins[-1:]:
        yield from _described(gazetteer, lat, lon, link.span())
    if not pins:
        sure = _VIEW_CONFIDENCE if _name(link.group()) else _CONFIDENCE
        for (lat, lon), _ in list(_pairs(address))[-1:]:
            yield from _described(gazetteer, lat, lon, link.span(), sure)


def _pins(address: str) -> list[tuple[float, float]]:
    """The points that a link marks; of a place's own (!3d, mlat) and others only the former."""
    pairs = list(_pairs(address))
    own = [pair for pair, match in pairs if address[: match.start()].endswith(("!3d", "mlat="))]
    return own or [pair for pair, match in pairs if not _BEFORE_A_VIEW.search(address, 0, match.start())]


def _name(link: str) -> str:
    """What a link asks for in words; "" if nothing, or only numbers."""
    asked = _ASKED_FOR.search(link)
    name = unquote_plus(asked[1]) if asked else ""
    return "" if _NOT_A_NAME.fullmatch(name) else name


def _pairs(text: str) -> Iterator[tuple[tuple[float, float], re.Match[str]]]:
    """All pairs of numbers that may be a point, in the order in which they stand."""
    for match in _DECIMAL.finditer(text):
        yield (_signed(match[2], match[1] or match[3]), _signed(match[5], match[4] or match[6])), match
    if "°" in text:
        for match in _DEGREES.finditer(text):
            lat = _signed(_degrees(match[1], match[2], match[3]), match[4])
            yield (lat, _signed(_degrees(match[5], match[6], match[7]), match[8])), match


def _signed(value: str | float, side: str | None) -> float:
    """South and west count below zero."""
    return -abs(float(value)) if side and side.upper() in ("S", "W") else float(value)


def _degrees(degrees: str, minutes: str, seconds: str | None) -> float:
    return int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600


def _described(
    gazetteer: Gazetteer, first: float, second: float, span: tuple[int, int], confidence: float = _CONFIDENCE
) -> Iterator[Place]:
    """Latitude first as people write it; put right if only the other order, or a lost minus, is in the city."""
    for lat, lon in ((first, second), (second, first), (first, -second), (second, -first)):
        place = gazetteer.describe(lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None
        if place:
            yield place._replace(span=span, confidence=confidence)
            return
