"""The catalogue on screens: look first, then save; questions, groups, versions, import and export."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from openline.service_requests import catalogue
from openline.service_requests.models import CatalogueVersion, Service
from tests.console import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]
CODE = "SR-ST01"


@pytest.fixture
def supervisor(login: Callable[[str], Client]) -> Client:
    return login("supervisor")


def address(page: str, *args: Any) -> str:
    return reverse(f"console:{page}", args=args)


def typed(code: str, **fields: Any) -> dict[str, Any]:
    """The form of a service as the page fills it, with some fields changed."""
    service = catalogue.of_service(code)
    assert service
    kept = {k: v for k, v in service.items() if k != "attributes" and v not in (None, False)}
    kept |= {name: "\n".join(service[name]) for name in ("keywords", "examples")}
    kept |= {name: "on" for name, value in kept.items() if value is True}
    return kept | {"stamp": catalogue.stamp(service), "client_id": uuid4()} | fields


def save(client: Client, where: str, fields: dict[str, Any], why: str = "A test") -> Any:
    """Look first, then save what was looked at."""
    looked = client.post(where, fields | {"look": "1"})
    assert looked.status_code == 200, looked.content.decode()
    checked = looked.context["checked"]
    return client.post(where, fields | {"checked": checked, "why": why, "client_id": uuid4()})


def test_the_list_costs_as_many_queries_whatever_its_length(supervisor: Client) -> None:
    supervisor.get(address("catalogue"))  # what is read once a minute is read now
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as captured:
            page = supervisor.get(address("catalogue")).content.decode()
        counts.append(len(captured))
        Service.objects.bulk_create([Service(code=f"N{number}-{n}", name=f"New {n}") for n in range(30)])
    assert counts[0] == counts[1] < 15
    assert "Street Defect" in page and "from November 15 to April 1" in page


def test_a_change_is_looked_at_then_saved_with_a_word_why(supervisor: Client) -> None:
    world.request_from(world.conversation("Maria Santos", "hole"), Service.objects.get(code=CODE))
    fields, where = typed(CODE, department="water", promise_days="3"), address("service_page", CODE)
    page = supervisor.post(where, fields | {"look": "1"}).content.decode()
    assert "1 open request about Street Defect is concerned" in page and "go to water instead of streets" in page
    assert Service.objects.get(code=CODE).promise_days == 46, "looking saves nothing"
    assert save(supervisor, where, fields, why="").status_code == 422
    assert save(supervisor, where, fields, why="Quicker").status_code == 302
    changed = Service.objects.get(code=CODE)
    assert (changed.promise_days, changed.department and changed.department.code) == (3, "water")
    assert changed.attributes.count() == 4, "the questions stay"
    newest = CatalogueVersion.objects.order_by("-number")[0]
    assert newest.why == "Quicker" and newest.by and newest.by.username == "supervisor"


def test_what_was_not_looked_at_is_not_saved(supervisor: Client) -> None:
    where = address("service_page", CODE)
    looked = supervisor.post(where, typed(CODE, promise_days="3", look="1")).context["checked"]
    other = supervisor.post(where, typed(CODE, promise_days="5", checked=looked, why="x"))
    assert other.status_code == 200 and "What this does" in other.content.decode()
    assert Service.objects.get(code=CODE).promise_days == 46


def test_somebody_else_s_change_is_noticed_and_what_was_typed_stays(supervisor: Client) -> None:
    fields, where = typed(CODE, promise_days="3"), address("service_page", CODE)
    save(supervisor, where, typed(CODE, name="Holes"))
    late = save(supervisor, where, fields)
    assert late.status_code == 422 and "Somebody else changed this service" in late.content.decode()
    assert 'value="3"' in late.content.decode() and Service.objects.get(code=CODE).promise_days == 46


def test_faults_stand_beside_the_fields(supervisor: Client) -> None:
    page = supervisor.post(address("service_page", CODE), typed(CODE, name="", season_start="11-15"))
    assert page.status_code == 422 and "This field is required." in page.content.decode()
    page = supervisor.post(address("service_page", CODE), typed(CODE, season_start="11-15"))
    assert "A season has a first and a last day." in page.content.decode()


def test_a_service_is_made_and_retired_never_deleted(supervisor: Client) -> None:
    fields = {
        "code": "NEW-1",
        "name": "New thing",
        "kind": "request",
        "promise_unit": "working",
        "active": "on",
        "client_id": uuid4(),
    }
    assert save(supervisor, address("service_new"), fields).status_code == 302
    assert Service.objects.get(code="NEW-1").active
    assert "a service with this code" in supervisor.post(address("service_new"), fields).content.decode()
    gone = typed("NEW-1")
    del gone["active"]
    save(supervisor, address("service_page", "NEW-1"), gone)
    assert not Service.objects.get(code="NEW-1").active


def test_questions_are_added_changed_moved_and_deleted(supervisor: Client) -> None:
    new = {
        "code": "depth",
        "question": "How deep?",
        "datatype": "singlevaluelist",
        "variable": "on",
        "values": "flat | Flat\ndeep | Deep | Call 911.",
        "depends_on": "kind",
        "depends_values": "pothole",
        "client_id": uuid4(),
        "stamp": catalogue.stamp(catalogue.of_service(CODE)),
    }
    assert save(supervisor, address("service_question_new", CODE), new).status_code == 302
    made = Service.objects.get(code=CODE).attributes.get(code="depth")
    assert made.values[1] == {"key": "deep", "name": "Deep", "stop": "Call 911."} and made.depends_values == ["pothole"]
    moved = supervisor.post(address("service_questions", CODE, "depth"), {"what": "up", "client_id": uuid4()})
    assert moved.status_code == 302
    assert [q.code for q in Service.objects.get(code=CODE).attributes.all()][3:] == ["depth", "lane"]
    refused = supervisor.post(address("service_questions", CODE, "kind"), {"what": "delete", "client_id": uuid4()})
    assert refused.status_code == 422 and "is no question before this one" in refused.content.decode()
    supervisor.post(address("service_questions", CODE, "depth"), {"what": "delete", "client_id": uuid4()})
    assert not Service.objects.get(code=CODE).attributes.filter(code="depth").exists()
    bad = supervisor.post(address("service_question_new", CODE), new | {"depends_values": "moon"})
    assert bad.status_code == 422 and "“moon” is no answer to “kind”." in bad.content.decode()


def test_a_group_is_renamed(supervisor: Client) -> None:
    save(supervisor, address("service_group"), {"group": "Traffic", "name": "Cars", "client_id": uuid4()})
    assert Service.objects.filter(group="Cars").exists() and not Service.objects.filter(group="Traffic").exists()


def test_a_version_is_brought_back(supervisor: Client) -> None:
    first = CatalogueVersion.objects.order_by("-number")[0].number
    save(supervisor, address("service_page", CODE), typed(CODE, promise_days="3"))
    page = supervisor.get(address("catalogue_version", first))
    assert "Bring this version back" in page.content.decode()
    supervisor.post(address("catalogue_version", first), {"checked": page.context["checked"], "client_id": uuid4()})
    assert Service.objects.get(code=CODE).promise_days == 46
    assert f"Version {first} brought back" in supervisor.get(address("catalogue_versions")).content.decode()


def upload(client: Client, confirm: dict[str, Any] | None = None, **files: str) -> Any:
    chosen = {name: SimpleUploadedFile(f"{name}.txt", text.encode()) for name, text in files.items()}
    return client.post(address("catalogue_import"), chosen | (confirm or {}) | {"client_id": uuid4()})


def test_an_import_is_looked_at_with_its_refused_rows_then_taken(supervisor: Client) -> None:
    rows = "code,name,department,promise_days\nSR-ST01,Holes,,\nNEW,New,nobody,\nNEXT,Next,water,x\nOK,Good,water,3\n"
    page = upload(supervisor, services=rows).content.decode()
    assert "2 rows are refused" in page and "services.csv:3" in page and "services.csv:4" in page and "Good" in page
    assert not Service.objects.filter(code="OK").exists()
    confirmed = {"confirmed": "1", "services": rows, "why": "From the files"}
    refused = supervisor.post(address("catalogue_import"), confirmed | {"client_id": uuid4()})
    assert refused.status_code == 422 and not Service.objects.filter(code="OK").exists()
    supervisor.post(address("catalogue_import"), confirmed | {"skip": "1", "client_id": uuid4()})
    assert Service.objects.get(code="OK").promise_days == 3 and Service.objects.get(code=CODE).name == "Holes"
    assert Service.objects.get(code=CODE).active and not Service.objects.filter(code="NEW").exists()


def test_another_city_s_open311_list_is_taken_and_the_rest_retired(supervisor: Client) -> None:
    entry = {"service_code": "001", "service_name": "Cans left out", "group": "sanitation", "keywords": "bin, can"}
    text = json.dumps([entry])
    page = upload(supervisor, {"retire": "on"}, georeport=text).content.decode()
    assert "Cans left out" in page and "retired" in page
    supervisor.post(
        address("catalogue_import"), {"confirmed": "1", "georeport": text, "retire": "1", "client_id": uuid4()}
    )
    assert [s.code for s in Service.objects.filter(active=True)] == ["001"]


@pytest.mark.parametrize("files", [{}, {"services": ""}, {"services": "x" * 1_000_001}])
def test_a_file_that_is_missing_or_too_large_is_refused(supervisor: Client, files: dict[str, str]) -> None:
    assert upload(supervisor, **files).status_code == 422


def test_files_that_are_no_text_are_refused(supervisor: Client) -> None:
    chosen = {"services": SimpleUploadedFile("a.csv", b"\xff\xfe\x00"), "client_id": uuid4()}
    answer = supervisor.post(address("catalogue_import"), chosen)
    assert answer.status_code == 422 and "not UTF-8" in answer.content.decode()


@pytest.mark.parametrize("name", ["services.csv", "attributes.csv", "examples.csv", "services.json"])
def test_the_catalogue_is_exported(supervisor: Client, name: str) -> None:
    answer = supervisor.get(address("catalogue_export", name))
    assert answer.status_code == 200 and CODE in answer.content.decode()
    assert supervisor.get(address("catalogue_export", "secrets.csv")).status_code == 404


GET: list[tuple[str, list[Any]]] = [
    ("catalogue", []),
    ("service_new", []),
    ("service_page", [CODE]),
    ("service_question_new", [CODE]),
    ("service_question", [CODE, "kind"]),
    ("service_group", []),
    ("catalogue_versions", []),
    ("catalogue_version", [1]),
    ("catalogue_import", []),
    ("catalogue_export", ["services.csv"]),
]


@pytest.mark.parametrize("role", ["agent", "crew", "communications", "official"])
def test_only_who_may_sees_and_changes_it(login: Callable[[str], Client], role: str) -> None:
    client, before = login(role), CatalogueVersion.objects.count()
    assert {client.get(address(name, *args)).status_code for name, args in GET} == {403}
    posts = [one for one in GET if one[0].startswith(("service", "catalogue_import"))]
    posts.append(("service_questions", [CODE, "kind"]))
    assert {client.post(address(name, *args), {"client_id": uuid4()}).status_code for name, args in posts} == {403}
    assert CatalogueVersion.objects.count() == before
