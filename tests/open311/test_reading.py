"""Reading at scale and in detail: extensions, the exact circle, other languages, cost, schemas, OpenAPI."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openline.service_requests import actions
from openline.service_requests.models import ServiceRequest
from openline.service_requests.opening import NewRequest, open_request, open_requests
from tests.open311.conftest import XSD, checked, etree, read, street_defect

pytestmark = pytest.mark.usefixtures("philadelphia")


def many(count: int, **more: Any) -> None:
    place = {
        "kind": "block",
        "name": "1400 block of S Broad St",
        "lat": 39.93,
        "lon": -75.16,
        "precision_m": 50.0,
        "areas": ["zip-19147", "council-2"],
    }
    service = street_defect()
    facts = {"description": "", "public_text": "A hole & a half, <deep>", "source": "test", "place": place} | more
    open_requests([NewRequest(service, **facts) for _ in range(count)])


def at(lat: float, lon: float) -> ServiceRequest:
    place = {"kind": "coordinates", "name": "x", "lat": lat, "lon": lon, "precision_m": 1.0, "areas": []}
    return open_request(NewRequest(street_defect(), "", "", "test", place=place))


def test_the_circle_is_exact() -> None:
    degrees = 500 / 111_195.08
    inside = at(39.95 + degrees * 0.999, -75.16)
    at(39.95 + degrees * 1.001, -75.16)
    corner = degrees * 0.75  # in the box around the circle, but not in the circle
    at(39.95 + corner, -75.16 + corner / math.cos(math.radians(39.95)))
    found = read("v2/requests", "Requests", lat="39.95", long="-75.16", radius="500")
    assert [one["service_request_id"] for one in found] == [inside.number]


def test_extensions_tell_more_and_only_what_is_public() -> None:
    request = at(39.9523, -75.1615)
    ServiceRequest.objects.filter(pk=request.pk).update(areas=["zip-19107"])
    actions.move(request.pk, "closed", by=None, outcome="done", public_text="Filled.", note="internal")
    [plain] = read(f"v2/requests/{request.number}", "Requests")
    assert not {"extended_attributes", "notes", "attributes"} & set(plain)
    [more] = read(f"v2/requests/{request.number}", "Requests", extensions="true")
    assert [note["description"] for note in more["notes"]] == ["", "Filled."]
    facts = more["extended_attributes"]
    assert facts["detailed_status"] == "closed" and facts["areas"][0]["code"] == "zip-19107"
    assert facts["areas"][0]["name"]
    read("v2/requests", "Requests", status=400, extensions="perhaps")


@pytest.mark.parametrize(
    ("due", "closed", "kept"),
    [(None, None, "none"), (1, None, "ahead"), (-1, None, "overdue"), (1, 0, "kept"), (-1, 0, "missed")],
)
def test_whether_the_promise_was_kept(due: int | None, closed: int | None, kept: str) -> None:
    request, now = at(39.95, -75.16), timezone.now()
    facts: dict[str, Any] = {"due_at": None if due is None else now + timedelta(days=due)}
    facts |= {} if closed is None else {"closed_at": now, "status": "closed", "outcome": "done"}
    ServiceRequest.objects.filter(pk=request.pk).update(**facts)
    [found] = read(f"v2/requests/{request.number}", "Requests", extensions="true")
    assert found["extended_attributes"]["deadline"] == kept


def test_states_and_errors_come_in_the_readers_language() -> None:
    at(39.95, -75.16)
    found = Client().get("/open311/v2/requests.json", headers={"Accept-Language": "es"})
    assert found.json()[0]["status_notes"] != "Received." and found["Content-Language"] == "es"
    assert "Accept-Language" in found["Vary"]


@pytest.mark.parametrize("extensions", ["", "true"])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_page_of_a_hundred_costs_four_queries_at_most(extensions: str, form: str) -> None:
    many(120)
    Client().get("/open311/v2/requests.json?extensions=true")
    with CaptureQueriesContext(connection) as captured:
        Client().get(f"/open311/v2/requests.{form}", {"page_size": 100, "extensions": extensions})
    assert len(captured) <= (4 if extensions else 2)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_page_of_a_thousand_is_whole_and_costs_what_a_short_one_costs(form: str) -> None:
    many(1000)
    Client().get(f"/open311/v2/requests.{form}")
    with CaptureQueriesContext(connection) as captured:
        response = Client().get(f"/open311/v2/requests.{form}")
    assert len(checked(response, "Requests")) == 1000 and len(captured) <= 2


_VALUES = st.one_of(
    st.text(max_size=20),
    st.floats().map(str),
    st.integers().map(str),
    st.datetimes().map(str),
    st.sampled_from(["open", "closed", "true", "2026-11-01T00:00:00Z", "-75.2,39.9,-75.1,40.0", "26-000001"]),
)
_NAMES = [
    "service_request_id",
    "service_code",
    "status",
    "start_date",
    "end_date",
    "updated_after",
    "updated_before",
    "lat",
    "long",
    "radius",
    "bbox",
    "q",
    "page_size",
    "page",
    "after",
    "extensions",
    "jurisdiction_id",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=6),
    st.sampled_from(["json", "xml"]),
    st.sampled_from(["requests", "servicerequestupdates"]),
)
def test_whatever_is_asked_there_is_an_answer_of_the_standard(asked: dict[str, str], form: str, path: str) -> None:
    asked = {name: value.encode("utf-8", "ignore").decode() for name, value in asked.items()}
    response = Client().get(f"/open311/v2/{path}.{form}", asked)
    assert response.status_code in (200, 400, 404)
    good = "Requests" if path == "requests" else "Updates"
    checked(response, good if response.status_code == 200 else "Errors")


@pytest.mark.parametrize("text", ["a <b>&amp;</b> ]]> \x0b\x00\ufffe 😀 \r\n\t end", "<?xml?>", "&#0;"])
def test_xml_holds_any_text(text: str) -> None:
    many(1, public_text=text.replace("\x00", ""))
    tree = etree.fromstring(Client().get("/open311/v2/requests.xml").content)
    XSD.assertValid(tree)
    kept = "".join(c for c in text if c in "\t\n\r" or ord(c) >= 32 and c != "\ufffe")
    assert tree.findtext("request/description") == kept


def test_the_description_for_programs_is_valid_and_honest() -> None:
    document = Client().get("/open311/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["operationId"] and operation["summary"]
            if method == "get" and "{" not in address:
                response = Client().get(f"/open311{address}")
                assert response.status_code == 200
                assert response["Content-Type"].split(";")[0] in operation["responses"]["200"]["content"]


def test_pages_for_people_and_the_schema_are_served() -> None:
    page = Client().get("/open311/")
    assert page.status_code == 200 and b"servicerequestupdates" in page.content
    assert etree.fromstring(Client().get("/open311/georeport.xsd").content).tag.endswith("schema")
    discovery = read("discovery", "Discovery")
    assert discovery["key_service"].endswith("/open311/")
    assert orjson.loads(Client().get("/open311/openapi.json").content)["info"]["title"]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("path", ["requests", "services", "servicerequestupdates", "tokens/1"])
def test_other_methods_are_405_with_what_is_allowed(method: str, path: str) -> None:
    response = getattr(Client(), method)(f"/open311/v2/{path}.json")
    assert response.status_code == 405 and "GET" in response["Allow"]
    assert response.json()[0]["code"] == 405
