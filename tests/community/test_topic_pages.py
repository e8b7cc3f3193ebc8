"""Pages of topics: who sees which, that forms of other sites and second copies do nothing, and what a list costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from openline.community import ideas, liaisons, topics
from openline.community.liaisons import Terms
from openline.community.models import Help, Member, Support, Topic, TopicState
from openline.community.topics import New
from openline.geography.models import Area
from openline.portal.contact import guard
from openline.service_requests.jurisdiction import local, today
from tests.community.joined import browser, neighbor
from tests.community.world import work
from tests.open311.test_georeport import new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def boss() -> User:
    """A member of staff."""
    return User.objects.create_user("boss")


@pytest.fixture
def ana() -> Member:
    """A member."""
    return neighbor("Ana of the Yards", "ana@residents.test")


@pytest.fixture(autouse=True)
def _unhurried() -> Iterator[None]:
    """Forms of tests come back at once."""
    before, guard.NOT_BEFORE = guard.NOT_BEFORE, timedelta(0)
    yield
    guard.NOT_BEFORE = before


def idea(by: Member, boss: User | None = None, **more: str) -> Topic:
    """An idea; public if staff looked at it."""
    facts = {"kind": "idea", "title": "A bench", "text": "Old people stand there."} | more
    topic = topics.begin(New(**facts), by=by, form=uuid4())  # type: ignore[arg-type]
    return topics.publish(topic.pk, by=boss) if boss else topic


def many(by: Member, number: int) -> list[Topic]:
    """So many public ideas: more than one member may write at once."""
    now = timezone.now()
    facts = {"kind": "idea", "state": TopicState.SHOWN, "by": by, "changed_at": now}
    return [
        Topic.objects.create(title=f"Idea {n}", form=uuid4(), opened_at=now + timedelta(seconds=n), **facts)
        for n in range(number)
    ]


def page(path: str, client: Client | None = None) -> str:
    """The page as text."""
    return (client or Client()).get(path).content.decode()


def test_a_topic_that_waits_is_seen_by_its_writer_alone(ana: Member, boss: User) -> None:
    topic, eve = idea(ana), neighbor("Eve", "eve@residents.test")
    address = f"/topics/{topic.pk}/"
    assert Client().get(address).status_code == browser(eve).get(address).status_code == 404
    assert "Somebody looks at it first" in page(address, browser(ana))
    assert "A bench" not in page("/topics/")
    for choice in ("support", "publish", "refuse", "cancel"):
        assert browser(eve).post(f"{address}act/", {"choose": choice}).status_code == 404
    browser(ana).post(f"{address}act/", {"choose": "publish"})
    topic.refresh_from_db()
    assert topic.state == TopicState.WAITING
    topics.publish(topic.pk, by=boss)
    assert "A bench" in page("/topics/") and Client().get(address).status_code == 200


def test_beginning_from_the_form_is_once_and_shows_what_is_wrong(ana: Member) -> None:
    client, stamp = browser(ana), guard.stamp()
    assert "/join/" in Client().get("/topics/new/idea/")["Location"]
    assert client.get("/topics/new/party/").status_code == 404
    typed = {"stamp": stamp, "title": EVIL, "text": EVIL, "area": ""}
    for _ in range(2):
        assert client.post("/topics/new/idea/", typed).status_code == 302
    work()
    topic = Topic.objects.get()
    shown = page(f"/topics/{topic.pk}/", client)
    assert EVIL not in shown and "&lt;script&gt;alert(1)" in shown
    assert client.post("/topics/new/idea/", typed | {"title": ""}).status_code == 422
    assert client.post("/topics/new/idea/", typed | {"stamp": "forged"}).status_code == 422
    strict = browser(ana, enforce_csrf_checks=True)
    assert strict.post("/topics/new/idea/", typed | {"stamp": guard.stamp()}).status_code == 403
    assert Topic.objects.count() == 1


def test_an_event_from_the_form_by_the_citys_clock(ana: Member) -> None:
    day = today() + timedelta(days=30)
    typed = {"stamp": guard.stamp(), "title": "Clean-up", "text": "Gloves", "on": day.isoformat(), "begins": "10:00",
             "ends": "12:30", "until": "", "where": "1300 Market St", "area": ""}  # fmt: skip
    client = browser(ana)
    for wrong in ({"where": "nowhere at all"}, {"ends": "09:00"}, {"on": "2020-01-01"}, {"begins": "x"}):
        assert client.post("/topics/new/event/", typed | wrong).status_code == 422, wrong
    assert client.post("/topics/new/event/", typed).status_code == 302
    event = Topic.objects.get()
    assert event.starts_at and event.ends_at and event.latitude and event.area, "the place finds its neighborhood"
    assert (local(event.starts_at).hour, local(event.ends_at).minute) == (10, 30)
    changed = {"stamp": guard.stamp(), "version": "0", "on": day.isoformat(), "begins": "11:00", "ends": "12:30",
               "until": "", "where": "1300 Market St"}  # fmt: skip
    assert client.get(f"/topics/{event.pk}/change/").status_code == 200
    assert client.post(f"/topics/{event.pk}/change/", changed).status_code == 302
    assert client.post(f"/topics/{event.pk}/change/", changed | {"begins": "11:30"}).status_code == 422
    event.refresh_from_db()
    assert event.version == 1 and event.starts_at and local(event.starts_at).hour == 11
    other = browser(neighbor("Eve", "eve@residents.test"))
    assert other.get(f"/topics/{event.pk}/change/").status_code == 404


def test_support_by_its_button_and_without_joining(ana: Member, boss: User) -> None:
    topic, client = idea(neighbor(), boss), browser(ana)
    act = f"/topics/{topic.pk}/act/"
    assert "/join/" in Client().post(act, {"choose": "support"})["Location"]
    for _ in range(2):
        client.post(act, {"choose": "support"})
    assert Support.objects.count() == 1 and "I support it no longer" in page(f"/topics/{topic.pk}/", client)
    assert browser(ana, enforce_csrf_checks=True).post(act, {"choose": "support_not"}).status_code == 403
    client.post(act, {"choose": "support_not"})
    assert Support.objects.count() == 0
    assert client.post(act, {"choose": "nonsense"}).status_code == 404


def test_a_liaison_decides_on_the_page_and_the_room_shows_what_waits(ana: Member, boss: User) -> None:
    area = Area.objects.filter(kind="neighborhood").order_by("name")[0].code
    liaison = neighbor("Lia", "lia@residents.test")
    liaisons.appoint(liaison, Terms(area, today()), by=boss)
    topic, client = idea(ana, area=area), browser(liaison)
    work()
    assert "A bench" in page("/liaison/", client) and "Old people stand there." in page("/liaison/", client)
    client.post(f"/topics/{topic.pk}/act/", {"choose": "refuse", "rule": "spam", "why": "It sells."})
    topic.refresh_from_db()
    assert topic.state == TopicState.REFUSED and "It sells." in page(f"/topics/{topic.pk}/", browser(ana))
    assert Client().get(f"/topics/{topic.pk}/").status_code == 404


def test_lists_by_kind_area_support_and_age_follow_without_a_gap(ana: Member, boss: User) -> None:
    made = many(ana, 23)
    fans = [neighbor(f"Fan {'abc'[n]}", f"fan{n}@residents.test") for n in range(3)]
    for fan, topic in zip(fans, made, strict=False):
        ideas.support(topic.pk, by=fan)
    for order in ("newest", "support"):
        address, seen = f"/topics/?kind=idea&order={order}", []
        while address:
            context = Client().get(address).context
            seen += [row.pk for row, _area in context["rows"]]
            following = context["following"]
            address = f"/topics/?kind=idea&order={order}&after={following}" if following else ""
        assert len(seen) == 23 and set(seen) == {one.pk for one in made}, order
    assert seen[:3] == [made[2].pk, made[1].pk, made[0].pk], "the most supported first"
    assert Client().get("/topics/?kind=event").context["rows"] == []
    for wrong in ("after=x~y", "kind=party", "area=nowhere", "order=x", "kind=idea&order=support&after=9~9~9"):
        assert Client().get(f"/topics/?{wrong}").status_code == 200


def test_a_list_costs_the_same_for_one_row_and_for_twenty(
    ana: Member, boss: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many(ana, 21)
    page("/topics/")
    with django_assert_max_num_queries(6):
        page("/topics/")


def test_calendar_files(ana: Member, boss: User) -> None:
    at = timezone.now() + timedelta(days=3)
    what = New("event", "Clean-up", "Gloves", starts_at=at, ends_at=at + timedelta(hours=1),
               place=topics.Place("13th and Market", 39.952, -75.161))  # fmt: skip
    waits = topics.begin(what, by=ana, form=uuid4())
    assert Client().get(f"/topics/{waits.pk}/event.ics").status_code == 404
    topics.publish(waits.pk, by=boss)
    one = Client().get(f"/topics/{waits.pk}/event.ics")
    assert one["Content-Type"].startswith("text/calendar") and b"SUMMARY:Clean-up" in one.content
    assert b"Clean-up" in Client().get("/topics/calendar.ics").content
    area = Area.objects.filter(kind="neighborhood")[0].code
    assert b"Clean-up" not in Client().get(f"/topics/calendar/{area}.ics").content
    assert Client().get("/topics/calendar/nowhere.ics").status_code == 404
    assert "No event is over yet" in page("/topics/events/past/")
    assert "<svg" in page(f"/topics/{waits.pk}/"), "a map drawn by us"


def test_help_under_a_request_is_offered_once_and_names_are_not_public(ana: Member) -> None:
    request, client = new(), browser(ana)
    act, address = f"/requests/{request.number}/help/", f"/requests/{request.number}/"
    assert "/join/" in Client().post(act, {"choose": "offer"})["Location"]
    for _ in range(2):
        client.post(act, {"choose": "offer", "words": "A truck", "stamp": guard.stamp()})
    assert Help.objects.count() == 1
    public = page(address)
    assert "1 neighbor offers to help" in public and "truck" not in public and ana.name not in public
    client.post(act, {"choose": "take_back"})
    assert Help.objects.count() == 0
    type(request).objects.update(public=False)
    assert client.post(act, {"choose": "offer", "stamp": guard.stamp()}).status_code == 404


def test_who_leaves_supports_nothing_any_more(ana: Member, boss: User) -> None:
    from openline.community import members

    topic = idea(neighbor(), boss)
    ideas.support(topic.pk, by=ana)
    members.leave(ana)
    topic.refresh_from_db()
    assert topic.supporters == 0
