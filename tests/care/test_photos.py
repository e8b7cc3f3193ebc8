"""Photos of a post: fetched by a job, put with message and request, their position the answer to "where is it?"."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from mastodon import Mastodon
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from openline.accounts.models import Account
from openline.care import actions, fetching
from openline.care.fetching import TryAgain, fetch_photos
from openline.care.models import Intake
from openline.care.process import process
from openline.channels.mastodon.channel import MastodonChannel
from openline.files.models import Attachment, File
from openline.files.queries import of_messages, of_requests
from openline.files.scanning import Scanner
from openline.foundation import fetching as foundation
from openline.inbox.models import Message
from openline.inbox.receiving import receive
from openline.outbox.models import Delivery
from openline.records.models import Record
from openline.sandbox import people
from openline.sandbox.cast import CITY, RESIDENTS
from openline.sandbox.servers import SandboxServers, free_port
from openline.service_requests.models import Service, ServiceRequest
from tests.care.test_main_job import answers, hear
from tests.files import samples
from tests.files.conftest import folder as folder
from tests.files.conftest import server as server
from tests.files.standin import Standin
from tests.world import city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")
POTHOLE = "@philly311 there is a huge pothole here, it bent my rim"
PLACED = "huge pothole at 13th & Market, it bent my rim"


@pytest.fixture
def desk(tmp_path: Path) -> Account:
    return city_account(tmp_path / "net")


@pytest.fixture(autouse=True)
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback stands for the internet; what else is private is tested in tests/foundation/test_fetching.py."""
    monkeypatch.setattr(foundation, "public", lambda address: True)


def media(*urls: str, kind: str = "image", alt: str = "") -> list[dict[str, str]]:
    return [{"url": url, "kind": kind, "alt": alt} for url in urls]


def jobs() -> list[UUID]:
    found = ProcrastinateJob.objects.filter(task_name=fetching.TASK).order_by("id")
    return [UUID(job.args["message_id"]) for job in found]


def run_jobs() -> None:
    for message_id in jobs():
        fetch_photos(message_id, again=False)


def of(number: str) -> list[Attachment]:
    request = ServiceRequest.objects.get(number=number)
    return of_requests([request.pk]).get(request.pk, [])


def test_photos_of_a_report_stand_with_message_and_request_for_staff_alone(desk: Account, server: Standin) -> None:
    one, two = server.put("/1", samples.photo(1)), server.put("/2", samples.photo(2))
    hear(desk, post("1", PLACED, media=[*media(one, alt="the hole"), *media(two)]))
    request, message = ServiceRequest.objects.get(), Message.objects.get(network_id="1")
    assert jobs() == [message.pk] and server.seen == []
    run_jobs()
    attached = of(request.number)
    assert [(a.alt, a.kind, a.public, a.private, a.by) for a in attached] == [
        ("the hole", "before", False, False, None),
        ("", "before", False, False, None),
    ]
    assert [a.file for a in of_messages([message.pk])[message.pk]] == [a.file for a in attached]
    heard = Record.objects.filter(kind="heard", message_id=message.pk, body__what="file")
    assert heard.count() == 2 and Record.objects.filter(request_id=request.pk, body__what="file attached").count() == 2
    run_jobs()
    assert len(of(request.number)) == 2 and len(server.seen) == 2


def test_without_a_photo_nothing_is_queued(desk: Account) -> None:
    from openline.inbox.receiving import store

    store(desk.pk, [post(str(n), PLACED, by=f"p{n}") for n in range(3)])
    with CaptureQueriesContext(connection) as plain:
        process()
    assert jobs() == [] and not any("procrastinate" in one["sql"] for one in plain.captured_queries)


def test_where_the_photo_was_taken_completes_the_request_and_nobody_is_asked_again(
    desk: Account, server: Standin
) -> None:
    url = server.put("/1", samples.photo(1, samples.CITY_HALL))
    hear(desk, post("1", POTHOLE, media=media(url)))
    assert Intake.objects.get().open and not ServiceRequest.objects.exists() and len(answers("1")) == 1
    run_jobs()
    request = ServiceRequest.objects.get()
    assert (request.latitude, request.longitude) == pytest.approx(samples.CITY_HALL, abs=1e-4)
    assert request.place_kind == "coordinates" and request.description == POTHOLE and not Intake.objects.get().open
    assert request.number in answers("1")[-1] and len(answers("1")) == 2
    states = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["cancelled", "waiting"], "a question that was not sent yet is not sent"
    assert [a.file_id for a in of(request.number)] == [File.objects.get().pk]
    assessment = Message.objects.get(network_id="1").assessment
    assert assessment.decision == "complete" and any(
        "the photo was taken at" in reason for reason in assessment.reasons
    )
    assert Record.objects.filter(kind="decided", body__reason__startswith="The photo says where").exists()
    run_jobs()
    hear(desk, post("2", "thanks a lot!", to="1"))
    assert ServiceRequest.objects.count() == 1 and len(answers("1")) == 2


def test_the_photo_may_come_as_the_answer_to_our_question(desk: Account, server: Standin) -> None:
    url = server.put("/1", samples.photo(1, samples.CITY_HALL))
    hear(desk, post("1", POTHOLE))
    hear(desk, post("2", "here you go", to="1", media=media(url)))
    run_jobs()
    request = ServiceRequest.objects.get()
    assert request.description == POTHOLE and len(of(request.number)) == 1


def test_a_photo_from_elsewhere_or_without_a_place_changes_nothing(desk: Account, server: Standin) -> None:
    urls = [server.put("/1", samples.photo(1, (48.8584, 2.2945))), server.put("/2", samples.photo(2))]
    hear(desk, post("1", POTHOLE, media=media(*urls)))
    run_jobs()
    assert not ServiceRequest.objects.exists() and Intake.objects.get().open and len(answers("1")) == 1
    hear(desk, post("2", "13th & Market", to="1"))
    request = ServiceRequest.objects.get()
    assert len(of(request.number)) == 2, "photos that came before the place go with the request"


def test_the_words_place_counts_before_the_photos(desk: Account, server: Standin) -> None:
    hear(desk, post("1", PLACED, media=media(server.put("/1", samples.photo(1, samples.CITY_HALL)))))
    place = ServiceRequest.objects.get().place_name
    run_jobs()
    assert ServiceRequest.objects.get().place_name == place and len(answers("1")) == 1


def test_where_a_person_decides_the_photos_place_is_suggested(desk: Account, server: Standin) -> None:
    hear(
        desk,
        post(
            "1",
            "@philly311 please do something about this thing here, it is awful",
            media=media(server.put("/1", samples.photo(1, samples.CITY_HALL))),
        ),
    )
    message = Message.objects.get(network_id="1")
    fetch_photos(message.pk, again=False)
    message.refresh_from_db()
    if not ServiceRequest.objects.exists():
        assert message.assessment.place["kind"] == "coordinates"


def test_a_later_photo_is_added_to_the_request_of_the_conversation(desk: Account, server: Standin) -> None:
    hear(desk, post("1", PLACED))
    hear(desk, post("2", "and this is how it looks", to="1", media=media(server.put("/1", samples.photo(1)))))
    run_jobs()
    assert len(of(ServiceRequest.objects.get().number)) == 1


def test_talk_and_spam_are_not_fetched_and_neither_are_films(desk: Account, server: Standin) -> None:
    url = server.put("/1", samples.photo(1))
    hear(desk, post("1", "good morning philadelphia, lovely sunrise", media=media(url)))
    assert jobs() == []
    hear(desk, post("2", PLACED, by="luis", media=media(url, kind="video")))
    run_jobs()
    assert server.seen == [] and not Attachment.objects.exists()


def test_staff_open_a_request_from_talk_and_its_photos_come_too(
    desk: Account, server: Standin, django_user_model: Any
) -> None:
    ana = django_user_model.objects.create_user("ana")
    hear(desk, post("1", "good morning philadelphia, lovely sunrise", media=media(server.put("/1", samples.photo(1)))))
    message = Message.objects.get(network_id="1")
    place = {"kind": "address", "name": "1 Elm St", "lat": 39.95, "lon": -75.16}
    request = actions.open_from(message, Service.objects.get(name="Street Light Outage"), place, by=ana)
    assert jobs() == [message.pk]
    run_jobs()
    assert len(of(request.number)) == 1


def test_what_is_no_photo_is_refused_and_staff_see_why(desk: Account, server: Standin) -> None:
    urls = [
        server.put("/svg", samples.SVG),
        server.put("/bomb", samples.bomb()),
        server.url + "/gone",
        server.put("/pdf", samples.PDF),
    ]
    hear(desk, post("1", PLACED, media=media(*urls)))
    run_jobs()
    shown = of_messages([Message.objects.get(network_id="1").pk]).popitem()[1]
    problems = [one.problem for one in shown]
    assert "Only pictures" in problems[0] and "too many pixels" in problems[1] and "404" in problems[2]
    assert problems[3] == "" and [a.file.content_type for a in of(ServiceRequest.objects.get().number) if a.file] == [
        "application/pdf"
    ]


def test_a_private_address_is_not_fetched(
    desk: Account, server: Standin, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.undo()
    settings.FETCH_OWN_SERVERS = True
    hear(desk, post("1", PLACED, media=media(server.put("/1", samples.photo(1)), "http://169.254.169.254/latest/")))
    run_jobs()
    assert server.seen == [] and {one.problem for one in Attachment.objects.all()} == {
        "The address leads into a private network."
    }


def test_a_server_in_trouble_is_tried_again_and_in_the_end_the_reason_is_shown(desk: Account, server: Standin) -> None:
    url = server.put("/1", samples.photo(1))
    server.statuses["/1"] = 503
    hear(desk, post("1", PLACED, media=media(url)))
    message = Message.objects.get(network_id="1")
    with pytest.raises(TryAgain):
        fetch_photos(message.pk, again=True)
    assert not Attachment.objects.exists()
    del server.statuses["/1"]
    assert fetch_photos(message.pk, again=True) == 1
    job = app.tasks[fetching.TASK]
    assert job.retry_strategy is not None


def test_without_its_scanner_nothing_is_taken(desk: Account, server: Standin, settings: Settings) -> None:
    settings.CLAMAV = Scanner(path="/nowhere/clamd")
    hear(desk, post("1", PLACED, media=media(server.put("/1", samples.photo(1)))))
    with pytest.raises(TryAgain):
        fetch_photos(jobs()[0], again=True)
    assert fetch_photos(jobs()[0], again=False) == 0
    assert "scanner does not answer" in Attachment.objects.get().problem


def test_what_came_privately_is_marked_so(desk: Account, server: Standin) -> None:
    hear(desk, post("1", PLACED, visibility="private", media=media(server.put("/1", samples.photo(1)))))
    run_jobs()
    assert all(one.private and not one.public for one in Attachment.objects.all()) and Attachment.objects.count() == 2


def test_a_deleted_post_takes_its_photos_off_the_public_page(desk: Account, server: Standin) -> None:
    hear(desk, post("1", PLACED, media=media(server.put("/1", samples.photo(1)))))
    run_jobs()
    Attachment.objects.filter(request_id__isnull=False).update(public=True)
    hear(desk, post("1", "", kind="delete", event="gone"))
    assert not Attachment.objects.filter(public=True).exists()
    assert Record.objects.filter(body__what="file hidden", actor="resident").count() == 1


def test_folded_residents_photos_join_the_request(desk: Account, server: Standin) -> None:
    hear(desk, post("1", PLACED, media=media(server.put("/1", samples.photo(1)))))
    hear(desk, post("2", "same here", by="luis", to="1", media=media(server.put("/2", samples.photo(2)))))
    run_jobs()
    assert len(of(ServiceRequest.objects.get().number)) == 2


@pytest.mark.django_db(transaction=True)
def test_the_answer_and_the_photo_at_the_same_time_open_one_request(desk: Account, server: Standin) -> None:
    for turn in range(3):
        thread = f"t{turn}"
        url = server.put(f"/{turn}", samples.photo(turn, samples.CITY_HALL))
        hear(desk, post(thread, POTHOLE, by=thread, media=media(url)))
        from openline.inbox.receiving import store

        store(desk.pk, [post(f"a{turn}", "13th & Market", by=thread, to=thread)])
        message = Message.objects.get(network_id=thread)
        both = [
            threading.Thread(target=_closing, args=(fetch_photos, message.pk)),
            threading.Thread(target=_closing, args=(process,)),
        ]
        for one in both:
            one.start()
        for one in both:
            one.join(60)
        assert ServiceRequest.objects.count() == turn + 1
        assert len(of(ServiceRequest.objects.latest("requested_at", "id").number)) == 1


def _closing(act: Any, *args: Any) -> None:
    try:
        act(*args, **({"again": False} if args else {}))
    finally:
        connection.close()


@pytest.fixture
def mastodon(tmp_path: Path) -> Iterator[SandboxServers]:
    servers = SandboxServers(tmp_path / "net", free_port(), free_port(), in_memory=True)
    servers.folder.mkdir(parents=True)
    servers.start_mastodon()
    yield servers
    servers.stop()


def test_a_photo_on_a_real_mastodon_server(
    mastodon: SandboxServers, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()  # the true rule: our own server alone may be private
    settings.FETCH_OWN_SERVERS = True
    city = CITY[0]
    account = Account(network="mastodon", handle=f"@{city.username}", server=mastodon.mastodon_url, name=city.name)
    account.credentials = {"access_token": city.token}
    account.save()
    (tmp_path / "hole.jpg").write_bytes(samples.photo(1, samples.CITY_HALL))
    maria = Mastodon(access_token=RESIDENTS[0].token, api_base_url=mastodon.mastodon_url, mastodon_version="4.2.0")
    shown = maria.media_post(str(tmp_path / "hole.jpg"), "image/jpeg", description="a deep hole")
    maria.status_post(f"@{city.username} there is a huge pothole here, it bent my rim", media_ids=[shown])
    receive(account.pk, MastodonChannel().poll(account.ref(), ""))
    process()
    assert Intake.objects.get().open
    run_jobs()
    request = ServiceRequest.objects.get()
    assert (request.latitude, request.longitude) == pytest.approx(samples.CITY_HALL, abs=1e-4)
    [photo] = of(request.number)
    assert photo.alt == "a deep hole" and photo.file is not None and photo.file.width == 800
    people.post(account, RESIDENTS[1], PLACED, photos=[samples.photo(2), samples.photo(3)])
    receive(account.pk, MastodonChannel().poll(account.ref(), Account.objects.get(pk=account.pk).cursor))
    process()
    run_jobs()
    assert len(of(ServiceRequest.objects.exclude(pk=request.pk).get().number)) == 2
    with pytest.raises(people.NoPhotos):
        people.post(Account(network="nostr"), RESIDENTS[0], PLACED, photos=[b"x"])
