"""From rows of open data to the tables and arrays of a gazetteer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from openline.geography.areas import outlines
from openline.geography.nicknames import with_nicknames
from openline.geography.records import AreaShape, Corner, Landmark, Segment
from openline.geography.text import name_keys
from openline.geography.words import DIRECTIONS, SUFFIXES

FORMAT = 2
StreetKey = tuple[str, str, str, str]
Tables = tuple[dict[str, Any], dict[str, np.ndarray]]


def tables(
    segments: Iterable[Segment],
    corners: Iterable[Corner],
    landmarks: Iterable[Landmark],
    areas: Iterable[AreaShape],
    aliases: Iterable[tuple[str, str]],
    home: Iterable[str],
    elsewhere: Iterable[str],
) -> Tables:
    """The tables of names and the arrays of numbers that make a gazetteer."""
    ordered = sorted(segments, key=_street)
    streets = {key: index for index, key in enumerate(sorted({_street(s) for s in ordered}))}
    shapes = list(areas)
    marks = with_nicknames(list(landmarks), shapes, {name_keys(key[1]) for key in streets})
    pairs, points = _corners(ordered, streets, corners)
    data = {
        "format": FORMAT,
        "streets": list(streets),
        "aliases": _resolved(aliases, streets),
        "landmarks": [[m.name, m.kind, list(m.aliases)] for m in marks],
        "areas": [[a.code, a.name, a.kind, list(a.aliases)] for a in shapes],
        "home": sorted(set(home)),
        "elsewhere": sorted(set(elsewhere)),
    }
    arrays = {
        "segment_street": np.array([streets[_street(s)] for s in ordered], np.int32),
        "ranges": np.array([_numbers(s) for s in ordered], np.int32).reshape(-1, 4),
        "points": _floats([point for s in ordered for point in s.line]),
        "offsets": np.cumsum([0, *(len(s.line) for s in ordered)]).astype(np.int32),
        "corner_streets": np.array(pairs, np.int32).reshape(-1, 2),
        "corner_points": _floats(points),
        "landmark_points": _floats([(m.lon, m.lat) for m in marks]),
        **outlines(shapes),
    }
    return data, arrays


def _floats(points: Sequence[Sequence[float]]) -> np.ndarray:
    return np.array(points, np.float64).reshape(-1, 2)


def _numbers(segment: Segment) -> tuple[int, int, int, int]:
    return segment.left_from, segment.left_to, segment.right_from, segment.right_to


def _street(segment: Segment) -> StreetKey:
    suffix = SUFFIXES.get(segment.suffix.lower(), segment.suffix.upper())
    return segment.pre.upper(), segment.name.upper(), suffix, segment.post.upper()


def split_name(full: str) -> StreetKey:
    """A whole street name taken apart: direction, name, suffix, trailing direction."""
    words = full.split()
    pre = DIRECTIONS[words.pop(0).lower()] if len(words) > 1 and words[0].lower() in DIRECTIONS else ""
    if not pre or len(words) > 1 or words[0].lower() not in SUFFIXES:
        post = DIRECTIONS[words.pop().lower()] if len(words) > 2 and words[-1].lower() in DIRECTIONS else ""
        named = len(words) > 1 and words[0].lower() != "the"  # "The Boulevard" is a name of two words
        suffix = SUFFIXES[words.pop().lower()] if named and words[-1].lower() in SUFFIXES else ""
        return pre, " ".join(words).upper(), suffix, post
    return "", full.split()[0].upper(), SUFFIXES[words[0].lower()], ""  # "South St" is no southern "St"


def _corners(
    segments: Sequence[Segment], streets: dict[StreetKey, int], named: Iterable[Corner]
) -> tuple[list[tuple[int, int]], list[tuple[float, float]]]:
    """Corners: where the ends of two streets' segments meet, then the named ones that are not among these."""
    nodes: dict[tuple[float, float], set[int]] = defaultdict(set)
    for segment in segments:
        for lon, lat in (segment.line[0], segment.line[-1]):
            nodes[round(lon, 5), round(lat, 5)].add(streets[_street(segment)])
    found = [(a, b, point) for point, met in nodes.items() for a in sorted(met) for b in sorted(met) if a < b]
    known = {(a, b) for a, b, _ in found}
    for corner in named:
        one, two = streets.get(split_name(corner.street_1)), streets.get(split_name(corner.street_2))
        if one is not None and two is not None and one != two and (min(one, two), max(one, two)) not in known:
            found.append((min(one, two), max(one, two), (corner.lon, corner.lat)))
    found.sort()
    return [(a, b) for a, b, _ in found], [point for _, _, point in found]


def _resolved(aliases: Iterable[tuple[str, str]], streets: dict[StreetKey, int]) -> list[list[Any]]:
    """Other names with the streets that they mean; a target without direction or suffix means all of that name."""
    by_name: defaultdict[str, list[StreetKey]] = defaultdict(list)
    for key in streets:
        by_name[key[1]].append(key)
    found: dict[str, set[int]] = defaultdict(set)
    for alias, target in aliases:
        pre, name, suffix, post = split_name(target)
        fits = [k for k in by_name[name] if pre in ("", k[0]) and suffix in ("", k[2]) and post in ("", k[3])]
        found[_alias_name(alias)].update(streets[k] for k in fits or by_name[target.upper()])
    return [[alias, sorted(ids)] for alias, ids in sorted(found.items()) if ids]


def _alias_name(alias: str) -> str:
    """The name in an alias: without its suffix, and without an abbreviated direction ("West River Dr" keeps West)."""
    pre, name, _, _ = split_name(alias)
    return f"{alias.split()[0]} {name}" if pre and len(alias.split()[0]) > 2 else name
