"""Photos that come with a report: sent along or named by address; for staff until a person shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from procrastinate.contrib.django.models import ProcrastinateJob

from openline.files import attaching
from openline.files.models import Attachment, File
from openline.foundation import fetching
from openline.open311 import media, submitting
from openline.service_requests.models import ServiceRequest
from tests.files import samples
from tests.files.conftest import folder as folder
from tests.files.conftest import server as server
from tests.files.standin import Standin
from tests.open311.conftest import HERE, Sender, read, street_defect

pytestmark = pytest.mark.usefixtures("philadelphia")


def photo(seed: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", samples.encoded(samples.scene(seed)), "image/jpeg")


def with_files(sender: Sender, *files: SimpleUploadedFile, status: int = 200, **more: Any) -> Any:
    fields = {"service_code": street_defect().code} | HERE | {"media": list(files)} | more
    response = sender.client.post("/open311/v2/requests.json", fields, headers={"X-Api-Key": sender.key})
    assert response.status_code == status, response.content
    return orjson.loads(response.content)[0]


def request_of(answer: dict[str, str]) -> ServiceRequest:
    return ServiceRequest.objects.get(number=answer["service_request_id"])


def test_several_files_are_taken_and_shown_once_a_person_says_so(sender: Sender) -> None:
    request = request_of(with_files(sender, photo(1), photo(2)))
    kept = list(Attachment.objects.filter(request_id=request.pk).order_by("position"))
    assert len(kept) == 2 and not any(one.public for one in kept)
    [shown] = read(f"v2/requests/{request.number}", "Requests", extensions="true")
    assert shown["media_url"] == "" and shown["extended_attributes"]["photos"] == []
    agent = User.objects.create_user("ana")
    for one in kept:
        attaching.change(one, by=agent, public=True, alt="A hole", kind="before")
    [shown] = read(f"v2/requests/{request.number}", "Requests", extensions="true")
    photos = shown["extended_attributes"]["photos"]
    assert len(photos) == 2 and shown["media_url"] == photos[0]["media_url"]
    assert photos[0]["kind"] == "before" and photos[0]["description"] == "A hole"


def test_a_photo_is_taken_whatever_a_program_calls_its_field(sender: Sender) -> None:
    request = request_of(with_files(sender, photo=photo(3)))
    assert Attachment.objects.filter(request_id=request.pk, file__isnull=False).count() == 1


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_opened(sender: Sender) -> None:
    answer = with_files(sender, photo(), SimpleUploadedFile("b.svg", samples.SVG), status=400)
    assert "b.svg" in answer["description"]
    assert not ServiceRequest.objects.exists()


def test_files_are_part_of_what_makes_two_bodies_the_same(sender: Sender) -> None:
    first = with_files(sender, photo(1), client_request_id="1")
    assert with_files(sender, photo(1), client_request_id="1") == first
    assert "used before" in with_files(sender, photo(2), client_request_id="1", status=400)["description"]
    assert Attachment.objects.count() == File.objects.count() == 1


def test_files_wait_with_what_a_person_looks_at_first(new_key: Callable[..., Sender]) -> None:
    token = with_files(new_key(review=True), photo())["token"]
    number = submitting.accept(UUID(token), by=User.objects.create_user("ana"))
    assert Attachment.objects.filter(request_id=ServiceRequest.objects.get(number=number).pk).count() == 1


def jobs() -> list[dict[str, Any]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=media.TASK).order_by("id")]


def test_named_photos_are_fetched_by_a_job(sender: Sender, server: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "public", lambda address: True)  # loopback stands for the internet
    good = server.put("/a.jpg", samples.encoded(samples.scene(3)))
    bad = server.put("/b.txt", b"no picture")
    request = request_of(sender.report(media_url=[good, bad]))
    assert [job["address"] for job in jobs()] == [good, bad]
    done = [media.fetch_one(**job, again=False) for job in jobs()]
    assert done == [True, False]
    one, other = Attachment.objects.filter(request_id=request.pk).order_by("position")
    assert one.file and not one.public and other.file is None and other.problem


def test_a_photo_inside_our_own_network_is_not_fetched(sender: Sender, server: Standin) -> None:
    request = request_of(sender.report(media_url=server.put("/a.jpg", samples.encoded(samples.scene(3)))))
    [job] = jobs()
    assert not media.fetch_one(**job, again=True) and not server.seen
    assert "private network" in Attachment.objects.get(request_id=request.pk).problem


def test_a_server_in_trouble_is_asked_again(sender: Sender, server: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "public", lambda address: True)
    address = server.put("/a.jpg", b"")
    server.statuses["/a.jpg"] = 503
    sender.report(media_url=address)
    [job] = jobs()
    with pytest.raises(media.TryAgain):
        media.fetch_one(**job, again=True)
    assert not Attachment.objects.exists()


def test_photos_of_an_update_are_fetched_too(new_key: Callable[..., Sender]) -> None:
    partner = new_key(may_update=True)
    number = partner.report()["service_request_id"]
    fields = {"service_request_id": number, "update_id": "1", "status": "OPEN", "description": "After the work."}
    for _ in range(2):
        partner.post("servicerequestupdates", answer="UpdateTaken", media_url="https://fix.example/2.jpg", **fields)
    assert [job["address"] for job in jobs()] == ["https://fix.example/2.jpg"]
