"""A place in the city, found in words or by coordinates."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["address", "block", "intersection", "landmark", "coordinates", "street", "area"]


class Place(NamedTuple):
    """Where something is. `span` is (start, end) in the text; `precision_m` the likely error in metres.

    From a `confidence` of 0.75 on, the place is good enough to act on without asking. Streets and
    areas are never that precise; their point is the middle. `alternatives` are the other places that
    the same words may mean, when that is not sure: 1200 S Main St for "1200 Main".
    """

    kind: Kind
    name: str
    lat: float | None
    lon: float | None
    confidence: float
    span: tuple[int, int] = (0, 0)
    precision_m: float = 0.0
    areas: tuple[str, ...] = ()
    alternatives: tuple[Place, ...] = ()
