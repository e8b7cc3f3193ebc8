"""The words with which topics begin: the first message of each thread, by who opened it."""

from __future__ import annotations

from collections.abc import Sequence

from openline.community.models import NETWORK, Topic
from openline.inbox.models import Direction, Message


def first_words(topics: Sequence[Topic]) -> list[Message | None]:
    """The first message of each of `topics`, in their order; None where it has not been read yet. One query."""
    found = Message.objects.filter(
        direction=Direction.IN,
        conversation__account__network=NETWORK,
        conversation__thread__in=[topic.thread for topic in topics],
    )
    first: dict[tuple[str, str], Message] = {}
    for one in found.select_related("conversation__identity", "assessment").order_by("posted_at", "id"):
        first.setdefault((one.conversation.thread, one.conversation.identity.network_user_id), one)
    return [first.get((topic.thread, topic.by.author)) for topic in topics]
