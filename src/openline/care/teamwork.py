"""What staff do among themselves about a conversation: notes, handing over, putting off, taking back in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.changes import conversations_changed
from openline.inbox.models import Attention, Conversation, Direction, Mention, Message, Note, Status
from openline.outbox import actions as outbox
from openline.outbox.models import State
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import mentions
from openline.service_requests.actions import NotPossible
from openline.service_requests.assigning import called
from openline.service_requests.models import ServiceRequest

LONGEST_PUT_OFF = timedelta(days=92)


class AnsweredMeanwhile(NotPossible):
    """A colleague answered while this answer was being written; `confirm` says that it may still be sent."""

    confirm = "anyway"


def check_meanwhile(conversation: Conversation, seen: UUID | None, by: User) -> None:
    """Raise AnsweredMeanwhile if somebody else answered after the message `seen`, the newest when `by` began.

    Locks the conversation, so that of two who send at the same moment one is asked. Ids are in the order of writing.
    """
    if seen is None:
        return
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    newer = conversation.messages.filter(direction=Direction.OUT, written_by__isnull=False, pk__gt=seen)
    other = newer.exclude(written_by=by).exclude(delivery__state=State.CANCELLED).order_by("-id").first()
    if other and other.written_by:
        raise AnsweredMeanwhile(
            _("%(name)s answered meanwhile: “%(text)s” Send yours too, or leave it.")
            % {"name": called(other.written_by), "text": other.text[:200]}
        )


@transaction.atomic
def note(conversation: Conversation, text: str, *, by: User) -> Note:
    """Keep a note for colleagues; who is named in it with @ finds the conversation under "Mentions me"."""
    if not text.strip():
        raise NotPossible(_("Write the note first."))
    made = Note.objects.create(conversation=conversation, by=by, text=text.strip(), at=timezone.now())
    named = mentions.people(made.text)
    Mention.objects.bulk_create(Mention(note=made, user=user) for user in named if user != by)
    _decided(conversation, by, {"what": "note", "text": made.text})
    return made


@transaction.atomic
def hand_over(conversation: Conversation, to: User | None, *, by: User, text: str = "") -> None:
    """Give the conversation to a member of staff, or to nobody, with a note if there is something to say."""
    conversation.assigned_to = to
    conversation.save(update_fields=["assigned_to"])
    _decided(conversation, by, {"what": "assigned", "to": to.get_username() if to else ""})
    if text.strip():
        note(conversation, text, by=by)


@transaction.atomic
def put_off(conversation: Conversation, until: datetime | None, *, by: User) -> None:
    """Leave the conversation out of the lists of work till `until`, or till the resident writes; None: back now."""
    if until is not None:
        _check_put_off(conversation, until)
    conversation.put_off_until = until
    conversation.save(update_fields=["put_off_until"])
    _decided(conversation, by, {"what": "put off" if until else "brought back", "until": until})


def _check_put_off(conversation: Conversation, until: datetime) -> None:
    if conversation.status != Status.OPEN:
        raise NotPossible(_("Only what needs staff can be put off."))
    if conversation.attention == Attention.EMERGENCY:
        raise NotPossible(_("An emergency cannot be put off. Look after it, or mark it as handled."))
    now = timezone.now()
    if until <= now:
        raise NotPossible(_("Choose a time that is still to come."))
    if until > now + LONGEST_PUT_OFF:
        raise NotPossible(_("It can be put off for three months at most."))


@transaction.atomic
def open_again(conversation: Conversation, *, by: User) -> None:
    """A handled or waiting conversation needs a person after all."""
    if conversation.status == Status.OPEN:
        raise NotPossible(_("It is open already."))
    _open(conversation, Attention.LOOK, _("Opened again by %(name)s.") % {"name": by.get_username()})
    _decided(conversation, by, {"what": "opened again"})


@transaction.atomic
def undo(message: Message, *, by: User) -> str:
    """Take back an own answer that has not left yet; its text, to be written anew. The conversation is open again."""
    if message.written_by_id != by.pk or not message.purpose.startswith("staff:"):
        raise NotPossible(_("Only your own answers can be taken back before they leave."))
    if message.delivery_id is None or not outbox.cancel(message.delivery_id, by):
        raise NotPossible(_("Too late: it is on its way or was sent. Use “Correct or take back”."))
    conversation = message.conversation
    since = ServiceRequest.objects.filter(reports__conversation=conversation, first_answered_at__gte=message.kept_at)
    since.update(first_answered_at=None)
    _open(conversation, Attention.ANSWER, _("An answer was taken back before it left."))
    _decided(conversation, by, {"what": "answer taken back"})
    return message.text


def _open(conversation: Conversation, attention: Attention, why: str) -> None:
    conversation.status, conversation.why = Status.OPEN, why
    conversation.attention = max(conversation.attention, attention)
    conversation.save(update_fields=["status", "attention", "why"])


def _decided(conversation: Conversation, by: User, body: dict[str, Any]) -> None:
    log.write([log.Entry(Kind.DECIDED, by.get_username(), conversation.account_id, conversation.pk, body=body)])
    conversations_changed(conversation.pk)
