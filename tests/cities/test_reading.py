"""A city's files: good rows in, bad rows named with file, line and reason, and nothing half-loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from openline.cities.loading import SAMPLE, NotLoaded, load_city
from openline.cities.reading import read_city
from openline.geography.finder import geocode
from openline.service_requests import routing
from openline.service_requests.models import CatalogueVersion, Department, Jurisdiction, Service

CITY = {
    "name": "Smallville",
    "time_zone": "America/New_York",
    "center": [-75.0, 40.0],
    "jurisdiction_id": "small.example",
}
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[-75.1, 39.9], [-74.9, 39.9], [-74.9, 40.1], [-75.1, 40.1], [-75.1, 39.9]]],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small good city."""
    (tmp_path / "city.json").write_text(json.dumps(CITY))
    (tmp_path / "departments.csv").write_text("code,name\nroads,Road Works\n")
    (tmp_path / "services.csv").write_text(
        "code;name;department;keywords;promise_days\nP1;Pothole;roads;hole;3\n", encoding="utf-8-sig"
    )
    (tmp_path / "examples.csv").write_text("service_code,text\nP1,there is a hole in my road\n")
    (tmp_path / "streets.csv").write_text(
        "name,left_from,left_to,right_from,right_to,geometry\n"
        'Main St,100,198,101,199,"LINESTRING(-75.0 40.0, -75.0 40.001)"\n'
        'Oak Ave,1,99,2,98,"LINESTRING(-75.0 40.0, -75.001 40.0)"\n'
    )
    (tmp_path / "areas.geojson").write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [{"type": "Feature", "properties": {"code": "c", "name": "Centre"}, "geometry": SQUARE}],
            }
        )
    )
    return tmp_path


def test_a_small_city_of_another_shape(folder: Path) -> None:
    files = read_city(folder)
    assert not files.refused
    assert files.services[0]["examples"] == ["there is a hole in my road"]
    assert files.gazetteer
    place = geocode(files.gazetteer, "Main and Oak")
    assert place and place.kind == "intersection" and place.areas == ("c",)
    house = geocode(files.gazetteer, "150 Main St")
    assert house and house.lat == pytest.approx(40.0005, abs=1e-4)


BAD = [
    ("departments.csv", "code,name\nroads,Road Works\nroads,Twice\n", 3, "twice"),
    ("departments.csv", "code,name\nroads,\n", 2, "empty"),
    ("departments.csv", "code,title\nroads,x\n", 1, "lacks"),
    ("departments.csv", "code,name,email\nroads,Road Works,nonsense\n", 2, "e-mail"),
    ("services.csv", "code,name,department\nP1,Pothole,water\n", 2, "departments.csv"),
    ("services.csv", "code,name,promise_days\nP1,Pothole,soon\n", 2, "whole number"),
    ("services.csv", "code,name,kind\nP1,Pothole,wish\n", 2, "request"),
    ("services.csv", "code,name,needs_place\nP1,Pothole,maybe\n", 2, "yes or no"),
    ("services.csv", "code,name\nP1,Pothole,extra,extra\n", 2, "columns"),
    ("examples.csv", "service_code,text\nP9,hello\n", 2, "services.csv"),
    ("templates.csv", "outcome,language,text\nmoon,en,Hello\n", 2, "outcome"),
    ("templates.csv", "outcome,language,text\ndone,xx,Hello\n", 2, "none of"),
    ("templates.csv", "outcome,language,text\ndone,en,Hello {you}\n", 2, "not a placeholder"),
    ("templates.csv", "service_code,outcome,language,text\nP9,done,en,Hello\n", 2, "services.csv"),
    ("holidays.csv", "date,name\n25.12.2026,Christmas\n", 2, "2026-12-25"),
    ("streets.csv", "name,geometry\nMain St,POINT(1 2)\n", 2, "LINESTRING"),
    ("streets.csv", 'name,geometry\nMain St,"LINESTRING(40.0 -175, 140.0 -175)"\n', 2, "swapped"),
    ("streets.csv", 'name,left_from,geometry\nMain St,x,"LINESTRING(1 2, 3 4)"\n', 2, "house number"),
    ("landmarks.csv", "name,lon,lat\nTower,x,y\n", 2, "numbers"),
]


@pytest.mark.parametrize(("file", "content", "line", "reason"), BAD)
def test_a_bad_row_is_named(folder: Path, file: str, content: str, line: int, reason: str) -> None:
    (folder / file).write_text(content)
    named = [r for r in read_city(folder).refused if r.file == file and r.line == line]
    assert named and reason in named[0].reason


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("city.json", b"{"),
        ("city.json", b'{"name": "x", "time_zone": "Mars/Olympus", "center": [0,0]}'),
        ("city.json", b'{"name": "x", "time_zone": "UTC", "center": [500, 0]}'),
        ("city.json", b"[]"),
        ("areas.geojson", b'{"features": [{"properties": {"code": "a", "name": "b"}, "geometry": {"type": "Point"}}]}'),
        ("areas.geojson", b'{"features": 5}'),
        ("departments.csv", b"code,name\nx,\xff\xfe\n"),
        ("gazetteer.bin", b"junk"),
        ("areas.geojson", b'{"features": [7]}'),
        ("services.csv", b""),
    ],
)
def test_a_broken_file_is_named(folder: Path, file: str, content: bytes) -> None:
    (folder / file).write_bytes(content)
    assert any(r.file == file for r in read_city(folder).refused)


def test_a_missing_required_file_is_named(tmp_path: Path) -> None:
    assert {r.file for r in read_city(tmp_path).refused} >= {"city.json", "departments.csv", "services.csv"}


@pytest.mark.django_db
def test_nothing_half_loaded_stays(folder: Path, philadelphia: None) -> None:
    services = Service.objects.filter(active=True).count()
    (folder / "holidays.csv").write_text("date,name\nnever,x\n")
    with pytest.raises(NotLoaded):
        load_city(folder)
    assert Jurisdiction.objects.get().name == "Philadelphia"
    assert Service.objects.filter(active=True).count() == services
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("city", "load", str(folder))


@pytest.mark.django_db
def test_loading_another_city_replaces_the_first(folder: Path, philadelphia: None) -> None:
    load_city(folder)
    assert Jurisdiction.objects.get().name == "Smallville"
    assert list(Service.objects.filter(active=True).values_list("code", flat=True)) == ["P1"]
    assert Department.objects.get(code="roads")
    load_city(SAMPLE)
    assert Service.objects.filter(active=True).count() > 40


@pytest.mark.django_db
def test_refused_rows_can_be_skipped(folder: Path, philadelphia: None) -> None:
    (folder / "holidays.csv").write_text("date,name\nnever,x\n2026-12-25,Christmas\n")
    files = load_city(folder, skip_refused=True)
    assert len(files.refused) == 1 and len(files.holidays) == 1


def test_the_sample_city_is_whole_and_small() -> None:
    files = read_city(SAMPLE)
    assert not files.refused
    assert len(files.services) > 50 and len(files.articles) >= 20
    assert sum(f.stat().st_size for f in SAMPLE.rglob("*") if f.is_file()) < 6_000_000


@pytest.mark.django_db
def test_a_load_is_a_version_and_keeps_the_questions_of_which_no_file_speaks(folder: Path, philadelphia: None) -> None:
    load_city(folder)
    before = CatalogueVersion.objects.count()
    Service.objects.get(code="P1").attributes.create(code="size", order=1, question="How big?")
    load_city(folder)
    assert Service.objects.get(code="P1").attributes.get().code == "size"
    assert CatalogueVersion.objects.count() == before, "nothing changed"
    (folder / "attributes.csv").write_text("service_code,code,question\nP1,depth,How deep?\n")
    load_city(folder)
    assert Service.objects.get(code="P1").attributes.get().code == "depth"
    assert CatalogueVersion.objects.order_by("-number")[0].changes[0]["code"] == "P1"


@pytest.mark.django_db
def test_the_files_name_who_takes_what_nobody_owns(folder: Path, philadelphia: None) -> None:
    assert routing.fallback().code == "philly311"
    (folder / "departments.csv").write_text("code,name,fallback\nroads,Road Works,\ndesk,Town Hall,yes\n")
    load_city(folder)
    assert list(Department.objects.filter(fallback=True).values_list("code", flat=True)) == ["desk"]
