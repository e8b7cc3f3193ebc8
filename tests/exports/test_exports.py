"""Exports: what is in them and what never is, each format as its readers read it, snapshots that are whole."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from openline.exports import snapshot
from openline.exports.reading import Wanted, records
from openline.exports.schema import FIELDS, NAMES
from openline.exports.writing import as_csv, cell
from openline.foundation.ids import uuid7
from openline.service_requests import public
from openline.service_requests.callers import Told, open_for
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import Outcome, Status
from tests.console import world

pytestmark = pytest.mark.django_db
SECRET = ("Okafor", "555-0134", "ruth@", "@ruth_o")


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.VAR = tmp_path


@pytest.fixture
def three() -> list[ServiceRequest]:
    """A closed one, one with personal data from a caller, and a private one."""
    staff = world.staff()
    first = world.request_from(world.conversation("Ruth Okafor", "A hole"))
    ServiceRequest.objects.filter(pk=first.pk).update(
        status=Status.CLOSED,
        outcome=Outcome.DONE,
        closed_at=first.requested_at,
        status_note="Fixed.",
        public_description='=HYPERLINK("http://bad")',
        requested_at=first.requested_at - timedelta(days=40),
    )
    second = uuid7()
    told = Told(
        "Wire down, I am Ruth Okafor, 267-555-0134, ruth@example.org",
        "phone",
        "Ruth Okafor",
        "ruth@example.org",
        "267-555-0134",
    )
    open_for(told, world.service("WIRE", "Wires"), world.PLACE, {}, urgency="routine", id=second, by=staff["agent"])
    hidden = world.request_from(
        world.conversation("Dana K", "private words"), world.service("PRIV", "Private", public=False)
    )
    return [first, ServiceRequest.objects.get(pk=second), hidden]


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def body(address: str, **parameters: str) -> bytes:
    answer = Client().get(address, parameters)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_all_formats_hold_the_same_public_requests(three: list[ServiceRequest]) -> None:
    rows = table(body("/requests/export.csv"))
    lines = [orjson.loads(line) for line in body("/requests/export.jsonl").splitlines()]
    collection = json.loads(body("/requests/export.geojson"))
    numbers = [three[0].number, three[1].number]
    assert [row["service_request_id"] for row in rows] == numbers == [one["service_request_id"] for one in lines]
    assert [one["id"] for one in collection["features"]] == numbers
    assert tuple(rows[0]) == NAMES == tuple(lines[0])
    assert rows[0]["is_open"] == "false" and lines[0]["is_open"] is False and rows[0]["outcome"] == "done"
    assert collection["features"][0]["geometry"] == {"type": "Point", "coordinates": [-75.161, 39.952]}
    assert lines[0]["areas"] == "Center City" and lines[0]["closed_datetime"].endswith("Z")


def test_nothing_personal_is_in_any_of_them(three: list[ServiceRequest]) -> None:
    snapshot.make()
    everything = b"".join(path.read_bytes() for path in (snapshot.folder() / "latest").iterdir())
    everything += b"".join(body(f"/requests/export.{ending}") for ending in ("csv", "geojson", "jsonl"))
    assert b"Wire down" in everything
    for word in (*SECRET, "private words", three[2].number):
        assert word.encode() not in everything, word


def test_only_public_fields_have_a_source() -> None:
    assert {field.source for field in FIELDS} - {""} <= set(public.FIELDS)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1"])
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert cell(text) == "'" + text
    assert cell(-75.1) == -75.1 and cell("a-b") == "a-b" and cell(None) == ""


def test_a_formula_in_a_description_is_neutral(three: list[ServiceRequest]) -> None:
    assert table(body("/requests/export.csv"))[0]["description"].startswith("'=HYPERLINK")


def test_filters_and_their_faults(three: list[ServiceRequest]) -> None:
    day = f"{three[1].requested_at:%Y-%m-%d}"
    assert [row["service_code"] for row in table(body("/requests/export.csv", service="WIRE"))] == ["WIRE"]
    assert len(table(body("/requests/export.csv", end=f"{three[0].requested_at - timedelta(days=20):%Y-%m-%d}"))) == 1
    assert table(body("/requests/export.csv", area="nowhere")) == []
    assert len(table(body("/requests/export.csv", area="Center City", start="2000-01-01"))) == 2
    for wrong in ({"start": "yesterday"}, {"start": day, "end": "2001-01-01"}):
        answer = Client().get("/requests/export.csv", wrong)
        assert answer.status_code == 400 and b"<" not in answer.content
    assert Client().get("/requests/export.xls").status_code == 404


def test_rows_come_through_a_cursor_of_the_server(three: list[ServiceRequest]) -> None:
    found = records(Wanted())
    with CaptureQueriesContext(connection) as captured:
        assert b"".join(as_csv(found)).count(b"\r\n") == 3
    assert len(captured) <= 1  # a named cursor: Django counts it as one statement or none


def test_a_snapshot_replaces_the_one_before_whole(three: list[ServiceRequest], monkeypatch: Any) -> None:
    place = snapshot.make()
    assert snapshot.dates() == [place.name] and snapshot.make() == place and len(snapshot.dates()) == 1
    before = (snapshot.folder() / "latest" / "requests.csv").read_bytes()
    monkeypatch.setitem(snapshot.FORMATS, "jsonl", ("", lambda _rows: 1 / 0))  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        snapshot.make()
    assert (snapshot.folder() / "latest" / "requests.csv").read_bytes() == before
    assert sorted(path.name for path in snapshot.folder().iterdir()) == sorted([place.name, "latest"])


def test_old_snapshots_go(three: list[ServiceRequest]) -> None:
    for day in range(1, 21):
        (snapshot.folder() / f"2020-01-{day:02d}").mkdir(parents=True)
    snapshot.make()
    assert len(snapshot.dates()) == snapshot.KEPT and "2020-01-20" in snapshot.dates()


def test_the_page_serves_the_snapshot_and_the_dictionary(three: list[ServiceRequest]) -> None:
    assert "No snapshot yet" in Client().get("/open-data/").content.decode()
    place = snapshot.make()
    page = unescape(Client().get("/open-data/").content.decode())
    assert "requests.csv" in page and all(field.description in page for field in FIELDS)
    assert len(table(body("/open-data/latest/requests.csv"))) == 2
    assert len(table(body(f"/open-data/{place.name}/requests.csv"))) == 2
    assert [one["name"] for one in Client().get("/open-data/schema.json").json()["fields"]] == list(NAMES)
    package = json.loads(body("/open-data/latest/datapackage.json"))
    assert {one["path"] for one in package["resources"]} >= {"requests.csv", "requests.geojson", "requests.jsonl"}
    for wrong in ("latest/nothing.csv", "latest/..%2f..%2fsecret.key", "2020-01-01/requests.csv", "etc/passwd"):
        assert Client().get(f"/open-data/{wrong}").status_code == 404


def test_geoparquet_is_read_by_its_own_library(three: list[ServiceRequest], tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "all.parquet"
    call_command("export", "--format", "parquet", "--out", str(out), verbosity=0)
    found = pq.read_table(out)
    geo = json.loads(pq.read_metadata(out).metadata[b"geo"])
    assert geo["version"] == "1.1.0" and geo["columns"]["geometry"]["encoding"] == "WKB"
    assert geo["columns"]["geometry"]["bbox"] == [-75.161, 39.952, -75.161, 39.952]
    from shapely import from_wkb

    point = from_wkb(found.column("geometry")[0].as_py())
    assert (point.x, point.y) == (-75.161, 39.952)
    assert found.column_names == [*NAMES, "geometry"] and found.num_rows == 2


def test_the_command_writes_a_file_or_says_why_not(three: list[ServiceRequest], tmp_path: Path) -> None:
    out = tmp_path / "some.csv"
    call_command("export", "--out", str(out), "--service", "WIRE", verbosity=0)
    assert len(table(out.read_bytes())) == 1
    for wrong, said in (
        (["--out", str(tmp_path / "no" / "x.csv")], "cannot be written"),
        ([], "--out FILE"),
        (["--out", str(out), "--start", "x"], "is a day"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("export", *wrong)
    assert len(table(out.read_bytes())) == 1
    assert not list(tmp_path.glob(".some*"))
