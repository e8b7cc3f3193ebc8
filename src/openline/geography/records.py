"""The rows from which a gazetteer is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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
    """A place known by name; `aliases` are other names."""

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
