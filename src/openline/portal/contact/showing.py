"""What the private page shows of a conversation: both sides, in their order, and nothing that staff write inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from openline.care.models import Offer, Report
from openline.channels.base import Incoming
from openline.channels.registry import channel_for
from openline.files import queries as files
from openline.files.models import Attachment
from openline.inbox.models import Conversation, Heard, HeardState, Message
from openline.portal.contact.door import NETWORK
from openline.portal.models import Talk
from openline.service_requests.models import ServiceRequest

MOST = 200


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `key` is its id on the page; `coming`: it is not read yet, or its photos are not taken in yet."""

    key: str
    by_city: bool
    text: str
    at: datetime
    message_id: UUID | None = None
    photos: tuple[Attachment, ...] = ()
    sent: tuple[dict[str, Any], ...] = ()
    coming: bool = False
    taken_back: bool = False
    corrected: bool = False


def conversations(talk: Talk) -> Any:
    """The inbox's conversations of this talk: one, as soon as the first message was read."""
    return Conversation.objects.filter(
        account_id=talk.account_id, identity__network=NETWORK, identity__network_user_id=talk.author
    )


def requests(talk: Talk) -> list[ServiceRequest]:
    """The requests that were reported or are followed in it, newest first."""
    followed = Report.objects.filter(conversation__in=conversations(talk)).order_by("-created_at", "-pk")
    return [one.request for one in followed.select_related("request__service")[:20]]


def asked_whether_same(talk: Talk) -> bool:
    """Whether the resident was asked if their request is one that was open already, and has not said yet."""
    mine = Report.objects.filter(conversation__in=conversations(talk)).values("request_id")
    return Offer.objects.filter(
        request_id__in=mine, answered=False, request__closed_at=None, other__closed_at=None
    ).exists()


def messages(talk: Talk) -> list[Said]:
    """All that was said, oldest first; what was just sent and waits to be read stands at the end."""
    newest = Message.objects.filter(conversation__in=conversations(talk)).exclude(network_id="")
    found = list(
        reversed(newest.select_related("delivery").prefetch_related("revisions").order_by("-posted_at", "-id")[:MOST])
    )
    photos = files.of_messages(one.pk for one in found)
    return [_said(one, photos.get(one.pk, [])) for one in found] + _waiting(talk, {one.network_id for one in found})


def _said(message: Message, photos: list[Attachment]) -> Said:
    ours = message.direction == "out"
    sent = message.delivery.outgoing.get("media", []) if ours and message.delivery else []
    return Said(
        message.network_id,
        ours,
        "" if message.deleted_at else message.text,
        message.posted_at,
        message.pk,
        () if ours or message.deleted_at else tuple(one for one in photos if one.file),
        () if message.deleted_at else tuple(sent),
        not ours and len(photos) < len(message.media),
        bool(message.deleted_at),
        ours and any(one.kind == "edited" for one in message.revisions.all()),
    )


def _waiting(talk: Talk, known: set[str]) -> list[Said]:
    """What lies at the door; what could not be read there stays to be seen by who wrote it."""
    at_the_door = Heard.objects.filter(
        account_id=talk.account_id, state__in=[HeardState.WAITING, HeardState.REFUSED],
        event_id__startswith=f"{talk.pk.hex}.",
    )  # fmt: skip
    found = []
    for one in at_the_door.order_by("id")[:20]:
        read = channel_for(NETWORK).parse(bytes(one.raw))
        if isinstance(read, Incoming) and read.network_id not in known:
            found.append(Said(read.network_id, False, read.text, one.received_at, coming=True))
    return found


def photo(talk: Talk, photo_id: UUID) -> Attachment | None:
    """A photo that came or went in this conversation."""
    of_talk = Message.objects.filter(conversation__in=conversations(talk)).values("pk")
    found = Attachment.objects.filter(pk=photo_id, message_id__in=of_talk, request_id=None)
    return found.select_related("file").first()


def sent_file(talk: Talk, message_id: UUID, number: int) -> dict[str, Any] | None:
    """What the city sent with a message: its key in the storage and its media type."""
    message = Message.objects.filter(
        pk=message_id, conversation__in=conversations(talk), direction="out", deleted_at=None
    )
    found = message.exclude(network_id="").select_related("delivery").first()
    media = found.delivery.outgoing.get("media", []) if found and found.delivery else []
    return media[number] if number < len(media) else None
