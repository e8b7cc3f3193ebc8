"""What was asked and answered, in the database: nothing is asked twice, and nobody is asked too often.

A question is a row before it is sent, with the moment at which it may be: workers and pages share one queue of turns.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from openline.geography.models import OutsideAnswer

EVERY = timedelta(seconds=1.25)
"""nominatim.openstreetmap.org allows one question a second, all workers together; the way there is uneven."""
KEPT = timedelta(days=30)
KEPT_NOTHING = timedelta(days=1)
FAILURES, PAUSE = 5, timedelta(minutes=5)
"""After so many failures in a row a service is left alone for so long: nobody at a form waits for a dead server."""
_LOCK = 0x67656F63
"""Key of the advisory lock under which turns are given out."""


class Outcome(StrEnum):
    """What became of a question."""

    ASKING = "asking"
    FOUND = "found"
    NOTHING = "nothing"
    FAILED = "failed"


def known(service: str, query: str) -> OutsideAnswer | None:
    """What is remembered of `query`, or of a place that was found under this very name."""
    now = timezone.now()
    found = Q(outcome=Outcome.FOUND, asked_at__gt=now - KEPT)
    nothing = Q(outcome=Outcome.NOTHING, asked_at__gt=now - KEPT_NOTHING)
    asked = OutsideAnswer.objects.filter(service=service)
    return asked.filter(found | nothing, query=query).first() or asked.filter(found, name__iexact=query).first()


@transaction.atomic
def turn(service: str, query: str, wait: timedelta) -> OutsideAnswer | None:
    """The row of a question that may be sent at its `asked_at`; None if that is more than `wait` from now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    now = timezone.now()
    asked = OutsideAnswer.objects.filter(service=service)
    last: datetime | None = asked.aggregate(last=Max("asked_at"))["last"]
    at = max(now, last + EVERY) if last else now
    if at - now > wait or _left_alone(asked, now):
        return None
    asking = {"asked_at": at, "outcome": Outcome.ASKING, "answer": None, "name": ""}
    return OutsideAnswer.objects.update_or_create(service=service, query=query, defaults=asking)[0]


def _left_alone(asked: QuerySet[OutsideAnswer], now: datetime) -> bool:
    """Whether the service failed again and again, just now."""
    ended = asked.exclude(outcome=Outcome.ASKING).order_by("-asked_at")
    last = list(ended.values_list("outcome", "asked_at")[:FAILURES])
    return len(last) == FAILURES and all(o == Outcome.FAILED for o, _ in last) and now - last[0][1] < PAUSE


def forget_old() -> int:
    """Drop what is remembered no longer. Returns how many."""
    return OutsideAnswer.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()[0]
