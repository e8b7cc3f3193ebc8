"""Carrying out decisions, many at a time: assessments, requests, intakes, answers, states, records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.care import answering, choosing, closing, folding, joining, photos, questions, speaking, texts
from openline.care.decide import Act, Decision
from openline.care.offer import Offer
from openline.care.places import as_dict
from openline.care.understanding import Understanding
from openline.foundation.bulk import append_rows, array, insert_rows, query
from openline.foundation.changes import conversations_changed
from openline.foundation.ids import uuid7
from openline.foundation.text import shorten
from openline.inbox.keeping import Kept
from openline.inbox.models import Attention, Status
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import add_update
from openline.service_requests.callers import LIAISON
from openline.service_requests.jurisdiction import public_numbers
from openline.service_requests.models import ServiceRequest
from openline.service_requests.opening import NewRequest, Opened, open_requests
from openline.service_requests.similar import Alike
from openline.triage.assessment import Assessment
from openline.triage.personal_data import public_text

BY = "by"
"""The fact of an Incoming with which the city's own pages say that a liaison wrote it."""


@dataclass(slots=True)
class Situation:
    """What was known of a conversation before the message; the fields are the columns of `_SITUATIONS`.

    The request is the one last reported or asked about in it.
    """

    thread: str
    visibility: str
    handle: str
    user_id: str
    machine_answers: int
    intake_id: UUID | None = None
    asked: int = 0
    intake_service: str = ""
    intake_text: str = ""
    intake_choices: str = ""
    intake_message: UUID | None = None
    intake_posted_at: datetime | None = None
    request_id: UUID | None = None
    request_number: str = ""
    request_status: str = ""
    offered_id: UUID | None = None
    offered: str = ""
    request_reason: str = ""
    opened_again: bool = False
    rating: bool = False
    waits_for_person: bool = False
    answered_message: UUID | None = None
    place_article: int | None = None
    place_wanted: bool = False
    place_areas: str = ""


@dataclass(slots=True)
class Done:
    """A message with what was understood, decided and known."""

    kept: Kept
    assessment: Assessment
    decision: Decision
    situation: Situation
    under: tuple[folding.Under, ...] = ()
    at_once: str = ""
    offer: Offer | None = None


_SITUATIONS = """
SELECT c.id, c.thread, c.visibility, i.handle, i.network_user_id, c.machine_answers,
       n.id, coalesce(n.asked, 0), coalesce(s.code, ''), coalesce(m.text, ''), coalesce(n.place::text, ''),
       n.message_id, m.posted_at,
       r.id, coalesce(r.number, ''), coalesce(r.status, ''), o.id, coalesce(o.number, ''), coalesce(r.reason, ''),
       coalesce(v.opened_again, false), coalesce(v.conversation_id = c.id AND v.satisfaction IS NULL, false),
       c.status = 'open' AND c.attention >= 2,
       CASE WHEN u.outcome = 'sent' AND u.helped IS NULL THEN u.message_id END,
       w.article_id, coalesce(w.open, false), coalesce(w.areas::text, '')
FROM inbox_conversation c JOIN inbox_identity i ON i.id = c.identity_id
LEFT JOIN care_intake n ON n.conversation_id = c.id AND n.open
LEFT JOIN service_requests_service s ON s.id = n.service_id
LEFT JOIN inbox_message m ON m.id = n.message_id
LEFT JOIN LATERAL (SELECT q.id, q.number, q.status, q.reason, q.closed_at FROM care_report p
                   JOIN service_requests_servicerequest q ON q.id = p.request_id
                   WHERE p.conversation_id = c.id
                   ORDER BY greatest(p.created_at, CASE WHEN q.status IN ('waiting', 'resolved') THEN q.updated_at END)
                            DESC, p.id DESC LIMIT 1) r ON true
LEFT JOIN care_survey v ON v.request_id = r.id
LEFT JOIN care_offer f ON f.request_id = r.id AND NOT f.answered AND r.closed_at IS NULL
LEFT JOIN LATERAL (SELECT q.id, q.number, q.closed_at, q.duplicate_of_id FROM service_requests_servicerequest q
                   WHERE q.id = f.other_id OFFSET 0) o ON o.closed_at IS NULL AND o.duplicate_of_id IS NULL
LEFT JOIN LATERAL (SELECT k.outcome, k.helped, k.message_id FROM knowledge_question k
                   WHERE k.conversation_id = c.id ORDER BY k.at DESC LIMIT 1) u ON true
LEFT JOIN knowledge_placeasked w ON w.conversation_id = c.id
WHERE c.id = ANY(%s::uuid[])
"""
"""OFFSET 0 keeps the other request's state out of the look-up: it is found by its id, not by reading all open ones."""


def situations(conversation_ids: Sequence[UUID]) -> dict[UUID, Situation]:
    """The situation of every conversation, in one query; none for none."""
    rows = query(_SITUATIONS, [array(conversation_ids)]) if conversation_ids else []
    return {conversation_id: Situation(*facts) for conversation_id, *facts in rows}


def before(kept: Sequence[Kept]) -> dict[UUID, Situation]:
    """The situation of the conversation of every message. Where the message opened it, nothing has to be looked up."""
    new = {
        one.conversation_id: Situation(one.thread, one.incoming.visibility, one.handle, one.incoming.author_id, 0)
        for one in kept
        if one.opens
    }
    return new | situations([one.conversation_id for one in kept if not one.opens])


def carry_out(done: Sequence[Done], known: Understanding) -> None:
    """Do what was decided for every message, and write down why."""
    now = timezone.now()
    _write_assessments(done, now)
    opened = _open(done, known, now)
    _write_intakes(done, known, now)
    _add_words(done)
    folded = _fold(done, opened, now)
    answered = closing.carry_out(done)
    offers = joining.offer({item.kept.message_id: item for item in done}, opened, now)
    joining.answered(done)
    questions.carry_out(done, now)
    wanted = [(item, saying) for item in done if (saying := _saying(item, known, opened, answered, offers, folded))]
    refused = answering.refusals([(item.kept, saying.visibility == "private") for item, saying in wanted])
    sayings = [saying for item, saying in wanted if item.kept.message_id not in refused]
    said = {saying.conversation_id for saying in sayings}
    speaking.say_all(sayings)
    _update_conversations(done, said, opened, folded, refused)
    log.write([_entry(item) for item in done])
    conversations_changed(*(item.kept.conversation_id for item in done))


_ASSESSMENT = {
    "message_id": "uuid",
    "intent": "text",
    "intent_confidence": "float8",
    "urgency": "text",
    "services": "jsonb",
    "place": "jsonb",
    "language": "text",
    "personal_data": "jsonb",
    "reasons": "jsonb",
    "sentiment": "float8",
    "decision": "text",
    "decision_reason": "text",
    "at": "timestamptz",
}
_ASSESSED_AGAIN = "(message_id) DO UPDATE SET " + ", ".join(
    f"{column} = EXCLUDED.{column}" for column in _ASSESSMENT if column != "message_id"
)


def _write_assessments(done: Sequence[Done], now: datetime) -> None:
    rows = []
    for item in done:
        found = item.assessment.to_json()
        rows.append(
            (
                item.kept.message_id,
                found["intent"],
                item.assessment.intent_confidence,
                found["urgency"],
                _dump(found["services"]),
                _dump(found["place"]),
                found["language"],
                _dump(found["personal_data"]),
                _dump(found["reasons"]),
                item.assessment.sentiment,
                item.decision.act,
                item.decision.reason[:300],
                now,
            )
        )
    # Only a message that was edited has been assessed before.
    edited = {item.kept.message_id for item in done if item.kept.edited}
    insert_rows("triage_assessment", _ASSESSMENT, [r for r in rows if r[0] in edited], conflict=_ASSESSED_AGAIN)
    append_rows("triage_assessment", tuple(_ASSESSMENT), (r for r in rows if r[0] not in edited))


def _dump(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _open(done: Sequence[Done], known: Understanding, now: datetime) -> dict[UUID, Opened]:
    """Open the requests of all messages that complete one; by message."""
    new: list[tuple[Done, NewRequest]] = []
    for item in done:
        if item.decision.act not in (Act.OPEN, Act.COMPLETE):
            continue
        text = item.situation.intake_text if item.decision.act == Act.COMPLETE else item.kept.incoming.text
        private = item.situation.visibility == "private"
        place = item.decision.place
        new.append(
            (
                item,
                NewRequest(
                    known.services[item.decision.service],
                    text,
                    "" if private else public_text(text, public_numbers()),
                    _source(item),
                    place=as_dict(place) if place else None,
                    urgency=item.assessment.urgency,
                    requested_at=item.situation.intake_posted_at or item.kept.posted_at,
                ),
            )
        )
    opened = open_requests([request for _, request in new])
    append_rows(
        "care_report",
        ("id", "conversation_id", "request_id", "message_id", "created_at"),
        (
            (uuid7(), item.kept.conversation_id, request.id, _first_message(item), now)
            for (item, _), request in zip(new, opened, strict=True)
        ),
    )
    photos.follow(
        [
            (item.kept.conversation_id, request.id)
            for (item, _), request in zip(new, opened, strict=True)
            if item.decision.act == Act.COMPLETE
        ]
    )
    return {item.kept.message_id: request for (item, _), request in zip(new, opened, strict=True)}


def _source(item: Done) -> str:
    """How it reached us: the network, or a liaison, which only the city's own pages can say."""
    return LIAISON if item.kept.incoming.facts.get(BY) == LIAISON else item.kept.network


def _fold(done: Sequence[Done], opened: dict[UUID, Opened], now: datetime) -> dict[UUID, tuple[UUID, str]]:
    """Let those who say the same as others follow their request: its id and number, by message."""
    folded: dict[UUID, tuple[UUID, str]] = {}
    for item in done:
        into = item.decision.into
        if into is None:
            continue
        just_opened = opened.get(into.message_id) if into.message_id else None
        if just_opened:
            folded[item.kept.message_id] = just_opened.id, just_opened.number
        elif into.id:
            folded[item.kept.message_id] = into.id, into.number
    folding.fold(
        [
            (item.kept.conversation_id, folded[item.kept.message_id][0], item.kept.message_id)
            for item in done
            if item.kept.message_id in folded
        ],
        now,
    )
    return folded


def _first_message(item: Done) -> UUID:
    """The message that reported the problem: where the place was asked for, the one before the answer."""
    asked_for = item.situation.intake_message if item.decision.act == Act.COMPLETE else None
    return asked_for or item.kept.message_id


_INTAKE = {
    "id": "uuid",
    "conversation_id": "uuid",
    "message_id": "uuid",
    "service_id": "int8",
    "place": "jsonb",
    "urgency": "text",
    "asked": "int2",
    "open": "bool",
    "created_at": "timestamptz",
}


def _write_intakes(done: Sequence[Done], known: Understanding, now: datetime) -> None:
    """Remember what was asked for; an intake ends when its request is opened."""
    asked = [
        (
            uuid7(),
            item.kept.conversation_id,
            item.kept.message_id,
            known.services[item.decision.service].pk if item.decision.service in known.services else None,
            choosing.dump(choosing.choices(item.decision.unclear, known.gazetteer)),
            item.assessment.urgency,
            1,
            True,
            now,
        )
        for item in done
        if item.decision.act == Act.ASK_PLACE
    ]
    insert_rows(
        "care_intake",
        _INTAKE,
        asked,
        conflict=(
            "(conversation_id) DO UPDATE SET asked = CASE WHEN care_intake.open THEN care_intake.asked + 1 ELSE 1 END,"
            " message_id = CASE WHEN care_intake.open THEN care_intake.message_id ELSE EXCLUDED.message_id END,"
            " service_id = coalesce(EXCLUDED.service_id, care_intake.service_id), place = EXCLUDED.place, open = true"
        ),
    )
    complete = [
        item.situation.intake_id
        for item in done
        if item.situation.intake_id and item.decision.act in (Act.COMPLETE, Act.OPEN)
    ]
    if complete:
        query("UPDATE care_intake SET open = false WHERE id = ANY(%s::uuid[]) RETURNING id", [array(complete)])


def _add_words(done: Sequence[Done]) -> None:
    """What residents add to an open request goes to its department too: a crew reads no inbox."""
    for item in done:
        into = item.decision.into or item.decision.about
        about = into.id if into else item.situation.request_id
        if item.decision.adds and about:
            told = _("A neighbor writes: %(words)s") if item.decision.about else _("The resident adds: %(words)s")
            words = told % {"words": shorten(item.kept.incoming.text, 1000)}
            add_update(about, by=None, note=words)


def _saying(
    item: Done,
    known: Understanding,
    opened: dict[UUID, Opened],
    answered: dict[UUID, closing.Said],
    offers: dict[UUID, Alike],
    folded: dict[UUID, tuple[UUID, str]],
) -> speaking.Saying | None:
    """What is answered by machine, if anything, in the resident's language."""
    message_id, decision = item.kept.message_id, item.decision
    service = known.services.get(decision.service)
    if item.at_once and decision.act == Act.KEEP:
        return _say(item, item.at_once, f"{speaking.AT_ONCE}{message_id}")
    with texts.speaking(item.assessment.language):
        if decision.act in (Act.OPEN, Act.COMPLETE):
            request = opened[message_id]
            other = offers.get(message_id)
            text = texts.offered(request, other) if other else texts.opened(request)
            return _say(item, text, f"opened:{request.id}")
        if message_id in folded:
            request_id, number = folded[message_id]
            return _say(item, texts.folded(number), f"folded:{request_id}")
        if decision.act == Act.KEEP_APART:
            return _say(item, texts.kept_apart(item.situation.request_number), f"apart:{message_id}")
        if decision.act == Act.EMERGENCY:
            return _say(item, texts.emergency(item.assessment.language, service), speaking.EMERGENCY)
        if decision.act == Act.ASK_PLACE:
            text = _where(item, choosing.choices(decision.unclear, known.gazetteer))
            return _say(item, text, f"ask_place:{message_id}")
        if decision.act == Act.REFER and service:
            return _say(item, texts.referral(service), f"refer:{message_id}")
        if message_id in answered:
            return _say(item, *answered[message_id])
        if decision.act in (Act.ANSWER_BY_ITSELF, Act.TELL_FACT):
            return _say(item, *questions.said(item))
        if decision.act == Act.TELL_STATUS and item.situation.request_id:
            request_now = ServiceRequest.objects.get(pk=item.situation.request_id)
            return _say(item, texts.status(request_now), f"status:{message_id}")
    return None


def _where(item: Done, offered: Sequence[choosing.Choice]) -> str:
    """The question for the place: which of those that the words may mean, or simply where."""
    if offered:
        return texts.ask_which(choosing.question(offered))
    return texts.ask_place(item.situation.asked > 0)


def _say(item: Done, text: str, purpose: str) -> speaking.Saying:
    kept, situation = item.kept, item.situation
    return speaking.Saying(
        kept.conversation_id,
        kept.account_id,
        situation.thread,
        situation.visibility,
        text,
        purpose,
        kept.incoming.network_id,
        situation.user_id,
        situation.handle,
        item.assessment.language,
        subject=kept.incoming.subject,
        references=(*kept.incoming.references, kept.incoming.network_id) if kept.incoming.subject else (),
        about=kept.posted_at,
    )


_STANDING: dict[Act, tuple[str, int]] = {
    Act.KEEP: (Status.DONE, Attention.NONE),
    Act.LOOK: (Status.OPEN, Attention.LOOK),
    Act.ANSWER: (Status.OPEN, Attention.ANSWER),
    Act.EMERGENCY: (Status.OPEN, Attention.EMERGENCY),
    Act.ASK_PLACE: (Status.WAITING, Attention.NONE),
    Act.OPEN: (Status.DONE, Attention.NONE),
    Act.COMPLETE: (Status.DONE, Attention.NONE),
    Act.REFER: (Status.DONE, Attention.NONE),
    Act.REOPEN: (Status.OPEN, Attention.LOOK),
    Act.DISPUTE: (Status.OPEN, Attention.ANSWER),
    Act.RESUME: (Status.OPEN, Attention.LOOK),
    Act.CONFIRM: (Status.DONE, Attention.NONE),
    Act.RATE: (Status.DONE, Attention.NONE),
    Act.JOIN: (Status.DONE, Attention.NONE),
    Act.KEEP_APART: (Status.DONE, Attention.NONE),
    Act.FOLD: (Status.DONE, Attention.NONE),
    Act.TELL_STATUS: (Status.DONE, Attention.NONE),
    Act.ANSWER_BY_ITSELF: (Status.DONE, Attention.NONE),
    Act.TELL_FACT: (Status.DONE, Attention.NONE),
    Act.HELPED: (Status.DONE, Attention.NONE),
}
"""Where a conversation stands after each act, and how much it needs a person."""


def _update_conversations(
    done: Sequence[Done],
    said: set[UUID],
    opened: dict[UUID, Opened],
    folded: dict[UUID, tuple[UUID, str]],
    refused: dict[UUID, str],
) -> None:
    """Set state, attention and reason of every conversation. Attention that a person has to take never sinks; what the
    network lets no machine answer (`refused`), a person looks at."""
    rows = []
    for item in done:
        status, attention = _STANDING[item.decision.act]
        if item.assessment.urgency == "urgent" and item.decision.act not in (Act.KEEP, Act.TELL_STATUS, Act.FOLD):
            status, attention = Status.OPEN, max(attention, Attention.URGENT)
        why = item.decision.reason
        if request := opened.get(item.kept.message_id):
            why = f"Request {request.number} opened: {why}"
        if item.kept.message_id in folded:
            why = f"Follows request {folded[item.kept.message_id][1]}: {why}"
        if item.kept.message_id in refused:
            status, attention = Status.OPEN, max(attention, Attention.ANSWER)
            why = f"{refused[item.kept.message_id]} {why}"
        rows.append(
            (
                item.kept.conversation_id,
                str(status),
                int(attention),
                shorten(why, 300),
                int(item.kept.conversation_id in said),
            )
        )
    if not rows:
        return
    columns = [array(column) for column in zip(*rows, strict=True)]
    # A conversation that still waits for a person keeps waiting, with its own reason.
    query(
        "UPDATE inbox_conversation c SET"
        " machine_answers = c.machine_answers + k.said,"
        " why = CASE WHEN c.status = 'open' AND c.attention > k.attention THEN c.why ELSE k.why END,"
        " status = CASE WHEN c.status = 'open' AND c.attention > k.attention THEN c.status ELSE k.status END,"
        " attention = CASE WHEN c.status = 'open' THEN greatest(c.attention, k.attention) ELSE k.attention END,"
        " put_off_until = NULL"
        " FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::text[], %s::int[]) AS k(id, status, attention, why, said)"
        " WHERE c.id = k.id RETURNING c.id",
        columns,
    )


def _entry(item: Done) -> log.Entry:
    return log.Entry(
        Kind.DECIDED,
        "openline",
        item.kept.account_id,
        item.kept.conversation_id,
        item.kept.message_id,
        body={
            "act": item.decision.act,
            "reason": item.decision.reason,
            "intent": item.assessment.intent,
            "urgency": item.assessment.urgency,
            "service": item.decision.service,
            "place": item.decision.place.name if item.decision.place else "",
        },
    )
