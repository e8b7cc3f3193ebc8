"""Public messages that belong to a question hour become questions; nothing is done for it while messages are read.

Conversations that were active since the hour began are found by their index, then their messages by theirs. A private
message is never a question.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.publishing.models import Question, QuestionHour, QuestionState

AFTER = timedelta(hours=2)
"""So long after the end what was posted in time is still looked for: a network may be late."""

_FIND = """
SELECT m.id FROM inbox_conversation c
JOIN inbox_message m ON m.conversation_id = c.id
JOIN inbox_identity i ON i.id = c.identity_id
WHERE c.last_message_at >= %(begins)s AND c.visibility = 'public' AND c.account_id = ANY(%(accounts)s::uuid[])
  AND m.direction = 'in' AND m.visibility = 'public' AND m.deleted_at IS NULL AND NOT i.ours
  AND m.posted_at >= %(begins)s AND m.posted_at < %(ends)s
  AND (m.text ~* %(hashtag)s OR EXISTS (
       SELECT 1 FROM publishing_published p JOIN publishing_variant v ON v.id = p.variant_id
       WHERE v.post_id = %(post)s AND p.account_id = m.account_id
         AND p.network_id IN (c.thread, m.parent_network_id)))
  AND NOT EXISTS (SELECT 1 FROM publishing_question q WHERE q.hour_id = %(hour)s AND q.message_id = m.id)
ORDER BY m.posted_at, m.id LIMIT 500
"""
_ANSWERED = """
UPDATE publishing_question q SET state = 'answered', host_id = COALESCE(a.written_by_id, q.host_id)
FROM inbox_message m, LATERAL (
  SELECT o.written_by_id FROM inbox_message o
  WHERE o.conversation_id = m.conversation_id AND o.direction = 'out' AND o.written_by_id IS NOT NULL
    AND o.posted_at > m.posted_at ORDER BY o.posted_at LIMIT 1) a
WHERE q.hour_id = %s AND q.state IN ('new', 'taken') AND m.id = q.message_id
"""


def find(hour: QuestionHour) -> int:
    """Put new questions on the board, and see which were answered in the inbox; how many are new."""
    now = timezone.now()
    if not hour.begins_at <= now <= hour.ends_at + AFTER:
        return 0
    rows = query(_FIND, {
        "begins": hour.begins_at, "ends": hour.ends_at, "hour": hour.pk, "post": hour.announcement_id,
        "accounts": list(hour.accounts.values_list("pk", flat=True)),
        "hashtag": rf"(^|[^[:alnum:]_])#{hour.hashtag}($|[^[:alnum:]_])",
    })  # fmt: skip
    questions = [Question(id=uuid7(), hour=hour, message_id=row[0], state=QuestionState.NEW) for row in rows]
    Question.objects.bulk_create(questions, ignore_conflicts=True)
    see_answers(hour)
    return len(rows)


def see_answers(hour: QuestionHour) -> None:
    """A question whose thread a person has answered since is answered, wherever that was done."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [hour.pk])


def find_all() -> int:
    """The same for all hours that are on, or were a short time ago."""
    now = timezone.now()
    on = QuestionHour.objects.filter(begins_at__lte=now, ends_at__gte=now - AFTER)
    return sum(find(hour) for hour in on)
