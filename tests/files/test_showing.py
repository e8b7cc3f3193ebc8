"""Who sees which photo: staff by role, everybody only what a person showed; and what a browser may do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from openline.files import attaching
from openline.files.keeping import keep
from openline.files.models import Attachment
from openline.files.queries import public_photos
from openline.files.serving import SIZES
from openline.inbox.models import Conversation
from openline.records.models import Record
from openline.service_requests.models import ServiceRequest
from tests.console import world
from tests.console.conftest import _quick as _quick
from tests.console.conftest import login as login
from tests.console.conftest import staff as staff
from tests.files import samples

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


@pytest.fixture
def talk() -> Conversation:
    return world.conversation("Lee Nguyen", "Pothole at 13th and Market")


@pytest.fixture
def request_(talk: Conversation) -> ServiceRequest:
    return world.request_from(talk)


@pytest.fixture
def photo(talk: Conversation, request_: ServiceRequest) -> Attachment:
    """What Lee sent, with message and request."""
    return attached(talk, request_)


def attached(talk: Conversation, request: ServiceRequest, seed: int = 1, *, private: bool = False) -> Attachment:
    message = talk.messages.get()
    message.media = [{"url": "https://social.example/1.jpg", "kind": "image", "alt": "a hole"}]
    message.save(update_fields=["media"])
    attaching.to_message(message.pk, seed, keep(samples.photo(seed)).file, alt="a hole", private=private)
    attaching.from_messages({message.pk: request.pk})
    return Attachment.objects.get(request_id=request.pk, position=seed)


def upload(client: Client, request: ServiceRequest, *files: bytes, htmx: bool = False, **fields: Any) -> Any:
    given = [SimpleUploadedFile(f"x{n}.exe", data, "text/html") for n, data in enumerate(files)]
    fields = {"client_id": uuid4(), "kind": "after", "files": given, **fields}
    where = reverse("console:add_photos", args=[request.number])
    return client.post(where, fields, headers={"HX-Request": "true"} if htmx else {})


def change(client: Client, photo: Attachment, request: ServiceRequest, **fields: Any) -> Any:
    fields = {"client_id": uuid4(), "kind": "before", "alt": photo.alt, **fields}
    return client.post(reverse("console:change_photo", args=[request.number, photo.pk]), fields)


def remove(client: Client, photo: Attachment, request: ServiceRequest, reason: str) -> Any:
    fields = {"client_id": uuid4(), "reason": reason}
    return client.post(reverse("console:remove_photo", args=[request.number, photo.pk]), fields)


def anybody(photo: Attachment, size: str = "view", **headers: str) -> Any:
    return Client().get(f"/photos/{photo.pk}/{size}/", headers=headers)


def test_staff_see_thumbnails_with_words_in_conversation_and_request(
    login: Login, talk: Conversation, request_: ServiceRequest, photo: Attachment
) -> None:
    for page in (reverse("console:conversation", args=[talk.pk]), reverse("console:request", args=[request_.number])):
        html = login("agent").get(page).content.decode()
        assert 'alt="a hole"' in html and "/thumbnail/" in html and "/view/" in html
        assert 'name="alt" maxlength="1500" dir="auto" value="a hole"' in html
    answer = login("agent").get(reverse("console:photo", args=[photo.pk, "thumbnail"]))
    assert answer["Content-Type"] == "image/webp" and answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]


def test_nobody_else_sees_it_until_a_person_shows_it(login: Login, request_: ServiceRequest, photo: Attachment) -> None:
    assert anybody(photo).status_code == 404 and public_photos([request_.pk]) == {}
    public_page = f"/requests/{request_.number}/"
    assert "/photos/" not in Client().get(public_page).content.decode()
    assert change(login("agent"), photo, request_, public="1", alt="a hole, call 215-555-0123").status_code == 302
    html = Client().get(public_page).content.decode()
    assert f"/photos/{photo.pk}/thumbnail/" in html and "a hole" in html and "555-0123" not in html
    answer = anybody(photo)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg" and b"Maria" not in answer.content
    assert answer["Cache-Control"].startswith("public, max-age=") and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox" and not answer.cookies
    assert anybody(photo, **{"If-None-Match": answer["ETag"]}).status_code == 304
    assert Record.objects.filter(request_id=request_.pk, body__what="file shown", actor="agent").exists()


def test_what_is_removed_is_gone_at_once_and_the_record_keeps_why(
    login: Login, request_: ServiceRequest, photo: Attachment
) -> None:
    change(login("agent"), photo, request_, public="1")
    etag = anybody(photo)["ETag"]
    assert remove(login("crew"), photo, request_, "shows a face").status_code == 404  # another department's
    assert remove(login("agent"), photo, request_, "").status_code == 422 and anybody(photo).status_code == 200
    assert remove(login("agent"), photo, request_, "shows a face").status_code == 302
    assert anybody(photo).status_code == 404 and anybody(photo, **{"If-None-Match": etag}).status_code == 404
    photo.refresh_from_db()
    assert (photo.public, photo.removed_reason, photo.file_id is not None) == (False, "shows a face", True)
    record = Record.objects.filter(request_id=request_.pk, body__what="file removed").get()
    assert record.body["reason"] == "shows a face" and record.body["sha256"]
    assert remove(login("agent"), photo, request_, "again").status_code == 422


def test_of_a_request_that_is_not_public_nothing_is_shown(request_: ServiceRequest, photo: Attachment) -> None:
    Attachment.objects.filter(pk=photo.pk).update(public=True)
    assert anybody(photo).status_code == 200
    ServiceRequest.objects.filter(pk=request_.pk).update(public=False)
    assert anybody(photo).status_code == 404
    assert "/photos/" not in Client().get(f"/requests/{request_.number}/").content.decode()


def test_what_came_privately_can_never_be_shown(login: Login, talk: Conversation, request_: ServiceRequest) -> None:
    photo = attached(talk, request_, 2, private=True)
    assert change(login("agent"), photo, request_, public="1").status_code == 422
    photo.refresh_from_db()
    assert not photo.public
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=photo.pk).update(public=True)
    upload(login("agent"), request_, samples.photo(2), public="1")
    assert not Attachment.objects.filter(public=True).exists()


@pytest.mark.parametrize("size", ["view", "thumbnail", "original"])
def test_who_may_see_what(login: Login, photo: Attachment, size: str) -> None:
    few = {"supervisor", "administrator"}
    for role in ("agent", "supervisor", "crew", "communications", "official", "administrator"):
        status = login(role).get(reverse("console:photo", args=[photo.pk, size])).status_code
        sees = role in few if size == "original" else role in few | {"agent"}
        assert status == (200 if sees else 404), role
    assert Client().get(reverse("console:photo", args=[photo.pk, size])).status_code == 302


def test_an_original_is_saved_never_shown_and_that_it_was_opened_is_on_record(login: Login, photo: Attachment) -> None:
    answer = login("supervisor").get(reverse("console:photo", args=[photo.pk, "original"]))
    assert answer["Content-Disposition"].startswith("attachment;") and answer["Cache-Control"] == "private, no-store"
    assert answer.content == samples.photo(1)
    assert Record.objects.filter(body__what="original opened", actor="supervisor").count() == 1


def test_a_private_conversations_photo_is_for_who_may_read_it(login: Login) -> None:
    talk = world.conversation("Dana", "tires behind the house", visibility="private")
    came = attaching.to_message(talk.messages.get().pk, 0, keep(samples.photo(5)).file, private=True)
    assert came is not None
    address = reverse("console:photo", args=[came.pk, "view"])
    assert login("agent").get(address).status_code == 200
    assert login("communications").get(address).status_code == login("crew").get(address).status_code == 404


def test_a_crew_adds_what_it_did_several_at_once(login: Login, request_: ServiceRequest) -> None:
    world.department().members.add(world.staff()["crew"])
    answer = upload(login("crew"), request_, samples.photo(7), samples.photo(8), samples.PDF, alt="filled", public="1")
    assert answer.status_code == 302
    rows = Attachment.objects.filter(request_id=request_.pk).order_by("position")
    assert [(r.kind, r.alt, r.public, r.by.username) for r in rows if r.by] == [
        ("after", "filled", True, "crew"),
        ("after", "filled", True, "crew"),
        ("after", "filled", False, "crew"),
    ]
    html = Client().get(f"/requests/{request_.number}/").content.decode()
    assert html.count("/thumbnail/") == 2 and html.count('alt="filled"') == 2
    assert Record.objects.filter(request_id=request_.pk, body__what="file added", actor="crew").count() == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (samples.SVG, "Only pictures"),
        (samples.bomb(), "too many pixels"),
        (samples.photo()[:3000], "damaged"),
        (b"", ""),
    ],
)
def test_a_bad_file_is_named_and_nothing_is_saved(
    login: Login, request_: ServiceRequest, data: bytes, words: str
) -> None:
    for htmx in (True, False):
        answer = upload(login("agent"), request_, samples.photo(7), data, alt="kept words", htmx=htmx)
        html = answer.content.decode()
        assert answer.status_code == 422 and words in html and "x1.exe" in html and 'value="kept words"' in html
    assert not Attachment.objects.exists()


def test_too_many_files_none_at_all_and_a_wrong_kind(login: Login, request_: ServiceRequest) -> None:
    assert "at most 10" in upload(login("agent"), request_, *[b"x"] * 11).content.decode()
    assert "at least one" in upload(login("agent"), request_).content.decode()
    assert upload(login("agent"), request_, samples.photo(), kind="selfie").status_code == 422
    assert not Attachment.objects.exists()


def test_a_form_that_is_too_large_is_not_read(login: Login, request_: ServiceRequest) -> None:
    answer = login("agent").post(
        reverse("console:add_photos", args=[request_.number]),
        b"x",
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH="200000000",
    )
    assert answer.status_code == 400 and "choose fewer or smaller files" in answer.content.decode()
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies["csrftoken"] = "a" * 32
    answer = stranger.post(
        "/language/", b"x", content_type="multipart/form-data; boundary=b", CONTENT_LENGTH="200000000"
    )
    assert answer.status_code == 400


def test_the_same_photo_again_comes_back_after_it_was_removed(
    login: Login, request_: ServiceRequest, photo: Attachment
) -> None:
    remove(login("agent"), photo, request_, "by mistake")
    upload(login("agent"), request_, samples.photo(1), kind="other", alt="the same")
    photo.refresh_from_db()
    assert (photo.removed_at, photo.kind, photo.alt, photo.public) == (None, "other", "the same", False)
    assert Attachment.objects.filter(request_id=request_.pk).count() == 1


def test_who_may_only_read_changes_nothing(login: Login, request_: ServiceRequest, photo: Attachment) -> None:
    for role in ("communications", "official"):
        for answer in (
            upload(login(role), request_, samples.photo(7)),
            change(login(role), photo, request_, public="1"),
            remove(login(role), photo, request_, "no"),
        ):
            assert answer.status_code == 403
    other = world.request_from(world.conversation("Rosa", "Pothole"))
    assert change(login("agent"), photo, other, public="1").status_code == 422
    photo.refresh_from_db()
    assert not photo.public and photo.removed_at is None


def test_why_a_photo_was_not_taken_is_shown(login: Login, talk: Conversation) -> None:
    message = talk.messages.get()
    message.media = [{"url": "https://social.example/1.svg", "kind": "image", "alt": ""}]
    message.save()
    attaching.to_message(message.pk, 0, None, problem="This is “SVG”. Only pictures are taken.")
    html = login("agent").get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert "Not taken:" in html and "Only pictures are taken." in html and "https://social.example/1.svg" in html


def test_what_is_not_there_is_404(photo: Attachment) -> None:
    Attachment.objects.filter(pk=photo.pk).update(public=True)
    for size in ("original", "VIEW", "x"):
        assert anybody(photo, size).status_code == 404
    assert Client().get(f"/photos/{uuid4()}/view/").status_code == 404
    assert [anybody(photo, size).status_code for size in SIZES] == [200, 200]


def test_open311_names_the_first_public_photo(request_: ServiceRequest, talk: Conversation, photo: Attachment) -> None:
    def media() -> str:
        found = Client().get(f"/open311/v2/requests/{request_.number}.json").json()
        return str(found[0]["media_url"])

    assert media() == ""
    second = attached(talk, request_, 3)
    Attachment.objects.filter(pk__in=[photo.pk, second.pk]).update(public=True)
    address = media()
    assert address.startswith("http") and address.endswith(f"/photos/{photo.pk}/view/")
    assert Client().get(address[address.index("/photos/") :]).status_code == 200


def test_public_photos_of_many_requests_are_one_query(request_: ServiceRequest, photo: Attachment) -> None:
    Attachment.objects.filter(pk=photo.pk).update(public=True)
    others: list[UUID] = [uuid4() for _ in range(500)]
    with CaptureQueriesContext(connection) as captured:
        found = public_photos([request_.pk, *others])
        assert [one.file.width for one in found[request_.pk] if one.file] == [800]
    assert len(captured) == 1 and list(found) == [request_.pk]
