"""Who at the desk has how much: what is open with each, how long it waits, how much each has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Min, Q
from django.utils import timezone

from openline.inbox.models import Attention, Conversation, Direction, Message
from openline.inbox.queries import WORK

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has, or nobody (`user` None): open conversations, since when the oldest waits, answers."""

    user: User | None
    open: int
    urgent: int
    oldest: datetime | None
    answers_day: int
    answers_week: int


def loads(people: Sequence[User]) -> list[Load]:
    """What lies with nobody, then what lies with each of `people`; what is put off counts for nobody."""
    lying = _lying()
    answers = _answers(timezone.now())
    rows = [(None, None), *((user, user.pk) for user in people)]
    return [Load(user, *lying.get(pk, (0, 0, None)), *answers.get(pk, (0, 0))) for user, pk in rows]


def _lying() -> dict[int | None, tuple[int, int, datetime | None]]:
    urgent = Count("pk", filter=Q(attention__gte=Attention.URGENT))
    found = Conversation.objects.filter(WORK).values("assigned_to").order_by("assigned_to")
    counted = found.annotate(n=Count("pk"), urgent=urgent, oldest=Min("last_message_at"))
    return {row["assigned_to"]: (row["n"], row["urgent"], row["oldest"]) for row in counted}


def _answers(now: datetime) -> dict[int | None, tuple[int, int]]:
    """Answers of the last day and week by who wrote them; by ids, which begin with the time and have an index."""
    week = Message.objects.filter(pk__gte=_first_id(now - WEEK), direction=Direction.OUT, written_by__isnull=False)
    day = Count("pk", filter=Q(pk__gte=_first_id(now - DAY)))
    counted = week.values("written_by").order_by("written_by").annotate(day=day, week=Count("pk"))
    return {row["written_by"]: (row["day"], row["week"]) for row in counted}


def _first_id(moment: datetime) -> UUID:
    """The least id that could be made at `moment` (UUID version 7: milliseconds first)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
