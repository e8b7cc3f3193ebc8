"""What may be answered to questions by itself: looked up for all questions of a batch in one go."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from openline.care.offer import Offer
from openline.foundation.bulk import array, query
from openline.knowledge import meaning
from openline.knowledge.confidence import threshold
from openline.knowledge.proposals import Ask, Proposal, propose_all

MOST_CHARACTERS = 260
"""Of an automatic answer without its address: with the words around it, it fits the networks that we speak."""


class Asking(NamedTuple):
    """A question of a batch. `allowed`: its account and its conversation allow that a machine answers it."""

    message_id: UUID
    conversation_id: UUID
    ask: Ask
    allowed: bool
    place_asked: bool


def offers(asking: Sequence[Asking]) -> dict[UUID, Offer]:
    """The best article for each question that has one, by message. Few queries, however many questions."""
    found = propose_all([one.ask for one in asking])
    best = [(one, proposals[0]) for one, proposals in zip(asking, found, strict=True) if proposals]
    least = threshold(meaning.encoder() is not None)
    sure = [(one, proposal) for one, proposal in best if one.allowed and _sure(proposal, one, least)]
    before = _sent_before([one.conversation_id for one, _ in sure])
    alone = {one.message_id for one, p in sure if p.article.pk not in before.get(one.conversation_id, ())}
    return {one.message_id: _offer(proposal, one.message_id in alone) for one, proposal in best}


def _sure(proposal: Proposal, one: Asking, least: float) -> bool:
    """Safe, sure enough, true for the resident's place; what lacks a place may ask for it, once."""
    elsewhere = bool(proposal.article.areas) and one.ask.areas is None
    asks_again = proposal.lacks_place and one.place_asked
    return proposal.article.safe and proposal.score >= least and not elsewhere and not asks_again


def _offer(proposal: Proposal, alone: bool) -> Offer:
    article = proposal.article
    return Offer(
        article.pk, article.title, proposal.score, alone, proposal.short(MOST_CHARACTERS), proposal.lacks_place
    )


def _sent_before(conversations: Sequence[UUID]) -> Mapping[UUID, Collection[int]]:
    """The articles that were sent by themselves in each conversation."""
    rows = (
        query(
            "SELECT conversation_id, article_id FROM knowledge_question"
            " WHERE conversation_id = ANY(%s::uuid[]) AND outcome = 'sent' AND article_id IS NOT NULL",
            [array(conversations)],
        )
        if conversations
        else []
    )
    sent: dict[UUID, set[int]] = {}
    for conversation, article in rows:
        sent.setdefault(conversation, set()).add(article)
    return sent
