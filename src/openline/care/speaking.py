"""Saying something in a conversation: the message and its delivery, written together, once for each purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from openline.care import quiet
from openline.channels import parts
from openline.channels.base import Channel, Outgoing, OutgoingMedia, Rejected, Room
from openline.channels.registry import channel_for
from openline.foundation.bulk import append_rows, insert_rows, notify
from openline.foundation.changes import conversations_changed
from openline.foundation.ids import uuid7
from openline.inbox import queries, regaining
from openline.inbox.models import Conversation, Message
from openline.outbox import restoring
from openline.outbox.models import HELD, Delivery, State
from openline.outbox.sending import WAKE_SENDERS
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import NotPossible


@dataclass(slots=True)
class Saying:
    """One thing to be said. `purpose` makes it unique in its conversation: the same is never said twice."""

    conversation_id: UUID
    account_id: UUID
    thread: str
    visibility: str
    text: str
    purpose: str
    in_reply_to: str
    in_reply_to_author: str
    to_handle: str
    language: str = ""
    by: User | None = None
    subject: str = ""
    references: tuple[str, ...] = ()
    media: tuple[OutgoingMedia, ...] = ()
    hold: timedelta = timedelta(0)
    about: datetime | None = None
    """When that was posted to which the machine says it."""


EMERGENCY = "emergency"
"""The purpose of the answer to danger."""
STILL_DANGER = timedelta(hours=1)
"""So old a post may be for that answer to leave after a restore, if the network shows that it was not said."""
AT_ONCE = "at_once:"
"""Beginning of the purpose of what the network's rules want said without delay (`Channel.answer_at_once`)."""


def language_of(message: Message) -> str:
    """The language of a resident's message: what triage found, else the network's own word."""
    assessment = getattr(message, "assessment", None)
    found = assessment.language if assessment else ""
    return found if found not in ("", "und") else message.language


_MESSAGE = (
    "id",
    "conversation_id",
    "account_id",
    "direction",
    "network_id",
    "uri",
    "url",
    "parent_network_id",
    "text",
    "language",
    "visibility",
    "media",
    "posted_at",
    "kept_at",
    "written_by_id",
    "purpose",
    "delivery_id",
)
_DELIVERY = {
    "id": "uuid",
    "account_id": "uuid",
    "key": "text",
    "thread": "text",
    "outgoing": "jsonb",
    "state": "text",
    "steps": "jsonb",
    "attempts": "int4",
    "next_try_at": "timestamptz",
    "error_kind": "text",
    "error": "text",
    "created_at": "timestamptz",
}


def say_all(sayings: Sequence[Saying]) -> list[UUID]:
    """Put all `sayings` on their way in the caller's transaction; returns the ids of the messages really new.

    Nothing is said to who asked for no more messages, but that we heard it, where the network's rules want that.
    """
    refusing = queries.opted_out({saying.conversation_id for saying in sayings})
    sayings = [s for s in sayings if s.conversation_id not in refusing or s.purpose.startswith(AT_ONCE)]
    if not sayings:
        return []
    now = timezone.now()
    by_delivery = {uuid7(): saying for saying in sayings}
    held = {i for i, saying in by_delivery.items() if saying.by is None and restoring.from_before(saying.about)}
    written = insert_rows(
        "outbox_delivery",
        _DELIVERY,
        [_delivery(i, saying, now, i in held) for i, saying in by_delivery.items()],
        conflict="(key) DO NOTHING",
        returning="id",
    )
    new = [(delivery_id, uuid7(), by_delivery[delivery_id]) for (delivery_id,) in written]
    append_rows("inbox_message", _MESSAGE, (_message(*item, now) for item in new))
    log.write(
        [
            log.Entry(
                Kind.WRITTEN,
                s.by.get_username() if s.by else "openline",
                s.account_id,
                s.conversation_id,
                m,
                body={"text": s.text, "purpose": s.purpose, "visibility": s.visibility},
            )
            for _d, m, s in new
        ]
    )
    if new:
        notify(WAKE_SENDERS)
    if held:
        _settle_held([(delivery_id, saying) for delivery_id, _m, saying in new if delivery_id in held], now)
    return [message_id for _d, message_id, _s in new]


def _settle_held(held: Sequence[tuple[UUID, Saying]], now: datetime) -> None:
    """After a restore: what stands on the network is said, the others wait for a person; but danger that is fresh, and
    to which the network shows no answer, is answered."""
    accounts = {saying.account_id for _id, saying in held}
    regaining.adopt(accounts)
    listed = {account for account in accounts if regaining.is_listed(account)}
    known = [(i, s) for i, s in held if s.account_id in listed and s.visibility == "public"]
    still = Delivery.objects.filter(state=State.FAILED, error_kind=HELD)
    still.filter(pk__in=[i for i, _s in known]).update(error=_to_staff(_HELD_UNANSWERED))
    fresh = [i for i, s in known if s.purpose == EMERGENCY and s.about and s.about > now - STILL_DANGER]
    still.filter(pk__in=fresh).update(state=State.WAITING, error="", error_kind="")


_HELD_UNANSWERED = gettext_noop("The network shows no answer of ours to it.")
_HELD_UNKNOWN = gettext_noop("It may have been said before the restore, and this network does not tell.")


def _to_staff(words: str) -> str:
    """In the city's language, whatever the language of the resident."""
    with translation.override(settings.LANGUAGE_CODE):
        return _(words)


def _delivery(delivery_id: UUID, saying: Saying, now: datetime, held: bool) -> tuple[Any, ...]:
    outgoing = Outgoing(
        saying.text,
        "private" if saying.visibility == "private" else "public",
        saying.in_reply_to,
        saying.in_reply_to_author,
        saying.thread,
        saying.to_handle,
        saying.language,
        subject=saying.subject,
        references=saying.references,
        media=saying.media,
        automatic=saying.by is None,
        unsubscribe=quiet.address(saying.conversation_id) if saying.purpose.startswith(quiet.NEWS) else "",
    )
    return (
        delivery_id,
        saying.account_id,
        f"{saying.conversation_id}:{saying.purpose}"[:200],
        f"{saying.conversation_id}",
        orjson.dumps(outgoing.as_json()).decode(),
        State.FAILED if held else State.WAITING,
        "{}",
        0,
        now + saying.hold,
        HELD if held else "",
        _to_staff(_HELD_UNKNOWN) if held else "",
        now,
    )


def _message(delivery_id: UUID, message_id: UUID, saying: Saying, now: datetime) -> tuple[Any, ...]:
    return (
        message_id,
        saying.conversation_id,
        saying.account_id,
        "out",
        "",
        "",
        "",
        saying.in_reply_to,
        saying.text,
        saying.language,
        saying.visibility,
        "[]",
        now,
        now,
        saying.by.pk if saying.by else None,
        saying.purpose[:40],
        delivery_id,
    )


@transaction.atomic
def say(
    conversation: Conversation,
    text: str,
    *,
    purpose: str,
    by: User | None,
    media: tuple[OutgoingMedia, ...] = (),
    private: bool = False,
    hold: timedelta = timedelta(0),
) -> Message | None:
    """Say `text` in `conversation`, under the resident's newest message; `private`: to the resident alone. It leaves
    after `hold`, and can be taken back till then.

    Raises NotPossible if the network does not take so long a text. Said before for the same purpose,
    the earlier message comes back and nothing is said again. None if the resident wants no more messages.
    """
    check_length(conversation, text, private or conversation.visibility == "private")
    newest = conversation.messages.filter(direction="in").exclude(network_id="").order_by("-posted_at", "-id").first()
    details = (newest.details if newest else None) or {}
    saying = Saying(
        conversation.pk,
        conversation.account_id,
        conversation.thread,
        "private" if private else conversation.visibility,
        text,
        purpose,
        newest.network_id if newest else "",
        conversation.identity.network_user_id,
        conversation.identity.handle,
        newest.language if newest else "",
        by,
        details.get("subject", ""),
        (*details.get("references", ()), newest.network_id) if newest and details else (),
        media,
        hold,
        newest.posted_at if newest and restoring.is_fresh() else None,
    )
    written = say_all([saying])
    if written:
        conversations_changed(conversation.pk)
        return Message.objects.get(pk=written[0])
    return Message.objects.filter(delivery__key=f"{conversation.pk}:{purpose}"[:200]).first()


def check_length(conversation: Conversation, text: str, private: bool) -> None:
    """Raise NotPossible, with the numbers, if the conversation's network has no way to say so long a text."""
    channel, room = channel_for(conversation.account.network), room_for(conversation, private)
    length, limit = channel.length(text), room.text_limit
    if not limit or length <= limit:
        return
    if room.too_long == "thread":
        return _check_parts(channel, text, limit)
    raise NotPossible(
        _("The text has %(length)d characters; %(network)s takes %(limit)d. Please shorten it.")
        % {"length": length, "network": channel.label, "limit": limit}
    )


def room_for(conversation: Conversation, private: bool) -> Room:
    """How long an answer may be, in public or in `private`: what the network takes, less the handle put in front."""
    room = conversation.account.capabilities.room(private)
    left = max(1, room.text_limit - len(conversation.identity.handle) - 2)
    return replace(room, text_limit=left) if room.text_limit else room


def _check_parts(channel: Channel, text: str, room: int) -> None:
    try:
        parts.split(text, room, channel.length)
    except Rejected as error:
        raise NotPossible(
            _("The text is too long for %(network)s, even as several posts. Please shorten it.")
            % {"network": channel.label}
        ) from error


def check_welcome(conversation: Conversation) -> None:
    """Raise NotPossible if the resident asked for no more messages."""
    if conversation.identity.opted_out_at:
        raise NotPossible(_("This person asked for no more messages on this network. Nothing was sent."))
