"""Fetching the photos of messages from their networks, by a job: never on the way of a message.

A photo that says where it was taken answers our question for the place: the message is read again with that position,
as if the network had told it, and what follows goes the usual way.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from openline.care import acting, photos
from openline.care.decide import Act, Known, decide
from openline.care.events import DISCUSSION
from openline.care.understanding import Understanding, understanding
from openline.channels.base import ChannelError, Incoming, Media, NetworkDown, RateLimited
from openline.channels.registry import channel_for
from openline.files import attaching
from openline.files.content import MOST_BYTES
from openline.files.keeping import MOST_FILES, Kept, Refused, ScannerDown, keep
from openline.files.models import Attachment
from openline.foundation.changes import conversations_changed, request_changed
from openline.foundation.fetching import FetchFailed, fetch
from openline.geography.place import Place
from openline.inbox import queries
from openline.inbox.keeping import Kept as KeptMessage
from openline.inbox.models import Conversation, Message
from openline.outbox.actions import withdraw
from openline.outbox.models import Delivery
from openline.triage.assessment import Assessment, Post, Reason, place_json
from openline.triage.models import Assessment as AssessmentRow

TASK = "openline.care.tasks.fetch_photos"
TRIES, WAIT_BASE = 6, 6
"""So many tries, the next one after 6, 36, 216, ... seconds: two and a half hours in all."""
_NOT_FETCHED = ("video", "gifv", "audio")
_Place = tuple[float, float]

logger = structlog.get_logger("openline.care")


class TryAgain(Exception):
    """A server was in trouble; it may be over soon."""


def fetch_later(done: Sequence[acting.Done]) -> None:
    """Queue a job, in the transaction of the messages, for each with photos that the city has something to do with."""
    _queue([item.kept.message_id for item in done if item.kept.incoming.media and _matters(item)])


def fetch_of(message: Message) -> None:
    """Queue the photos of a message from which staff open a request, if they were not fetched before."""
    if message.media and not Attachment.objects.filter(message_id=message.pk).exists():
        _queue([message.pk])


def _matters(item: acting.Done) -> bool:
    """Spam and talk that asks nothing are not fetched; what is added to a report is, and what neighbors show."""
    if item.kept.ours or item.kept.edited:
        return False
    belongs = item.situation.request_id or item.situation.intake_id or DISCUSSION in item.kept.incoming.facts
    return item.decision.act != Act.KEEP or bool(belongs)


def _queue(message_ids: Sequence[UUID]) -> None:
    jobs: list[JSONDict] = [{"message_id": str(pk)} for pk in message_ids]
    if jobs:
        app.configure_task(TASK).batch_defer(*jobs)


def fetch_photos(message_id: UUID, *, again: bool) -> int:
    """Fetch what the message shows and is not here yet; returns how many files are here then.

    With `again`, raises TryAgain if another try may help; without, what failed is shown to staff with the reason.
    """
    message = Message.objects.select_related("conversation__account", "conversation__identity").get(pk=message_id)
    here = Attachment.objects.filter(message_id=message_id, request_id=None)
    known = set(here.values_list("position", flat=True))
    left = False
    for position, item in enumerate(message.media[:MOST_FILES]):
        if position in known or item.get("kind") in _NOT_FETCHED or message.deleted_at:
            continue
        left |= not _fetch_one(message, position, item, again)
    if left:
        raise TryAgain(f"message {message_id}")
    return here.filter(file__isnull=False).count()


def _fetch_one(message: Message, position: int, item: dict[str, str], again: bool) -> bool:
    """Fetch one file and put it where it belongs; False if it is to be tried again later."""
    own = message.conversation.account.server if settings.FETCH_OWN_SERVERS else ""
    kept, problem = None, ""
    try:
        kept = keep(_bytes(message, item, own))
    except (FetchFailed, ScannerDown) as error:
        if again and (isinstance(error, ScannerDown) or error.passing):
            return False
        problem = str(error) if isinstance(error, FetchFailed) else "The virus scanner does not answer."
    except Refused as error:
        problem = str(error)
    if problem:
        logger.info("photo_not_taken", message=str(message.pk), position=position, passing=again)
    _put(message, position, item.get("alt", ""), kept, problem)
    return True


def _bytes(message: Message, item: dict[str, str], own: str) -> bytes:
    """The file as its channel gives it out, else from its public address. Raises FetchFailed."""
    account = message.conversation.account
    media = Media(item.get("url", ""), item.get("kind", ""), item.get("alt", ""))
    try:
        found = channel_for(account.network).fetch(account.ref(), queries.delivery_of(message), media, MOST_BYTES)
    except ChannelError as error:
        raise FetchFailed(error.reason, passing=isinstance(error, NetworkDown | RateLimited)) from error
    return fetch(media.url, most_bytes=MOST_BYTES, own=own) if found is None else found


@transaction.atomic
def _put(message: Message, position: int, alt: str, kept: Kept | None, problem: str) -> None:
    """The photo stands with its message and its request, and tells the place where it is still missing.

    The conversation is locked: the reader of a new message of the same resident waits, or we for it.
    """
    Conversation.objects.select_for_update(of=("self",)).get(pk=message.conversation_id)
    private = "private" in (message.visibility, message.conversation.visibility)
    file = kept.file if kept else None
    if attaching.to_message(message.pk, position, file, alt=alt, problem=problem, private=private) is None:
        return
    photos.arrived(message)
    if kept and kept.position:
        _located(message, kept.position)
    conversations_changed(message.conversation_id)
    for one in Attachment.objects.filter(message_id=message.pk, position=position):
        if one.request_id:
            request_changed(one.request_id)


def _located(message: Message, position: _Place) -> None:
    """Use where the photo was taken: as the answer to our question, else as a suggestion to staff; then forget it."""
    known = understanding()
    place = known.gazetteer.describe(*position) if known.gazetteer else None
    if place is None:
        return
    situation = acting.situations([message.conversation_id])[message.conversation_id]
    if situation.intake_id and situation.intake_service:
        _complete(message, place, situation, known)
    elif not situation.request_id:
        AssessmentRow.objects.filter(message_id=message.pk, place__isnull=True).update(place=place_json(place))


def _complete(message: Message, place: Place, situation: acting.Situation, known: Understanding) -> None:
    """Decide on the message again, now that its place is known; only if that completes the request, it is done."""
    assessed = _assess(message, place, known)
    facts = Known(
        kinds=known.kinds,
        placeless=known.placeless,
        machine_answers=situation.machine_answers,
        asked=situation.asked,
        intake_service=situation.intake_service,
    )
    decision = decide(assessed, facts)
    if decision.act != Act.COMPLETE:
        return
    decision = decision._replace(reason=f"The photo says where: {place.name}.")
    asked = Delivery.objects.filter(
        message__conversation=message.conversation_id, message__purpose__startswith="ask_place:"
    )
    withdraw(asked)
    acting.carry_out([acting.Done(_as_kept(message), assessed, decision, situation)], known)


def _assess(message: Message, place: Place, known: Understanding) -> Assessment:
    post = Post(str(message.pk), message.text, message.language, place.lat, place.lon)
    [assessed] = known.reader.assess([post])
    reasons = tuple(reason for reason in assessed.reasons if reason.step != "place")
    return assessed._replace(place=place, reasons=(*reasons, Reason("place", f"the photo was taken at {place.name}")))


def _as_kept(message: Message) -> KeptMessage:
    """The message as the reader's loop holds it; it was assessed before, as one that was edited was."""
    conversation = message.conversation
    incoming = Incoming("post", message.network_id, message.network_id, b"", text=message.text)
    return KeptMessage(
        message.pk,
        conversation.pk,
        message.account_id,
        conversation.identity_id,
        conversation.account.network,
        incoming,
        message.posted_at,
        timezone.now(),
        conversation.thread,
        conversation.identity.handle,
        ours=False,
        edited=True,
    )
