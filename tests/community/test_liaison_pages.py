"""The liaison's room in the browser's eyes: whose it is, what it never shows, and that forms work once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from openline.community import liaisons, looking
from openline.community.liaisons import Terms
from openline.community.looking import Saw
from openline.community.models import Liaison, Look, Member, Proposal, Walk
from openline.files.models import Attachment
from openline.geography.models import Area
from openline.inbox.models import Heard
from openline.portal.contact import guard
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import ServiceRequest
from tests.community.joined import browser, neighbor
from tests.community.world import work
from tests.open311.test_georeport import PLACE, new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]
SECRET = "secret words of a resident"


@pytest.fixture
def areas() -> list[str]:
    """The codes of two neighborhoods."""
    return list(Area.objects.filter(kind="neighborhood").order_by("name").values_list("code", flat=True)[:2])


@pytest.fixture
def ana(areas: list[str]) -> Member:
    """A liaison of the first."""
    who = neighbor("Ana of the Yards", "ana@residents.test")
    liaisons.appoint(who, Terms(areas[0], today()), by=User.objects.create_user("boss"))
    return who


@pytest.fixture
def room(ana: Member) -> Client:
    """The browser of the liaison."""
    return browser(ana)


@pytest.fixture(autouse=True)
def _unhurried() -> Iterator[None]:
    """Forms of tests come back at once, and often."""
    before, guard.NOT_BEFORE = guard.NOT_BEFORE, timedelta(0)
    yield
    guard.NOT_BEFORE = before


def here(area: str, **more: object) -> ServiceRequest:
    """An open request in the area."""
    return new(place=PLACE | {"areas": [area]}, **more)


def picture() -> SimpleUploadedFile:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(out, "JPEG")
    return SimpleUploadedFile("hole.jpg", out.getvalue(), "image/jpeg")


PAGES = ("/liaison/", "/liaison/export.csv", "/liaison/paper/", "/liaison/walk/")


def test_who_is_not_signed_in_is_sent_to_join_and_who_is_no_liaison_sees_what_one_is(areas: list[str]) -> None:
    number = here(areas[0]).number
    member = browser(neighbor())
    for page in (*PAGES, f"/liaison/requests/{number}/"):
        assert "/join/" in Client().get(page)["Location"]
        answer = member.get(page)
        assert answer.status_code == 403 and "N 13th St" not in answer.content.decode()


def test_the_room_closes_with_the_appointment(room: Client, areas: list[str]) -> None:
    number = here(areas[0]).number
    assert room.get("/liaison/").status_code == 200
    Liaison.objects.update(until=today() - timedelta(days=1), since=today() - timedelta(days=9))
    for page in (*PAGES, f"/liaison/requests/{number}/"):
        assert room.get(page).status_code == 403
    stamp = guard.stamp()
    assert room.post(f"/liaison/requests/{number}/", {"stamp": stamp, "found": "gone"}).status_code == 403
    assert room.post("/liaison/walk/", {"stamp": stamp, "text1": "A hole"}).status_code == 403
    assert not Look.objects.exists() and not Heard.objects.exists()


def test_it_shows_the_own_area_from_public_fields_only(room: Client, areas: list[str]) -> None:
    mine, other, secret = here(areas[0]), here(areas[1]), here(areas[0])
    ServiceRequest.objects.filter(pk=secret.pk).update(public=False)
    for page in ("/liaison/", "/liaison/export.csv", "/liaison/paper/", f"/liaison/?area={areas[1]}"):
        words = room.get(page).content.decode()
        assert mine.number in words and other.number not in words and secret.number not in words
        assert SECRET not in words and "a hole" not in words
    assert room.get(f"/liaison/requests/{mine.number}/").status_code == 200
    for hidden in (other.number, secret.number, "26-999999", "x" * 50):
        assert room.get(f"/liaison/requests/{hidden}/").status_code == 404
        assert room.post(f"/liaison/requests/{hidden}/propose/", {"choose": "ask", "words": "?"}).status_code == 404


def test_each_view_finds_what_it_names(room: Client, ana: Member, areas: list[str]) -> None:
    now = timezone.now()
    late, fresh, old, done = (here(areas[0]) for _ in range(4))
    ServiceRequest.objects.filter(pk=late.pk).update(due_at=now - timedelta(days=2), status="accepted")
    ServiceRequest.objects.filter(pk=old.pk).update(requested_at=now - timedelta(days=60), status="waiting")
    closed = {"status": "closed", "outcome": "done", "closed_at": now, "updated_at": now}
    ServiceRequest.objects.filter(pk=done.pk).update(**closed)
    wanted = {"open": {late, fresh, old}, "overdue": {late}, "unanswered": {fresh}, "waiting": {old}, "unlooked": {old},
              "check": {done}}  # fmt: skip
    for view, found in wanted.items():
        words = room.get(f"/liaison/export.csv?view={view}").content.decode()
        assert {one for one in (late, fresh, old, done) if one.number in words} == found, view
    assert room.get("/liaison/export.csv").content.decode().index(late.number) < 200, "overdue first"
    looking.look(old.pk, Saw("still"), by=ana, form=uuid4())
    assert old.number not in room.get("/liaison/export.csv?view=unlooked").content.decode()


def test_pages_follow_each_other_without_a_gap(room: Client, areas: list[str]) -> None:
    numbers = {here(areas[0]).number for _ in range(45)}
    ServiceRequest.objects.filter(number__in=sorted(numbers)[:30]).update(due_at=None)
    seen: list[str] = []
    for view in ("open", "unanswered"):
        address, seen = f"/liaison/?view={view}", []
        while address:
            context = room.get(address).context
            seen += [row["number"] for row in context["rows"]]
            after = context["following"]
            address = f"/liaison/?view={view}&after={after}" if after else ""
        assert len(seen) == 45 and set(seen) == numbers
    assert room.get("/liaison/?after=nonsense~").status_code == 200


def test_the_list_costs_the_same_for_one_row_and_for_forty(
    room: Client, areas: list[str], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(45):
        here(areas[0])
    room.get("/liaison/")
    with django_assert_max_num_queries(24):
        room.get("/liaison/")


def test_a_look_with_a_photo_stands_on_the_public_page_and_twice_is_once(room: Client, areas: list[str]) -> None:
    request, stamp = here(areas[0]), guard.stamp()
    page = f"/liaison/requests/{request.number}/"
    for _ in range(2):
        typed = {"stamp": stamp, "found": "still", "words": "<b>Deep</b>, call 215-867-5309", "picture": picture()}
        assert room.post(page, typed).status_code == 302
    assert Look.objects.count() == 1 and Attachment.objects.get(request_id=request.pk).public
    words = Client().get(f"/requests/{request.number}/").content.decode()
    assert "A neighborhood liaison looked on" in words and "&lt;b&gt;Deep" in words and "5309" not in words
    assert "<b>Deep" not in words and f"/photos/{Look.objects.get().photo_id}/view/" in words


def test_a_look_without_our_stamp_or_from_another_site_is_refused(ana: Member, areas: list[str]) -> None:
    page = f"/liaison/requests/{here(areas[0]).number}/"
    assert browser(ana).post(page, {"stamp": "forged", "found": "gone"}).status_code == 422
    strict = browser(ana, enforce_csrf_checks=True)
    assert strict.post(page, {"stamp": guard.stamp(), "found": "gone"}).status_code == 403
    assert not Look.objects.exists()


def test_asking_and_proposing_from_the_page(room: Client, areas: list[str]) -> None:
    one, two = here(areas[0]), here(areas[0])
    ServiceRequest.objects.update(due_at=timezone.now() - timedelta(days=1))
    act = f"/liaison/requests/{one.number}/propose/"
    assert two.number in room.get(f"/liaison/requests/{one.number}/").content.decode(), "what may be the same"
    room.post(act, {"choose": "same", "other": two.number})
    room.post(act, {"choose": "ask", "words": "When?"})
    room.post(act, {"choose": "ask", "words": "When now?"})
    assert set(Proposal.objects.values_list("kind", "words")) == {("same", ""), ("ask", "When?")}
    assert "A neighborhood liaison asked on" in Client().get(f"/requests/{one.number}/").content.decode()
    assert room.post(act, {"choose": "close"}).status_code == 404


def test_a_walk_reports_each_problem_once_and_marks_it(room: Client) -> None:
    stamp = guard.stamp()
    typed = {"stamp": stamp, "place1": "1300 Market St", "text1": "There is a big pothole in the street",
             "photos1": picture(), "place3": "400 Chestnut St", "text3": "Graffiti on the wall"}  # fmt: skip
    for again in range(2):
        typed["photos1"] = picture()
        assert room.post("/liaison/walk/", typed).status_code == 302, again
    work()
    assert Heard.objects.count() == Walk.objects.count() == 2
    opened = ServiceRequest.objects.get(place_name__icontains="1300")
    assert opened.source == "liaison"
    page = room.get("/liaison/walk/").content.decode()
    assert opened.number in page
    assert "Neighborhood liaison" in Client().get(f"/requests/{opened.number}/").content.decode()


def test_a_walk_says_what_is_missing(room: Client) -> None:
    assert room.post("/liaison/walk/", {"stamp": guard.stamp()}).status_code == 422
    answer = room.post("/liaison/walk/", {"stamp": guard.stamp(), "place2": "1300 Market St"})
    assert answer.status_code == 422 and "in a few words" in answer.content.decode()
    assert not Heard.objects.exists()


def test_the_demo_has_a_liaison_an_idea_and_an_event(areas: list[str]) -> None:
    from openline.community.models import Topic
    from openline.operations import neighborhood

    boss = User.objects.create_user("supervisor")
    here(areas[1])
    for _ in range(2):
        neighborhood.tell()
    assert liaisons.of_area(areas[1])[0].name == "Rosa" and Liaison.objects.get().appointed_by == boss
    assert Topic.objects.filter(kind="idea", supporters=3, state="shown").count() == 1
    assert Topic.objects.get(kind="event").supporters == 1 and Topic.objects.filter(state="waiting").count() == 1
