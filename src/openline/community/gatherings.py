"""Events: who comes, changing and cancelling one, and what is to come or past.

Times are kept in UTC and written in the city's zone (`moment`): an hour that the clocks skip is refused.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from openline.community import ideas, telling, topics
from openline.community.models import Member, Support, Topic, TopicKind, TopicState
from openline.community.topics import Place
from openline.foundation.keyset import after
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import Skipped, by_the_clock
from openline.service_requests.languages import day, hour

TELL = "openline.community.tell_of_change"
AHEAD = timedelta(days=730)


def moment(on: date, at: time) -> datetime:
    """That hour of that day by the city's clocks. Raises NotPossible for one that they skip in spring.

    Of an hour that comes twice in autumn it is the first.
    """
    try:
        found = by_the_clock(datetime.combine(on, at))
    except Skipped:
        raise NotPossible(_("On that day the clocks skip this hour. Choose another.")) from None
    if found > timezone.now() + AHEAD:
        raise NotPossible(_("That is too far ahead."))
    return found.astimezone(UTC)


@transaction.atomic
def come(pk: int, *, by: Member) -> bool:
    """Say "I'm coming"; False if the member said so before. Raises NotPossible."""
    topic = topics.locked(pk)
    if topic.kind != TopicKind.EVENT or topic.state != TopicState.SHOWN or topic.cancelled_at or is_over(topic):
        raise NotPossible(_("This event is over, or was cancelled."))
    return ideas.add(topic, by)


@transaction.atomic
def not_come(pk: int, *, by: Member) -> bool:
    """Take it back; False if the member did not say so."""
    return ideas.remove(topics.locked(pk), by)


def who_comes(topic: Topic, asking: Member | None) -> list[Member]:
    """Who comes, for the organizer alone; nobody for everybody else."""
    if asking is None or topic.by_id != asking.pk:
        return []
    people = Support.objects.filter(topic=topic, member__left_at=None).select_related("member").order_by("at")
    return [one.member for one in people]


@transaction.atomic
def change(pk: int, starts_at: datetime, ends_at: datetime, place: Place, *, seen: int, by: Member) -> Topic:
    """Move an event; who comes is told. `seen`: the version that the organizer saw. Raises NotPossible."""
    topic = _own(pk, by, seen)
    topics.check_times(starts_at, ends_at)
    if (topic.starts_at, topic.ends_at, topic.place_name) == (starts_at, ends_at, place.name):
        return topic
    topic.starts_at, topic.ends_at, topic.place_name = starts_at, ends_at, place.name[:300]
    topic.latitude, topic.longitude = place.lat, place.lon
    _changed(topic, by, "moved", starts_at=starts_at, ends_at=ends_at, place=place.name)
    return topic


@transaction.atomic
def cancel(pk: int, *, seen: int, by: Member) -> Topic:
    """Cancel an event; it says so, in calendars too, and who comes is told."""
    topic = _own(pk, by, seen)
    topic.cancelled_at = timezone.now()
    _changed(topic, by, "cancelled")
    return topic


def _own(pk: int, by: Member, seen: int) -> Topic:
    topic = topics.locked(pk)
    if topic.kind != TopicKind.EVENT or topic.by_id != by.pk:
        raise NotPossible(_("Only who organizes it can change it."))
    if topic.cancelled_at or is_over(topic):
        raise NotPossible(_("This event is over, or was cancelled."))
    if topic.version != seen:
        raise NotPossible(_("It was changed meanwhile. Look at it, then try again."))
    return topic


def _changed(topic: Topic, by: Member, what: str, **more: object) -> None:
    topic.version, topic.changed_at = topic.version + 1, timezone.now()
    topic.save()
    topics.record(topic, by, what, **more)
    if topic.state == TopicState.SHOWN:
        app.configure_task(TELL).defer(topic=topic.pk, version=topic.version)


def tell_of_change(pk: int, version: int) -> int:
    """Tell who comes that it was moved or cancelled, once for each change, and not after it is over."""
    topic = Topic.objects.get(pk=pk)
    if topic.version != version or is_over(topic):
        return 0
    people = Member.objects.filter(pk__in=Support.objects.filter(topic=topic).values("member")).exclude(pk=topic.by_id)
    return telling.tell(people, f"topic:{pk}:change:{version}", lambda: _news(topic), not_after=topic.ends_at)


def _news(topic: Topic) -> tuple[str, list[str]]:
    assert topic.starts_at
    facts = {"title": topic.title, "link": telling.address(f"/topics/{topic.pk}/"), "place": topic.place_name,
             "day": day(topic.starts_at), "hour": hour(topic.starts_at)}  # fmt: skip
    if topic.cancelled_at:
        return _("Cancelled: %(title)s") % facts, [_("“%(title)s” was cancelled: %(link)s") % facts]
    words = _("“%(title)s” was changed. It is now on %(day)s, %(hour)s, at %(place)s: %(link)s") % facts
    return _("Changed: %(title)s") % facts, [words]


def is_over(topic: Topic) -> bool:
    """Whether the event has ended."""
    return topic.ends_at is not None and topic.ends_at < timezone.now()


def to_come(found: QuerySet[Topic]) -> QuerySet[Topic]:
    """The events of `found` that have not ended, soonest first, cancelled ones too: they say so."""
    return found.filter(kind=TopicKind.EVENT, ends_at__gte=timezone.now()).order_by("starts_at", "id")


def past(found: QuerySet[Topic], key: tuple[datetime, int] | None = None) -> QuerySet[Topic]:
    """The archive: events that have ended, latest first; with the key of a row, only what follows it."""
    ordered = found.filter(kind=TopicKind.EVENT, ends_at__lt=timezone.now()).order_by("-starts_at", "-id")
    return ordered.filter(after(("starts_at", "id"), key)) if key else ordered
