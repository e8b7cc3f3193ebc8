"""What becomes of words that break a published rule, or may: flagged by neighbors, held, shown or hidden by a person.

A machine and a liaison can hold words until staff have looked; only staff hide them, by a published rule, and who wrote
them is told and can appeal once. All of it stands on the record.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.care import correcting
from openline.community import moderation_rules
from openline.community.models import ClosedThread, Comment, CommentState, Flag, Member
from openline.files.models import Attachment
from openline.foundation.text import clean
from openline.inbox.models import Message
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import NotPossible

FLAGS_A_DAY = 20
HOLD_FROM = 3
"""From so many flags on, words are held until a person has looked."""
APPEAL_WITHIN = timedelta(days=30)


@transaction.atomic
def flag(message_id: UUID, rule: str, *, by: Member) -> None:
    """A member says that words break a published rule; saying it twice counts once. Raises NotPossible."""
    found = _public(message_id)
    if rule not in dict(moderation_rules.choices()):
        raise NotPossible(_("Choose the rule that it breaks."))
    if found.by_id in (None, by.pk):
        raise NotPossible(_("These words cannot be reported."))
    now = timezone.now()
    if Flag.objects.filter(member=by, at__gt=now - timedelta(days=1)).count() >= FLAGS_A_DAY:
        raise NotPossible(_("You reported a lot today. Please try again tomorrow."))
    _flag, new = Flag.objects.get_or_create(message_id=message_id, member=by, defaults={"rule": rule, "at": now})
    if not new:
        return
    found.look = True
    open_flags = Flag.objects.filter(message_id=message_id, settled_at=None).count()
    if open_flags >= HOLD_FROM and found.decided_at is None:
        found.state, found.why = CommentState.WAITING, f"Reported by {open_flags} neighbors."
    found.save(update_fields=["look", "state", "why"])
    _record(found, by.author, "flagged", rule=rule)


@transaction.atomic
def hold(message: Message, by: Member) -> None:
    """A liaison holds words until staff have looked. The caller knows that `by` may; raises NotPossible."""
    found = _public(message.pk)
    if found.by_id is None:
        raise NotPossible(_("What the city said cannot be held."))
    if found.decided_at:
        raise NotPossible(_("Staff looked at these words already, and let them stand."))
    found.state, found.look, found.why = CommentState.WAITING, True, "Held by a liaison of the neighborhood."
    found.save(update_fields=["state", "look", "why"])
    _record(found, by.author, "held")


@transaction.atomic
def show(message_id: UUID, *, by: User, photos: bool = True) -> None:
    """Staff looked: the words stand, with the pictures unless `photos` is False. Flags are settled."""
    found = _locked(message_id)
    was = found.state
    found.state, found.rule, found.why, found.photos = CommentState.SHOWN, "", "", photos
    _decided(found, by)
    pictures = Attachment.objects.filter(message_id=message_id, request_id=None, private=False)
    pictures.exclude(file=None).exclude(file__view="").update(public=photos)
    if was == CommentState.HIDDEN:
        found.message.details = {k: v for k, v in (found.message.details or {}).items() if k != "hidden"} or None
        found.message.save(update_fields=["details"])
    _record(found, by.get_username(), "kept", before=was, photos=photos)


@transaction.atomic
def hide(message_id: UUID, rule: str, *, by: User, key: str) -> None:
    """Staff hide the words by a published rule. `key` is the id of the form. Raises NotPossible."""
    found = _locked(message_id)
    if rule not in dict(moderation_rules.choices()):
        raise NotPossible(_("Choose the published rule that it breaks."))
    if found.by_id is None:
        raise NotPossible(_("What the city said is taken back, not hidden."))
    if found.state != CommentState.HIDDEN:
        correcting.hide(found.message, moderation_rules.name(rule), by=by, key=key)
    found.state, found.rule, found.photos = CommentState.HIDDEN, rule, False
    _decided(found, by)
    Attachment.objects.filter(message_id=message_id, request_id=None).update(public=False)
    _record(found, by.get_username(), "hide", rule=rule)


@transaction.atomic
def appeal(message_id: UUID, words: str, *, by: Member) -> None:
    """Who wrote hidden words asks for another look, once, within 30 days. Raises NotPossible."""
    found, words = _locked(message_id), clean(words, 500)
    if found.by_id != by.pk or found.state != CommentState.HIDDEN:
        raise NotPossible(_("Only who wrote hidden words can ask for another look."))
    if not may_appeal(found):
        raise NotPossible(_("You asked for another look already, or more than 30 days went by."))
    if not words:
        raise NotPossible(_("Say why you see it differently."))
    found.appeal, found.appealed_at, found.look = words, timezone.now(), True
    found.save(update_fields=["appeal", "appealed_at", "look"])
    _record(found, by.author, "appealed", text=words)


def may_appeal(comment: Comment) -> bool:
    """Whether who wrote the hidden words can still ask for another look."""
    decided = comment.decided_at
    return comment.appealed_at is None and decided is not None and timezone.now() - decided < APPEAL_WITHIN


@transaction.atomic
def close(thread: str, reason: str, *, by: User) -> None:
    """Nobody writes in the discussion any more. Raises NotPossible without a reason: everybody reads it."""
    reason = clean(reason, 300)
    if not reason:
        raise NotPossible(_("Say why: everybody reads it there."))
    ClosedThread.objects.update_or_create(thread=thread, defaults={"reason": reason, "by": by, "at": timezone.now()})
    _note(by.get_username(), "discussion closed", thread=thread, reason=reason)


@transaction.atomic
def open_again(thread: str, *, by: User) -> None:
    """People write in the discussion again."""
    if ClosedThread.objects.filter(thread=thread).delete()[0]:
        _note(by.get_username(), "discussion opened again", thread=thread)


def _locked(message_id: UUID) -> Comment:
    found = Comment.objects.select_for_update(of=("self",)).select_related("message__conversation").filter(
        pk=message_id
    ).first()  # fmt: skip
    if found is None or found.message.deleted_at:
        raise NotPossible(_("These words are not here any more. Load the page again."))
    return found


def _public(message_id: UUID) -> Comment:
    found = _locked(message_id)
    if found.state != CommentState.SHOWN:
        raise NotPossible(_("These words are not here any more. Load the page again."))
    return found


def _decided(comment: Comment, by: User) -> None:
    now = timezone.now()
    comment.decided_at, comment.decided_by, comment.look = now, by, False
    comment.save()
    Flag.objects.filter(message_id=comment.pk, settled_at=None).update(settled_at=now, settled_by=by)


def _record(comment: Comment, actor: str, what: str, **more: object) -> None:
    message = comment.message
    body = {"what": what, "thread": comment.thread, **more}
    log.write([log.Entry(Kind.CHANGED, actor, message.account_id, message.conversation_id, message.pk, body=body)])


def _note(actor: str, what: str, **more: object) -> None:
    log.write([log.Entry(Kind.CHANGED, actor, body={"what": what, **more})])
