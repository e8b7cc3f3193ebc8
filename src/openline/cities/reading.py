"""Reading a city's files: open formats in, plain rows out, and every refused row with line and reason.

Files of a city (docs/city.md describes each column): city.json, departments.csv, services.csv,
examples.csv, holidays.csv, articles/*.md, areas.geojson, streets.csv, street_aliases.csv,
intersections.csv, landmarks.csv; a compiled gazetteer.bin stands in for the last four.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shapely.errors import ShapelyError
from shapely.geometry import shape

from openline.geography.gazetteer import AreaShape, Corner, Gazetteer, Landmark, Segment

SERVICE_KINDS = ("request", "referral", "question")
_REQUIRED = ("city.json", "departments.csv", "services.csv")
_BYTES_LIMIT = 200_000_000


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: where it stands, and what to do about it."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class Bad(Exception):
    """Why a row is refused."""


@dataclass(slots=True)
class CityFiles:
    """All that a city's folder holds, checked, and what was refused."""

    city: dict[str, Any] = field(default_factory=dict)
    departments: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)
    holidays: list[tuple[date, str]] = field(default_factory=list)
    articles: list[dict[str, Any]] = field(default_factory=list)
    areas: list[AreaShape] = field(default_factory=list)
    gazetteer: Gazetteer | None = None
    refused: list[Refused] = field(default_factory=list)


def read_city(folder: Path) -> CityFiles:
    """Read and check all files of a city. Never raises for bad content: see `refused`."""
    files = CityFiles()
    if not folder.is_dir():
        files.refused.append(Refused(str(folder), 0, "There is no such folder."))
        return files
    for name in _REQUIRED:
        if not (folder / name).is_file():
            files.refused.append(Refused(name, 0, "This file is required and missing."))
    files.city = _city(folder, files.refused)
    files.departments = _table(folder, "departments.csv", ("code", "name"), _department, files.refused, key="code")
    codes = {d["code"] for d in files.departments}
    files.services = _table(
        folder, "services.csv", ("code", "name"), lambda row: _service(row, codes), files.refused, key="code"
    )
    _examples(folder, files)
    files.holidays = _table(folder, "holidays.csv", ("date", "name"), _holiday, files.refused)
    files.articles = _articles(folder, {s["code"] for s in files.services}, files.refused)
    files.areas = _areas(folder, files.refused)
    files.gazetteer = _gazetteer(folder, files)
    return files


# --- tables ------------------------------------------------------------------------------------


def _text(path: Path, refused: list[Refused]) -> str | None:
    """The file's text; None, with the reason noted, if it is missing, too large or not UTF-8."""
    if not path.is_file():
        return None
    if path.stat().st_size > _BYTES_LIMIT:
        refused.append(Refused(path.name, 0, "The file is larger than 200 MB."))
        return None
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        refused.append(Refused(path.name, line, "The file is not UTF-8 from here on: save it as UTF-8."))
        return None


def _rows(
    folder: Path, name: str, required: tuple[str, ...], refused: list[Refused]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with their line numbers; commas or semicolons, header in any case and order."""
    text = _text(folder / name, refused)
    if text is None:
        return
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        missing = [column for column in required if column not in header]
        if missing:
            refused.append(Refused(name, 1, f"The header lacks the column(s) {', '.join(missing)}."))
            return
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(header):
                refused.append(Refused(name, reader.line_num, f"{len(row)} columns, but the header has {len(header)}."))
                continue
            yield reader.line_num, dict(zip(header, [cell.strip() for cell in row], strict=False))
    except csv.Error as error:
        refused.append(Refused(name, reader.line_num, f"Not readable as CSV: {error}."))


def _table(
    folder: Path,
    name: str,
    required: tuple[str, ...],
    read: Callable[[dict[str, str]], Any],
    refused: list[Refused],
    key: str = "",
) -> list[Any]:
    """All rows of a file through `read`; what it refuses, or names twice, is noted."""
    taken, seen = [], set()
    for line, row in _rows(folder, name, required, refused):
        try:
            for column in required:
                if not row.get(column):
                    raise Bad(f"“{column}” is empty.")
            if key and row[key] in seen:
                raise Bad(f"“{row[key]}” stands here twice.")
            taken.append(read(row))
            seen.add(row.get(key, ""))
        except Bad as error:
            refused.append(Refused(name, line, str(error)))
    return taken


def _department(row: dict[str, str]) -> dict[str, Any]:
    if row.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", row["email"]):
        raise Bad(f"“{row['email']}” is not an e-mail address.")
    return {
        "code": row["code"][:60],
        "name": row["name"][:200],
        "email": row.get("email", ""),
        "phone": row.get("phone", "")[:60],
    }


def _yes(row: dict[str, str], column: str, default: bool) -> bool:
    value = row.get(column, "").lower()
    if value in ("", "yes", "true", "1", "no", "false", "0"):
        return value in ("yes", "true", "1") if value else default
    raise Bad(f"“{column}” is “{value}”; write yes or no.")


def _service(row: dict[str, str], departments: set[str]) -> dict[str, Any]:
    kind = row.get("kind", "").lower() or "request"
    if kind not in SERVICE_KINDS:
        raise Bad(f"“kind” is “{kind}”; write one of {', '.join(SERVICE_KINDS)}.")
    department = row.get("department", "")
    if department and department not in departments:
        raise Bad(f"Department “{department}” is not in departments.csv.")
    days = row.get("promise_days", "")
    if days and not (days.isdigit() and int(days) <= 3650):
        raise Bad(f"“promise_days” is “{days}”; write a whole number of days.")
    unit = row.get("promise_unit", "").lower() or "working"
    if unit not in ("working", "calendar"):
        raise Bad(f"“promise_unit” is “{unit}”; write working or calendar.")
    return {
        "code": row["code"][:60],
        "name": row["name"][:200],
        "group": row.get("group", "")[:200],
        "description": row.get("description", ""),
        "kind": kind,
        "department": department,
        "keywords": [word.strip() for word in row.get("keywords", "").split(";") if word.strip()],
        "promise_days": int(days) if days else None,
        "promise_unit": unit,
        "needs_place": _yes(row, "needs_place", True),
        "public": _yes(row, "public", True),
        "emergency_phone": row.get("emergency_phone", "")[:60],
        "referral_text": row.get("referral_text", ""),
        "examples": [],
    }


def _examples(folder: Path, files: CityFiles) -> None:
    """Put the example phrases with their services."""
    services = {service["code"]: service for service in files.services}

    def read(row: dict[str, str]) -> None:
        if row["service_code"] not in services:
            raise Bad(f"Service “{row['service_code']}” is not in services.csv.")
        services[row["service_code"]]["examples"].append(row["text"])

    _table(folder, "examples.csv", ("service_code", "text"), read, files.refused)


def _holiday(row: dict[str, str]) -> tuple[date, str]:
    try:
        return date.fromisoformat(row["date"]), row["name"][:200]
    except ValueError:
        raise Bad(f"“{row['date']}” is not a date; write it as 2026-12-25.") from None


# --- city.json, articles, areas ----------------------------------------------------------------


def _json(folder: Path, name: str, refused: list[Refused]) -> Any:
    text = _text(folder / name, refused)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        refused.append(Refused(name, getattr(error, "lineno", 0), f"Not readable as JSON: {error}."))
        return None


def _city(folder: Path, refused: list[Refused]) -> dict[str, Any]:
    raw = _json(folder, "city.json", refused)
    if raw is None:
        return {}
    try:
        if not isinstance(raw, dict) or not raw.get("name"):
            raise Bad("The city has no “name”.")
        try:
            ZoneInfo(str(raw.get("time_zone", "")))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Bad(f"“time_zone” is “{raw.get('time_zone')}”; write one such as America/New_York.") from None
        lon, lat = _point(raw.get("center"))
        emergency = raw.get("emergency_text") or {}
        if not isinstance(emergency, dict):
            raise Bad("“emergency_text” must name a text for each language.")
        return {
            "name": str(raw["name"])[:200],
            "jurisdiction_id": str(raw.get("jurisdiction_id") or "city.example")[:200],
            "time_zone": raw["time_zone"],
            "center_longitude": lon,
            "center_latitude": lat,
            "zoom": int(raw.get("zoom") or 11),
            "bounds": raw.get("bounds") or [],
            "emergency_text": emergency,
            "note": str(raw.get("note") or ""),
            "attribution": str(raw.get("attribution") or ""),
        }
    except (Bad, ValueError, TypeError) as error:
        refused.append(Refused("city.json", 0, str(error)))
        return {}


def _point(value: Any) -> tuple[float, float]:
    try:
        lon, lat = float(value[0]), float(value[1])
    except (TypeError, ValueError, IndexError, KeyError):
        raise Bad("“center” must be [longitude, latitude].") from None
    return _checked(lon, lat)


def _checked(lon: float, lat: float) -> tuple[float, float]:
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Bad(f"longitude {lon}, latitude {lat} lie outside the world (are they swapped?).")
    return lon, lat


def _articles(folder: Path, services: set[str], refused: list[Refused]) -> list[dict[str, Any]]:
    articles = []
    for path in sorted((folder / "articles").glob("*.md")):
        text = _text(path, refused)
        name = f"articles/{path.name}"
        match = re.match(r"---\s*\n(.*?)\n---\s*\n(.*)", text or "", re.S)
        if text is None or not match:
            refused.append(Refused(name, 1, "An article begins with “---”, lines of “key: value”, and “---”."))
            continue
        head = dict(line.split(":", 1) for line in match[1].splitlines() if ":" in line)
        facts = {key.strip().lower(): value.strip() for key, value in head.items()}
        try:
            articles.append(_article(path.stem, facts, match[2].strip(), services))
        except Bad as error:
            refused.append(Refused(name, 1, str(error)))
    return articles


def _article(slug: str, facts: dict[str, str], body: str, services: set[str]) -> dict[str, Any]:
    if not facts.get("title") or not body:
        raise Bad("An article needs a title and a text.")
    if facts.get("service") and facts["service"] not in services:
        raise Bad(f"Service “{facts['service']}” is not in services.csv.")
    if facts.get("source") and not facts["source"].startswith("https://"):
        raise Bad("“source” must be an https:// address.")
    try:
        reviewed = date.fromisoformat(facts["reviewed"]) if facts.get("reviewed") else None
    except ValueError:
        raise Bad(f"“reviewed” is “{facts['reviewed']}”; write it as 2026-11-01.") from None
    return {
        "slug": slug[:120],
        "title": facts["title"][:200],
        "body": body,
        "service_code": facts.get("service", ""),
        "keywords": facts.get("keywords", ""),
        "language": facts.get("language") or "en",
        "areas": [a.strip() for a in facts.get("areas", "").split(";") if a.strip()],
        "source": facts.get("source", ""),
        "reviewed_on": reviewed,
    }


def _areas(folder: Path, refused: list[Refused]) -> list[AreaShape]:
    raw = _json(folder, "areas.geojson", refused)
    features = raw.get("features") if isinstance(raw, dict) else None
    if raw is not None and not isinstance(features, list):
        refused.append(Refused("areas.geojson", 0, "Not a GeoJSON FeatureCollection."))
    areas: list[AreaShape] = []
    seen: set[str] = set()
    for number, feature in enumerate(features if isinstance(features, list) else [], 1):
        try:
            area = _area(feature)
            if area.code in seen:
                raise Bad(f"code “{area.code}” stands here twice.")
            seen.add(area.code)
            areas.append(area)
        except Bad as error:
            refused.append(Refused("areas.geojson", 0, f"feature {number}: {error}"))
    return areas


def _area(feature: Any) -> AreaShape:
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(facts, dict) or not facts.get("code") or not facts.get("name"):
        raise Bad("needs the properties “code” and “name”.")
    geometry = feature.get("geometry")
    try:
        found = shape(geometry)
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise Bad("its geometry cannot be read.") from None
    if found.geom_type not in ("Polygon", "MultiPolygon") or found.is_empty:
        raise Bad(f"its geometry is a {found.geom_type}, not a polygon.")
    west, south, east, north = found.bounds
    _checked(west, south)
    _checked(east, north)
    aliases = facts.get("aliases") or ""
    listed = aliases if isinstance(aliases, list) else str(aliases).split(";")
    names = tuple(str(name).strip() for name in listed if str(name).strip())
    return AreaShape(
        str(facts["code"])[:100],
        str(facts["name"])[:200],
        str(facts.get("kind") or "neighborhood")[:60],
        names,
        geometry,
    )


# --- the gazetteer -----------------------------------------------------------------------------


def _gazetteer(folder: Path, files: CityFiles) -> Gazetteer | None:
    """The compiled gazetteer of the folder, or one compiled now from its tables."""
    compiled = folder / "gazetteer.bin"
    if compiled.is_file():
        try:
            return Gazetteer.from_bytes(compiled.read_bytes())
        except ValueError as error:
            files.refused.append(Refused("gazetteer.bin", 0, str(error)))
            return None
    segments = _table(folder, "streets.csv", ("geometry",), _segment, files.refused)
    corners = _table(folder, "intersections.csv", ("street_1", "street_2", "lon", "lat"), _corner, files.refused)
    landmarks = _table(folder, "landmarks.csv", ("name", "lon", "lat"), _landmark, files.refused)
    aliases = _table(folder, "street_aliases.csv", ("alias", "name"), lambda r: (r["alias"], r["name"]), files.refused)
    if not (segments or landmarks):
        return None
    return Gazetteer.compile(segments, corners, landmarks, files.areas, aliases)


_LINE = re.compile(r"LINESTRING\s*\((.+)\)\s*$", re.I)


def _segment(row: dict[str, str]) -> Segment:
    match = _LINE.match(row["geometry"])
    try:
        line = tuple(
            _checked(float(x), float(y)) for x, y in (point.split() for point in (match[1] if match else "").split(","))
        )
    except ValueError:
        raise Bad("“geometry” must be LINESTRING (lon lat, lon lat, ...).") from None
    pre, name, suffix, post = _name_parts(row)
    if not name:
        raise Bad("The street has no name.")
    left_from, left_to, right_from, right_to = (
        _house(row, column) for column in ("left_from", "left_to", "right_from", "right_to")
    )
    return Segment(pre, name, suffix, post, left_from, left_to, right_from, right_to, line)


def _name_parts(row: dict[str, str]) -> tuple[str, str, str, str]:
    """Direction, name and suffix: from their own columns, or taken apart from the whole name."""
    from openline.geography.words import DIRECTIONS, SUFFIXES

    if "pre_dir" in row or "suffix" in row:
        return row.get("pre_dir", ""), row.get("name", ""), row.get("suffix", ""), row.get("post_dir", "")
    words = row.get("name", "").split()
    pre = DIRECTIONS[words.pop(0).lower()] if len(words) > 2 and words[0].lower() in DIRECTIONS else ""
    suffix = SUFFIXES[words.pop().lower()] if len(words) > 1 and words[-1].lower() in SUFFIXES else ""
    return pre, " ".join(words), suffix, ""


def _house(row: dict[str, str], column: str) -> int:
    value = row.get(column, "") or "0"
    if not value.isdigit() or len(value) > 6:
        raise Bad(f"“{column}” is “{value}”; write a house number.")
    return int(value)


def _corner(row: dict[str, str]) -> Corner:
    return Corner(row["street_1"], row["street_2"], *_coordinates(row))


def _landmark(row: dict[str, str]) -> Landmark:
    lon, lat = _coordinates(row)
    return Landmark(
        row["name"],
        row.get("kind", ""),
        lon,
        lat,
        tuple(a.strip() for a in row.get("aliases", "").split(";") if a.strip()),
    )


def _coordinates(row: dict[str, str]) -> tuple[float, float]:
    try:
        return _checked(float(row["lon"]), float(row["lat"]))
    except ValueError:
        raise Bad("“lon” and “lat” must be numbers.") from None
