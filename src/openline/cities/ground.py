"""Reading a city's ground: areas, streets, corners, landmarks, or the gazetteer compiled from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.validation import explain_validity

from openline.cities.tables import Bad, Refused, Row, listed, read_json, read_table, whole_number
from openline.geography.compiling import split_name
from openline.geography.finder import geocode
from openline.geography.gazetteer import AreaShape, Corner, Gazetteer, Landmark, Segment
from openline.geography.words import DIRECTIONS

_MARGIN_DEGREES = 1.0
"""So far around a city's bounds (some 100 km) its streets and areas may reach."""
_HIGHEST_NUMBER = 999_999
_LINE = re.compile(r"LINESTRING\s*(?:Z\s*)?\((.+)\)\s*$", re.I)


@dataclass(frozen=True, slots=True)
class Extent:
    """The box (west, south, east, north) in which a city's points must lie; None while it is not known."""

    box: tuple[float, float, float, float] | None = None

    def checked(self, lon: float, lat: float, column: str = "") -> tuple[float, float]:
        """The point, if it can be in the city. Raises Bad that says so if its numbers are swapped."""
        if self._holds(lon, lat):
            return lon, lat
        if self._holds(lat, lon):
            raise Bad(f"longitude {lon}, latitude {lat} are swapped: longitude comes first.", column)
        where = "outside the world (are they swapped?)" if not _on_earth(lon, lat) else "far from the city"
        raise Bad(f"longitude {lon}, latitude {lat} lie {where}.", column)

    def _holds(self, lon: float, lat: float) -> bool:
        if self.box is None or not _on_earth(lon, lat):
            return _on_earth(lon, lat)
        west, south, east, north = self.box
        near_lon = west - _MARGIN_DEGREES <= lon <= east + _MARGIN_DEGREES
        return near_lon and south - _MARGIN_DEGREES <= lat <= north + _MARGIN_DEGREES


def _on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90


def extent_of(center: tuple[float, float] | None, bounds: Sequence[float]) -> Extent:
    """The extent by the city's bounds, else around its centre."""
    if len(bounds) == 4:
        return Extent((bounds[0], bounds[1], bounds[2], bounds[3]))
    return Extent((*center, *center)) if center else Extent()


def read_areas(folder: Path, extent: Extent, refused: list[Refused]) -> list[AreaShape]:
    """The polygons of areas.geojson."""
    raw = read_json(folder, "areas.geojson", refused)
    features = raw.get("features") if isinstance(raw, dict) else None
    if raw is not None and not isinstance(features, list):
        refused.append(Refused("areas.geojson", 0, "Not a GeoJSON FeatureCollection."))
    areas: dict[str, AreaShape] = {}
    for number, feature in enumerate(features if isinstance(features, list) else [], 1):
        try:
            area = _area(feature, extent)
            if area.code in areas:
                raise Bad(f"code “{area.code}” stands here twice.", "code")
            areas[area.code] = area
        except Bad as error:
            refused.append(Refused("areas.geojson", 0, f"feature {number}: {error}", error.column))
    return list(areas.values())


def _area(feature: Any, extent: Extent) -> AreaShape:
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(facts, dict) or not facts.get("code") or not facts.get("name"):
        raise Bad("needs the properties “code” and “name”.")
    geometry = feature.get("geometry")
    _check_polygon(geometry, extent)
    aliases = facts.get("aliases") or ""
    names = aliases if isinstance(aliases, list) else str(aliases).split(";")
    kind = str(facts.get("kind") or "neighborhood")[:60]
    others = tuple(str(name).strip() for name in names if str(name).strip())
    return AreaShape(str(facts["code"])[:100], str(facts["name"])[:200], kind, others, geometry)


def _check_polygon(geometry: Any, extent: Extent) -> None:
    """Raises Bad if the GeoJSON geometry is no sound polygon in the city."""
    try:
        found = shape(geometry)
        kind, empty = found.geom_type, found.is_empty
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise Bad("its geometry cannot be read.", "geometry") from None
    if kind not in ("Polygon", "MultiPolygon") or empty:
        raise Bad(f"its geometry is {'empty' if empty else f'a {kind}, not a polygon'}.", "geometry")
    west, south, east, north = found.bounds
    extent.checked(west, south, "geometry")
    extent.checked(east, north, "geometry")
    if not found.is_valid:
        raise Bad(f"its outline is not sound: {explain_validity(found)}.", "geometry")


def read_gazetteer(
    folder: Path, areas: list[AreaShape], extent: Extent, home: Sequence[str], refused: list[Refused]
) -> Gazetteer | None:
    """The compiled gazetteer of the folder, or one compiled now from its tables; None if there are neither."""
    compiled = folder / "gazetteer.bin"
    if compiled.is_file():
        try:
            return Gazetteer.from_bytes(compiled.read_bytes())
        except ValueError as error:
            refused.append(Refused("gazetteer.bin", 0, str(error)))
            return None
    segments = read_table(folder, "streets.csv", ("geometry",), lambda row: _segment(row, extent), refused)
    corners = read_table(
        folder, "intersections.csv", ("street_1", "street_2", "lon", "lat"), lambda row: _corner(row, extent), refused
    )
    known = {name for s in segments for name in (s.name.upper(), f"{s.pre} {s.name} {s.suffix}".strip().upper())}
    aliases = read_table(folder, "street_aliases.csv", ("alias", "name"), lambda row: _alias(row, known), refused)
    elsewhere = read_table(folder, "elsewhere.csv", ("name",), lambda row: row["name"], refused)
    streets = Gazetteer.compile(segments, corners, (), areas, aliases, home=home, elsewhere=elsewhere)
    marks = read_table(folder, "landmarks.csv", ("name",), lambda row: _landmark(row, extent, streets), refused)
    if not (segments or marks):
        return None
    return Gazetteer.compile(segments, corners, marks, areas, aliases, home=home, elsewhere=elsewhere)


def _segment(row: Row, extent: Extent) -> Segment:
    pre, name, suffix, post = _name_parts(row)
    if not name:
        raise Bad("The street has no name.", "name")
    sides = ("left_from", "left_to", "right_from", "right_to")
    numbers = [whole_number(row, side, _HIGHEST_NUMBER, "write a house number.") or 0 for side in sides]
    return Segment(pre, name, suffix, post, numbers[0], numbers[1], numbers[2], numbers[3], _line(row, extent))


def _line(row: Row, extent: Extent) -> tuple[tuple[float, float], ...]:
    match = _LINE.match(row["geometry"])
    try:
        points = [part.split()[:2] for part in (match[1] if match else "").split(",")]
        line = tuple((float(lon), float(lat)) for lon, lat in points)
    except ValueError:
        raise Bad("“geometry” must be LINESTRING (lon lat, lon lat, ...).", "geometry") from None
    if len(line) < 2:
        raise Bad("“geometry” must be a LINESTRING of two points or more.", "geometry")
    return tuple(extent.checked(lon, lat, "geometry") for lon, lat in line)


def _name_parts(row: Row) -> tuple[str, str, str, str]:
    """Direction, name and suffix: from their own columns, or taken apart from the whole name."""
    if "pre_dir" not in row and "suffix" not in row:
        return split_name(row.get("name", "")) if row.get("name") else ("", "", "", "")
    pre, post = (DIRECTIONS.get(row.get(c, "").lower(), row.get(c, "")) for c in ("pre_dir", "post_dir"))
    return pre, row.get("name", ""), row.get("suffix", ""), post


def _alias(row: Row, known: set[str]) -> tuple[str, str]:
    pre, name, suffix, _ = split_name(row["name"])
    if known and name not in known and row["name"].upper() not in known:
        raise Bad(f"“{row['name']}” is not in streets.csv.", "name")
    return row["alias"], " ".join(part for part in (pre, name, suffix) if part)


def _corner(row: Row, extent: Extent) -> Corner:
    return Corner(row["street_1"], row["street_2"], *_point(row, extent))


def _landmark(row: Row, extent: Extent, streets: Gazetteer) -> Landmark:
    """A place by its point, or by an address that the city's own streets resolve."""
    if row.get("lon") or row.get("lat") or not row.get("address"):
        lon, lat = _point(row, extent)
    else:
        place = geocode(streets, row["address"])
        if place is None or place.lat is None or place.lon is None or place.kind in ("street", "area"):
            raise Bad(f"“{row['address']}” is no address in streets.csv; give “lon” and “lat”.", "address")
        lon, lat = place.lon, place.lat
    return Landmark(row["name"], row.get("kind", ""), lon, lat, tuple(listed(row, "aliases")))


def _point(row: Row, extent: Extent) -> tuple[float, float]:
    try:
        lon, lat = float(row.get("lon", "")), float(row.get("lat", ""))
    except ValueError:
        raise Bad("“lon” and “lat” must be numbers.", "lon") from None
    return extent.checked(lon, lat, "lon")
