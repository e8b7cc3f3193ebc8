"""GeoParquet 1.1 (https://geoparquet.org/releases/v1.1.0/), with the extra `parquet` only."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from openline.exports.schema import FIELDS, VERSION

_ROWS = 20_000


class NotInstalled(Exception):
    """The extra is not there."""


def write(records: Iterable[dict[str, Any]], path: Path) -> int:
    """Write the file, a group of rows at a time; how many there are. Raises NotInstalled."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise NotInstalled("GeoParquet needs pyarrow: make parquet, or pip install 'openline[parquet]'.") from None
    moment = pa.timestamp("ms", "UTC")
    kinds = {"string": pa.string(), "datetime": moment, "number": pa.float64(), "boolean": pa.bool_()}
    schema = pa.schema([*((f.name, kinds[f.kind]) for f in FIELDS), ("geometry", pa.binary())])
    rows, count, box = iter(records), 0, [180.0, 90.0, -180.0, -90.0]
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(rows, _ROWS)):
            count += len(group)
            writer.write_table(pa.Table.from_pylist([_row(one, box) for one in group], schema))
        writer.add_key_value_metadata({"geo": orjson.dumps(_geo(box)).decode(), "openline": VERSION})
    return count


def _row(record: dict[str, Any], box: list[float]) -> dict[str, Any]:
    lat, lon = record["lat"], record["long"]
    if lat is None or lon is None:
        return record | {"geometry": None}
    box[:] = min(box[0], lon), min(box[1], lat), max(box[2], lon), max(box[3], lat)
    return record | {"geometry": struct.pack("<BIdd", 1, 1, lon, lat)}  # a point as WKB, little-endian


def _geo(box: list[float]) -> dict[str, Any]:
    """The file's metadata; longitude and latitude in WGS 84 (OGC:CRS84) are what stands for no `crs`."""
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"]}
    if box[0] <= box[2]:
        column["bbox"] = box
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
