"""The calendar: what is planned on which day of the city, a month of ten thousand posts in a handful of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils import timezone

from openline.publishing import scheduling, writing
from openline.publishing.models import Alert, Pause, Post, PostText, QuestionHour, Variant
from openline.publishing.states import PostState
from openline.service_requests.calendars import holiday_names
from openline.service_requests.jurisdiction import city_zone, jurisdiction

IN_A_MONTH, IN_A_WEEK, ON_PAPER = 4, 40, 1000
"""So many posts of a day are shown, the others are counted."""
PAGE = 50
IDEAS = 30


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which posts are shown; "" for all."""

    account: str = ""
    kind: str = ""
    state: str = ""
    language: str = ""
    campaign: str = ""
    area: str = ""

    def apply(self, posts: QuerySet[Post]) -> QuerySet[Post]:
        """Those of `posts` that pass. Cancelled ones are shown only where they are asked for."""
        found = posts.filter(state=self.state) if self.state else posts.exclude(state=PostState.CANCELLED)
        if self.account:
            found = found.filter(Exists(Variant.objects.filter(post=OuterRef("pk"), account=UUID(self.account))))
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.language:
            found = found.filter(Exists(PostText.objects.filter(post=OuterRef("pk"), language=self.language)))
        if self.campaign:
            found = found.filter(campaign=self.campaign)
        return found.filter(areas__contains=[self.area]) if self.area else found


@dataclass(frozen=True, slots=True)
class Mark:
    """Something else on the calendar: a pause, an alert, a question hour."""

    kind: str
    name: str
    begins_at: datetime
    ends_at: datetime | None


@dataclass(slots=True)
class Day:
    """One day of the city."""

    date: date
    holiday: str = ""
    posts: list[Post] = field(default_factory=list)
    count: int = 0
    marks: list[Mark] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many posts are not shown."""
        return self.count - len(self.posts)


def days(first: date, last: date, sieve: Sieve, most: int) -> list[Day]:
    """The days from `first` to `last`, each with at most `most` of its posts."""
    zone = city_zone()
    found = {day: Day(day) for day in (first + timedelta(days=n) for n in range((last - first).days + 1))}
    for day, name in holiday_names(first, last).items():
        found[day].holiday = name
    span = (_begin(first), _begin(last + timedelta(days=1)))
    for post in _posts(sieve, span, most):
        shown = found[post.day]  # type: ignore[attr-defined]
        shown.posts.append(post)
        shown.count = post.of_day  # type: ignore[attr-defined]
    for mark in marks(*span):
        begins, ends = mark.begins_at.astimezone(zone).date(), (mark.ends_at or timezone.now()).astimezone(zone).date()
        for date_ in (d for d in found if begins <= d <= max(begins, ends)):
            found[date_].marks.append(mark)
    return list(found.values())


def _posts(sieve: Sieve, span: tuple[datetime, datetime], most: int) -> list[Post]:
    """The first `most` of each day with the count of all of that day (`day`, `of_day`), by one walk of the index."""
    inside = sieve.apply(Post.objects.filter(leave_at__gte=span[0], leave_at__lt=span[1]))
    by_day = inside.annotate(day=TruncDate("leave_at", tzinfo=city_zone()))
    ranked = by_day.annotate(
        rank=Window(RowNumber(), partition_by="day", order_by=["leave_at", "id"]),
        of_day=Window(Count("*"), partition_by="day"),
    )
    return list(with_words(ranked.filter(rank__lte=most).order_by("leave_at", "id")))


def with_words(posts: QuerySet[Post]) -> QuerySet[Post]:
    """`posts` with their first words and accounts, in two more queries."""
    texts = PostText.objects.only("post_id", "language", "title", "text", "body")
    variants = Variant.objects.select_related("account").only(
        "post_id", "state", "account__network", "account__handle", "account__name"
    )
    return posts.prefetch_related(Prefetch("texts", texts), Prefetch("variants", variants.order_by("id")))


def marks(begin: datetime, end: datetime) -> list[Mark]:
    """Pauses, alerts and question hours that touch the time from `begin` to `end`."""
    pauses = Pause.objects.filter(Q(ended_at=None) | Q(ended_at__gte=begin), began_at__lt=end)
    alerts = Alert.objects.filter(expires_at__gte=begin, began_at__lt=end)
    hours = QuestionHour.objects.filter(ends_at__gte=begin, begins_at__lt=end)
    return [
        *(Mark("pause", one.reason, one.began_at, one.ended_at) for one in pauses),
        *(Mark("alert", one.event, one.began_at, one.ended_at or one.expires_at) for one in alerts),
        *(Mark("hour", one.name, one.begins_at, one.ends_at) for one in hours),
    ]


def listed(sieve: Sieve, since: date, before: tuple[datetime, UUID] | None) -> tuple[list[Post], str]:
    """One page of the posts from `since` on, in order of time, and the key of the next page ("" on the last)."""
    found = sieve.apply(Post.objects.filter(leave_at__gte=_begin(since)))
    if before:
        found = found.filter(Q(leave_at__gt=before[0]) | Q(leave_at=before[0], pk__gt=before[1]))
    rows = list(with_words(found.order_by("leave_at", "id")[: PAGE + 1]))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], f"{last.leave_at.isoformat()}_{last.pk}" if last and last.leave_at else ""


def without_time(sieve: Sieve) -> list[Post]:
    """Ideas and drafts that have no day yet, and what goes out as soon as it is approved; last changed first."""
    states = [PostState.IDEA, PostState.DRAFT, PostState.REVIEW]
    found = sieve.apply(Post.objects.filter(state__in=states, leave_at=None))
    return list(with_words(found.order_by("-changed_at", "-id")[:IDEAS]))


def campaigns() -> list[str]:
    """The campaigns there are."""
    found = Post.objects.exclude(campaign="").order_by("campaign").values_list("campaign", flat=True).distinct()
    return list(found[:100])


@transaction.atomic
def move(
    post_id: UUID, day: date, at: time | None, *, by: User, seen: int | None, seen_at: datetime | None = None
) -> tuple[Post, datetime | None]:
    """Put a post on `day`, at its own hour of the city's clock or at `at`; returns it and the time before.

    An idea becomes a draft by that. Raises Conflict or NotPossible (`scheduling.reschedule`).
    """
    post = writing.locked(post_id)
    before = post.leave_at
    hour = at or (before.astimezone(city_zone()).time() if before else time(9))
    if post.state == PostState.IDEA:
        writing.take_up(post_id, by=by)
    to = datetime.combine(day, hour.replace(tzinfo=None), city_zone()).astimezone(UTC)
    return scheduling.reschedule(post_id, to, by=by, seen=seen, seen_at=seen_at), before


def month_of(day: date, first_weekday: int) -> tuple[date, date]:
    """The first and last day of the weeks that the month of `day` touches; `first_weekday` 0 is Monday."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return week_of(first, first_weekday)[0], week_of(last, first_weekday)[1]


def week_of(day: date, first_weekday: int) -> tuple[date, date]:
    """The first and last day of the week of `day`."""
    first = day - timedelta(days=(day.weekday() - first_weekday) % 7)
    return first, first + timedelta(days=6)


def _begin(day: date) -> datetime:
    """When the day begins in the city."""
    return datetime.combine(day, time(), ZoneInfo(jurisdiction().time_zone))
