"""GeoReport v2 as other programs use it: exact fields, both formats, filters, errors, and no personal data."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse
from xml.etree import ElementTree

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.service_requests import actions
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request, open_requests
from tests.open311.conftest import asking

pytestmark = pytest.mark.usefixtures("philadelphia")
FIELDS = {
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
}
PLACE = {
    "kind": "intersection",
    "name": "N 13th St & Market St",
    "lat": 39.9523,
    "lon": -75.1615,
    "precision_m": 20.0,
    "areas": ["zip-19107", "council-1"],
}


def new(service: str = "Street Defect", **more: Any) -> ServiceRequest:
    facts: dict[str, Any] = {
        "description": "secret words of a resident",
        "public_text": "a hole",
        "source": "mastodon",
        "place": PLACE,
    } | more
    return open_request(NewRequest(Service.objects.get(name=service), **facts))


def get(path: str, **given: Any) -> Any:
    response = Client().get(f"/open311/v2/{path}", given)
    return orjson.loads(response.content), response


def numbers(**given: Any) -> list[str]:
    found, response = get("requests.json", **given)
    assert response.status_code == 200, found
    return [r["service_request_id"] for r in found]


def test_a_request_has_exactly_the_fields_of_the_specification() -> None:
    request = new()
    [found], _ = get("requests.json")
    assert set(found) == FIELDS
    assert found["service_request_id"] == request.number
    assert found["status"] == "open"
    assert found["zipcode"] == "19107"
    assert isinstance(found["lat"], float)
    assert found["requested_datetime"].endswith(("-05:00", "-04:00"))


def test_xml_holds_the_same() -> None:
    request = new(public_text="a <b>hole</b> & \x0b more")
    response = Client().get("/open311/v2/requests.xml")
    assert response.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    root = ElementTree.fromstring(response.content)  # noqa: S314
    assert root.tag == "service_requests"
    assert root.findtext("request/service_request_id") == request.number
    assert root.findtext("request/description") == "a <b>hole</b> &  more"


def test_a_closed_request_tells_its_outcome(django_user_model: Any) -> None:
    request = new()
    agent = django_user_model.objects.create_user("ana")
    actions.move(request.pk, "closed", by=agent, outcome="done", public_text="Filled.", note="internal")
    [found], response = get(f"requests/{request.number}.json", extensions="true")
    assert found["status"] == "closed"
    assert "Filled." in found["status_notes"]
    assert found["notes"][-1]["description"] == "Filled."
    assert b"internal" not in response.content and b"ana" not in response.content
    assert b"secret words" not in response.content


def test_what_is_not_public_is_nowhere() -> None:
    hidden = Service.objects.filter(public=False, kind="request").first() or Service.objects.create(
        code="HID", name="Hidden", public=False
    )
    request = open_request(NewRequest(hidden, "x", "x", "test"))
    assert request.number not in numbers()
    _, response = get(f"requests/{request.number}.json")
    assert response.status_code == 404
    assert hidden.code not in [s["service_code"] for s in get("services.json")[0]]


def test_filters() -> None:
    hole, paint = new(), new("Graffiti Removal", place=PLACE | {"lat": 40.05, "lon": -75.05})
    assert set(numbers()) == {hole.number, paint.number}
    assert numbers(service_code=hole.service.code) == [hole.number]
    assert numbers(service_request_id=f"{paint.number},nope", service_code="none") == [paint.number]
    assert numbers(status="closed") == []
    assert len(numbers(status="open,closed")) == 2
    assert numbers(lat="39.9523", long="-75.1615", radius="200") == [hole.number]
    assert numbers(bbox="-75.1,40.0,-75.0,40.1") == [paint.number]
    assert numbers(q="graffiti") == [paint.number]
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    assert numbers(updated_after=later) == []
    assert len(numbers(start_date=(timezone.now() - timedelta(days=1)).isoformat(), service_code="")) == 2


def test_pages_by_key() -> None:
    service = Service.objects.get(name="Street Defect")
    open_requests([NewRequest(service, "", "", "test") for _ in range(25)])
    seen: list[str] = []
    given: dict[str, Any] = {"page_size": 10}
    while True:
        found, response = get("requests.json", **given)
        seen += [r["service_request_id"] for r in found]
        if not (link := response.get("Link")):
            break
        given = {k: v[0] for k, v in parse_qs(urlparse(link[1 : link.index(">")]).query).items()}
    assert len(seen) == len(set(seen)) == 25
    assert len(numbers(page_size=10, page=3)) == 5


@pytest.mark.parametrize("extensions", ["", "true"])
def test_a_page_costs_the_same_queries_whatever_its_size(extensions: str) -> None:
    service = Service.objects.get(name="Street Defect")
    counts = []
    for size in (1, 50):
        open_requests([NewRequest(service, "", "", "test") for _ in range(size)])
        with CaptureQueriesContext(connection) as captured:
            get("requests.json", page_size=size, extensions=extensions)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 3


BAD = [
    {"start_date": "yesterday"},
    {"status": "lost"},
    {"page_size": "0"},
    {"page_size": "5000"},
    {"page": "-1"},
    {"lat": "x", "long": "1", "radius": "1"},
    {"lat": "1"},
    {"lat": "nan", "long": "1", "radius": "1"},
    {"bbox": "1,2,3"},
    {"q": "a\x00b"},
    {"after": "junk"},
    {"after": "2026-01-01T00:00:00Z"},
    {"service_code": "x," * 500},
    {"start_date": "2025-01-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
    {"radius": "1e309"},
    {"page": "9" * 50},
    {"start_date": "9999-12-31T23:59:59-23:59"},
]


@pytest.mark.parametrize("given", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("form", ["json", "xml"])
def test_bad_parameters_are_told_in_both_formats(given: dict[str, str], form: str) -> None:
    response = Client().get(f"/open311/v2/requests.{form}", given)
    assert response.status_code == 400
    if form == "json":
        [error] = orjson.loads(response.content)
        assert error["code"] == 400 and error["description"]
    else:
        root = ElementTree.fromstring(response.content)  # noqa: S314
        assert root.tag == "errors" and root.findtext("error/code") == "400"


@pytest.mark.parametrize("path", ["requests/99-999999", "services/NOPE", "requests/%00", "requests/" + "9" * 500])
def test_what_is_unknown_is_404(path: str) -> None:
    response = Client().get(f"/open311/v2/{path}.json")
    assert response.status_code == 404
    assert orjson.loads(response.content)[0]["code"] == 404


def test_a_wrong_jurisdiction_is_404_and_the_right_one_is_fine() -> None:
    assert get("services.json", jurisdiction_id="atlantis")[1].status_code == 404
    assert get("services.json", jurisdiction_id="philadelphia.example")[1].status_code == 200


def test_services_and_discovery() -> None:
    services, _ = get("services.json")
    defect = next(s for s in services if s["service_name"] == "Street Defect")
    asks = Service.objects.get(name="Street Defect").attributes.exists()
    assert defect["metadata"] is asks and defect["type"] == "realtime" and "pothole" in defect["keywords"]
    assert all(s["service_name"] != "Philadelphia Gas Works" for s in services)
    found = orjson.loads(Client().get("/open311/discovery.json").content)
    assert found["endpoints"][0]["formats"] == ["text/xml", "application/json"]


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("services", "", "xml"),
        ("services", "application/json", "json"),
        ("services.xml", "application/json", "xml"),
        ("services.json", "text/xml", "json"),
        ("services", "text/xml,application/json", "xml"),
    ],
)
def test_the_format_is_the_extension_then_accept_then_xml(path: str, accept: str, kind: str) -> None:
    response = Client().get(f"/open311/v2/{path}", headers={"Accept": accept})
    assert kind in response["Content-Type"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_only_reading(client: Client) -> None:
    assert client.delete("/open311/v2/requests.json").status_code == 405


@pytest.mark.parametrize("form", ["json", "xml"])
def test_an_independent_client_reads_us(live_server: Any, form: str, philadelphia: None) -> None:
    from georeport import GeoReport

    other, request = new(), new()
    client = GeoReport(f"{live_server.url}/open311/v2", jurisdiction="philadelphia.example", output_format=form)
    names = [s["service_name"] for s in client.get_service_list()]
    assert "Street Defect" in names
    definition = client.get_service_definition(asking().code)
    assert definition["service_code"] == "TREE" and len(definition["attributes"])
    found = client.get_service_requests()
    assert [r["service_request_id"] for r in found] == [request.number, other.number]
    one = client.get_service_request(request.number)
    assert (one[0] if isinstance(one, list) else one)["service_request_id"] == request.number


@pytest.mark.parametrize(("path", "schema"), [("services.json", "service"), ("requests.json", "request")])
def test_answers_fit_the_official_schemas(shared: Path, path: str, schema: str) -> None:
    import jsonschema

    new(), new("Graffiti Removal", place=None)
    rules = orjson.loads((shared / f"contracts/open311/{schema}.schema.json").read_bytes())
    found, _ = get(path)
    assert found
    for item in found:
        jsonschema.validate(item, rules)


@pytest.mark.parametrize("sample", ["requests_single.xml", "requests_many.xml", "services_giessen.xml"])
def test_our_answers_have_what_recorded_answers_of_cities_have(shared: Path, sample: str) -> None:
    """Toronto's and Gießen's answers: a program written for them finds its elements with us, under the same root."""
    new()
    recorded = ElementTree.parse(shared / "contracts/open311/samples" / sample).getroot()  # noqa: S314
    path = "services" if "services" in sample else "requests"
    ours = ElementTree.fromstring(Client().get(f"/open311/v2/{path}.xml").content)  # noqa: S314
    assert ours.tag == recorded.tag and ours[0].tag == recorded[0].tag
    assert {element.tag for element in recorded[0]} <= {element.tag for element in ours[0]}


@pytest.mark.parametrize("sample", ["service_list", "service_requests", "sf_extended_request"])
def test_also_in_json(shared: Path, sample: str) -> None:
    """Chicago's and San Francisco's answers, with extensions."""
    new()
    recorded = orjson.loads((shared / f"contracts/open311/samples/{sample}.json").read_bytes())
    path = "services" if sample == "service_list" else "requests"
    ours, _ = get(f"{path}.json", **({} if path == "services" else {"extensions": "true"}))
    assert {name for one in recorded for name in one} <= set(ours[0])
