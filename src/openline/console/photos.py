"""Photos and files as the console shows them: with messages and requests, each in one query, as far as one may see."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from openline.console.permissions import Person, allowed, visible_conversations, visible_requests
from openline.files import queries
from openline.files.models import Attachment
from openline.inbox.models import Message


def with_photos(messages: Sequence[Message]) -> Sequence[Message]:
    """Give each message `photos`, what came with it, and `elsewhere`, what only its network shows."""
    found = queries.of_messages([message.pk for message in messages if message.media])
    for message in messages:
        photos = found.get(message.pk, [])
        here = {photo.position for photo in photos if photo.file_id}
        message.photos = photos  # type: ignore[attr-defined]
        message.elsewhere = [item for n, item in enumerate(message.media) if n not in here]  # type: ignore[attr-defined]
    return messages


def of_requests(user: Person, request_ids: Sequence[UUID]) -> dict[UUID, list[Attachment]]:
    """What `user` may see of the requests' photos; each knows the name of its `form` on the page."""
    found = queries.of_requests(request_ids) if request_ids else {}
    for photos in found.values():
        for photo in photos:
            photo.form = f"photo:{photo.pk}"  # type: ignore[attr-defined]
    if allowed(user, "move_request"):
        return found
    return {pk: [photo for photo in photos if photo.public] for pk, photos in found.items()}


def visible(user: Person, photo: Attachment) -> bool:
    """Whether `user` may see the photo: by its request, else by the conversation in which it came."""
    if photo.request_id:
        shown = photo.public or allowed(user, "move_request")
        return shown and visible_requests(user).filter(pk=photo.request_id).exists()
    return visible_conversations(user).filter(messages=photo.message_id).exists()
