"""A resident's answer to "where is it?" that the gazetteer does not know: asked of an outside geocoder, afterwards.

Never on the way of a message: a job asks when the message is done. What is found stands in the place field of the
console and calls for a look; a person confirms it. Without an outside geocoder nothing here happens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from openline.care import places
from openline.care.acting import Done
from openline.care.decide import Act
from openline.foundation.changes import conversations_changed
from openline.foundation.text import shorten
from openline.geography.place import Place
from openline.inbox.models import Attention, Conversation, Message, Status
from openline.records import log
from openline.records.models import Kind
from openline.triage.models import Assessment

TASK = "openline.care.tasks.ask_outside_geocoder"
LAST = -10
LONGEST = 80
"""A place is named in fewer characters. A longer answer says more than a place, and stays here."""
_LEAD = re.compile(
    r"^(?:(?:it|that|this)(?:'?s| is| was)?|i am|i'm|im|está|esta|es)?\W*"
    r"(?:(?:right|just|over|down|up)\s)?(?:(?:at|on|in|near|by|next to|across from|in front of|behind|outside(?: of)?"
    r"|en|cerca del?|frente al?|al lado del?)\s)?(?:the\s)?",
    re.I,
)


def ask_later(done: Sequence[Done]) -> None:
    """Queue a job for each answer that named no place known here, in the transaction of the messages."""
    if settings.GEOCODER is None:
        return
    jobs: list[JSONDict] = [{"message_id": str(item.kept.message_id)} for item in done if _names_no_known_place(item)]
    if jobs:
        app.configure_task(TASK, priority=LAST).batch_defer(*jobs)


def _names_no_known_place(item: Done) -> bool:
    decision = item.decision
    unknown = decision.act in (Act.ASK_PLACE, Act.LOOK) and decision.place is None and decision.unclear is None
    public = item.situation.visibility == "public" and item.kept.incoming.visibility == "public"
    return bool(item.situation.asked) and unknown and public and not item.kept.ours


def locate(message_id: UUID) -> str:
    """Ask about one answer, and show staff what is found. Returns what became of it, in a word."""
    message = Message.objects.select_related("conversation__identity", "assessment").get(pk=message_id)
    text = _place_words(message.text)
    if settings.GEOCODER is None or message.deleted_at or not text:
        return "not asked"
    place = places.look_outside(text)
    if place is None:
        return "not found"
    _show(message, place, settings.GEOCODER.label)
    return "found"


def _place_words(text: str) -> str:
    """The answer without the handles and small words before the place; "" if it is too long to be only a place."""
    bare = re.sub(r"^(\s*(@\S+|nostr:\S+))+", "", text).strip()
    return "" if len(bare) > LONGEST else _LEAD.sub("", bare).strip(" .!?,")


@transaction.atomic
def _show(message: Message, place: Place, service: str) -> None:
    """Put the place where staff find it, and on the record."""
    reason = f"place: {service} finds {place.name}"
    found = Assessment.objects.select_for_update().get(pk=message.pk)
    found.place = places.as_dict(place) | {"confidence": place.confidence}
    found.reasons = [one for one in found.reasons if not one.startswith("place: ")] + [reason]
    found.save(update_fields=["place", "reasons"])
    why = f"{service} finds “{place.name}” for the place that the resident named: please check."
    untouched = Q(attention__lt=Attention.LOOK) | Q(why=shorten(found.decision_reason, 300))
    Conversation.objects.filter(untouched, pk=message.conversation_id).exclude(status=Status.DONE).update(
        status=Status.OPEN, attention=Attention.LOOK, why=shorten(why, 300)
    )
    body = {"what": "found outside", "service": service, "place": place.name}
    entry = log.Entry(Kind.DECIDED, "openline", message.account_id, message.conversation_id, message.pk, body=body)
    log.write([entry])
    conversations_changed(message.conversation_id)
