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


def answerable(conversation: Conversation, *ways: bool) -> list[Answerable]:
    """Whether the newest message of a resident may be answered by its network's rules, for each of `ways`: True in
    private, False in public."""
    channel, free = channel_for(conversation.account.network), [Answerable() for _way in ways]
    if not _has_rules(channel):
        return free
    newest = conversation.messages.filter(direction="in").exclude(network_id="").order_by("-posted_at", "-id").first()
    if newest is None:
        return free
    ref, raw = conversation.account.public_ref(), queries.delivery_of(newest)
    return [channel.can_answer(ref, raw, newest.posted_at, private) for private in ways]


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
    [found] = answerable(conversation, private)
    if found.reason:
        raise NotPossible(" ".join((found.reason, *found.instead)))
