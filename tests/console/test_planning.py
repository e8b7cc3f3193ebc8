"""The calendar, approval, rules and series as people use them, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.accounts.models import Account
from openline.publishing import feeds, planning, rules, scheduling, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import ApprovalRule, Pause, Post, Series, Speaker
from openline.publishing.planning import Sieve
from openline.publishing.states import PostState
from openline.records.models import Record
from openline.service_requests.jurisdiction import city_zone, local
from openline.service_requests.models import Holiday
from tests.world import city_account

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]
Write = Callable[..., Post]
CALENDAR = "/console/calendar-of-posts/"


@pytest.fixture
def account(staff: dict[str, User], tmp_path: Path) -> Account:
    """The city's account."""
    return city_account(tmp_path / "news")


@pytest.fixture
def write(account: Account, staff: dict[str, User]) -> Callable[..., Post]:
    """Write a post that is planned so many days ahead at 9 (None: an idea)."""

    def write(text: str = "Concert on Sunday.", days: int | None = 3, **more: Any) -> Post:
        content = Content(texts={"en": Words(text)}, forms=(Form(str(account.pk)),), **more)
        by = staff["communications"]
        post = writing.create(content, by=by, state=PostState.DRAFT if days is not None else PostState.IDEA)
        if days is not None:
            at = (local(timezone.now()) + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
            scheduling.hand_in(post.pk, at.astimezone(UTC), by=by)
        return Post.objects.get(pk=post.pk)

    return write


def send(client: Client, address: str, **fields: object) -> Any:
    return client.post(address, {"client_id": uuid4(), **fields})


def test_the_calendar_shows_posts_holidays_and_pauses(login: Login, write: Write, staff: Any) -> None:
    post = write()
    assert post.leave_at
    day = local(post.leave_at).date()
    Holiday.objects.update_or_create(date=day, calendar=None, defaults={"name": "City Day", "works": False})
    Pause.objects.create(reason="A fire", began_by=staff["supervisor"], began_at=timezone.now())
    write("An idea", days=None)
    for view in ("month", "week", "list"):
        answer = login("communications").get(CALENDAR, {"view": view, "day": day.isoformat()})
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "Concert on Sunday." in page
        assert "An idea" in page
        assert ("City Day" in page) == (view != "list")
    month = login("communications").get(CALENDAR).content.decode()
    assert "A fire" in month
    official = login("official").get(CALENDAR, {"view": "week", "day": day.isoformat()}).content.decode()
    assert "Concert on Sunday." in official
    assert "draggable" not in official
    assert login("agent").get(CALENDAR).status_code == 403


def test_the_calendar_is_sifted(login: Login, write: Write, account: Account) -> None:
    write("Trash", campaign="clean", areas=("fishtown",))
    write("Snow")
    client = login("communications")

    def shown(**asked: str) -> tuple[bool, bool]:
        page = client.get(CALENDAR, {"view": "list", **asked}).content.decode()
        return "Trash" in page, "Snow" in page

    assert shown() == (True, True)
    assert shown(campaign="clean") == (True, False)
    assert shown(area="fishtown") == (True, False)
    assert shown(account=str(account.pk)) == (True, True)
    assert shown(account=str(uuid4())) == (False, False)
    assert shown(kind="video") == (False, False)
    assert shown(state="draft") == (False, False)
    assert shown(language="es") == (False, False)
    assert shown(account="'; DROP TABLE", day="nonsense", kind="x") == (True, True)


def test_a_post_is_moved_and_moved_back(login: Login, write: Write) -> None:
    post, client = write(), login("communications")
    assert post.leave_at
    to = local(post.leave_at).date() + timedelta(days=2)
    seen = {"post": post.pk, "seen": 1, "seen_at": post.leave_at.isoformat()}
    answer = send(client, f"{CALENDAR}move/", day=to, back=f"{CALENDAR}?view=week", **seen)
    assert answer["Location"] == f"{CALENDAR}?view=week"
    moved = Post.objects.get()
    assert moved.leave_at
    assert (local(moved.leave_at).date(), local(moved.leave_at).hour, moved.state) == (to, 9, PostState.SCHEDULED)
    page = client.get(CALENDAR).content.decode()
    assert "Undo" in page
    send(client, f"{CALENDAR}undo/")
    assert Post.objects.get().leave_at == post.leave_at
    assert Record.objects.filter(body__what="post moved").count() == 2


def test_a_post_is_begun_for_a_day(login: Login, account: Account) -> None:
    client, day = login("communications"), local(timezone.now()).date() + timedelta(days=1)
    page = client.get(CALENDAR, {"view": "week", "day": day.isoformat()}).content.decode()
    assert f"/console/posts/new/?day={day}" in page and f'?day={day - timedelta(days=9)}"' not in page
    assert f"/console/posts/new/?day={day}" not in login("official").get(CALENDAR).content.decode()
    page = client.get("/console/posts/new/", {"day": day.isoformat()}).content.decode()
    assert f'value="{day}T09:00"' in page
    for wrong in ("9999-12-31", "0001-01-01", "2020-01-01", "x"):
        assert client.get("/console/posts/new/", {"day": wrong}).status_code == 200
    assert client.get(CALENDAR, {"area": "a\x00b"}).status_code == 200


def test_who_saw_an_old_place_moves_nothing(login: Login, write: Write) -> None:
    post, client = write(), login("communications")
    assert post.leave_at
    old = {"post": post.pk, "seen": 1, "seen_at": (post.leave_at - timedelta(hours=1)).isoformat()}
    send(client, f"{CALENDAR}move/", day=date.today() + timedelta(days=9), **old)
    assert Post.objects.get().leave_at == post.leave_at
    assert "meanwhile" in client.get(CALENDAR).content.decode()
    form = send(client, f"{CALENDAR}move/", form=1, at="2020-01-01T10:00", post=post.pk, seen=1)
    assert form.status_code == 422
    assert "past" in form.content.decode()
    assert client.get(f"{CALENDAR}move/{post.pk}/").status_code == 200
    assert send(login("official"), f"{CALENDAR}move/", day="2030-01-01", post=post.pk).status_code == 403
    send(client, f"{CALENDAR}move/", day="9999-12-31", post=post.pk, seen=1)
    assert Post.objects.get(pk=post.pk).leave_at == post.leave_at and client.get(CALENDAR).status_code == 200
    outside = send(client, f"{CALENDAR}move/", day="x", post=post.pk, back="https://evil.example/")
    assert outside["Location"] == CALENDAR


def test_the_hour_stays_across_daylight_saving(write: Write, staff: Any) -> None:
    post = write()
    zone = ZoneInfo(str(city_zone()))
    for day, hour in ((date(2027, 3, 10), 14), (date(2027, 3, 17), 13)):
        moved, _before = planning.move(post.pk, day, None, by=staff["communications"], seen=None)
        assert moved.leave_at == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        assert moved.leave_at.astimezone(zone).hour == 9


def test_an_idea_dropped_on_a_day_becomes_a_draft_there(login: Login, write: Write) -> None:
    idea, client = write("An idea", days=None), login("communications")
    to = local(timezone.now()).date() + timedelta(days=4)
    send(client, f"{CALENDAR}move/", post=idea.pk, day=to, seen=1, seen_at="")
    found = Post.objects.get()
    assert found.state == PostState.DRAFT
    assert found.leave_at
    assert local(found.leave_at).date() == to


@pytest.mark.parametrize("count", [3, 60])
def test_a_month_costs_a_fixed_number_of_queries_and_folds(
    login: Login, account: Account, staff: Any, count: int
) -> None:
    content = Content(texts={"en": Words("One of many.")}, forms=(Form(str(account.pk)),))
    at = local(timezone.now()).replace(day=15, hour=9)
    for number in range(count):
        post = writing.create(content, by=staff["communications"])
        Post.objects.filter(pk=post.pk).update(leave_at=at + timedelta(minutes=number))
    client = login("communications")
    client.get(CALENDAR)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(CALENDAR).content.decode()
    assert len(captured) <= 24
    assert page.count("One of many.") <= 4 * 4
    assert (f"+{count - 4} more" in page) == (count > 4)
    with CaptureQueriesContext(connection) as captured:
        planning.days(at.date().replace(day=1), at.date().replace(day=28), Sieve(), 4)
    assert len(captured) <= 9
    printed = client.get(CALENDAR, {"print": "1"}).content.decode()
    assert printed.count('class="cal-post') == count


def test_posts_on_many_days_cost_no_more_queries(login: Login, account: Account, staff: Any) -> None:
    content = Content(texts={"en": Words("One of many.")}, forms=(Form(str(account.pk)),))
    first, client, counts = local(timezone.now()).replace(day=1, hour=9), login("communications"), []
    client.get(CALENDAR)
    for days in (range(1), range(1, 25)):
        for number in days:
            post = writing.create(content, by=staff["communications"])
            Post.objects.filter(pk=post.pk).update(leave_at=first + timedelta(days=number))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(CALENDAR).content.decode().count('class="cal-post') == 1 + days.stop - 1
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_week_begins_as_people_are_used_to() -> None:
    assert planning.week_of(date(2026, 11, 25), 6) == (date(2026, 11, 22), date(2026, 11, 28))
    assert planning.week_of(date(2026, 11, 25), 0) == (date(2026, 11, 23), date(2026, 11, 29))
    assert planning.month_of(date(2026, 11, 25), 6) == (date(2026, 11, 1), date(2026, 12, 5))


def test_the_list_is_paged_by_key(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PAGE", 2)
    for number in range(3):
        write(f"Post {number}")
    first, following = planning.listed(Sieve(), date.today() - timedelta(days=1), None)
    from openline.publishing.listing import key_of

    second, end = planning.listed(Sieve(), date.today() - timedelta(days=1), key_of(following))
    assert len({post.pk for post in first + second}) == 3
    assert end == ""


def test_the_feed_is_private_and_revocable(login: Login, write: Write, staff: Any) -> None:
    from icalendar import Calendar

    post, client = write("Concert, on Sunday; come!"), login("official")
    send(client, f"{CALENDAR}address/")
    token = feeds.token_of(staff["official"])
    assert token in client.get(CALENDAR).content.decode()
    answer = Client().get(f"{CALENDAR}feed/{token}.ics")
    event = Calendar.from_ical(answer.content).events[0]
    assert event.start == post.leave_at
    assert "Concert, on Sunday; come!" in event["summary"]
    assert Client().get(f"{CALENDAR}feed/{token}x.ics").status_code == 404
    send(client, f"{CALENDAR}address/")
    assert Client().get(f"{CALENDAR}feed/{token}.ics").status_code == 404
    fresh = feeds.token_of(staff["official"])
    staff["official"].groups.clear()
    assert Client().get(f"{CALENDAR}feed/{fresh}.ics").status_code == 404
    feeds.revoke(staff["official"])
    assert feeds.token_of(staff["official"]) == ""


def test_a_post_is_approved_or_sent_back(login: Login, write: Write, staff: Any, account: Account) -> None:
    rules.set_rule(None, "", "one", by=staff["administrator"])
    post = write("Concert on Sundy.")
    address, official = f"/console/approvals/{post.pk}/", login("official")
    assert "Concert on Sundy." in official.get("/console/approvals/").content.decode()
    assert "Approve</button>" in official.get(address).content.decode()
    own = login("communications").get(address).content.decode()
    assert "another person has to approve" in own
    assert "Approve</button>" not in own
    back = send(official, address, what="return", seen=1)
    assert back.status_code == 422
    assert "Say what should change" in back.content.decode()
    send(official, address, what="return", seen=1, comment="Sundy?")
    assert Post.objects.get().state == PostState.DRAFT
    content = Content(texts={"en": Words("Concert on Sunday.")}, forms=(Form(str(account.pk)),))
    writing.change(post.pk, content, by=staff["communications"], seen=1)
    scheduling.hand_in(post.pk, timezone.now() + timedelta(days=1), by=staff["communications"])
    page = official.get(address).content.decode()
    assert "<del>Sundy. </del><ins>Sunday. </ins>" in page
    assert send(official, address, what="approve", seen=1).status_code == 422
    send(official, address, what="approve", seen=2)
    assert Post.objects.get().state == PostState.SCHEDULED
    assert send(login("agent"), address, what="approve", seen=2).status_code == 403


def test_rules_and_speakers_are_set_by_administrators(login: Login, account: Account, staff: Any) -> None:
    admin = login("administrator")
    assert login("supervisor").get("/console/approvals/rules/").status_code == 403
    send(admin, "/console/approvals/rules/set/", account="", kind="short", needs="two")
    rule = ApprovalRule.objects.get()
    assert (rule.account, rule.kind, rule.needs) == (None, "short", "two")
    wrong = send(admin, "/console/approvals/rules/set/", account=account.pk, kind="", needs="office")
    assert wrong.status_code == 422
    person = staff["official"].pk
    send(admin, "/console/approvals/speakers/set/", account=account.pk, user=person, right="office")
    assert Speaker.objects.get().right == "office"
    page = admin.get("/console/approvals/rules/").content.decode()
    assert "the last word" in page
    send(admin, "/console/approvals/speakers/drop/", speaker=Speaker.objects.get().pk)
    send(admin, "/console/approvals/rules/drop/", rule=rule.pk)
    assert not Speaker.objects.exists() and not ApprovalRule.objects.exists()
    assert Record.objects.filter(body__what="speaker taken away").exists()
    assert send(login("communications"), "/console/approvals/rules/set/", needs="none").status_code == 403


def test_a_series_is_previewed_saved_changed_and_ended(login: Login, account: Account) -> None:
    client, address = login("communications"), f"{CALENDAR}series/new/"
    fields: dict[str, object] = {
        "name": "Trash day", "language": "en", "text": "{area}: trash on {date}.", "accounts": [str(account.pk)],
        "weekdays": ["TU"], "starts_on": local(timezone.now()).date(), "at": "18:00", "days_before": 1,
        "holidays": "later", "weeks_ahead": 2, "areas": "North side | truck=morning\nSouth side | FREQ=WEEKLY;BYDAY=TH",
    }  # fmt: skip
    shown = send(client, address, what="preview", **fields)
    assert shown.status_code == 200
    assert shown.content.decode().count("side</bdi>") == 12
    assert not Series.objects.exists()
    assert send(client, address, what="save", **{**fields, "rule": "FREQ=NEVER"}).status_code == 422
    assert send(client, address, what="save", **fields).status_code == 302
    series = Series.objects.get()
    assert Post.objects.filter(series=series).count() >= 2
    one = f"{CALENDAR}series/{series.pk}/"
    assert "Trash day" in client.get(f"{CALENDAR}series/").content.decode()
    assert "truck=morning" in client.get(one).content.decode()
    since = local(timezone.now()).date()
    changed = {**fields, "rule": series.rule, "text": "{area}: new words.", "seen": series.version, "since": since}
    assert send(client, one, what="save", **changed).status_code == 302
    new = Series.objects.get(follows=series)
    assert send(client, f"{CALENDAR}series/{new.pk}/end/", since=since).status_code == 302
    assert not Post.objects.exclude(state=PostState.CANCELLED).filter(occurs_on__gte=since).exists()
