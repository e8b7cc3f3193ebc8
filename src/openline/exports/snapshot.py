"""The nightly snapshot of open data: all public requests as files, dated and as `latest`, the newest kept."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import orjson
from django.conf import settings
from django.utils import timezone

from openline.exports import parquet
from openline.exports.reading import Wanted, records
from openline.exports.schema import VERSION, table_schema
from openline.exports.writing import FORMATS, moment
from openline.service_requests.jurisdiction import jurisdiction, local

KEPT = 14
NAME = "requests"
_DATED = re.compile(r"\d{4}-\d\d-\d\d")


def folder() -> Path:
    """Where the snapshots lie."""
    return Path(settings.VAR) / "open-data"


def make() -> Path:
    """Write today's snapshot; who reads `latest` meanwhile reads the one before, whole. Returns its folder."""
    home, now = folder(), timezone.now()
    home.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        for ending, (_kind, write) in FORMATS.items():
            _write(place / f"{NAME}.{ending}", write(records(Wanted())))
        try:
            parquet.write(records(Wanted()), place / f"{NAME}.parquet")
        except parquet.NotInstalled:
            (place / f"{NAME}.parquet").unlink(missing_ok=True)
        about = _package([path.name for path in sorted(place.iterdir())]) | {"created": moment(now)}
        (place / "datapackage.json").write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2))
        return _put(place, home / f"{local(now):%Y-%m-%d}")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def _put(new: Path, dated: Path) -> Path:
    """Move the new snapshot to its place, let `latest` name it in one step, and drop the oldest."""
    new.chmod(0o755)
    if dated.exists():
        old = dated.with_name(f".old-{new.name}")
        dated.rename(old)
        new.rename(dated)
        shutil.rmtree(old, ignore_errors=True)
    else:
        new.rename(dated)
    link = dated.with_name(f".latest-{new.name}")
    link.symlink_to(dated.name)
    os.replace(link, dated.with_name("latest"))
    for gone in dates()[KEPT:]:
        shutil.rmtree(folder() / gone, ignore_errors=True)
    return dated


def dates() -> list[str]:
    """The days of which there is a snapshot, newest first."""
    home = folder()
    return sorted((p.name for p in home.iterdir() if _DATED.fullmatch(p.name)), reverse=True) if home.is_dir() else []


def files(day: str) -> list[tuple[str, int]]:
    """Name and bytes of the files of a snapshot; none of what is no snapshot."""
    place = folder() / day
    if not (_DATED.fullmatch(day) or day == "latest") or not place.is_dir():
        return []
    return [(path.name, path.stat().st_size) for path in sorted(place.iterdir()) if path.is_file()]


def _package(names: Iterable[str]) -> dict[str, object]:
    """The snapshot as a Data Package (Frictionless Data), with the schema of its tables."""
    tables = [{"name": name.replace(".", "-"), "path": name, "encoding": "utf-8"} for name in names]
    for table in tables:
        if table["path"].endswith((".csv", ".parquet")):
            table["schema"] = table_schema()  # type: ignore[assignment]
    return {"name": "service-requests", "title": f"Service requests of {jurisdiction().name}", "version": VERSION,
            "resources": tables}  # fmt: skip
