"""What Openline says to residents by itself. Short, plain, the answer first; translatable (gettext)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from openline.foundation.text import shorten
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.languages import LOCALES, day, day_in_words, link, speaking
from openline.service_requests.models import Service, ServiceRequest, Update
from openline.service_requests.similar import Alike
from openline.service_requests.states import OPEN_STATES, Outcome, Status, reason_label

__all__ = ["LOCALES", "day", "link", "speaking"]


class _Numbered(Protocol):
    """What the texts need to know of a request."""

    @property
    def number(self) -> str: ...
    @property
    def service(self) -> Service: ...
    @property
    def place_name(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...


def opened(request: _Numbered) -> str:
    """The first answer to a request: number, what, where, by when, and where to follow it."""
    facts = {
        "number": request.number,
        "service": request.service.name,
        "place": request.place_name,
        "link": link(request.number),
    }
    head = (
        _("Thank you. This is request %(number)s: %(service)s at %(place)s.")
        if request.place_name
        else _("Thank you. This is request %(number)s: %(service)s.")
    ) % facts
    promise = _(" We plan to answer it by %(day)s.") % {"day": day(request.due_at)} if request.due_at else ""
    return head + promise + _(" Follow it here: %(link)s") % facts


def ask_place(again: bool = False) -> str:
    """The question for the place."""
    if again:
        return _(
            "Sorry, we could not find that place. Please give an address, a block or the nearest corner,"
            " for example “1400 block of S Broad St” or “13th and Market”."
        )
    return _("Thank you for telling us. Where is it? The nearest address or corner is enough.")


def ask_which(choices: str) -> str:
    """The question which of several places is meant; `choices` are numbered."""
    return _("Thank you for telling us. Which place do you mean? %(choices)s. The number is enough.") % {
        "choices": choices
    }


def emergency(language: str, service: Service | None) -> str:
    """The emergency text in the resident's language, with the utility's number where the service has one."""
    texts = jurisdiction().emergency_text
    short = (language or "").split("-")[0]
    default = _("If anyone is in danger, call 911 now. We cannot send help from here.")
    text = texts.get(short) or texts.get(settings.LANGUAGE_CODE) or default
    if service and service.emergency_phone:
        text += " " + _("%(service)s: %(phone)s.") % {"service": service.name, "phone": service.emergency_phone}
    return text


def automatic(answer: str, ask: str = "") -> str:
    """An answer that no person wrote: marked as such, with the way to a person. `ask` is a question of ours instead of
    the one whether it helped."""
    facts = {"answer": answer, "word": pgettext("what a resident writes to talk to a person", "PERSON")}
    head = _("Automatic answer: %(answer)s") % facts
    person = _("Write %(word)s to talk to a person.") % facts
    return f"{head} {ask or _('Did this help? Yes or no?')} {person}"


def ask_address() -> str:
    """The question for the address on which an answer depends."""
    return _("For which address? Reply with it, or with the nearest corner, and we look it up.")


def not_known_there(place: str) -> str:
    """Said where a fact is not known for a place."""
    return _("We do not have this for %(place)s.") % {"place": place}


def referral(service: Service) -> str:
    """Where to go with something that is not the city's."""
    return service.referral_text or _("This belongs to %(service)s.") % {"service": service.name}


def status(request: ServiceRequest) -> str:
    """How a request stands, for who asks."""
    facts = {"number": request.number, "status": request.get_status_display().lower(), "link": link(request.number)}
    text = _("Request %(number)s is %(status)s.") % facts
    if request.due_at and request.status in OPEN_STATES:
        text += _(" We plan to answer it by %(day)s.") % {"day": day(request.due_at)}
    return text + _(" More: %(link)s") % facts


def reopened(request: ServiceRequest) -> str:
    """Said when a resident tells us that it is not fixed."""
    return _("Sorry about that. We opened request %(number)s again and will have another look. %(link)s") % {
        "number": request.number,
        "link": link(request.number),
    }


def changed(request: ServiceRequest, update: Update, text: str | None = None) -> str:
    """News of a request; empty if there is nothing that a resident needs to be told.

    `text` is told in the place of the update's public text: the same in the resident's language.
    """
    text = update.public_text.strip() if text is None else text
    facts = {"number": request.number, "link": link(request.number), "text": text}
    if update.to_status in (Status.RESOLVED, Status.CLOSED):
        return _closed(request, update, facts)
    if update.to_status == Status.WAITING and update.reason == "not_found":
        head = _("We could not find what you reported in request %(number)s.") % facts
        tail = _(" Can you tell us more: a nearer address, a photo? Please answer here. %(link)s") % facts
        return _with_text(head, text) + tail
    if update.to_status == Status.WAITING and text:
        return _("A question about request %(number)s: %(text)s Please answer here. %(link)s") % facts
    if update.to_status == Status.REJECTED:
        head = _("We cannot act on request %(number)s: %(reason)s.") % (
            facts | {"reason": reason_label(update.to_status, update.reason).lower()}
        )
        return " ".join(filter(None, [head, text, facts["link"]]))
    if update.to_status == Status.SCHEDULED and request.scheduled_for:
        planned = day_in_words(request.scheduled_for)
        head = _("Request %(number)s is planned for %(day)s.") % (facts | {"day": planned})
        return " ".join(filter(None, [head, text, facts["link"]]))
    if text:
        return _("News of request %(number)s: %(text)s %(link)s") % facts
    if update.to_status in (Status.SCHEDULED, Status.IN_PROGRESS, Status.REFERRED):
        return _("Request %(number)s is now: %(status)s. %(link)s") % (
            facts | {"status": request.get_status_display().lower()}
        )
    return ""


def _closed(request: ServiceRequest, update: Update, facts: dict[str, str]) -> str:
    """What is said when a request ends: how, the text, and the question whether it is so."""
    if update.from_status == Status.RESOLVED and not facts["text"]:
        return ""  # it was told when it was resolved
    outcome = str(Outcome(request.outcome).label).lower()
    head = _("Request %(number)s is closed: %(outcome)s.") % (facts | {"outcome": outcome})
    if update.from_status == Status.WAITING and request.outcome == Outcome.NOT_FOUND and update.by is None:
        head += _(" We asked you, and had no answer.")
    if update.to_status == Status.CLOSED:
        return _with_text(head, facts["text"]) + _(" Still not fixed? Just answer here. %(link)s") % facts
    if request.outcome == Outcome.NO_ACTION_NEEDED:
        return _with_text(head, facts["text"]) + _(" Is that right? Reply yes or no. %(link)s") % facts
    return _with_text(head, facts["text"]) + _(" Is it fixed? Reply yes or no. %(link)s") % facts


def _with_text(head: str, text: str) -> str:
    return f"{head} {text}" if text else head


def confirmed(number: str, survey: str) -> str:
    """Said to who confirms that it is fixed; `survey` is the address of the question how it was, "" to ask nothing."""
    head = _("Thank you. Request %(number)s is closed.") % {"number": number}
    ask = _(" How was it, from 1 (bad) to 5 (good)? Reply with the number, or choose here: %(link)s")
    return head + ask % {"link": survey} if survey else head


def disputed(number: str) -> str:
    """Said to who says for the second time that it is not fixed: no rule opens it again, a person looks."""
    return _("Thank you for telling us again. A supervisor looks at request %(number)s now. %(link)s") % {
        "number": number,
        "link": link(number),
    }


def resumed(number: str) -> str:
    """Said to who answered our question."""
    return _("Thank you. We go on with request %(number)s. %(link)s") % {"number": number, "link": link(number)}


def reminder(number: str) -> str:
    """Said once, half-way, to who has not answered our question."""
    return _("We still need your answer to go on with request %(number)s. Please answer here. %(link)s") % {
        "number": number,
        "link": link(number),
    }


def satisfaction_words() -> list[str]:
    """The five answers to "how was it?", from 1 to 5."""
    return [_("Very bad"), _("Bad"), _("In between"), _("Good"), _("Very good")]


def survey_words() -> dict[str, str]:
    """The words of the page on which a resident says how it was."""
    return {
        "title": _("How was it?"),
        "help": _("One click is enough."),
        "thanks": _("Thank you. Your answer is kept."),
        "before": _("Your answer was kept already."),
        "more": _("Do you want to add something? Please write no names and no telephone numbers."),
        "send": _("Send"),
    }


def corrected(request: ServiceRequest, what: str) -> str:
    """Said when staff put the service or the place right."""
    facts = {
        "number": request.number,
        "service": request.service.name,
        "place": request.place_name,
        "link": link(request.number),
    }
    if what == "place":
        return _("We put request %(number)s at %(place)s. Is that wrong? Just answer here. %(link)s") % facts
    return _("We filed request %(number)s under “%(service)s”. %(link)s") % facts


def offered(request: _Numbered, other: Alike) -> str:
    """The first answer where a likely same request is open already: the number, and the question whether it is that."""
    head = _("Thank you. This is request %(number)s: %(service)s.") % {
        "number": request.number,
        "service": request.service.name,
    }
    return head + _(
        " Is it the same as %(other)s, %(place)s? %(link)s Reply yes and we join them and tell you here how it ends."
        " No, or no answer: we look at yours by itself."
    ) % {"other": other.number, "place": shorten(other.place_name or "?", 80), "link": link(other.number)}


def folded(number: str) -> str:
    """Said to who reports the same as others under one post: the number, and that they are told how it ends."""
    return _("Thank you. Others told us the same: it is request %(number)s. We tell you here how it ends. %(link)s") % {
        "number": number,
        "link": link(number),
    }


def kept_apart(number: str) -> str:
    """Said when the resident's problem is not the one that we asked about."""
    return _("Thank you. Request %(number)s stays open by itself. %(link)s") % {"number": number, "link": link(number)}


def joined(request: ServiceRequest, other: ServiceRequest) -> str:
    """Said when staff found that two requests are about one problem."""
    return _(
        "Your request %(number)s is about the same problem as %(other)s. We joined them and will tell you here how it"
        " ends. %(link)s"
    ) % {"number": request.number, "other": other.number, "link": link(other.number)}


def separated(request: ServiceRequest) -> str:
    """Said when staff found that the two were different problems after all."""
    return _("Request %(number)s is a problem of its own after all: we opened it again. %(link)s") % {
        "number": request.number,
        "link": link(request.number),
    }
