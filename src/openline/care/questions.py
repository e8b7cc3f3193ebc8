"""Questions of a batch: which are looked up, what is said to them, and what is kept for the gaps and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from openline.accounts.models import Account
from openline.care import texts
from openline.care.decide import MOST_MACHINE_ANSWERS, PLACE_CONFIDENT, Act
from openline.care.offering import Asking
from openline.foundation.bulk import array, insert_rows, query
from openline.foundation.text import shorten
from openline.inbox.keeping import Kept
from openline.knowledge import facts
from openline.knowledge.models import Article, Outcome
from openline.knowledge.passages import passages
from openline.knowledge.proposals import Ask
from openline.service_requests.jurisdiction import public_numbers
from openline.triage.assessment import Assessment
from openline.triage.personal_data import public_text

if TYPE_CHECKING:
    from openline.care.acting import Done, Situation

GOOD = 0.5
"""Below this confidence an article is no good answer: the question is a gap."""
_LONGEST = 300


def asking(
    kept: Sequence[Kept],
    assessed: Sequence[Assessment],
    situations: Mapping[UUID, Situation],
    accounts: Mapping[UUID, Account],
    kinds: Mapping[str, str],
) -> list[Asking]:
    """The questions among the messages; what is none is not looked up."""
    return [
        _asking(item, assessment, situations[item.conversation_id], accounts[item.account_id])
        for item, assessment in zip(kept, assessed, strict=True)
        if _asks(item, assessment, situations[item.conversation_id], kinds)
    ]


def _asks(item: Kept, message: Assessment, situation: Situation, kinds: Mapping[str, str]) -> bool:
    """A question of a resident that no request has to answer; also what is about a service that only informs."""
    if item.ours or item.edited or item.incoming.automatic or message.urgency != "routine" or situation.request_id:
        return False
    best = message.services[0].code if message.services else ""
    return message.intent == "question" or (message.intent == "request" and kinds.get(best) == "question")


def _asking(item: Kept, message: Assessment, situation: Situation, account: Account) -> Asking:
    services = tuple(one.code for one in message.services[:1])
    ask = Ask(_without_place(item.incoming.text, message), message.language, services, _areas(message, situation))
    few = situation.machine_answers < MOST_MACHINE_ANSWERS
    allowed = account.answers_by_itself and few and not situation.waits_for_person and not situation.asked
    return Asking(item.message_id, item.conversation_id, ask, allowed, situation.place_article is not None)


def _without_place(text: str, message: Assessment) -> str:
    """The question without the words of its place: they say nothing of what is asked."""
    if message.place is None or message.place.confidence < PLACE_CONFIDENT:
        return text
    start, end = message.place.span
    return f"{text[:start]} {text[end:]}"


def _areas(message: Assessment, situation: Situation) -> tuple[str, ...] | None:
    """The areas of the place that the question names, else of the one that the resident named before."""
    if message.place and message.place.areas and message.place.confidence >= PLACE_CONFIDENT:
        return message.place.areas
    return tuple(orjson.loads(situation.place_areas)) or None if situation.place_areas else None


def said(item: Done) -> tuple[str, str]:
    """The words of an automatic answer in the language that is spoken now, and its purpose."""
    if item.decision.act == Act.TELL_FACT:
        return texts.automatic(_fact(item)), f"fact:{item.kept.message_id}"
    assert item.offer is not None
    ask = texts.ask_address() if item.offer.lacks_place else ""
    return texts.automatic(item.offer.text, ask), f"article:{item.offer.article_id}"


def _fact(item: Done) -> str:
    """The sentences of the article that depend on the place, with what holds there."""
    place, article = item.decision.place, Article.objects.filter(pk=item.situation.place_article or 0).first()
    if place is None or article is None:
        return ""
    text = next((part.text for part in passages(article.body) if facts.codes(part.text)), "")
    told = facts.sentences(text, facts.for_texts([text]), place.areas)
    return f"{place.name}: {told}" if told else texts.not_known_there(place.name)


_QUESTION = {
    "message_id": "uuid",
    "conversation_id": "uuid",
    "outcome": "text",
    "article_id": "int8",
    "confidence": "float8",
    "language": "text",
    "service_code": "text",
    "text": "text",
    "at": "timestamptz",
}


def carry_out(done: Sequence[Done], now: datetime) -> None:
    """Keep the questions of the batch, what residents say of answers, and whom an answer asked for the place."""
    rows = [_row(item, now) for item in done if _is_question(item)]
    insert_rows("knowledge_question", _QUESTION, rows, conflict="(message_id) DO NOTHING")
    _helped(done)
    _places(done, now)


def _is_question(item: Done) -> bool:
    asked = item.assessment.intent == "question" or item.offer is not None
    return asked and item.decision.act in (Act.ANSWER, Act.ANSWER_BY_ITSELF) and item.decision.helped is None


def _row(item: Done, now: datetime) -> tuple[object, ...]:
    offer, best = item.offer, item.assessment.services[:1]
    sent = item.decision.act == Act.ANSWER_BY_ITSELF
    outcome = Outcome.SENT if sent else Outcome.PROPOSED if offer and offer.confidence >= GOOD else Outcome.NONE
    gap = outcome == Outcome.NONE and item.situation.visibility == "public"
    return (
        item.kept.message_id,
        item.kept.conversation_id,
        str(outcome),
        offer.article_id if offer else None,
        offer.confidence if offer else 0.0,
        item.assessment.language,
        best[0].code if best else "",
        shorten(public_text(item.kept.incoming.text, public_numbers()), _LONGEST) if gap else "",
        now,
    )


def _helped(done: Sequence[Done]) -> None:
    told = [
        (item.situation.answered_message, item.decision.helped)
        for item in done
        if item.decision.helped is not None and item.situation.answered_message
    ]
    if told:
        query(
            "UPDATE knowledge_question q SET helped = k.helped FROM unnest(%s::uuid[], %s::bool[]) AS k(id, helped)"
            " WHERE q.message_id = k.id RETURNING q.message_id",
            [array(column) for column in zip(*told, strict=True)],
        )


def _places(done: Sequence[Done], now: datetime) -> None:
    """Who is asked for the place, and who named it: later questions of the conversation are answered for it."""
    asked = [
        (item.kept.conversation_id, item.offer.article_id, True, "[]", now)
        for item in done
        if item.decision.act == Act.ANSWER_BY_ITSELF and item.offer and item.offer.lacks_place
    ]
    columns = {"conversation_id": "uuid", "article_id": "int8", "open": "bool", "areas": "jsonb", "at": "timestamptz"}
    insert_rows("knowledge_placeasked", columns, asked, conflict="(conversation_id) DO NOTHING")
    ended = [
        (item.kept.conversation_id, orjson.dumps(item.decision.place.areas if item.decision.place else ()).decode())
        for item in done
        if item.situation.place_wanted and item.decision.act in (Act.TELL_FACT, Act.ANSWER)
    ]
    if ended:
        query(
            "UPDATE knowledge_placeasked p SET open = false, areas = k.areas"
            " FROM unnest(%s::uuid[], %s::jsonb[]) AS k(id, areas) WHERE p.conversation_id = k.id"
            " RETURNING p.conversation_id",
            [array(column) for column in zip(*ended, strict=True)],
        )
