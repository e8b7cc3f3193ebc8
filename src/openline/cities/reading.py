"""Reading a city's files: open formats in, plain rows out, and every refused row with line, column and reason.

Files of a city (docs/city.md describes each column): city.json, departments.csv, services.csv, attributes.csv,
examples.csv, templates.csv, alerts.json, holidays.csv, articles/*.md, areas.geojson, streets.csv, street_aliases.csv,
intersections.csv, landmarks.csv, elsewhere.csv; a compiled gazetteer.bin stands in for the last five.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openline.cities import catalogue_files
from openline.cities.alert_files import read_alerts
from openline.cities.articles.columns import Known
from openline.cities.articles.found import Found
from openline.cities.articles.markdown_files import read_markdown
from openline.cities.ground import Extent, extent_of, read_areas, read_gazetteer
from openline.cities.tables import (
    Bad,
    Refused,
    Row,
    one_of,
    read_json,
    read_table,
    read_text,
    yes_or_no,
)
from openline.geography.gazetteer import AreaShape, Gazetteer
from openline.service_requests.errors import NotPossible
from openline.service_requests.languages import LOCALES
from openline.service_requests.states import CLOSING_OUTCOMES
from openline.service_requests.templates import check

__all__ = ["CityFiles", "Refused", "read_city"]

_REQUIRED = ("city.json", "departments.csv", "services.csv")


@dataclass(slots=True)
class CityFiles:
    """All that a city's folder holds, checked, and what was refused.

    `services` are plain as in `service_requests/catalogue.py`; `catalogue_files` names those that are there.
    `templates`: None if the folder has no file of them.
    """

    city: dict[str, Any] = field(default_factory=dict)
    departments: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)
    catalogue_files: frozenset[str] = frozenset()
    templates: list[dict[str, Any]] | None = None
    alerts: list[dict[str, Any]] = field(default_factory=list)
    holidays: list[tuple[date, str]] = field(default_factory=list)
    articles: list[Found] = field(default_factory=list)
    lookups: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
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
    files.city, home = _city(folder, files.refused)
    _catalogue(folder, files)
    files.templates = _templates(folder, files)
    files.alerts = read_alerts(folder, files.refused)
    files.holidays = read_table(folder, "holidays.csv", ("date", "name"), _holiday, files.refused)
    files.articles = _articles(folder, files)
    files.lookups = read_table(folder, "lookups.csv", ("code", "name"), _lookup, files.refused, "code")
    files.facts = read_table(folder, "facts.csv", ("lookup", "area", "value"), _fact, files.refused)
    extent = _extent(files.city)
    files.areas = read_areas(folder, extent, files.refused)
    files.gazetteer = read_gazetteer(folder, files.areas, extent, home, files.refused)
    return files


# --- city.json ---------------------------------------------------------------------------------


def _city(folder: Path, refused: list[Refused]) -> tuple[dict[str, Any], list[str]]:
    """What city.json says, and the names by which people call the city (`also_called` and its name)."""
    raw = read_json(folder, "city.json", refused)
    if raw is None:
        return {}, []
    try:
        if not isinstance(raw, dict) or not raw.get("name"):
            raise Bad("The city has no “name”.", "name")
        called = raw.get("also_called") or []
        return _city_facts(raw), [str(raw["name"]), *map(str, called if isinstance(called, list) else [called])]
    except (Bad, ValueError, TypeError, OverflowError) as error:
        refused.append(Refused("city.json", 0, str(error), getattr(error, "column", "")))
        return {}, []


def _city_facts(raw: dict[str, Any]) -> dict[str, Any]:
    try:
        ZoneInfo(str(raw.get("time_zone", "")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"“time_zone” is “{raw.get('time_zone')}”; write one such as America/New_York."
        raise Bad(message, "time_zone") from None
    lon, lat = _point(raw.get("center"))
    emergency = raw.get("emergency_text") or {}
    if not isinstance(emergency, dict):
        raise Bad("“emergency_text” must name a text for each language.", "emergency_text")
    offices = raw.get("office_numbers") or []
    if not isinstance(offices, list) or not all(isinstance(number, str) for number in offices):
        raise Bad("“office_numbers” must be a list of texts such as “215-686”.", "office_numbers")
    return {
        "name": str(raw["name"])[:200],
        "jurisdiction_id": str(raw.get("jurisdiction_id") or "city.example")[:200],
        "time_zone": raw["time_zone"],
        "center_longitude": lon,
        "center_latitude": lat,
        "zoom": int(raw.get("zoom") or 11),
        "bounds": _bounds(raw.get("bounds") or []),
        "emergency_text": emergency,
        "office_numbers": offices,
        **{name: _days(raw, name) for name in ("answer_days", "confirm_days") if name in raw},
        "note": str(raw.get("note") or ""),
        "attribution": str(raw.get("attribution") or ""),
    }


def _days(raw: dict[str, Any], name: str) -> int:
    value = raw[name]
    if not isinstance(value, int) or not 1 <= value <= 90:
        raise Bad(f"“{name}” must be a number of days from 1 to 90.", name)
    return value


def _point(value: Any) -> tuple[float, float]:
    try:
        lon, lat = float(value[0]), float(value[1])
    except (TypeError, ValueError, IndexError, KeyError):
        raise Bad("“center” must be [longitude, latitude].", "center") from None
    return Extent().checked(lon, lat, "center")


def _bounds(value: Any) -> list[float]:
    """West, south, east, north; or nothing."""
    try:
        bounds = [float(number) for number in value]
    except (TypeError, ValueError):
        raise Bad("“bounds” must be [west, south, east, north].", "bounds") from None
    if bounds and (len(bounds) != 4 or bounds[0] >= bounds[2] or bounds[1] >= bounds[3]):
        raise Bad("“bounds” must be [west, south, east, north], west before east and south before north.", "bounds")
    return bounds


def _extent(city: dict[str, Any]) -> Extent:
    if not city:
        return Extent()
    return extent_of((city["center_longitude"], city["center_latitude"]), city["bounds"])


# --- the catalogue -----------------------------------------------------------------------------


def _catalogue(folder: Path, files: CityFiles) -> None:
    """Departments, services with their questions, and the examples of what residents say."""
    files.departments = read_table(folder, "departments.csv", ("code", "name"), _department, files.refused, key="code")
    names = (catalogue_files.SERVICES, catalogue_files.QUESTIONS, catalogue_files.EXAMPLES)
    read = {name: read_text(folder / name, files.refused) for name in names}
    texts = {name: text for name, text in read.items() if text is not None}
    if catalogue_files.SERVICES in texts:
        codes = {department["code"] for department in files.departments}
        files.services = list(catalogue_files.read_catalogue(texts, codes, files.refused).values())
    files.catalogue_files = frozenset(texts)


def _department(row: Row) -> dict[str, Any]:
    if row.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", row["email"]):
        raise Bad(f"“{row['email']}” is not an e-mail address.", "email")
    return {
        "code": row["code"][:60],
        "name": row["name"][:200],
        "email": row.get("email", ""),
        "phone": row.get("phone", "")[:60],
        "fallback": yes_or_no(row, "fallback", False),
    }


def _templates(folder: Path, files: CityFiles) -> list[dict[str, Any]] | None:
    """The texts with which requests are closed; None without a file."""
    if not (folder / "templates.csv").is_file():
        return None
    columns, services = ("outcome", "language", "text"), {service["code"] for service in files.services}
    own = [*files.city.get("office_numbers", []), *(department["phone"] for department in files.departments)]
    numbers = [digits for number in own if len(digits := re.sub(r"\D", "", number)) >= 6]
    return read_table(folder, "templates.csv", columns, lambda row: _template(row, services, numbers), files.refused)


def _template(row: Row, services: set[str], numbers: list[str]) -> dict[str, Any]:
    code = row.get("service_code", "")
    if code and code not in services:
        raise Bad(f"Service “{code}” is not in services.csv.", "service_code")
    if row["language"] not in LOCALES:
        raise Bad(f"“{row['language']}” is none of {', '.join(LOCALES)}.", "language")
    try:
        text = check(row["text"], numbers)
    except NotPossible as error:
        raise Bad(str(error), "text") from None
    outcome = one_of(row, "outcome", tuple(CLOSING_OUTCOMES))
    return {"service": code, "outcome": outcome, "language": row["language"], "text": text}


def _holiday(row: Row) -> tuple[date, str]:
    return _date(row["date"], "date"), row["name"][:200]


def _date(value: str, column: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Bad(f"“{value}” is not a date; write it as 2026-12-25.", column) from None


# --- facts of the place ---


def _lookup(row: Row) -> dict[str, Any]:
    if not re.fullmatch(r"[\w-]{1,60}", row["code"]):
        raise Bad("A lookup's code has letters, digits and “-” only.", "code")
    return {"code": row["code"], "name": row["name"][:200], "layer": row.get("layer", "")[:60]}


def _fact(row: Row) -> dict[str, Any]:
    return {"lookup_id": row["lookup"], "area": row["area"][:100], "value": row["value"][:500]}


# --- articles ----------------------------------------------------------------------------------


def _articles(folder: Path, files: CityFiles) -> list[Found]:
    """The articles, checked against the services and departments of the same files."""
    departments = [(department["code"], department["name"]) for department in files.departments]
    owners = {name.casefold(): code for code, name in departments} | {code.casefold(): code for code, _n in departments}
    known = Known({service["code"] for service in files.services}, owners)
    found: list[Found] = []
    for path in sorted((folder / "articles").glob("*.md")):
        name = f"articles/{path.name}"
        text = read_text(path, files.refused, name)
        if text is not None:
            found += read_markdown(text, name, known, files.refused)
    return found
