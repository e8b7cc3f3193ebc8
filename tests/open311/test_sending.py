"""POST requests: what is taken, what is refused and how, and that nobody's personal data comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openline.open311.models import Submission
from openline.records.models import Record
from openline.service_requests.models import Contact, Service, ServiceRequest
from tests.open311.conftest import HERE, Sender, asking, read, street_defect

pytestmark = pytest.mark.usefixtures("philadelphia")
RESIDENT = {
    "first_name": "Dana", "last_name": "Kowalski", "email": "dana@home.example", "phone": "215-555-0134",
    "device_id": "tt222111", "account_id": "acc-77",
}  # fmt: skip


def test_a_request_is_opened_with_owner_deadline_history_and_record(sender: Sender) -> None:
    found = sender.report()
    request = ServiceRequest.objects.get(number=found["service_request_id"])
    assert request.department == street_defect().department and request.due_at and request.source == "open311"
    assert request.place_name == "Market St & N 13th St" and "zip-19107" in request.areas
    assert request.updates.get().to_status == "received"
    assert Record.objects.get(request_id=request.pk, body__what="opened").actor == "open311:street app"
    [shown] = read(f"v2/requests/{request.number}", "Requests")
    assert shown["description"] == "a big hole" and shown["lat"] == 39.9523


def test_both_formats_and_all_ways_to_send_a_body(sender: Sender) -> None:
    fields = {"service_code": street_defect().code} | HERE
    tree = sender.post("requests", "xml", **fields)
    number = tree.findtext("request/service_request_id")
    assert ServiceRequest.objects.filter(number=number).exists() and tree.find("request/account_id") is not None
    headers = {"X-Api-Key": sender.key}
    for body, kind in (
        (orjson.dumps(fields), "application/json"),
        (
            "service_code=" + fields["service_code"] + "&lat=39.9523&long=-75.1615",
            "application/x-www-form-urlencoded; charset=utf-8",
        ),
    ):
        answer = Client().post("/open311/v2/requests.json", body, content_type=kind, headers=headers)
        assert answer.status_code == 200, answer.content
    in_body = Client().post("/open311/v2/requests.json", fields | {"api_key": sender.key})
    assert in_body.status_code == 200 and in_body["Cache-Control"] == "no-store"


def test_who_reported_is_known_to_staff_and_in_no_answer(sender: Sender) -> None:
    found = sender.report(description="Hole. Call me, Dana Kowalski, 215-555-0134 or dana@home.example", **RESIDENT)
    number = found["service_request_id"]
    contact = Contact.objects.get(request__number=number)
    assert (contact.name, contact.email, contact.phone) == ("Dana Kowalski", "dana@home.example", "215-555-0134")
    assert (contact.device_id, contact.account_id) == ("tt222111", "acc-77")
    for address in (f"requests/{number}", "requests", "servicerequestupdates"):
        for form in ("json", "xml"):
            content = Client().get(f"/open311/v2/{address}.{form}", {"extensions": "true"}).content.decode()
            assert not any(value in content for value in RESIDENT.values()), address
    assert "215-555-0134" in ServiceRequest.objects.get(number=number).description
    assert found["account_id"] == ""
    page = Client().get(f"/requests/{number}/").content.decode()
    assert not any(value in page for value in RESIDENT.values())


def test_a_place_by_address_or_by_our_own_id(sender: Sender) -> None:
    block = sender.report(lat="", long="", address_string="1400 block of S Broad St")["service_request_id"]
    [shown] = read(f"v2/requests/{block}", "Requests")
    assert shown["address"] == shown["address_id"] == "1400 block of S Broad St" and shown["lat"]
    again = sender.report(lat="", long="", address_id=shown["address_id"])["service_request_id"]
    assert read(f"v2/requests/{again}", "Requests")[0]["lat"] == shown["lat"]


def test_an_address_beside_lat_and_long_gives_them_its_name_if_it_is_there(sender: Sender) -> None:
    there = sender.report(lat="39.95181", long="-75.16014", address_string="1200 Market St, Philadelphia")
    elsewhere = sender.report(address_string="1400 S Broad St")
    names = [ServiceRequest.objects.get(number=one["service_request_id"]).place_name for one in (there, elsewhere)]
    assert names == ["1200 Market St", "Market St & N 13th St"]
    request = ServiceRequest.objects.get(number=elsewhere["service_request_id"])
    assert "1400 S Broad St" in request.description and "1400 S Broad St" not in request.public_description


BAD = [
    ({"service_code": ""}, 400, "service_code is missing"),
    ({"service_code": "NOPE"}, 404, "“NOPE” was not found"),
    ({"lat": "", "long": ""}, 400, "place is missing"),
    ({"lat": "39.95", "long": ""}, 400, "go together"),
    ({"lat": "x"}, 400, "lat “x” cannot be read"),
    ({"lat": "91"}, 400, "lat must be between -90 and 90"),
    ({"lat": "40.71", "long": "-74.0"}, 400, "outside of"),
    ({"lat": "", "long": "", "address_string": "Broad St"}, 400, "names all of"),
    ({"lat": "", "long": "", "address_string": "nowhere at all"}, 400, "was not found in the city"),
    ({"lat": "", "long": "", "address_id": "1400 S Brood"}, 400, "address_id was not found"),
    ({"email": "dana"}, 400, "email is no e-mail address"),
    ({"description": "x" * 4001}, 400, "longer than 4000"),
    ({"description": "a\x00b"}, 400, "NUL"),
    ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
    ({"media_url": [f"https://a.example/{n}.jpg" for n in range(11)]}, 400, "more than 10"),
    ({"jurisdiction_id": "atlantis"}, 404, "jurisdiction_id was not found"),
    ({"phone": "1" * 61}, 400, "phone is longer"),
]


@pytest.mark.parametrize(("fields", "status", "said"), BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_told_and_changes_nothing(
    sender: Sender, fields: dict[str, Any], status: int, said: str
) -> None:
    assert said in sender.refused(status, **fields)
    assert not ServiceRequest.objects.exists() and not Submission.objects.exists()


def test_all_that_is_wrong_is_told_at_once(sender: Sender) -> None:
    said = sender.refused(lat="x", email="nobody", media_url="ftp://x")
    assert said.count("\n") == 2 and "lat" in said and "email" in said and "media_url" in said


def test_html_is_taken_out_and_signs_stay(sender: Sender) -> None:
    number = sender.report(description="<p>a < b & <b>deep</b><script>steal()</script></p>")["service_request_id"]
    assert ServiceRequest.objects.get(number=number).description == "a < b & deep"
    number = sender.report(description="width < 3 & depth > 2 <- here")["service_request_id"]
    assert ServiceRequest.objects.get(number=number).description == "width < 3 & depth > 2 <- here"


@pytest.mark.parametrize("language", ["en", "es"])
def test_danger_to_life_is_answered_with_the_emergency_text_and_opened_urgent(sender: Sender, language: str) -> None:
    found = sender.post(
        headers={"Accept-Language": language},
        service_code=street_defect().code,
        description="Live wire down and sparking on the sidewalk, kids are walking past it",
        **HERE,
    )[0]
    assert "911" in found["service_notice"]
    assert ("call" in found["service_notice"].lower()) is (language == "en")
    assert ServiceRequest.objects.get(number=found["service_request_id"]).urgency == "emergency"


def test_what_is_private_or_not_asked_for_is_no_service_here(sender: Sender) -> None:
    hidden = Service.objects.create(code="HID", name="Hidden", public=False)
    outside = Service.objects.filter(kind="referral").first()
    for one in filter(None, (hidden, outside)):
        sender.refused(404, service_code=one.code)


def test_the_questions_of_a_service_are_defined() -> None:
    asking()
    services = {one["service_code"]: one["metadata"] for one in read("v2/services", "Services")}
    assert services["TREE"] is True and services["PHL-02"] is False
    plain = read("v2/services/TREE", "ServiceDefinition")["attributes"]
    assert [one["code"] for one in plain] == ["SIZE", "HIGH", "WHEN", "WHAT"]
    assert [one["required"] for one in plain] == [True, False, False, False]
    assert "values" in plain[0] and "values" not in plain[1] and "extended_attributes" not in plain[0]
    more = read("v2/services/TREE", "ServiceDefinition", extensions="true")["attributes"]
    assert more[1]["extended_attributes"]["depends_on"] == "SIZE"
    assert more[1]["extended_attributes"]["required_if_asked"] is True
    assert more[0]["extended_attributes"]["stops"][0]["key"] == "W"
    read("v2/services/PHL-02", "ServiceDefinition", status=404)


def test_answers_are_checked_kept_and_shown_if_they_are_public(sender: Sender) -> None:
    service = asking()
    sent = {
        "service_code": service.code,
        "attribute[SIZE]": "L",
        "attribute[HIGH]": "12.5",
        "attribute[WHAT][]": ["C", "A"],
    }
    number = sender.report(**sent)["service_request_id"]
    kept = ServiceRequest.objects.get(number=number).answers
    assert kept == {"SIZE": "L", "HIGH": 12.5, "WHAT": ["A", "C"]}
    [shown] = read(f"v2/requests/{number}", "Requests", extensions="true")
    assert shown["attributes"] == [{"code": "SIZE", "label": "How large?", "value": "Large"}]
    body = orjson.dumps({"service_code": "TREE", "attribute": {"SIZE": "S", "WHAT": ["B"]}})
    answer = Client().post("/open311/v2/requests.json", body, "application/json", headers={"X-Api-Key": sender.key})
    assert ServiceRequest.objects.get(number=answer.json()[0]["service_request_id"]).answers == {
        "SIZE": "S",
        "WHAT": ["B"],
    }


@pytest.mark.parametrize(("fields", "said"), [
    ({}, "attribute[SIZE]: Please answer"),
    ({"attribute[SIZE]": "XXL"}, "attribute[SIZE]: “XXL” is not one of"),
    ({"attribute[SIZE]": "L"}, "attribute[HIGH]: Please answer"),
    ({"attribute[SIZE]": "L", "attribute[HIGH]": "tall", "attribute[WHEN]": "once"}, "attribute[WHEN]: "),
    ({"attribute[SIZE]": "W"}, "attribute[SIZE]: Call PECO"),
])  # fmt: skip
def test_answers_that_are_wrong_are_named(sender: Sender, fields: dict[str, str], said: str) -> None:
    assert said in sender.refused(service_code=asking().code, **fields)
    assert not ServiceRequest.objects.exists()


def test_what_a_service_needs_is_asked_for(sender: Sender) -> None:
    Service.objects.create(code="C", name="Calls back", needs_contact=True, needs_photo=True, needs_place=False)
    said = sender.refused(service_code="C")
    assert "needs to reach you" in said and "needs a photo" in said
    sender.report(service_code="C", lat="", long="", phone="215-555-0134", media_url="https://a.example/1.jpg")


def test_a_request_costs_few_queries(sender: Sender) -> None:
    code = street_defect().code
    sender.report()
    with CaptureQueriesContext(connection) as captured:
        sender.post(service_code=code, description="Large pothole by 1400 S Broad St", **HERE, **RESIDENT)
    statements = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 12, "\n".join(statements)


def test_keys_are_needed_and_checked(sender: Sender, new_key: Callable[..., Sender]) -> None:
    assert "api_key is missing" in Sender("").refused(403)
    assert "malformed" in Sender("sesame").refused(400)
    assert "not known" in Sender("ol_" + "x" * 43).refused(403)
    from openline.open311 import keys

    assert keys.revoke("street app", by="test") and not keys.revoke("street app", by="test")
    assert "not active" in sender.refused(403)
    assert not ServiceRequest.objects.exists()


def test_a_key_has_its_limit(new_key: Callable[..., Sender]) -> None:
    few, many = new_key(per_minute=3), new_key()
    for _ in range(3):
        few.report()
    response = few.client.post("/open311/v2/requests.json", {}, headers={"X-Api-Key": few.key})
    assert response.status_code == 429 and 1 <= int(response["Retry-After"]) <= 20
    many.report()
    from django.utils import timezone

    from openline.open311.models import ApiKey

    past = timezone.now() - timezone.timedelta(seconds=21)
    ApiKey.objects.filter(per_minute=3).update(counted_at=past)
    few.report()
    assert few.client.post("/open311/v2/requests.json", {}, headers={"X-Api-Key": few.key}).status_code == 429


def test_keys_are_kept_as_hashes_only(sender: Sender) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM open311_apikey k")
        assert sender.key not in str(cursor.fetchall())
        cursor.execute("SELECT body::text FROM records_record")
        assert sender.key not in str(cursor.fetchall())


def test_pages_of_other_origins_may_send_with_keys_that_name_them(new_key: Callable[..., Sender]) -> None:
    theirs, other = new_key(origins=["https://app.example/"]), new_key()
    fields = {"service_code": street_defect().code} | HERE
    origin = {"Origin": "https://app.example"}
    asked = origin | {"Access-Control-Request-Method": "POST"}
    answer = Client().options("/open311/v2/requests.json", headers=asked)
    assert answer.status_code == 204 and answer["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Idempotency-Key" in answer["Access-Control-Allow-Headers"]
    unknown = Client().options("/open311/v2/requests.json", headers=asked | {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in unknown
    sent = Client().post("/open311/v2/requests.json", fields, headers=origin | {"X-Api-Key": theirs.key})
    assert sent.status_code == 200 and sent["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Origin" in sent["Vary"]
    refused = Client().post("/open311/v2/requests.json", fields, headers=origin | {"X-Api-Key": other.key})
    assert refused.status_code == 403
    reading = Client().options("/open311/v2/requests.json", headers={"Origin": "https://evil.example"})
    assert reading["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("body", "kind"), [
    (b"[1]", "application/json"), (b"{", "application/json"), (b'{"lat": {"a": 1}}', "application/json"),
    (b"<a/>", "text/xml"), (b"--x", "multipart/form-data; boundary=x"), (b"x", "multipart/form-data"),
    (b"a=1", "application/x-www-form-urlencoded; charset=latin-1"),
    (b"&".join(b"a%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded"),
    (b"description=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
])  # fmt: skip
def test_a_body_that_cannot_be_read_is_an_error_of_the_standard(sender: Sender, body: bytes, kind: str) -> None:
    response = Client().post("/open311/v2/requests.json", body, kind, headers={"X-Api-Key": sender.key})
    assert response.status_code == 400
    assert orjson.loads(response.content)[0]["code"] == 400


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "service_code",
                "lat",
                "long",
                "address_string",
                "address_id",
                "description",
                "email",
                "phone",
                "first_name",
                "media_url",
                "attribute[A]",
                "attribute[A][]",
                "client_request_id",
                "jurisdiction_id",
                "device_id",
            ]
        ),
        st.text(),
    )
)
def test_whatever_is_sent_there_is_an_answer_of_the_standard(sender: Sender, fields: dict[str, str]) -> None:
    fields = {name: value.encode("utf-8", "ignore").decode() for name, value in fields.items()}
    response = sender.client.post("/open311/v2/requests.json", fields, headers={"X-Api-Key": sender.key})
    assert response.status_code in (400, 404), response.content
    assert {error["code"] for error in orjson.loads(response.content)} == {response.status_code}


def test_answers_are_taken_whatever_the_case_of_their_code_and_what_nobody_asked_is_kept_for_staff(
    sender: Sender,
) -> None:
    sent = {"attribute[size]": "S", "attribute[COLOUR]": "red", "attribute[EMPTY]": " "}
    number = sender.report(service_code=asking().code, **sent)["service_request_id"]
    kept = ServiceRequest.objects.get(number=number)
    assert kept.answers == {"SIZE": "S"}
    assert kept.description == "a big hole\n\nCOLOUR: red"
    assert kept.public_description == "a big hole"


def test_a_usual_other_name_of_the_longitude_is_recognised(sender: Sender) -> None:
    assert "called long, not lng" in sender.refused(long="", lng="-75.16")


@pytest.mark.parametrize("path", ["v2", "v2/", "v2/nothing.json", "v2/requests.yaml", "v2/requests/1/2.json"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_is_none_is_an_error_that_a_program_reads(path: str, method: str) -> None:
    response = getattr(Client(), method)(f"/open311/{path}", headers={"Accept": "application/json"})
    assert response.status_code == 404
    assert "/open311/" in orjson.loads(response.content)[0]["description"]


def test_a_slash_at_the_end_is_the_same_address(sender: Sender) -> None:
    street_defect()
    assert Client().get("/open311/v2/services.json/").json() == Client().get("/open311/v2/services.json").json() != []
