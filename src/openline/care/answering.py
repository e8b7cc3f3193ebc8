"""May the city answer here and now? Asked before an answer is written, and again before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from openline.accounts.models import Account
from openline.channels.base import Answerable, Channel
from openline.channels.registry import channel_for, channels
from openline.inbox import queries
from openline.inbox.keeping import Kept
from openline.inbox.models import Conversation
from openline.service_requests.actions import NotPossible


def answerable(conversation: Conversation, *, private: bool) -> Answerable:
    """Whether the newest message of a resident may be answered, in public or in `private`, by its network's rules."""
    channel = channel_for(conversation.account.network)
    if not _has_rules(channel):
        return Answerable()
    newest = conversation.messages.filter(direction="in").exclude(network_id="").order_by("-posted_at", "-id").first()
    if newest is None:
        return Answerable()
    raw = queries.delivery_of(newest)
    return channel.can_answer(conversation.account.public_ref(), raw, newest.posted_at, private)


def refusals(heard: Sequence[tuple[Kept, bool]]) -> dict[UUID, str]:
    """Why the network lets nobody answer, by message (each with whether it is answered in private); what may be
    answered is left out."""
    asked = [(kept, private) for kept, private in heard if _has_rules(channels().get(kept.network))]
    if not asked:
        return {}
    accounts = Account.objects.in_bulk({kept.account_id for kept, _private in asked})
    found = {
        kept.message_id: channels()[kept.network]
        .can_answer(accounts[kept.account_id].public_ref(), kept.incoming.raw, kept.posted_at, private)
        .reason
        for kept, private in asked
    }
    return {message_id: reason for message_id, reason in found.items() if reason}


def _has_rules(channel: Channel | None) -> bool:
    """False where a network has none, so that nothing needs to be looked up."""
    return channel is not None and type(channel).can_answer is not Channel.can_answer


def check(conversation: Conversation, *, private: bool) -> None:
    """Raise NotPossible, with what else to do, if the network does not let us answer."""
    found = answerable(conversation, private=private)
    if found.reason:
        raise NotPossible(" ".join((found.reason, *found.instead)))
