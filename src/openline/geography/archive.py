"""A gazetteer as one file of our own: NumPy arrays and tables of names in one compressed archive."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

import numpy as np
import orjson

from openline.geography.compiling import FORMAT, Tables

_SCALE = 1e5
"""Points are kept to five decimals of a degree: a metre."""
_BEGINNING = 1000
"""Bytes of the tables that hold NumPy's header (some hundred) and the format."""
_POINTS = ("points", "corner_points", "landmark_points", "rings")


_BROKEN = (OSError, KeyError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error)


def pack(data: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """Tables and arrays as bytes; points as differences of whole numbers, which compress well."""
    packed = {name: array for name, array in arrays.items() if name not in _POINTS}
    for name in _POINTS:
        scaled = np.round(arrays[name] * _SCALE).astype(np.int32)
        packed[name] = np.diff(scaled, axis=0, prepend=np.zeros((1, 2), np.int32))
    buffer = io.BytesIO()
    table = np.frombuffer(orjson.dumps(data), np.uint8)
    np.savez_compressed(buffer, allow_pickle=False, table=table, **packed)
    return buffer.getvalue()


def readable(content: bytes) -> bool:
    """True if this version can read what `pack` packed: looks only at the beginning of its tables, in no time."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("table.npy") as table:
            return b'{"format":%d,' % FORMAT in table.read(_BEGINNING)
    except _BROKEN:
        return False


def unpack(content: bytes) -> Tables:
    """What `pack` packed. Raises ValueError if it is something else."""
    try:
        archive = np.load(io.BytesIO(content), allow_pickle=False)
        arrays = {name: archive[name] for name in archive.files}
        data = orjson.loads(arrays.pop("table").tobytes())
        if data["format"] != FORMAT:
            raise ValueError("it was compiled by another version: compile it again")
        for name in _POINTS:
            arrays[name] = np.cumsum(arrays[name], axis=0, dtype=np.int64) / _SCALE
    except _BROKEN as error:
        raise ValueError(f"Not a gazetteer file: {error}") from None
    return data, arrays
