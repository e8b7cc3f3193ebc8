"""What an open conversation shows of the work of colleagues: notes, whom to hand it to, what can still be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from openline.console.once import staff
from openline.console.permissions import allowed, desk_staff
from openline.inbox import queries
from openline.inbox.models import Conversation, Direction, Message, Note, Status
from openline.outbox.models import State


def among_staff(request: HttpRequest, conversation: Conversation, messages: Sequence[Message]) -> dict[str, Any]:
    """The thread with the notes in it, and what the forms beside it need."""
    until = conversation.put_off_until
    return {
        "thread": _with_notes(request, conversation, messages),
        "newest_id": max((message.pk for message in messages), default=""),
        "may_undo": _may_undo(request, messages),
        "colleagues": desk_staff() if allowed(request.user, "triage") else (),
        "is_put_off": conversation.status == Status.OPEN and until is not None and until > timezone.now(),
    }


def answered_by_person(messages: Sequence[Message]) -> bool:
    """True if the last word is an answer of a member of staff: nothing has to be proposed any more."""
    last = next((m for m in reversed(messages) if not _taken_back(m)), None)
    return last is not None and last.direction == Direction.OUT and last.written_by_id is not None


def _taken_back(message: Message) -> bool:
    return message.delivery is not None and message.delivery.state == State.CANCELLED


def _with_notes(request: HttpRequest, conversation: Conversation, messages: Sequence[Message]) -> list[Message | Note]:
    """The thread with colleagues' notes where they were written; only who answers reads those."""
    written = queries.notes(conversation) if allowed(request.user, "answer") else []
    both = [(message.posted_at, message) for message in messages] + [(note.at, note) for note in written]
    return [one for _at, one in sorted(both, key=lambda pair: pair[0])]


def _may_undo(request: HttpRequest, messages: Sequence[Message]) -> set[UUID]:
    """The person's own answers that have not left yet."""
    own = (m for m in messages if m.written_by_id == staff(request).pk and m.purpose.startswith("staff:"))
    return {m.pk for m in own if m.delivery and m.delivery.state == State.WAITING}
