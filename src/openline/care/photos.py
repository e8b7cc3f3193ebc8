"""Which request the photos in a conversation belong to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from openline.care.models import Intake, Report
from openline.files import attaching
from openline.foundation.bulk import array, query
from openline.inbox.models import Message

_FREE = """SELECT m.id, k.request_id FROM unnest(%s::uuid[], %s::uuid[]) AS k(conversation_id, request_id)
JOIN inbox_message m ON m.conversation_id = k.conversation_id AND m.direction = 'in' AND m.media <> '[]'::jsonb
WHERE NOT EXISTS (SELECT 1 FROM files_attachment a WHERE a.message_id = m.id AND a.request_id IS NOT NULL)"""


def follow(opened: Sequence[tuple[UUID, UUID]]) -> None:
    """Photos that came before their request was opened belong to it (`opened`: conversation and request).

    Only those that belong to no other request yet. No query if nothing was opened.
    """
    if not opened:
        return
    found = query(_FREE, [array(conversation for conversation, _ in opened), array(request for _, request in opened)])
    if found:
        attaching.from_messages(dict(found))


def arrived(message: Message) -> None:
    """The photos of `message` were fetched: they belong to what it reported, else to what it adds to.

    While we wait for the place of a new report they wait with it.
    """
    reports = list(Report.objects.filter(conversation=message.conversation_id).order_by("created_at", "id"))
    own = [report.request_id for report in reports if report.message_id == message.pk]
    if not own and reports and not Intake.objects.filter(conversation=message.conversation_id, open=True).exists():
        own = [reports[-1].request_id]
    for request_id in own:
        attaching.from_messages({message.pk: request_id})
