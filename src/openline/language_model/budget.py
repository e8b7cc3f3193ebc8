"""What may be spent, counted in the database, so that neither a restart nor a second worker spends it twice."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, F, Sum
from django.utils import timezone

from openline.inbox.models import Message
from openline.language_model.answer import Completion
from openline.language_model.client import TROUBLE, Outcome, Reply
from openline.language_model.models import Call
from openline.language_model.settings import Settings

DAY = timedelta(days=1)
FAILURES = 5
"""After so many troubles in a row the server is left alone..."""
PAUSE = timedelta(minutes=5)
"""... for so long; then one call tries again."""
_LOCK = 0x6C616E67
"""Key of the advisory lock under which calls are counted."""
_ANSWER_KEPT = 4000
_BYTES_A_TOKEN = 3
"""An estimate on the high side: English has some four bytes a token, Chinese three."""


class NotNow(Exception):
    """No call is made; the words say why."""


def used() -> tuple[int, int]:
    """Calls and tokens of the last 24 hours."""
    since = Call.objects.filter(at__gt=timezone.now() - DAY)
    found = since.aggregate(calls=Count("pk"), tokens=Sum(F("tokens_in") + F("tokens_out")))
    return found["calls"], found["tokens"] or 0


@transaction.atomic
def reserve(settings: Settings, size: int, message: Message | None) -> Call:
    """Write down a call of `size` bytes before it is made, at what it may cost. Raises NotNow beyond the budget."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    _pause()
    tokens_in = size // _BYTES_A_TOKEN
    calls, tokens = used()
    if calls >= settings.calls_a_day:
        raise NotNow(f"The budget of {settings.calls_a_day:,} calls in 24 hours is used up.")
    if tokens + tokens_in + settings.max_tokens > settings.tokens_a_day:
        raise NotNow(f"The budget of {settings.tokens_a_day:,} tokens in 24 hours is used up.")
    call = Call(
        message=message,
        model=settings.model[:200],
        at=timezone.now(),
        outcome=Outcome.ASKING,
        tokens_in=tokens_in,
        tokens_out=settings.max_tokens,
    )
    call.cost = _cost(settings, call)
    call.save(force_insert=True)
    return call


def _pause() -> None:
    """Raise NotNow while a server that failed again and again is left alone."""
    last = Call.objects.exclude(outcome=Outcome.ASKING).order_by("-id").values_list("outcome", "at")[:FAILURES]
    if len(last) == FAILURES and all(outcome in TROUBLE for outcome, _ in last) and timezone.now() - last[0][1] < PAUSE:
        raise NotNow(f"The server failed {FAILURES} times in a row: it is left alone for some minutes.")


def close(settings: Settings, call: Call, reply: Reply, said: Completion, began: float) -> None:
    """Complete the call with what it came to. What ran out of time may have been worked on: it stays as estimated."""
    call.outcome, call.status, call.detail = reply.outcome, reply.status, reply.detail[:300]
    call.answer, call.ms = said.content[:_ANSWER_KEPT].replace("\0", ""), round(1000 * (time.monotonic() - began))
    if reply.outcome not in (Outcome.ANSWERED, Outcome.OFF_SCHEMA, Outcome.SLOW, Outcome.TOO_LARGE):
        call.tokens_in = call.tokens_out = 0
    call.tokens_in = call.tokens_in if said.tokens_in is None else said.tokens_in
    call.tokens_out = call.tokens_out if said.tokens_out is None else said.tokens_out
    call.cost = _cost(settings, call)
    call.save()


def _cost(settings: Settings, call: Call) -> Decimal:
    return Decimal(str(round((call.tokens_in * settings.price_in + call.tokens_out * settings.price_out) / 1000, 6)))
