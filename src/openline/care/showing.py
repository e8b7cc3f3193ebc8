"""A photo that goes out with an answer: described, made anew without metadata, and kept with the message."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from openline.channels.base import OutgoingMedia
from openline.channels.registry import channel_for
from openline.files import attaching, published
from openline.files.models import File
from openline.inbox.models import Conversation, Message
from openline.service_requests.actions import NotPossible


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture and its description for who cannot see it."""

    file: File
    alt: str


def outgoing(conversation: Conversation, photo: Shown) -> OutgoingMedia:
    """The photo as the conversation's network gets it. Raises NotPossible, saying why, if it takes none."""
    channel = channel_for(conversation.account.network)
    can = conversation.account.capabilities
    if not any(rule.kind == "image" for rule in can.media):
        raise NotPossible(_("%(network)s takes no photos from us.") % {"network": channel.label})
    if not photo.file.is_picture:
        raise NotPossible(_("Choose a photo: JPEG, PNG or WebP."))
    if not photo.alt.strip():
        raise NotPossible(_("Describe the photo for who cannot see it."))
    file = photo.file
    return OutgoingMedia(
        file.view,
        "image/jpeg",
        "photo.jpg",
        photo.alt.strip(),
        file.width or 0,
        file.height or 0,
        url=published.address(file.view) if can.fetches_media else "",
    )


def keep(message: Message, photo: Shown) -> None:
    """The photo stands with the message, for staff and for the record."""
    attaching.to_message(message.pk, 0, photo.file, alt=photo.alt, private=message.visibility == "private", sent=True)
