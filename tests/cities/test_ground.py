"""A city's streets, areas and landmarks: what is taken, and what is refused with file, line, column and reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openline.cities.reading import Refused, read_city
from openline.geography.finder import geocode

CITY = {
    "name": "Smallville", "also_called": ["Smalltown"], "time_zone": "Europe/Berlin", "center": [-75.0, 40.0],
    "bounds": [-75.2, 39.8, -74.8, 40.2], "emergency_text": {"en": "Call 112."},
}  # fmt: skip
STREETS = """\ufeffPRE_DIR;Name;Suffix;Left_From;Left_To;Right_From;Right_To;Geometry\r
;Main;St;100;198;101;199;LINESTRING (-75.0 40.0, -75.0 40.002)\r
;Oak;Ave;100;198;101;199;LINESTRING (-75.0 40.0, -75.002 40.0)\r
North;2nd;St;;;;;LINESTRING (-75.002 40.0, -75.002 40.002)\r
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small city with semicolons, a byte-order mark and Windows line ends."""
    (tmp_path / "city.json").write_text(json.dumps(CITY))
    (tmp_path / "departments.csv").write_text("code,name\nroads,Road Works\n")
    (tmp_path / "services.csv").write_text("code,name\nP1,Pothole\n")
    (tmp_path / "streets.csv").write_text(STREETS)
    return tmp_path


def refused(folder: Path, file: str, content: str) -> list[Refused]:
    (folder / file).write_text(content)
    return [r for r in read_city(folder).refused if r.file == file]


def test_other_delimiters_marks_and_line_ends_are_read(folder: Path) -> None:
    files = read_city(folder)
    assert not files.refused and files.gazetteer
    for line, name in (("150 Main St", "150 Main St"), ("N 2nd & Oak", "N 2nd St & Oak Ave")):
        place = geocode(files.gazetteer, line)
        assert place and place.name == name and place.confidence >= 0.75


def test_landmarks_may_give_an_address_and_aliases_another_name(folder: Path) -> None:
    (folder / "landmarks.csv").write_text(
        "name,kind,lon,lat,aliases,address\nRose Hall,hall,,,Rosie;The Rose,150 Main St\n"
    )
    (folder / "street_aliases.csv").write_text("alias,name\nKirchweg,Oak Ave\n")
    (folder / "elsewhere.csv").write_text("name\nBigville\n")
    files = read_city(folder)
    assert not files.refused and files.gazetteer
    hall, alias = geocode(files.gazetteer, "Rose Hall"), geocode(files.gazetteer, "150 Kirchweg")
    assert hall and hall.lat == pytest.approx(40.001, abs=1e-4)
    assert alias and alias.name == "150 Oak Ave"
    away = geocode(files.gazetteer, "150 Main St, Bigville")
    assert away and away.confidence < 0.75


@pytest.mark.parametrize(
    ("file", "content", "line", "column", "reason"),
    [
        ("landmarks.csv", "name,lon,lat\nTower,40.0,-75.0\n", 2, "lon", "swapped"),
        ("landmarks.csv", "name,lon,lat\nTower,2.35,48.85\n", 2, "lon", "far from the city"),
        ("landmarks.csv", "name,lon,lat\nTower,nan,nan\n", 2, "lon", "lie"),
        ("landmarks.csv", "name,lon,lat,address\nTower,,,9999 Main St\n", 2, "address", "no address"),
        ("landmarks.csv", "name,lon,lat\n,1,2\n", 2, "name", "empty"),
        ("intersections.csv", "street_1,street_2,lon,lat\nMain St,Oak Ave,-75,x\n", 2, "lon", "numbers"),
        ("intersections.csv", "street_1,lon,lat\nMain St,-75,40\n", 1, "street_2", "lacks"),
        ("street_aliases.csv", "alias,name\nBroadway,Nowhere St\n", 2, "name", "not in streets.csv"),
        ("streets.csv", 'name,geometry\nA St,"LINESTRING (-75 40)"\n', 2, "geometry", "two points"),
        ("streets.csv", 'name,geometry\nA St,"LINESTRING (40 -75, 40 -75.1)"\n', 2, "geometry", "swapped"),
        (
            "streets.csv",
            'name,left_from,geometry\nA St,²,"LINESTRING (-75 40, -75 41)"\n',
            2,
            "left_from",
            "house number",
        ),
        ("streets.csv", 'name,geometry\n,"LINESTRING (-75 40, -75 40.1)"\n', 2, "name", "no name"),
    ],
)
def test_a_bad_row_is_named_with_its_column(
    folder: Path, file: str, content: str, line: int, column: str, reason: str
) -> None:
    found = refused(folder, file, content)
    assert [(r.line, r.column) for r in found] == [(line, column)]
    assert reason in found[0].reason
    assert str(found[0]).startswith(f"{file}:{line}, column “{column}”: ")


def _feature(code: str, geometry: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {"code": code, "name": code}, "geometry": geometry}


def _ring(*points: tuple[float, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        (_feature("x", _ring((-75.0, 40.0), (-74.9, 40.1), (-74.9, 40.0), (-75.0, 40.1))), "not sound"),
        (_feature("x", _ring((40.0, -75.0), (40.1, -75.0), (40.1, -74.9))), "swapped"),
        (_feature("x", {"type": "LineString", "coordinates": [[-75, 40], [-75, 41]]}), "not a polygon"),
        (_feature("x", {"type": "Polygon", "coordinates": []}), "empty"),
        (_feature("x", {"type": "Polygon", "coordinates": "junk"}), "cannot be read"),
        (_feature("x", None), "cannot be read"),
        ({"type": "Feature", "properties": {"name": "no code"}, "geometry": None}, "code"),
        ("text", "properties"),
    ],
)
def test_a_bad_area_is_named(folder: Path, feature: object, reason: str) -> None:
    good = _feature("good", _ring((-75.1, 39.9), (-74.9, 39.9), (-74.9, 40.1)))
    found = refused(folder, "areas.geojson", json.dumps({"type": "FeatureCollection", "features": [good, feature]}))
    assert len(found) == 1
    assert found[0].reason.startswith("feature 2: ") and reason in found[0].reason


@pytest.mark.parametrize(
    ("facts", "column"),
    [
        ({"bounds": [1, 2, 3]}, "bounds"),
        ({"bounds": [3, 2, 1, 4]}, "bounds"),
        ({"bounds": "x"}, "bounds"),
        ({"center": [-75.0]}, "center"),
        ({"center": None}, "center"),
        ({"center": [40.0, -175.0]}, "center"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"emergency_text": "Call 112"}, "emergency_text"),
        ({"name": ""}, "name"),
    ],
)
def test_a_bad_city_is_named(folder: Path, facts: dict[str, object], column: str) -> None:
    found = refused(folder, "city.json", json.dumps(CITY | facts))
    assert [r.column for r in found] == [column]


def test_a_file_that_is_not_utf8_is_named_with_its_line(folder: Path) -> None:
    (folder / "landmarks.csv").write_bytes("name,lon,lat\nGood,-75,40\nCafé,-75,40\n".encode("latin-1"))
    assert [(r.file, r.line) for r in read_city(folder).refused] == [("landmarks.csv", 3)]


def test_a_line_longer_than_the_csv_module_expects_is_read(folder: Path) -> None:
    line = ", ".join(f"-75.0 {40 + i / 1e6:.6f}" for i in range(20_000))
    (folder / "streets.csv").write_text(f'name,geometry\nLong St,"LINESTRING ({line})"\n')
    assert not read_city(folder).refused


def test_a_compiled_gazetteer_stands_in_for_the_tables(folder: Path) -> None:
    gazetteer = read_city(folder).gazetteer
    assert gazetteer
    (folder / "gazetteer.bin").write_bytes(gazetteer.to_bytes())
    (folder / "streets.csv").unlink()
    again = read_city(folder)
    assert not again.refused and again.gazetteer and geocode(again.gazetteer, "150 Main St")
