"""What a picture looks like, in 64 bits: two of the same thing differ in few of them, however they were scaled.

A difference hash (dHash, N. Krawetz, "Kind of Like That", 2013): the picture in grey, 9 by 8 points; each bit says
whether a point is darker than its right neighbour. `triage.duplicates` counts the bits in which two hashes differ.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

_ALL = (1 << 64) - 1
_FLAT = 8
"""A picture whose greys differ by less says nothing: fog and a white page would look the same."""


def hash_of(picture: Image.Image) -> int | None:
    """The hash, 0 to 2**64 - 1; None for a picture of one colour."""
    grey = np.asarray(picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS), dtype=np.int16)
    if int(grey.max()) - int(grey.min()) < _FLAT:
        return None
    return int.from_bytes(np.packbits(grey[:, :-1] < grey[:, 1:]).tobytes(), "big")


def to_database(value: int | None) -> int | None:
    """The hash as PostgreSQL's bigint holds it: signed."""
    return value if value is None or value < 1 << 63 else value - (1 << 64)


def from_database(value: int) -> int:
    """The hash that `to_database` was given."""
    return value & _ALL
