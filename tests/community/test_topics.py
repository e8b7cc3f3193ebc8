"""Topics: the look they wait for, ideas and their answer, events and their calendar, offers of help."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from icalendar import Calendar

from openline.accounts.models import Account
from openline.community import calendars, gatherings, helping, ideas, liaisons, reading, topics, waiting
from openline.community.liaisons import Terms
from openline.community.models import Help, Member, Progress, Support, Topic, TopicState
from openline.community.topics import New, Place
from openline.geography.models import Area
from openline.outbox.models import Delivery
from openline.records.models import Record
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import city_zone, today
from openline.service_requests.publishing import PersonalFound
from tests.community.world import member, work
from tests.open311.test_georeport import PLACE, new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]
SOON = timezone.now().replace(microsecond=0) + timedelta(days=7)
CLEAN_UP = New("event", "Clean-up", "Bring gloves.", starts_at=SOON, ends_at=SOON + timedelta(hours=2),
               place=Place("13th and Market", 39.952, -75.161))  # fmt: skip
IDEA = New("idea", "A bench at the stop", "Old people stand there.")


@pytest.fixture
def mail() -> Account:
    """The city's e-mail account."""
    return Account.objects.create(network="email", handle="help@city.test", name="Help")


def begin(what: New, by: Member, form: UUID | None = None) -> Topic:
    """`by` begins it."""
    return topics.begin(what, by=by, form=form or uuid4())


def shown(what: New, by: Member, boss: User) -> Topic:
    """It was begun, and staff published it."""
    return topics.publish(begin(what, by).pk, by=boss)


def jobs(version: int, topic: Topic) -> None:
    """The jobs that a change of the topic asked for."""
    (gatherings.tell_of_change if topic.kind == "event" else ideas.tell_of_answer)(topic.pk, version)


def mails() -> list[str]:
    """Subjects and words of the mails that wait, in their order."""
    found = Delivery.objects.filter(account__network="email").order_by("created_at", "id")
    return [f"{one.outgoing['to_handle']}: {one.outgoing['subject']}. {one.outgoing['text']}" for one in found]


def test_a_members_topic_waits_and_the_same_form_is_one_topic(boss: User, mail: Account) -> None:
    ana, form = member(), uuid4()
    topic = begin(IDEA, ana, form)
    assert begin(IDEA, ana, form) == topic and topic.state == TopicState.WAITING and waiting.count() == 1
    assert topics.public().count() == 0 and list(topics.visible(ana)) == [topic]
    assert list(topics.visible(member("Eve"))) == [] == list(topics.visible(None))
    work()
    [words] = reading.first_words([topic])
    assert words and words.text == "Old people stand there."
    topics.publish(topic.pk, by=boss)
    assert list(topics.visible(None)) == [topic] and waiting.count() == 0
    assert "ana@example.org: Your topic is public" in mails()[0]
    with pytest.raises(NotPossible, match="already"):
        topics.publish(topic.pk, by=boss)


def test_a_liaisons_is_public_at_once_in_the_own_area_only(area: str, boss: User) -> None:
    ana, other = member(), Area.objects.filter(kind="neighborhood").exclude(code=area)[0].code
    liaisons.appoint(ana, Terms(area, today()), by=boss)
    assert begin(replace(IDEA, area=area), ana).state == TopicState.SHOWN
    assert begin(replace(IDEA, area=other), ana).state == begin(IDEA, ana).state == TopicState.WAITING


def test_refusing_names_a_rule_and_a_reason_and_can_be_appealed_once(area: str, boss: User, mail: Account) -> None:
    ana, liaison = member(), member("Lia")
    liaisons.appoint(liaison, Terms(area, today()), by=boss)
    topic = begin(replace(IDEA, area=area), ana)
    for rule, why in (("nonsense", "Because"), ("spam", "")):
        with pytest.raises(NotPossible):
            topics.refuse(topic.pk, rule, why, by=liaison)
    topics.refuse(topic.pk, "spam", "It sells benches.", by=liaison)
    assert "It sells benches." in mails()[0] and "once why you see it differently" in mails()[0]
    with pytest.raises(NotPossible, match="who wrote"):
        topics.appeal(topic.pk, "No", by=liaison)
    topics.appeal(topic.pk, "I sell nothing.", by=ana)
    with pytest.raises(NotPossible, match="staff"):
        topics.publish(topic.pk, by=liaison)
    topics.refuse(topic.pk, "spam", "It does.", by=boss)
    with pytest.raises(NotPossible):
        topics.appeal(topic.pk, "Again", by=ana)
    said = [one.body["what"] for one in Record.objects.filter(body__topic=topic.pk).order_by("id")]
    assert said == ["topic opened", "topic refused", "topic appealed", "topic refused"]


def test_a_liaison_decides_in_the_own_area_while_appointed_and_never_about_the_own(area: str, boss: User) -> None:
    ana, liaison = member(), member("Lia")
    held = liaisons.appoint(liaison, Terms(area, today()), by=boss)
    city, mine = begin(IDEA, ana), begin(replace(IDEA, area=area), ana)
    with pytest.raises(NotPossible):
        topics.publish(city.pk, by=liaison)
    assert list(topics.visible(liaison)) == [mine]
    liaisons.end(held.pk, "Over", by=boss)
    with pytest.raises(NotPossible):
        topics.publish(mine.pk, by=liaison)
    assert list(topics.visible(liaison)) == []


def test_few_topics_of_one_member_wait_at_once() -> None:
    ana = member(joined_at=timezone.now() - timedelta(days=99))
    for _ in range(topics.MOST_WAITING):
        begin(IDEA, ana)
    with pytest.raises(NotPossible, match="wait"):
        begin(IDEA, ana)


def test_personal_data_is_taken_out_of_titles() -> None:
    assert "867" not in begin(replace(IDEA, title="Call 215-867-5309"), member()).title


def test_support_counts_once_and_is_taken_back(boss: User) -> None:
    idea, ana = shown(IDEA, member("Ida"), boss), member()
    assert ideas.support(idea.pk, by=ana) and not ideas.support(idea.pk, by=ana)
    ideas.support(idea.pk, by=member("Ben"))
    idea.refresh_from_db()
    assert idea.supporters == Support.objects.count() == 2 and ideas.supports(idea, ana)
    assert ideas.take_back(idea.pk, by=ana) and not ideas.take_back(idea.pk, by=ana)
    idea.refresh_from_db()
    assert idea.supporters == 1
    for wrong in (begin(IDEA, member("Cy")), shown(CLEAN_UP, member("Di"), boss)):
        with pytest.raises(NotPossible):
            ideas.support(wrong.pk, by=ana)


def test_an_idea_deserves_an_answer_from_the_citys_number_on_and_all_are_told(boss: User, mail: Account) -> None:
    ida, ana = member("Ida"), member()
    idea = shown(IDEA, ida, boss)
    ideas.support(idea.pk, by=ana)
    assert list(ideas.deserving()) == [] and ideas.needed() == 50
    ideas.set_needed(1, by=boss)
    assert list(ideas.deserving()) == [idea] and waiting.count() == 1
    with pytest.raises(PersonalFound):
        ideas.answer(idea.pk, Progress.UNDER_WAY, "Call Rosa at 215-867-5309.", by=boss)
    answered = ideas.answer(idea.pk, Progress.UNDER_WAY, "Two benches come in May.", by=boss)
    assert list(ideas.deserving()) == [] and answered.answered_by == boss
    jobs(answered.version, idea)
    jobs(answered.version, idea)
    told = [one for one in mails() if "Two benches" in one]
    assert {one.split(":")[0] for one in told} == {"ida@example.org", "ana@example.org"} and len(told) == 2
    later = ideas.answer(idea.pk, Progress.DONE, "There they are.", by=boss)
    jobs(answered.version, idea)
    assert not [one for one in mails() if "There they are" in one], "an answer that was changed since tells nobody"
    jobs(later.version, idea)
    assert len([one for one in mails() if "There they are" in one]) == 2


@pytest.mark.parametrize("number", [0, -1, 100_001])
def test_a_senseless_number_of_supporters_is_refused(boss: User, number: int) -> None:
    with pytest.raises(NotPossible):
        ideas.set_needed(number, by=boss)
    assert ideas.needed() == 50


def test_names_of_who_comes_are_for_the_organizer_only(boss: User) -> None:
    rosa, ana = member("Rosa"), member()
    event = shown(CLEAN_UP, rosa, boss)
    gatherings.come(event.pk, by=ana)
    gatherings.come(event.pk, by=ana)
    assert gatherings.who_comes(event, rosa) == [ana]
    assert gatherings.who_comes(event, ana) == gatherings.who_comes(event, None) == []
    gatherings.not_come(event.pk, by=ana)
    event.refresh_from_db()
    assert event.supporters == 0


def test_a_moved_event_is_told_to_who_comes_and_who_saw_an_old_one_moves_nothing(boss: User, mail: Account) -> None:
    rosa, ana = member("Rosa"), member()
    event = shown(CLEAN_UP, rosa, boss)
    gatherings.come(event.pk, by=ana)
    assert CLEAN_UP.place and CLEAN_UP.ends_at
    later, end = SOON + timedelta(days=1), CLEAN_UP.ends_at + timedelta(days=1)
    with pytest.raises(NotPossible, match="organizes"):
        gatherings.change(event.pk, later, end, CLEAN_UP.place, seen=0, by=ana)
    moved = gatherings.change(event.pk, later, end, CLEAN_UP.place, seen=0, by=rosa)
    assert moved.starts_at == later and moved.version == 1
    with pytest.raises(NotPossible, match="meanwhile"):
        gatherings.cancel(event.pk, seen=0, by=rosa)
    jobs(1, moved)
    jobs(1, moved)
    assert len([one for one in mails() if one.startswith("ana@example.org: Changed: Clean-up")]) == 1
    gatherings.cancel(event.pk, seen=1, by=rosa)
    jobs(2, moved)
    assert mails()[-1].startswith("ana@example.org: Cancelled")
    with pytest.raises(NotPossible):
        gatherings.come(event.pk, by=member("Ben"))


def test_the_calendar_says_what_rfc_5545_wants(boss: User) -> None:
    event = shown(replace(CLEAN_UP, title="Clean-up; bring, gloves\nand ü"), member("Rosa"), boss)
    begin(CLEAN_UP, member("Eve"))
    content = calendars.written(calendars.feed_of())
    assert content.startswith(b"BEGIN:VCALENDAR\r\n") and all(len(line) <= 75 for line in content.split(b"\r\n"))
    [read] = Calendar.from_ical(content).walk("VEVENT")
    assert read.decoded("dtstart") == SOON and read.decoded("dtend") == CLEAN_UP.ends_at
    assert read["location"] == "13th and Market" and read["status"] == "CONFIRMED" and read["sequence"] == 0
    assert read["uid"].startswith(f"topic-{event.pk}@") and read["url"].endswith(f"/topics/{event.pk}/")
    assert "gloves" in read["summary"] and read.decoded("dtstamp")
    gatherings.cancel(event.pk, seen=0, by=event.by)
    [read] = Calendar.from_ical(calendars.written(calendars.feed_of())).walk("VEVENT")
    assert read["status"] == "CANCELLED" and read["sequence"] == 1, "a calendar that has it takes the new one"


def test_the_feed_of_an_area_has_only_its_own(area: str, boss: User) -> None:
    event = shown(replace(CLEAN_UP, area=area), member("Rosa"), boss)
    shown(CLEAN_UP, member("Eve"), boss)
    assert calendars.feed_of(area) == [event] and len(calendars.feed_of()) == 2


def test_an_hour_of_the_citys_clock_through_daylight_saving() -> None:
    year = timezone.now().year + 1
    spring = next(day for day in days(year) if shifts(day) == timedelta(hours=1))
    autumn = next(day for day in days(year) if shifts(day) == timedelta(hours=-1))
    with pytest.raises(NotPossible, match="skip"):
        gatherings.moment(spring, time(2, 30))
    assert gatherings.moment(spring, time(3, 0)) - gatherings.moment(spring, time(1, 59)) == timedelta(minutes=1)
    assert gatherings.moment(autumn, time(1, 30)).astimezone(city_zone()).fold == 0, "the first of the two"
    assert gatherings.moment(autumn, time(10)) - gatherings.moment(autumn, time(0)) == timedelta(hours=11)
    with pytest.raises(NotPossible, match="far"):
        gatherings.moment(date(9999, 1, 1), time(1))


def days(year: int) -> list[date]:
    """Every day of a year."""
    return [date(year, 1, 1) + timedelta(n) for n in range(365)]


def shifts(day: date) -> timedelta:
    """How far the clocks go forward on a day."""
    noon, before = (datetime.combine(one, time(12), city_zone()) for one in (day, day - timedelta(1)))
    return (noon.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())


@pytest.mark.parametrize("wrong", [
    {"starts_at": datetime(2020, 1, 1, tzinfo=UTC)}, {"ends_at": SOON}, {"starts_at": None}, {"place": None},
    {"title": " "}, {"kind": "party"}, {"area": "nowhere"}, {"text": " "},
])  # fmt: skip
def test_what_cannot_be_begun_leaves_nothing(wrong: dict[str, object]) -> None:
    with pytest.raises(NotPossible):
        begin(replace(CLEAN_UP, **wrong), member())
    assert not Topic.objects.exists()


def test_past_events_are_in_the_archive_and_cannot_be_joined(boss: User) -> None:
    event = shown(CLEAN_UP, member("Rosa"), boss)
    assert list(gatherings.to_come(topics.public())) == [event] and not gatherings.past(topics.public()).exists()
    Topic.objects.update(starts_at=SOON - timedelta(days=9), ends_at=SOON - timedelta(days=8))
    assert list(gatherings.past(topics.public())) == [event] and not gatherings.to_come(topics.public()).exists()
    with pytest.raises(NotPossible, match="over"):
        gatherings.come(event.pk, by=member())


def test_help_is_seen_by_who_organizes_something_there_and_by_nobody_else(boss: User) -> None:
    request, rosa, ana = new(), member("Rosa"), member()
    helping.offer(request.pk, "A truck", by=ana)
    helping.offer(request.pk, "A truck and two shovels", by=ana)
    assert Help.objects.count() == helping.count(request) == 1
    event = begin(replace(CLEAN_UP, request=request), rosa)
    assert helping.seen_by(request, rosa) == [], "not before the event is public"
    topics.publish(event.pk, by=boss)
    assert [one.words for one in helping.seen_by(request, rosa)] == ["A truck and two shovels"]
    assert helping.seen_by(request, ana) == helping.seen_by(request, None) == []
    helping.take_back(request.pk, by=ana)
    assert helping.count(request) == 0


def test_nothing_is_organized_or_offered_about_what_is_not_public() -> None:
    secret = new()
    type(secret).objects.update(public=False)
    secret.refresh_from_db()
    with pytest.raises(NotPossible):
        helping.offer(secret.pk, "", by=member())
    with pytest.raises(NotPossible):
        begin(replace(CLEAN_UP, request=secret), member("Eve"))


def test_an_event_about_a_request_belongs_to_its_neighborhood(area: str) -> None:
    request = new(place=PLACE | {"areas": ["zip-19107", area]})
    assert begin(replace(CLEAN_UP, request=request), member()).area == area
