"""The words with which topics begin: the first message of each thread, by who opened it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from openline.community.models import NETWORK, Topic
from openline.inbox.models import Direction, Message
from openline.service_requests.jurisdiction import public_numbers
from openline.triage.personal_data import public_text


class Words(NamedTuple):
    """What was written, for staff, and the same without personal data, for everybody else."""

    message: Message
    public: str


def first_words(topics: Sequence[Topic]) -> list[Words | None]:
    """The words of each of `topics`, in their order; None where they have not been read yet. One query."""
    found = Message.objects.filter(
        direction=Direction.IN,
        conversation__account__network=NETWORK,
        conversation__thread__in=[topic.thread for topic in topics],
    )
    first: dict[tuple[str, str], Message] = {}
    for one in found.select_related("conversation__identity", "assessment").order_by("posted_at", "id"):
        first.setdefault((one.conversation.thread, one.conversation.identity.network_user_id), one)
    return [_words(first.get((topic.thread, topic.by.author))) for topic in topics]


def _words(message: Message | None) -> Words | None:
    if message is None or message.deleted_at:
        return None
    return Words(message, public_text(message.text, public_numbers()))
