"""The place of a note: its "g" tag, a geohash (NIP-52 and others)."""

from __future__ import annotations

from collections.abc import Sequence

_LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"
FEWEST = 8
"""So many letters mean a spot (within 19 m). Shorter hashes, as clients cut them, mean a block, a town, a region."""
_MOST = 20


def point(hashes: Sequence[str]) -> tuple[float, float] | None:
    """Latitude and longitude of the finest of some geohashes; None if none is fine enough to mean a spot."""
    fine = [h.lower() for h in hashes if FEWEST <= len(h) <= _MOST and set(h.lower()) <= set(_LETTERS)]
    return _middle(max(fine, key=len)) if fine else None


def _middle(geohash: str) -> tuple[float, float]:
    """The middle of the cell. Each letter has five bits, which halve longitude and latitude in turn."""
    sides = [[-180.0, 180.0], [-90.0, 90.0]]
    bits = "".join(f"{_LETTERS.index(letter):05b}" for letter in geohash)
    for number, bit in enumerate(bits):
        side = sides[number % 2]
        side[bit == "0"] = (side[0] + side[1]) / 2
    (west, east), (south, north) = sides
    return (south + north) / 2, (west + east) / 2
