"""The record: found, kept to who may read it, and handed out with proof that nothing was changed."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.records import log
from openline.records.models import Kind, Record
from openline.service_requests import actions, assigning
from tests.console import world

pytestmark = pytest.mark.django_db
PAGE = "/console/records/"
Login = Callable[[str], Client]


def heard(text: str, visibility: str = "public", name: str = "Dana Kowalski", **more: Any) -> Any:
    """A conversation with its record."""
    talk = world.conversation(name, text, visibility=visibility)
    log.write([log.Entry(Kind.HEARD, "resident", talk.account_id, talk.pk, body={"text": text}, **more)])
    return talk


def found(client: Client, **asked: str) -> str:
    """The page that a search shows."""
    return str(client.get(PAGE, asked).content.decode())


def package(client: Client, **asked: str) -> dict[str, bytes]:
    """The files of what is handed out."""
    answer = client.post(f"{PAGE}export/", asked)
    assert answer.status_code == 200, answer.content
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as files:  # type: ignore[attr-defined]
        return {name: files.read(name) for name in files.namelist()}


@pytest.mark.parametrize(("role", "may"), [("records", 200), ("administrator", 200), ("supervisor", 403)])
def test_who_may_search_and_hand_out(login: Login, role: str, may: int) -> None:
    heard("The plow broke my fence.")
    assert login(role).get(PAGE).status_code == may
    assert login(role).post(f"{PAGE}export/").status_code == may


def test_the_record_is_found_by_words_person_account_kind_and_time(login: Login) -> None:
    client, now = login("records"), timezone.now()
    talk = heard("The plow broke my fence.")
    heard("Thank you for the snow map.", name="Lee Nguyen")
    heard("An old word about plows.", at=now - timedelta(days=90))
    log.write([log.Entry(Kind.WRITTEN, "agent", body={"what": "hide", "text": "", "reason": "Spam, rule 3"})])
    usual = found(client)
    assert "broke my fence" in usual and "snow map" in usual and "old word" not in usual
    assert "old word" in found(client, words="PLOW") and "snow map" not in found(client, words="PLOW")
    by_handle = found(client, who=talk.identity.handle.upper())
    assert "broke my fence" in by_handle and "snow map" not in by_handle
    removed = found(client, group="removed")
    assert "Spam, rule 3" in removed and "fence" not in removed
    assert "Spam, rule 3" in found(client, who="agent") and "fence" not in found(client, who="agent")
    assert "fence" in found(client, account=str(talk.account_id))
    for wrong in (
        {"since": "9999-12-31"},
        {"since": "x"},
        {"account": "x"},
        {"since": "2026-05-02", "until": "2026-05-01"},
    ):
        assert client.get(PAGE, wrong).status_code == 422


def test_what_is_about_a_request_is_found_by_its_number(login: Login) -> None:
    request = world.request_from(heard("Pothole at Broad and Vine."))
    log.write([log.Entry(Kind.CHANGED, "agent", request_id=request.pk, body={"what": "note", "note": "Crew asked."})])
    page = found(login("records"), number=request.number.lower())
    assert "Pothole at Broad" in page and "Crew asked." in page


def test_private_words_stay_out_unless_they_are_asked_for(login: Login) -> None:
    client = login("records")
    private = heard("My landlord threatens me.", "private")
    request = world.request_from(private)
    log.write(
        [log.Entry(Kind.CHANGED, "agent", request_id=request.pk, body={"what": "note", "note": "He is Mr. Ash."})]
    )
    assert "landlord" not in found(client) and "Mr. Ash" not in found(client)
    page = found(client, private="on")
    assert "landlord" in page and "Mr. Ash" in page
    assert b"landlord" not in package(client)["records.csv"]
    assert b"landlord" in package(client, private="on")["records.csv"]


def test_what_is_handed_out_masks_personal_data_and_proves_itself(login: Login) -> None:
    client = login("records")
    heard("=Call me at 215-555-0142 about the plow.")
    heard("Thank you.")
    files = package(client, group="heard")
    assert b"215-555-0142" not in files["records.csv"] + files["records.jsonl"]
    assert b"215-555-0142" in package(client, group="heard", as_written="on")["records.csv"]
    rows = list(csv.DictReader(io.StringIO(files["records.csv"].decode("utf-8-sig"))))
    assert [row["words"] for row in rows][1] == "Thank you." and rows[0]["words"].startswith("'=Call me")
    chain = ""
    for line in files["records.jsonl"].splitlines():
        row = orjson.loads(line)
        said = row.pop("chain")
        chain = hashlib.sha256(chain.encode() + b"\n" + orjson.dumps(row)).hexdigest()
        assert chain == said
    manifest = orjson.loads(files["manifest.json"])
    assert manifest["chain"] == chain and manifest["records"] == len(rows) == 2
    for name in ("records.csv", "records.jsonl"):
        assert manifest[name] == hashlib.sha256(files[name]).hexdigest()
    kept = Record.objects.filter(body__what="records exported").order_by("id").first()
    assert kept and kept.actor == "records" and kept.body["chain"] == chain


def test_pages_go_by_key_at_a_fixed_cost(login: Login) -> None:
    client = login("records")
    entries = [log.Entry(Kind.DECIDED, "openline", body={"what": "number", "text": f"Word {n}."}) for n in range(120)]
    log.write(entries)
    with CaptureQueriesContext(
        connection,
    ) as few:
        first = found(client, group="changed")
    assert "Word 119." in first and "Word 70." in first and "Word 69." not in first
    before = first.rpartition("before=")[2].partition('"')[0]
    with CaptureQueriesContext(connection) as more:
        second = found(client, group="changed", before=before)
    assert "Word 69." in second and "Word 70." not in second
    assert len(more) <= len(few) <= 20


def test_a_page_after_no_record_is_the_first(login: Login) -> None:
    heard("The plow broke my fence.")
    for before in ("x", "-1", "9" * 5000):
        assert "The plow broke my fence." in found(login("records"), before=before, words="plow")


def test_a_change_of_a_request_says_of_which_and_from_what_to_what(login: Login, staff: dict[str, User]) -> None:
    request = world.request_from(world.conversation("Maria Santos", "A huge pothole"))
    actions.move(request.pk, "accepted", by=staff["agent"])
    page = found(login("records"))
    assert f'<a href="/console/requests/{request.number}/">{request.number}</a>' in page
    assert "Received → Accepted" in page


def test_a_request_given_to_somebody_is_not_called_given_back(login: Login, staff: dict[str, User]) -> None:
    request = world.request_from(world.conversation("Maria Santos", "A huge pothole"))
    request.department.members.add(staff["crew"])
    assigning.give(request.pk, by=staff["supervisor"], team=None, person=staff["crew"])
    page = found(login("records"))
    assert "Given to" in page and f"→ {assigning.called(staff['crew'])}" in page and "Given back" not in page
