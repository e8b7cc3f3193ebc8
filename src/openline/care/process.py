"""The loop that turns what was heard into what is done: keep, read, decide, act, tell. In batches.

One batch is one transaction: a crash at any point leaves all of it waiting at the door. If one
delivery breaks the batch, the batch is done again one by one, and the culprit alone is set aside
with the reason, where the operator sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from openline.accounts import reading
from openline.accounts.models import Account, Mandate
from openline.care import acting, advising, again, events, fetching, folding, locating, offering, questions
from openline.care.choosing import load
from openline.care.decide import ABOUT_THE_PLACE, PLACE_CONFIDENT, Act, Decision, Known, decide
from openline.care.events import DISCUSSION, HOLD, TO_NEIGHBOR
from openline.care.understanding import Understanding, understanding
from openline.channels.base import Incoming
from openline.channels.registry import channel_for
from openline.foundation.bulk import by_index, insert_rows, query
from openline.geography.finder import find_places
from openline.inbox import keeping, regaining
from openline.inbox.keeping import Kept
from openline.inbox.models import Heard, HeardState
from openline.outbox import restoring
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.states import Status
from openline.triage.assessment import Assessment, Post, Reason

BATCH = 200
FOLLOWS = "follows"
"""The fact of a message (`Incoming.facts`) that names the request which its writer wants to follow."""
LATE_AFTER = timedelta(days=3)
"""What is heard so long after it was posted is not answered by machine: a person looks at it."""

logger = structlog.get_logger("openline.care")


def process(limit: int = BATCH) -> int:
    """Process up to `limit` waiting deliveries; returns how many were taken. Never raises for a bad delivery."""
    claimed: list[UUID] = []
    try:
        with transaction.atomic():
            return _batch(limit, (), claimed)
    except Exception:
        if not claimed:
            raise
        logger.exception("batch_failed", deliveries=len(claimed))
    return sum(_alone(heard_id) for heard_id in claimed)


def _alone(heard_id: UUID) -> int:
    """Process one delivery by itself; set it aside if it cannot be processed."""
    try:
        with transaction.atomic():
            return _batch(1, [heard_id], [])
    except Exception as error:
        logger.exception("delivery_failed", heard=str(heard_id))
        reason = f"Openline could not process this delivery: {type(error).__name__}."
        with transaction.atomic():
            Heard.objects.filter(pk=heard_id).update(
                state=HeardState.REFUSED, reason=reason, processed_at=timezone.now()
            )
            log.write([log.Entry(Kind.REFUSED, "openline", body={"heard": heard_id, "reason": reason})])
        return 1


def _batch(limit: int, only: Sequence[UUID], claimed_ids: list[UUID]) -> int:
    with by_index(), log.together():
        claimed = keeping.claim(limit, only)
        claimed_ids += [raw.heard_id for raw in claimed]
        if claimed:
            accounts = reading.by_id({raw.account_id for raw in claimed})
            kept = keeping.keep(claimed, accounts)
            known = understanding()
            for round_ in _rounds(kept):
                _act(round_, accounts, known)
            if old := {item.account_id for item in kept if restoring.from_before(item.posted_at)}:
                regaining.settle(old)
    return len(claimed)


def _rounds(kept: list[Kept]) -> list[list[Kept]]:
    """Split so that each round has one message of a conversation: the next one must see what followed from it."""
    rounds: list[list[Kept]] = []
    turn: dict[UUID, int] = {}
    for item in kept:
        number = turn.get(item.conversation_id, 0)
        turn[item.conversation_id] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(item)
    return rounds


def _act(kept: list[Kept], accounts: dict[UUID, Account], known: Understanding) -> None:
    """Read one round of messages, decide and act."""
    situations = acting.before(kept)
    assessed = known.reader.assess([_post(item) for item in kept])
    _read_answers_as_places(kept, assessed, situations, known)
    _read_same_place_again(kept, assessed)
    elsewhere = _handled_elsewhere(kept)
    threads = {item.message_id: (item.account_id, situations[item.conversation_id].thread) for item in kept}
    under = folding.requests_under(sorted({threads[item.message_id] for item in kept if _is_public_reply(item)}))
    at_once = {item.message_id: _at_once(item, accounts[item.account_id]) for item in kept}
    asking = questions.asking(kept, assessed, situations, accounts, known.kinds)
    offered = offering.offers(asking)
    named = folding.named({number for item in kept for number in (_followed(item), _discussed(item)) if number})
    done = []
    for item, assessment in zip(kept, assessed, strict=True):
        situation = situations[item.conversation_id]
        facts = Known(
            kinds=known.kinds,
            placeless=known.placeless,
            ours=item.ours,
            elsewhere=item.message_id in elsewhere,
            late=item.kept_at - item.posted_at > LATE_AFTER,
            publishing_only=accounts[item.account_id].mandate == Mandate.PUBLISHING,
            automatic=item.incoming.automatic,
            at_once=at_once[item.message_id],
            edited=item.edited,
            machine_answers=situation.machine_answers,
            asked=situation.asked,
            intake_service=situation.intake_service,
            request_number=situation.request_number,
            request_status=situation.request_status,
            request_reason=situation.request_reason,
            opened_again=situation.opened_again,
            rating=situation.rating,
            photo=bool(item.incoming.media),
            offered=situation.offered,
            choices=load(situation.intake_choices),
            under=tuple(under.get(threads[item.message_id], ())) if _is_public_reply(item) else (),
            follows=named.get(_followed(item)),
            offer=offered.get(item.message_id),
            answered=situation.answered_message is not None,
            place_wanted=situation.place_wanted,
            discussion=item.incoming.facts.get(DISCUSSION, ""),
            about=named.get(_discussed(item)),
            to_neighbor=TO_NEIGHBOR in item.incoming.facts,
            hold=item.incoming.facts.get(HOLD, ""),
        )
        decision = decide(assessment, facts, item.incoming.text)
        done.append(acting.Done(item, assessment, decision, situation, facts.under, facts.at_once, facts.offer))
        if decision.act == Act.OPEN and item.incoming.visibility == "public":
            under.setdefault(threads[item.message_id], []).append(_opening(item, decision))
    acting.carry_out(done, known)
    _tell_discussions(done)
    here = [item for item in done if item.kept.message_id not in elsewhere]
    advising.ask_later(here)
    locating.ask_later(here)
    fetching.fetch_later(done)


def _tell_discussions(done: Sequence[acting.Done]) -> None:
    """What was said in a discussion of the city's own pages was read: its page may show it, or must not yet."""
    said = tuple(
        events.Said(item.kept.message_id, item.kept.incoming.facts[DISCUSSION], item.decision.held, item.kept.edited)
        for item in done
        if DISCUSSION in item.kept.incoming.facts and not item.kept.ours
    )
    if said:
        events.said.publish(said)


def _at_once(item: Kept, account: Account) -> str:
    """What the network's rules want answered without delay; only words that the channel has marked can want it."""
    if not item.incoming.facts or item.ours or item.edited:
        return ""
    return channel_for(account.network).answer_at_once(account.public_ref(), item.incoming)


def _followed(item: Kept) -> str:
    """The number of the request on whose public page the resident pressed "I have this problem too"."""
    return "" if item.ours or item.edited else item.incoming.facts.get(FOLLOWS, "")


def _discussed(item: Kept) -> str:
    """The number of the request under which neighbors talk."""
    return item.incoming.facts.get(DISCUSSION, "").removeprefix("request:")


def _is_public_reply(item: Kept) -> bool:
    """A reply under a post of a network; what neighbors say on the city's pages is folded into nothing."""
    incoming = item.incoming
    reply = bool(incoming.in_reply_to) and incoming.visibility == "public" and not item.ours
    return reply and DISCUSSION not in incoming.facts


def _opening(item: Kept, decision: Decision) -> folding.Under:
    """A request that is opened in this very batch, as the replies after it see it."""
    place = decision.place
    return folding.Under(
        decision.service, place.lat if place else None, place.lon if place else None, message_id=item.message_id
    )


def _post(item: Kept) -> Post:
    incoming = item.incoming
    return Post(
        str(item.message_id), _words(incoming), incoming.language, incoming.latitude, incoming.longitude, item.network
    )


def _words(incoming: Incoming) -> str:
    """What is read: the text, and behind it the subject of a first mail, where many write the street.

    The subject of an answer is that of the mail before, so it says nothing new.
    """
    if not incoming.subject or incoming.in_reply_to or incoming.references:
        return incoming.text
    return f"{incoming.text}\n\n{incoming.subject}"


def _read_answers_as_places(
    kept: list[Kept], assessed: list[Assessment], situations: dict[UUID, acting.Situation], known: Understanding
) -> None:
    """Where we asked for the place, the answer is read as one: a bare name says more there."""
    for index, item in enumerate(kept):
        situation = situations[item.conversation_id]
        where = situation.request_status == Status.WAITING and situation.request_reason in ABOUT_THE_PLACE
        if situation.asked or where or situation.place_wanted:
            found = find_places(known.gazetteer, item.incoming.text, asked=True) if known.gazetteer else []
            assessed[index] = assessed[index]._replace(place=found[0] if found else None)


def _read_same_place_again(kept: list[Kept], assessed: list[Assessment]) -> None:
    """Where a post says "same place as last time" and names none, that place."""
    said = [
        index
        for index, (item, found) in enumerate(zip(kept, assessed, strict=True))
        if (found.place is None or found.place.confidence < PLACE_CONFIDENT) and again.says_again(item.incoming.text)
    ]
    last = again.last_places([kept[index].conversation_id for index in said])
    for index in said:
        number, place = last.get(kept[index].conversation_id, ("", None))
        if place:
            reason = Reason("place", f"the same as in {number}: {place.name}")
            reasons = (*(one for one in assessed[index].reasons if one.step != "place"), reason)
            assessed[index] = assessed[index]._replace(place=place, reasons=reasons)


def _handled_elsewhere(kept: list[Kept]) -> set[UUID]:
    """Messages whose very post is handled at another account: first come, first served, whoever works on it."""
    rows = [
        (item.network, item.incoming.uri, item.message_id) for item in kept if item.incoming.uri and not item.edited
    ]
    if not rows:
        return set()
    rows.sort(key=lambda row: row[:2])
    ours = insert_rows(
        "care_handledpost",
        {"network": "text", "uri": "text", "message_id": "uuid"},
        rows,
        conflict="(network, uri) DO NOTHING",
        returning="message_id",
    )
    mine = {message_id for (message_id,) in ours}
    return {message_id for _, _, message_id in rows if message_id not in mine}


def waiting() -> int:
    """How many deliveries wait at the door."""
    return int(query("SELECT count(*) FROM inbox_heard WHERE state = 'waiting'")[0][0])
