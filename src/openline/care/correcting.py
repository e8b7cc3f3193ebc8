"""Changing what was said, on the network: our own message corrected or taken back, a resident's comment hidden.

Each is a delivery of its own, in the order of its conversation, and stands in the record with who wanted it and why.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from openline.care import speaking
from openline.channels.base import Outgoing
from openline.channels.outgoing import Action
from openline.channels.registry import channel_for
from openline.foundation.bulk import notify
from openline.foundation.ids import uuid7
from openline.inbox.models import Direction, Message
from openline.outbox.models import Delivery
from openline.outbox.sending import WAKE_SENDERS
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import NotPossible

_LABELS = {"edit": _lazy("corrections"), "delete": _lazy("deletions"), "hide": _lazy("hiding")}


@transaction.atomic
def correct(message: Message, text: str, *, by: User, key: str) -> None:
    """Give our message another text on the network. Raises NotPossible where that cannot be."""
    text = text.strip()
    _ours(message)
    if not text or text == message.text:
        raise NotPossible(_("Write the new text first."))
    if message.parts.exists():
        raise NotPossible(_("This message was sent as several posts: take it back, and say it again."))
    speaking.check_length(message.conversation, text, message.visibility == "private")
    _wish(message, "edit", by, key, text=text)


@transaction.atomic
def take_back(message: Message, reason: str, *, by: User, key: str) -> None:
    """Delete our message, with all its posts, on the network. Raises NotPossible without a reason."""
    _ours(message)
    for number, post in enumerate((message.network_id, *message.parts.values_list("network_id", flat=True))):
        _wish(message, "delete", by, f"{key}:{number}", reason=_given(reason), about=post)


@transaction.atomic
def hide(message: Message, reason: str, *, by: User, key: str) -> None:
    """Hide a resident's comment on the network, by a person's decision and a published rule."""
    if message.direction != Direction.IN or message.visibility != "public":
        raise NotPossible(_("Only a public comment can be hidden."))
    _wish(message, "hide", by, key, reason=_given(reason))


@transaction.atomic
def show(message: Message, reason: str, *, by: User, key: str) -> None:
    """Show a hidden comment again: an appeal was right, or it was hidden by mistake."""
    if not (message.details or {}).get("hidden"):
        raise NotPossible(_("This comment is not hidden."))
    _wish(message, "show", by, key, reason=_given(reason))


def _ours(message: Message) -> None:
    if message.direction != Direction.OUT or not message.network_id or message.deleted_at:
        raise NotPossible(_("Only what the city has said can be changed, once it is on the network."))


def _given(reason: str) -> str:
    if not reason.strip():
        raise NotPossible(_("Say why first: it stays on the record."))
    return reason.strip()


def _wish(
    message: Message, action: Action, by: User, key: str, *, text: str = "", reason: str = "", about: str = ""
) -> None:
    channel, needs = channel_for(message.conversation.account.network), "hide" if action == "show" else action
    if not getattr(channel.capabilities, needs):
        raise NotPossible(_("%(network)s has no %(what)s.") % {"network": channel.label, "what": _LABELS[needs]})
    if not getattr(channel.capabilities_of_post(message.network_id, message.visibility == "private"), needs):
        raise NotPossible(
            _("%(network)s has no %(what)s of a message of this kind.")
            % {"network": channel.label, "what": _LABELS[needs]}
        )
    wish = Outgoing(
        text,
        "private" if message.visibility == "private" else "public",
        in_reply_to=message.parent_network_id,
        in_reply_to_author=message.conversation.identity.network_user_id,
        to_handle=message.conversation.identity.handle,
        language=message.language,
        action=action,
        about=about or message.network_id,
    )
    now = timezone.now()
    delivery = Delivery(
        id=uuid7(),
        account_id=message.account_id,
        key=f"{message.pk}:{action}:{key}"[:200],
        thread=str(message.conversation_id),
        outgoing=wish.as_json(),
        next_try_at=now,
        created_at=now,
    )
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    body = {"what": action, "text": text, "reason": reason}
    log.write(
        [log.Entry(Kind.WRITTEN, by.get_username(), message.account_id, message.conversation_id, message.pk, body=body)]
    )
    notify(WAKE_SENDERS)
