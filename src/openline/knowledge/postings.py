"""What words tell of articles and passages, kept small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Postings:
    """What each feature tells of which things, by number; in two arrays, as thousands of small ones cost megabytes."""

    def __init__(self, having: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        self._place = {feature: place for place, feature in enumerate(having)}
        self._starts = np.cumsum([0, *map(len, having.values())], dtype=np.int32)
        self._numbers = np.array([number for found in having.values() for number, _ in found], np.intp)
        self._exact = np.array([exact for found in having.values() for _, exact in found])

    def get(self, feature: str) -> tuple[NDArray[np.intp], Floats] | None:
        """The things that have the feature, by number, and what it tells of each; None if none has it."""
        place = self._place.get(feature)
        if place is None:
            return None
        own = slice(self._starts[place], self._starts[place + 1])
        return self._numbers[own], self._exact[own]
