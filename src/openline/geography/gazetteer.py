"""The compiled gazetteer of a city: streets with address ranges and lines, corners, landmarks, areas.

A compact file of our own: NumPy arrays and tables of names in one compressed archive. Compiled once
(`openline city load`, `tools/build_philadelphia.py`), read by every process in well under a second.
"""

from __future__ import annotations

import io
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import numpy as np
import orjson

from openline.geography.place import Place
from openline.geography.words import SUFFIXES, name_keys, title

METRES_PER_DEGREE = 111_320.0
GENERIC = frozenset(
    "THE A OF AND AT PARK PLAYGROUND PARKING GARAGE LOT FIRE POLICE STATION HOUSE BRIDGE POINT MAIN ENTRANCE CENTER"
    " RECREATION LIBRARY BRANCH SCHOOL HIGH ELEMENTARY POOL FIELD BUILDING CITY BANK MASONIC TEMPLE BOULEVARD"
    " DISTRICT HEALTH TENNIS COURTS COURT SQUARE MARKET STREET AVENUE ROAD HILL RIVER CREEK WOODS GARDEN NEW OLD"
    " NORTH SOUTH EAST WEST UPPER LOWER PLAY GROUND ICE RINK OFFICE ANNEX HEADQUARTERS UNIT DEPARTMENT ACADEMY"
    " CHURCH CHAPEL SHOPPING MALL PLAZA HOTEL HOSPITAL COLLEGE UNIVERSITY THEATER MUSEUM MUSIC CHILDRENS HOME".split())
"""Words that name kinds of places: a name of nothing else names no place in particular."""
_NODE_DIGITS = 5
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of street between two corners: its address ranges (0: none) and its line of (lon, lat) points."""

    pre: str
    name: str
    suffix: str
    post: str
    left_from: int
    left_to: int
    right_from: int
    right_to: int
    line: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Corner:
    """A named corner of two streets, where the segments' ends do not tell."""

    street_1: str
    street_2: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place known by name. `aliases` are other names; `common` marks names that need no cue."""

    name: str
    kind: str
    lon: float
    lat: float
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaShape:
    """A named polygon as GeoJSON geometry."""

    code: str
    name: str
    kind: str
    aliases: tuple[str, ...]
    geometry: dict[str, Any]


@dataclass(slots=True)
class Street:
    """One street: name parts, and where its segments stand in the arrays."""

    pre: str
    name: str
    suffix: str
    post: str
    segments: list[int] = field(default_factory=list)

    @property
    def display(self) -> str:
        """The street as people write it."""
        return title(" ".join(part for part in (self.pre, self.name, self.suffix, self.post) if part))


class Gazetteer:
    """Looks up addresses, blocks, corners, landmarks and areas. Immutable once built; safe for threads."""

    def __init__(self, data: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        self._data, self._arrays = data, arrays
        self.streets = [Street(*row) for row in data["streets"]]
        self.ranges: list[list[int]] = arrays["ranges"].tolist()
        self.points = arrays["points"]
        self.offsets: list[int] = arrays["offsets"].tolist()
        for index, street in enumerate(arrays["segment_street"].tolist()):
            self.streets[street].segments.append(index)
        self.names: dict[str, list[tuple[tuple[str, ...], list[int]]]] = {}
        self._index_names(data["aliases"])
        self.corners = self._index_corners()
        self.landmarks: dict[tuple[str, ...], int] = {}
        self.landmark_starts: dict[tuple[str, ...], int] = {}
        self._index_landmarks()
        self._middles: dict[int, tuple[float, float, float]] = {}
        self.areas = _Areas(data["areas"], arrays)
        self.near = _deletions(self.names)

    @classmethod
    def compile(cls, segments: Iterable[Segment], corners: Iterable[Corner] = (), landmarks: Iterable[Landmark] = (),
                areas: Iterable[AreaShape] = (), aliases: Iterable[tuple[str, str]] = ()) -> Gazetteer:
        """Build from a city's open data; `aliases` are pairs of (other name, street's full name)."""
        streets: dict[tuple[str, str, str, str], int] = {}
        segment_street: list[int] = []
        ranges: list[tuple[int, int, int, int]] = []
        points: list[tuple[float, float]] = []
        offsets = [0]
        for s in segments:
            key = (s.pre.upper(), s.name.upper(), SUFFIXES.get(s.suffix.lower(), s.suffix.upper()), s.post.upper())
            segment_street.append(streets.setdefault(key, len(streets)))
            ranges.append((s.left_from, s.left_to, s.right_from, s.right_to))
            points += s.line
            offsets.append(len(points))
        marks, named = list(landmarks), list(corners)
        shapes = list(areas)
        data = {
            "format": _FORMAT, "streets": list(streets), "aliases": [list(pair) for pair in aliases],
            "corners": [[c.street_1.upper(), c.street_2.upper()] for c in named],
            "landmarks": [[m.name, m.kind, list(m.aliases)] for m in marks],
            "areas": [[a.code, a.name, a.kind, list(a.aliases)] for a in shapes],
        }
        arrays = {
            "segment_street": np.array(segment_street, np.int32),
            "ranges": np.array(ranges, np.int32).reshape(-1, 4),
            "points": np.array(points, np.float32).reshape(-1, 2),
            "offsets": np.array(offsets, np.int32),
            "corner_points": np.array([(c.lon, c.lat) for c in named], np.float32).reshape(-1, 2),
            "landmark_points": np.array([(m.lon, m.lat) for m in marks], np.float32).reshape(-1, 2),
            **_Areas.arrays(shapes),
        }
        return cls(data, arrays)

    def to_bytes(self) -> bytes:
        """The gazetteer as one compressed archive. Points are kept to a metre."""
        arrays = dict(self._arrays)
        for name in ("points", "corner_points", "landmark_points", "rings"):
            scaled = np.round(arrays.pop(name).astype(np.float64) * 1e5).astype(np.int32)
            arrays[name + "_e5"] = np.diff(scaled, axis=0, prepend=np.zeros((1, 2), np.int32))
        table = np.frombuffer(orjson.dumps(self._data), np.uint8)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, table=table, **cast(dict[str, Any], arrays))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Gazetteer:
        """Read what `to_bytes` wrote; raises ValueError if it is something else."""
        try:
            archive = np.load(io.BytesIO(content), allow_pickle=False)
            arrays = {name: archive[name] for name in archive.files}
            data = orjson.loads(arrays.pop("table").tobytes())
        except (OSError, KeyError, ValueError, EOFError) as error:
            raise ValueError(f"Not a gazetteer file: {error}") from None
        if data.get("format") != _FORMAT:
            raise ValueError("The gazetteer was compiled by another version: compile it again.")
        for name in [name for name in arrays if name.endswith("_e5")]:
            arrays[name[:-3]] = (np.cumsum(arrays.pop(name), axis=0, dtype=np.int64) / 1e5).astype(np.float64)
        return cls(data, arrays)

    def _index_names(self, aliases: Sequence[Sequence[str]]) -> None:
        """Streets by the words of their names, longest name first under each first word."""
        table: dict[tuple[str, ...], set[int]] = defaultdict(set)
        full: dict[str, int] = {}
        for index, street in enumerate(self.streets):
            for keys in _spellings(street.name):
                table[keys].add(index)
            full[" ".join(p for p in (street.pre, street.name, street.suffix, street.post) if p)] = index
        self.full_names = full
        for alias, name in aliases:
            keys = name_keys(alias)
            if keys and name.upper() in full:
                table[keys].add(full[name.upper()])
        for keys, streets in table.items():
            self.names.setdefault(keys[0], []).append((keys, sorted(streets)))
        for entries in self.names.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def _index_corners(self) -> dict[tuple[int, int], list[tuple[float, float]]]:
        """Corners: where the ends of two streets' segments meet, and the named ones."""
        nodes: dict[tuple[float, float], set[int]] = defaultdict(set)
        ends = np.round(self.points, _NODE_DIGITS)
        street_of = self._arrays["segment_street"].tolist()
        firsts = ends[self._arrays["offsets"][:-1]].tolist() if street_of else []
        lasts = ends[self._arrays["offsets"][1:] - 1].tolist() if street_of else []
        for street, first, last in zip(street_of, firsts, lasts, strict=True):
            nodes[first[0], first[1]].add(street)
            nodes[last[0], last[1]].add(street)
        corners: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
        for point, streets in nodes.items():
            ordered = sorted(streets)
            for i, first_street in enumerate(ordered):
                for second_street in ordered[i + 1:]:
                    corners[first_street, second_street].append(point)
        for (one, two), point in zip(self._data["corners"], self._arrays["corner_points"].tolist(), strict=True):
            a, b = self.full_names.get(one), self.full_names.get(two)
            if a is not None and b is not None and a != b and (min(a, b), max(a, b)) not in corners:
                corners[min(a, b), max(a, b)].append((point[0], point[1]))
        return dict(corners)

    def _index_landmarks(self) -> None:
        """Landmarks by their words, and the longest name under each beginning of two words (or the only one)."""
        for index, (name, _kind, aliases) in enumerate(self._data["landmarks"]):
            for spelled in {name, *aliases}:
                keys = name_keys(spelled)
                if set(keys) - GENERIC or keys == ("CITY", "HALL"):
                    self.landmarks.setdefault(keys, index)
                    self.landmark_starts[keys[:2]] = max(len(keys), self.landmark_starts.get(keys[:2], 0))

    def landmark(self, index: int) -> tuple[str, str, float, float]:
        """Name, kind, longitude and latitude of a landmark."""
        name, kind, _aliases = self._data["landmarks"][index]
        lon, lat = self._arrays["landmark_points"][index].tolist()
        return name, kind, lon, lat

    def street_of(self, segment: int) -> Street:
        """The street to which a segment belongs."""
        return self.streets[int(self._arrays["segment_street"][segment])]

    def line(self, segment: int) -> np.ndarray:
        """The points (lon, lat) of a segment."""
        return self.points[self.offsets[segment]:self.offsets[segment + 1]]

    def locate(self, street: int, number: int) -> tuple[float, float, float] | None:
        """Point and likely error (metres) of a house number by its range and side; None if it has none there."""
        best: tuple[int, int, float] | None = None
        for segment in self.streets[street].segments:
            lf, lt, rf, rt = self.ranges[segment]
            for low, high in ((lf, lt), (rf, rt)):
                if not (low or high):
                    continue
                start, end = min(low, high), max(low, high)
                if not start <= number <= end:
                    continue
                parity = 0 if (number - low) % 2 == 0 else 1
                share = (number - low) / (high - low) if high != low else 0.5
                if best is None or parity < best[0]:
                    best = (parity, segment, share)
        if best is None:
            return self._beside(street, number)
        lon, lat = _along(self.line(best[1]), best[2])
        return lon, lat, 30.0 if best[0] == 0 else 50.0

    def _beside(self, street: int, number: int) -> tuple[float, float, float] | None:
        """A number between two ranges of its own hundred: the nearest end of a range."""
        hundred = number // 100
        best: tuple[int, int, float] | None = None
        for segment in self.streets[street].segments:
            lf, lt, rf, rt = self.ranges[segment]
            for low, high in ((lf, lt), (rf, rt)):
                for edge, share in ((low, 0.0), (high, 1.0)):
                    gap = abs(number - edge)
                    if edge and edge // 100 == hundred and (best is None or gap < best[0]):
                        best = (gap, segment, share)
        if best is None:
            return None
        lon, lat = _along(self.line(best[1]), best[2])
        return lon, lat, 80.0

    def block(self, street: int, hundred: int) -> tuple[float, float, float] | None:
        """Middle of the hundred-block and half its length in metres; None if the street has no such block."""
        segments = [
            s for s in self.streets[street].segments
            if any(low or high for low, high in (self.ranges[s][:2], self.ranges[s][2:]))
            and any(min(low, high) < hundred + 100 and max(low, high) >= hundred and (low or high)
                    for low, high in (self.ranges[s][:2], self.ranges[s][2:]))
        ]
        if not segments:
            return self._between_blocks(street, hundred)
        middle = self.locate(street, hundred + 50) or self.locate(street, hundred + 51)
        length = sum(_length_m(self.line(s)) for s in segments)
        if middle is None:
            middles = [_along(self.line(s), 0.5) for s in segments]
            middle = (sum(p[0] for p in middles) / len(middles), sum(p[1] for p in middles) / len(middles), 0.0)
        return middle[0], middle[1], max(40.0, length / 2)

    def _between_blocks(self, street: int, hundred: int) -> tuple[float, float, float] | None:
        """A block without numbers of its own: half way between its neighbours, if these are close together."""
        sides = [self.locate(street, number) for number in (hundred - 50, hundred - 51, hundred + 150, hundred + 151)]
        before, after = sides[0] or sides[1], sides[2] or sides[3]
        if before is None or after is None:
            return None
        reach = math.hypot((before[0] - after[0]) * 0.766, before[1] - after[1]) * METRES_PER_DEGREE
        return None if reach > 700 else ((before[0] + after[0]) / 2, (before[1] + after[1]) / 2, reach / 2)

    def middle(self, street: int) -> tuple[float, float, float]:
        """Middle of a whole street, and its length in metres as the error."""
        if street not in self._middles:
            self._middles[street] = self._middle(street)
        return self._middles[street]

    def _middle(self, street: int) -> tuple[float, float, float]:
        segments = self.streets[street].segments
        lon, lat = _along(self.line(segments[len(segments) // 2]), 0.5)
        return lon, lat, sum(_length_m(self.line(s)) for s in segments)

    def inside(self, lat: float, lon: float) -> bool:
        """Is the point in the city? By the areas where there are any, else by the streets' extent."""
        return self.areas.inside(lat, lon) if self.areas.count else self._near_street(lat, lon)

    def _near_street(self, lat: float, lon: float) -> bool:
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return bool(low[0] - 0.01 <= lon <= high[0] + 0.01 and low[1] - 0.01 <= lat <= high[1] + 0.01)

    def describe(self, lat: float, lon: float) -> Place | None:
        """The place at a point, named by the nearest block; None outside the city."""
        if not self.inside(lat, lon) or not len(self.points):
            return None
        scale = math.cos(math.radians(lat))
        away = np.hypot((self.points[:, 0] - lon) * scale, self.points[:, 1] - lat)
        nearest = int(np.argmin(away))
        metres = float(away[nearest]) * METRES_PER_DEGREE
        segment = int(np.searchsorted(self._arrays["offsets"], nearest, side="right")) - 1
        street = self.street_of(segment)
        numbers = [n for n in self.ranges[segment] if n]
        name = f"{min(numbers) // 100 * 100} block of {street.display}" if numbers else street.display
        if metres > 400:
            name = f"{lat:.5f}, {lon:.5f}"
        return Place("coordinates", name, lat, lon, 0.9, (0, 0), 20.0, self.areas.at(lat, lon))


class _Areas:
    """The areas' polygons: which contain a point. Even-odd rule over all rings of an area."""

    def __init__(self, table: list[list[Any]], arrays: dict[str, np.ndarray]) -> None:
        self.table = table
        self.count = len(table)
        self._rings, self._ring_offsets = arrays["rings"], arrays["ring_offsets"].tolist()
        self._area_rings: list[list[int]] = [[] for _ in table]
        for ring, area in enumerate(arrays["ring_area"].tolist()):
            self._area_rings[area].append(ring)
        self._boxes = np.array([self._box(rings) for rings in self._area_rings]).reshape(-1, 4)
        self._edges = [self._edges_of(rings) for rings in self._area_rings]
        self.at = lru_cache(20_000)(self._at)
        self.names: dict[tuple[str, ...], int] = {}
        for index, (_code, name, kind, aliases) in enumerate(table):
            if kind == "neighborhood":
                for spelled in (name, *aliases):
                    self.names.setdefault(name_keys(spelled), index)
        self.first_words = {keys[0] for keys in self.names if keys}

    @staticmethod
    def arrays(shapes: Sequence[AreaShape]) -> dict[str, np.ndarray]:
        """The polygons of `shapes` as flat arrays."""
        points: list[tuple[float, float]] = []
        offsets, owners = [0], []
        for index, shape in enumerate(shapes):
            for ring in _rings_of(shape.geometry):
                points += ring
                offsets.append(len(points))
                owners.append(index)
        return {"rings": np.array(points, np.float64).reshape(-1, 2), "ring_offsets": np.array(offsets, np.int32),
                "ring_area": np.array(owners, np.int32)}

    def _box(self, rings: list[int]) -> tuple[float, float, float, float]:
        if not rings:
            return (0.0, 0.0, 0.0, 0.0)
        points = np.concatenate([self._ring(r) for r in rings])
        (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return west, south, east, north

    def _ring(self, ring: int) -> np.ndarray:
        return self._rings[self._ring_offsets[ring]:self._ring_offsets[ring + 1]]

    def _edges_of(self, rings: list[int]) -> tuple[np.ndarray, ...]:
        """All edges of an area: start x, start y, end y, and the slope dx/dy."""
        starts = [self._ring(r) for r in rings]
        ends = [np.roll(ring, -1, axis=0) for ring in starts]
        a, b = (np.concatenate(parts) if parts else np.empty((0, 2)) for parts in (starts, ends))
        rise = np.where(b[:, 1] == a[:, 1], np.inf, b[:, 1] - a[:, 1])
        return a[:, 0], a[:, 1], b[:, 1], (b[:, 0] - a[:, 0]) / rise

    def contains(self, area: int, lat: float, lon: float) -> bool:
        """Does the area contain the point? Counts the edges that a ray to the east crosses (even-odd rule)."""
        x, y, y2, slope = self._edges[area]
        cuts = (y > lat) != (y2 > lat)
        return bool(np.count_nonzero(x[cuts] + (lat - y[cuts]) * slope[cuts] > lon) % 2)

    def _at(self, lat: float, lon: float) -> tuple[str, ...]:
        """Codes of the areas that contain the point."""
        if not self.count:
            return ()
        west, south, east, north = self._boxes.T
        near = np.flatnonzero((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north))
        return tuple(self.table[i][0] for i in near.tolist() if self.contains(i, lat, lon))

    def inside(self, lat: float, lon: float) -> bool:
        """Is the point in any area?"""
        return bool(self.at(lat, lon))

    def centre(self, area: int) -> tuple[float, float, float]:
        """Middle of the area's box, and half its diagonal in metres."""
        west, south, east, north = self._boxes[area].tolist()
        lat = (south + north) / 2
        reach = math.hypot((east - west) * math.cos(math.radians(lat)), north - south) * METRES_PER_DEGREE / 2
        return (west + east) / 2, lat, reach


def _rings_of(geometry: dict[str, Any]) -> list[list[tuple[float, float]]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(float(p[0]), float(p[1])) for p in ring] for polygon in polygons for ring in polygon]


def _spellings(name: str) -> set[tuple[str, ...]]:
    """The name, and it without a leading "Saint" or middle initials that people leave out."""
    keys = name_keys(name)
    forms = {keys} if keys else set()
    if len(keys) >= 3 and any(len(k) == 1 for k in keys[1:]):
        forms.add(tuple(k for k in keys if len(k) > 1))
    if "ST." in keys:
        forms.add(tuple("ST" if k == "ST." else k for k in keys))
    return forms


def _deletions(names: dict[str, list[tuple[tuple[str, ...], list[int]]]]) -> dict[str, set[str]]:
    """One-word names by every form with one letter left out: finds names one slip away in one look."""
    table: dict[str, set[str]] = defaultdict(set)
    for first, entries in names.items():
        if len(first) >= 5 and first.isalpha() and any(len(keys) == 1 for keys, _ in entries):
            table[first].add(first)
            for i in range(len(first)):
                table[first[:i] + first[i + 1:]].add(first)
    return dict(table)


def _along(line: np.ndarray, share: float) -> tuple[float, float]:
    """The point at `share` (0 to 1) of the line's length."""
    if len(line) == 1:
        return float(line[0][0]), float(line[0][1])
    steps = np.hypot(np.diff(line[:, 0]) * 0.766, np.diff(line[:, 1]))
    goal = float(np.clip(share, 0, 1)) * float(steps.sum())
    for index, step in enumerate(steps.tolist()):
        if goal <= step or index == len(steps) - 1:
            part = min(1.0, goal / step) if step else 0.0
            lon = line[index][0] + (line[index + 1][0] - line[index][0]) * part
            lat = line[index][1] + (line[index + 1][1] - line[index][1]) * part
            return float(lon), float(lat)
        goal -= step
    return float(line[-1][0]), float(line[-1][1])


def _length_m(line: np.ndarray) -> float:
    scale = math.cos(math.radians(float(line[0][1])))
    return float(np.hypot(np.diff(line[:, 0]) * scale, np.diff(line[:, 1])).sum()) * METRES_PER_DEGREE
