"""The discussion under which a conversation or a request stands, as staff see it."""

from __future__ import annotations

from typing import Any

from openline.community import moderation_rules, threads
from openline.community.models import NETWORK, ClosedThread, Comment
from openline.inbox.models import Conversation, Message
from openline.service_requests.models import ServiceRequest

CONTEXT = 6


def of_conversation(conversation: Conversation, newest: Message | None) -> dict[str, Any]:
    """Where a comment stands and what others said before it; nothing for other networks."""
    if conversation.account.network != NETWORK:
        return {}
    said = Comment.objects.filter(thread=conversation.thread, message__deleted_at=None)
    if newest:
        said = said.filter(at__lte=newest.posted_at)
    others = said.exclude(message__conversation=conversation).select_related("by", "message").order_by("-at")
    return {
        "discussed": threads.request_of(conversation.thread) or threads.topic_of(conversation.thread),
        "discussed_path": f"{threads.path(conversation.thread)}#discussion",
        "others_said": list(others[:CONTEXT])[::-1],
        "hiding_rules": moderation_rules.choices(),
    }


def of_request(request: ServiceRequest) -> dict[str, Any]:
    """The discussion of a request: how much was said, the newest of it, and whether staff closed it."""
    thread = threads.of_request(request.number)
    said = Comment.objects.filter(thread=thread, message__deleted_at=None)
    return {
        "thread": thread,
        "path": f"{threads.path(thread)}#discussion",
        "newest": list(said.select_related("by", "message").order_by("-at")[:CONTEXT])[::-1],
        "count": said.count(),
        "closed": ClosedThread.objects.filter(thread=thread).first(),
    }
