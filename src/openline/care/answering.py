"""May the city answer here and now? Asked before an answer is written, and again before it is kept."""

from __future__ import annotations

from openline.channels.base import Answerable, Channel
from openline.channels.registry import channel_for
from openline.inbox import queries
from openline.inbox.models import Conversation
from openline.service_requests.actions import NotPossible


def answerable(conversation: Conversation, *, private: bool) -> Answerable:
    """Whether the newest message of a resident may be answered, in public or in `private`, by its network's rules."""
    channel = channel_for(conversation.account.network)
    if type(channel).can_answer is Channel.can_answer:  # it has no such rules: nothing needs to be looked up
        return Answerable()
    newest = conversation.messages.filter(direction="in").exclude(network_id="").order_by("-posted_at", "-id").first()
    if newest is None:
        return Answerable()
    raw = queries.delivery_of(newest)
    return channel.can_answer(conversation.account.public_ref(), raw, newest.posted_at, private)


def check(conversation: Conversation, *, private: bool) -> None:
    """Raise NotPossible, with what else to do, if the network does not let us answer."""
    found = answerable(conversation, private=private)
    if found.reason:
        raise NotPossible(" ".join((found.reason, *found.instead)))
