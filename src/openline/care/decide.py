"""What to do with a message: one pure function from what was understood and what is known to a decision.

No database here, so that the rules of customer care can be read and tested in one sitting. The
first rule that applies decides; its words are shown to staff as the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from openline.care import answers, folding
from openline.care.choosing import Choice, pick
from openline.care.offer import Offer
from openline.geography.place import Place
from openline.service_requests.seasons import OUT_OF_SEASON
from openline.service_requests.states import FINISHED_STATES, Status
from openline.triage.assessment import Assessment

SERVICE_CONFIDENT = 0.55
"""From this confidence on, Openline files under the best service by itself; below, a person chooses."""
PLACE_CONFIDENT = 0.75
"""From this confidence on, a place is good enough to file on. Wrong pins are worse than none."""
INTENT_CONFIDENT = 0.5
KEEP_CONFIDENT = 0.6
"""Below this confidence nothing that is about a known service is put away unseen."""
MOST_QUESTIONS = 2
"""How often Openline asks one resident for the place before a person takes over."""
MOST_MACHINE_ANSWERS = 6
"""So many answers by machine in one conversation end it: two machines must never talk to each other for long."""


ABOUT_THE_PLACE = ("place", "not_found")
"""Reasons of waiting (service_requests/states.py) that ask where it is."""


class Act(StrEnum):
    """What follows from a message."""

    KEEP = "keep"
    LOOK = "look"
    ANSWER = "answer"
    EMERGENCY = "emergency"
    ASK_PLACE = "ask_place"
    OPEN = "open"
    COMPLETE = "complete"
    REFER = "refer"
    REOPEN = "reopen"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    RATE = "rate"
    RESUME = "resume"
    JOIN = "join"
    KEEP_APART = "keep_apart"
    FOLD = "fold"
    TELL_STATUS = "tell_status"
    ANSWER_BY_ITSELF = "answer_by_itself"
    TELL_FACT = "tell_fact"
    HELPED = "helped"


class Known(NamedTuple):
    """What the city knows of the conversation before this message.

    `kinds` maps service codes to "request", "referral", "question" or OUT_OF_SEASON; `placeless` are the services that
    need no place. `offered` is the request of which the resident was asked whether it is the same, `choices` the places
    of which they were asked which is meant. `under` are open requests that others reported under the
    same post, `follows` the one on whose page the resident wrote.
    `request_status` and `request_reason` are those of the request last reported or asked about here ("" if
    none), `opened_again` says that a resident's "no" opened it once, `rating` that we asked how it was. `photo`: the
    message brings one, `automatic`: a machine wrote it. `at_once` is what the
    network's rules want answered without delay. `offer` is the article that may answer by itself, `answered` says that
    the last thing said here was such an answer, and nobody said yet whether it helped; `place_wanted` that the answer
    asked for the address. `discussion` is the thread of the city's own pages in which neighbors talk ("request:NUMBER",
    "topic:ID"), `about` the open request under which it stands; `to_neighbor`: it answers one of them, not the city.
    `hold` says why its pages do not show it before a person has looked.
    """

    kinds: dict[str, str]
    placeless: frozenset[str]
    ours: bool = False
    elsewhere: bool = False
    late: bool = False
    automatic: bool = False
    at_once: str = ""
    publishing_only: bool = False
    edited: bool = False
    machine_answers: int = 0
    asked: int = 0
    intake_service: str = ""
    intake_place: bool = False
    request_number: str = ""
    request_status: str = ""
    request_reason: str = ""
    opened_again: bool = False
    rating: bool = False
    photo: bool = False
    offered: str = ""
    choices: tuple[Choice, ...] = ()
    under: tuple[folding.Under, ...] = ()
    follows: folding.Under | None = None
    offer: Offer | None = None
    answered: bool = False
    place_wanted: bool = False
    discussion: str = ""
    about: folding.Under | None = None
    to_neighbor: bool = False
    hold: str = ""


class Decision(NamedTuple):
    """An act with its reason; `service` and `place` are what a request would be filed under.

    `unclear` is a place whose words may mean several: the resident is asked which. `into` is the request that the
    resident follows from now on. `adds`: the words belong to the request, and who works on it reads them there.
    `rating` is how it was, from 1 to 5; `helped` whether an automatic answer did. `about` is the request under which
    neighbors talk, `held` why their words are not shown before a person has looked.
    """

    act: Act
    reason: str
    service: str = ""
    place: Place | None = None
    unclear: Place | None = None
    into: folding.Under | None = None
    adds: bool = False
    rating: int = 0
    helped: bool | None = None
    about: folding.Under | None = None
    held: str = ""


def decide(message: Assessment, known: Known, text: str = "") -> Decision:
    """The first rule that has an answer decides; the last one always has."""
    for rule in _RULES:
        decision = rule(message, known, text)
        if decision:
            return _within_limits(decision, known)
    raise AssertionError("the last rule decides everything")


_ANSWERS_TO_US = frozenset({Act.REOPEN, Act.CONFIRM, Act.DISPUTE, Act.RATE, Act.RESUME})
"""What we asked for ourselves, after a person did something: no machine talks to itself there."""


def _within_limits(decision: Decision, known: Known) -> Decision:
    """Where the machine must not speak, a person decides instead."""
    if decision.act in (Act.KEEP, Act.LOOK, Act.ANSWER, Act.HELPED):
        return decision
    if decision.act in (Act.ANSWER_BY_ITSELF, Act.TELL_FACT):
        return _answered_within_limits(decision, known)
    if decision.act != Act.EMERGENCY and known.late:
        return Decision(
            Act.LOOK, "Heard long after it was posted: " + decision.reason, decision.service, decision.place
        )
    if known.publishing_only:
        return Decision(Act.LOOK, "This account only publishes: " + decision.reason, decision.service, decision.place)
    if known.machine_answers >= MOST_MACHINE_ANSWERS and decision.act not in _ANSWERS_TO_US:
        return Decision(
            Act.LOOK, "Many answers by machine already: " + decision.reason, decision.service, decision.place
        )
    return decision


def _answered_within_limits(decision: Decision, known: Known) -> Decision:
    """A question that the machine must not answer waits for a person who does."""
    many = known.machine_answers >= MOST_MACHINE_ANSWERS
    why = "Many answers by machine already: " if many else "Heard long after it was posted: " if known.late else ""
    why = "This account only publishes: " if known.publishing_only else why
    return Decision(Act.ANSWER, why + decision.reason) if why else decision


def _nothing_to_do(message: Assessment, known: Known, text: str) -> Decision | None:
    if known.ours:
        return Decision(Act.KEEP, "Written by one of the city's own accounts.")
    if known.elsewhere:
        return Decision(Act.KEEP, "The same post is handled at another account of the city.")
    return None


def _by_the_networks_rules(message: Assessment, known: Known, text: str) -> Decision | None:
    """STOP, HELP and the like: answered as the network's rules want, and nothing else is."""
    if not known.at_once:
        return None
    return Decision(Act.KEEP, "A word that the network's rules say how to answer.")


def _by_a_machine(message: Assessment, known: Known, text: str) -> Decision | None:
    """What a machine wrote (an out-of-office answer, a newsletter) is never answered by one."""
    if not known.automatic:
        return None
    if message.intent == "request" or message.urgency != "routine":
        return Decision(Act.LOOK, "Sent by a machine, and reads like a report.")
    return Decision(Act.KEEP, "Sent by a machine, such as an automatic reply: kept, nothing answered.")


def _emergency(message: Assessment, known: Known, text: str) -> Decision | None:
    if message.urgency != "emergency":
        return None
    service = message.services[0].code if message.services else ""
    return Decision(
        Act.EMERGENCY, _why(message, "urgency") or "Reads like danger to life.", service, _sure_place(message)
    )


_HELD = {"abuse": ("Reads like abuse or a threat.", 0.6), "spam": ("Reads like spam.", 0.75)}
"""What waits for a look before neighbors see it, and how sure the reader has to be: most short talk reads a little like
spam, and people flag what slips through."""


def _among_neighbors(message: Assessment, known: Known, text: str) -> Decision | None:
    """Neighbors talk under a request or a topic: no machine joins in, but for danger to life."""
    if not known.discussion:
        return None
    held = _held(message, known)
    found = _emergency(message, known, text) or _said_to_the_city(message, known, text, held)
    if found is None:
        found = Decision(Act.KEEP, "Neighbors talk with each other: kept, nothing asked of the city.")
    news = message.intent == "request" or message.not_fixed or message.status_question or known.photo
    return found._replace(held=held, about=known.about, adds=news and bool(known.about) and not held)


def _held(message: Assessment, known: Known) -> str:
    """Why the words are not shown before a person has looked; "" to show them. No viewpoint is one."""
    why, least = _HELD.get(message.intent, ("", 0.0))
    return known.hold or (why if message.intent_confidence >= least else "")


def _said_to_the_city(message: Assessment, known: Known, text: str, held: str) -> Decision | None:
    """What a person of the city has to read."""
    if answers.wants_person(_bare(text)):
        return Decision(Act.ANSWER, "The resident wants to talk to a person.")
    if (message.intent == "question" or message.status_question) and not known.to_neighbor and not held:
        return Decision(Act.ANSWER, "Asks the city something in a discussion.")
    if held:
        return Decision(Act.LOOK, f"Not shown yet: {held}")
    if _elsewhere(message, known.about):
        best, place = message.services[0].code if message.services else "", _sure_place(message)
        name = place.name if place else ""
        return Decision(Act.LOOK, f"Perhaps another problem than the one discussed: {name}.", best, place)
    if message.urgency == "urgent":
        return Decision(Act.LOOK, _why(message, "urgency") or "Sounds urgent.")
    if message.not_fixed and known.about is None and known.discussion.startswith("request:"):
        return Decision(Act.LOOK, "Says that it is not fixed; the request is closed.")
    return None


def _elsewhere(message: Assessment, about: folding.Under | None) -> bool:
    """True for a problem that is clearly not the one under which it is told."""
    place = _sure_place(message) if message.intent == "request" else None
    if place is None or about is None:
        return place is not None
    same = not message.services or message.services[0].code == about.service
    return about.away(place) > (folding.ASK_M if same else folding.SAME_PLACE_M)


def _wants_a_person(message: Assessment, known: Known, text: str) -> Decision | None:
    if not answers.wants_person(_bare(text)):
        return None
    return Decision(Act.ANSWER, "The resident wants to talk to a person.")


def _follows_from_its_page(message: Assessment, known: Known, text: str) -> Decision | None:
    """Pressed "I have this problem too" on a request's page; what they add goes to its department."""
    one = known.follows
    if one is None:
        return None
    adds = known.photo or not answers.same_here(_bare(text))
    return Decision(Act.FOLD, f"Follows {one.number} from its page.", one.service, into=one, adds=adds)


def _answer_to_closing(message: Assessment, known: Known, text: str) -> Decision | None:
    if known.request_status not in FINISHED_STATES:
        return None
    said, number = answers.fixed(_bare(text)), known.request_number
    if (message.not_fixed or said is False) and known.opened_again:
        return Decision(Act.DISPUTE, f"The resident says again that {number} is not fixed: a supervisor looks.")
    if message.not_fixed or said is False:
        return Decision(Act.REOPEN, f"The resident says that {number} is not fixed.")
    if said and known.request_status == Status.RESOLVED:
        return Decision(Act.CONFIRM, f"The resident says that {number} is fixed.")
    rating = answers.rating(_bare(text)) if known.rating and not known.asked else None
    if rating:
        return Decision(Act.RATE, f"The resident rates {number}: {rating} of 5.", rating=rating)
    return None


def _answer_to_place_question(message: Assessment, known: Known, text: str) -> Decision | None:
    if not known.asked:
        return None
    chosen = pick(_bare(text), known.choices) if known.choices else None
    place = chosen.place if chosen else _sure_place(message)
    if place and known.intake_service:
        return Decision(Act.COMPLETE, f"The resident names the place: {place.name}.", known.intake_service, place)
    if place:
        return Decision(Act.LOOK, f"The resident names the place ({place.name}); the service is not sure.", "", place)
    if message.intent == "question":
        return Decision(Act.ANSWER, "Asked for the place, the resident asks something.")
    if known.asked < MOST_QUESTIONS and message.intent in ("request", "chatter", "feedback"):
        unclear = _unclear_place(message)
        why = f"{unclear.name}, or another place of that name?" if unclear else "The place is still missing."
        return Decision(Act.ASK_PLACE, why, known.intake_service, unclear=unclear)
    return Decision(Act.LOOK, "The place is still missing after asking.", known.intake_service)


def _answer_to_place_of_article(message: Assessment, known: Known, text: str) -> Decision | None:
    """An answer depends on the place, and asked for it: the reply is the place, or a person takes over."""
    other = message.intent in ("request", "spam", "abuse") or answers.acknowledges(_bare(text))
    if not known.place_wanted or other or answers.helped(_bare(text)) is not None:
        return None
    place = message.place
    if place and place.areas and place.confidence >= PLACE_CONFIDENT and place.kind != "street":
        return Decision(Act.TELL_FACT, f"The resident names the place of the question: {place.name}.", place=place)
    if message.intent == "question":
        return None
    return Decision(Act.ANSWER, "An answer depends on the place, and the resident names none that we find.")


def _answer_to_answer(message: Assessment, known: Known, text: str) -> Decision | None:
    """Whether an automatic answer helped."""
    helped = answers.helped(_bare(text)) if known.answered else None
    if helped is None:
        return None
    if helped:
        return Decision(Act.HELPED, "The resident says that the automatic answer helped.", helped=True)
    return Decision(Act.ANSWER, "The resident says that the automatic answer did not help.", helped=False)


def _answer_to_our_question(message: Assessment, known: Known, text: str) -> Decision | None:
    """While a request waits for the resident, what they write is the answer: work goes on, a person reads it."""
    if known.request_status != Status.WAITING or message.status_question or message.intent == "spam":
        return None
    if answers.acknowledges(_bare(text)) and not known.photo:
        return None
    place, about_place = _sure_place(message), known.request_reason in ABOUT_THE_PLACE
    if message.intent == "request" and place and not about_place and not known.edited:
        return None  # another problem somewhere else
    reason = f"The resident answers our question about {known.request_number}."
    return Decision(Act.RESUME, reason, place=place if about_place else None)


def _answer_to_offer(message: Assessment, known: Known, text: str) -> Decision | None:
    if not known.offered:
        return None
    said = answers.yes_or_no(_bare(text))
    if said is None:
        return None
    if said:
        return Decision(Act.JOIN, f"The resident says that {known.request_number} is the same as {known.offered}.")
    return Decision(Act.KEEP_APART, f"The resident says that {known.request_number} is not {known.offered}.")


def _more_about_a_request(message: Assessment, known: Known, text: str) -> Decision | None:
    if not known.request_number:
        return None
    if message.status_question:
        return Decision(Act.TELL_STATUS, f"Asks how {known.request_number} stands.")
    if message.not_fixed:
        return Decision(Act.LOOK, f"Says that {known.request_number} is not fixed; it is still open.", adds=True)
    if message.intent == "request" and _sure_place(message) and not known.edited:
        return None
    if message.intent in ("request", "question", "feedback", "abuse") and not _thanks(text):
        return Decision(Act.LOOK, f"Adds something to {known.request_number}.", adds=True)
    return Decision(Act.KEEP, f"Belongs to {known.request_number}; nothing to do.")


def _same_as_others(message: Assessment, known: Known, text: str) -> Decision | None:
    says_same = answers.same_here(_bare(text))
    if not known.under or not (says_same or message.intent in ("request", "chatter", "feedback")):
        return None
    best = message.services[0] if message.services else None
    sure = message.intent == "request" and best is not None and best.confidence >= folding.SERVICE_LIKELY
    place = _sure_place(message)
    found = folding.same(known.under, best.code if sure and best else "", place, says_same)
    if len(found) == 1:
        return Decision(Act.FOLD, "Says the same as others under this post.", found[0].service, place, into=found[0])
    if found:
        numbers = ", ".join(one.number for one in found if one.number)
        return Decision(Act.LOOK, f"The same as others under this post, but as which request? {numbers}", "", place)
    return None


def _edited(message: Assessment, known: Known, text: str) -> Decision | None:
    if known.edited and message.intent in ("request", "question"):
        return Decision(Act.LOOK, "The resident changed the post after it was read.")
    if known.edited:
        return Decision(Act.KEEP, "The resident changed the post; nothing to do.")
    return None


def _question(message: Assessment, known: Known, text: str) -> Decision | None:
    if _may_answer_by_itself(message, known):
        assert known.offer is not None
        title, sure = known.offer.title, known.offer.confidence
        return Decision(Act.ANSWER_BY_ITSELF, f"“{title}” answers it, with a confidence of {sure:.0%}.")
    if message.intent == "question" or (message.status_question and message.intent != "request"):
        return Decision(Act.ANSWER, _why(message, "intent") or "Reads like a question.")
    return None


def _may_answer_by_itself(message: Assessment, known: Known) -> bool:
    """A routine question with a safe article that is sure enough, on an account that allows it, asked by a person."""
    return (
        known.offer is not None
        and known.offer.by_itself
        and message.intent == "question"
        and message.urgency == "routine"
        and not message.status_question
        and not message.not_fixed
    )


def _request(message: Assessment, known: Known, text: str) -> Decision | None:
    if message.intent != "request":
        return None
    place = _sure_place(message)
    best = message.services[0] if message.services else None
    if best is None or best.confidence < SERVICE_CONFIDENT or message.intent_confidence < INTENT_CONFIDENT:
        return Decision(Act.LOOK, "A request, but not sure enough for which service.", best.code if best else "", place)
    kind = known.kinds.get(best.code, "")
    if kind == "referral":
        return Decision(Act.REFER, f"{best.name} does not belong to the city.", best.code, place)
    if kind == OUT_OF_SEASON:
        return Decision(Act.LOOK, f"{best.name} is out of season.", best.code, place)
    if kind != "request":
        return Decision(Act.ANSWER, f"Belongs to “{best.name}”.", best.code, place)
    if place and message.further_places:
        others = "; ".join(other.name for other in message.further_places)
        return Decision(Act.LOOK, f"{best.name} at several places: {place.name}; {others}.", best.code, place)
    if place is None and best.code not in known.placeless:
        unclear = _unclear_place(message)
        why = f"{unclear.name}, or another place of that name?" if unclear else "but no place that is sure enough."
        return Decision(Act.ASK_PLACE, f"{best.name}, {why}", best.code, unclear=unclear)
    return Decision(Act.OPEN, f"{best.name}" + (f" at {place.name}." if place else "."), best.code, place)


def _perhaps_a_request(message: Assessment, known: Known, text: str) -> Decision | None:
    """What we are not sure asks for nothing, yet is clearly about a service, deserves a look."""
    best = message.services[0] if message.services else None
    if message.intent_confidence < KEEP_CONFIDENT and best and best.confidence >= SERVICE_CONFIDENT:
        return Decision(Act.LOOK, f"Perhaps a request about “{best.name}”.", best.code, _sure_place(message))
    return None


def _rest(message: Assessment, known: Known, text: str) -> Decision:
    words = {
        "feedback": "an opinion or thanks",
        "chatter": "talk that asks nothing of the city",
        "abuse": "abuse",
        "spam": "spam",
    }
    return Decision(Act.KEEP, f"Reads like {words.get(message.intent, message.intent)}: kept, nothing opened.")


_RULES: tuple[Callable[[Assessment, Known, str], Decision | None], ...] = (
    _nothing_to_do,
    _by_the_networks_rules,
    _by_a_machine,
    _among_neighbors,
    _emergency,
    _wants_a_person,
    _follows_from_its_page,
    _answer_to_closing,
    _answer_to_place_question,
    _answer_to_place_of_article,
    _answer_to_answer,
    _answer_to_our_question,
    _answer_to_offer,
    _more_about_a_request,
    _edited,
    _question,
    _same_as_others,
    _request,
    _perhaps_a_request,
    _rest,
)


def _sure_place(message: Assessment) -> Place | None:
    """The place, if it is good enough to file on: a point, not a bare street or a whole area."""
    place = message.place
    if place and place.lat is not None and place.confidence >= PLACE_CONFIDENT and place.kind not in ("street", "area"):
        return place
    return None


def _unclear_place(message: Assessment) -> Place | None:
    """The place, if it is one of several that its words may mean."""
    return message.place if message.place and message.place.alternatives else None


def _why(message: Assessment, step: str) -> str:
    """The assessor's own words for `step`."""
    return "; ".join(reason.text for reason in message.reasons if reason.step == step)[:280]


def _bare(text: str) -> str:
    """`text` without the leading @names that networks put in front of replies."""
    return re.sub(r"^(\s*(@\S+|nostr:\S+))+", "", text).strip()


_THANKS = re.compile(r"^\W*(thx|ty|great|awesome|perfect|ok(ay)?|got it|appreciate)\b|\bthank(s| you)\b", re.I)


def _thanks(text: str) -> bool:
    return len(text) < 120 and bool(_THANKS.search(_bare(text)))
