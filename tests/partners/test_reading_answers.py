"""Answers of Open311 servers in the wild are read, and hostile ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from openline.partners.open311 import client, reading
from openline.partners.open311.client import Server, Trouble
from openline.partners.open311.reading import Unreadable
from tests.partners.standin import Theirs


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'[{"service_request_id": 22871}]', "22871"),
        (b'[{"service_request_id": "22-871"}]', "22-871"),
        (b'{"service_requests": [{"service_request_id": 22871.0}]}', "22871"),
        (b'{"service_requests": [{"request": {"service_request_id": "a"}}]}', "a"),
        (b'{"service_requests": {"request": {"service_request_id": "a"}}}', None),
        (b'\xef\xbb\xbf<?xml version="1.0"?><service_requests><request><service_request_id>7</service_request_id>'
         b"</request></service_requests>", "7"),
        (b'<s:service_requests xmlns:s="x"><s:request><s:service_request_id>7</s:service_request_id></s:request>'
         b"</s:service_requests>", "7"),
    ],
)  # fmt: skip
def test_ids_are_read_however_they_are_wrapped(body: bytes, expected: str | None) -> None:
    found = reading.rows(body)
    if expected is not None:
        assert reading.text(found[0], "service_request_id") == expected


@pytest.mark.parametrize(
    "body",
    [
        b"", b"nonsense", b"<html><body>Maintenance</body></html>", b"<open", b"12", b'"text"', b"[" * 100_000,
        b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><service_requests>&c;</service_requests>',
        b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><service_requests>&f;</service_requests>',
    ],
)  # fmt: skip
def test_what_is_no_open311_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        reading.rows(body)


def test_an_empty_list_is_empty() -> None:
    assert reading.rows(b"[]") == [] and reading.rows(b"<service_requests/>") == []


@pytest.mark.parametrize("form", ["json", "xml"])
def test_services_and_their_questions(form: str) -> None:
    with Theirs() as theirs:
        there = Server(theirs.address, form=form, private_network=True)
        assert [(one.code, one.name, one.metadata) for one in there.services()] == [
            ("POLE", "Street light out", True), ("17", "Wire down", False)]  # fmt: skip
        [question] = there.definition("POLE")
        assert (question.code, question.required, question.values) == (
            "WHISPAWN", True, [("123", "All"), ("124", "One")])  # fmt: skip


def test_a_redirect_to_another_server_is_told_and_not_followed() -> None:
    from tests.files.standin import Standin

    with Standin() as elsewhere, Standin() as first:
        elsewhere.put("/services.json", b"[]")
        first.redirects["/services.json"] = f"{elsewhere.url}/services.json"
        with pytest.raises(Trouble, match="leads elsewhere"):
            Server(first.url, private_network=True).services()
        assert elsewhere.seen == []
        first.redirects["/services.json"] = "/v2/services.json"
        first.put("/v2/services.json", b'[{"service_code": 1, "service_name": "a"}]')
        assert Server(first.url, private_network=True).services()[0].code == "1"


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.files.standin import Standin

    monkeypatch.setattr(client, "MOST_BYTES", 1_000)
    with Standin() as server:
        server.put("/services.json", b"[" + b" " * 5_000 + b"]")
        with pytest.raises(Trouble, match="larger"):
            Server(server.url, private_network=True).services()


@pytest.mark.parametrize(
    ("name", "first", "count"),
    [
        ("service_requests.json", "14-01100669", None),
        ("sf_extended_request.json", "4944710", 1),
        ("requests_single.xml", "101005420892", 1),
        ("requests_many.xml", "", None),
    ],
)
def test_recorded_requests_of_real_cities_are_read(shared: Path, name: str, first: str, count: int | None) -> None:
    body = (shared / "contracts" / "open311" / "samples" / name).read_bytes()
    found = [client._request(row) for row in reading.rows(body)]
    assert found and all(one.id and one.status in ("open", "closed") for one in found)
    assert not first or found[0].id == first
    assert count is None or len(found) == count
    assert all(one.lat and one.long for one in found)


@pytest.mark.parametrize(("name", "code"), [("service_list.json", "001"), ("services_giessen.xml", "015")])
def test_recorded_services_of_real_cities_are_read(shared: Path, name: str, code: str) -> None:
    from tests.files.standin import Standin

    form = name.rpartition(".")[2]
    with Standin() as server:
        server.put(f"/services.{form}", (shared / "contracts" / "open311" / "samples" / name).read_bytes())
        found = Server(server.url, form=form, private_network=True).services()
    assert found[0].code == code and all(one.name for one in found)
