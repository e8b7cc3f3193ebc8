"""The texts with which requests are closed: one for each service (or all), outcome and language.

A text has placeholders such as {number}, from the closed list below. Those that nothing can be put in for (a request
without a place) make the next best text be used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.service_requests import languages, publishing
from openline.service_requests.errors import NotPossible
from openline.service_requests.guards import Move
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import ResponseTemplate, ServiceRequest
from openline.service_requests.publishing import Settled
from openline.service_requests.states import CLOSING_OUTCOMES, Outcome, Status
from openline.triage.personal_data import find

PLACEHOLDERS: dict[str, str | Promise] = {
    "number": gettext_lazy("the number of the request"),
    "service": gettext_lazy("the name of the service"),
    "place": gettext_lazy("where it is"),
    "department": gettext_lazy("who did it"),
    "day": gettext_lazy("the day of closing, in words"),
    "link": gettext_lazy("the address of the request's page"),
}
MOST = 280
"""Characters: with what is said around it, a text fits into the 500 of a post."""


def check(text: str, numbers: Sequence[str]) -> str:
    """`text` as it is kept; raises NotPossible if it is empty, too long, or has what is no placeholder of ours.

    `numbers`: how telephone numbers begin that the city publishes itself (`jurisdiction.public_numbers`).
    """
    text = text.strip()
    if not text:
        raise NotPossible(_("Write the text."))
    if len(text) > MOST:
        raise NotPossible(_("At most %(most)d characters, so that it fits into a post.") % {"most": MOST})
    _names(text)
    if find(text, tuple(numbers)):
        raise NotPossible(_("The text holds personal data. It is told to everybody: take it out."))
    return text


def _names(text: str) -> set[str]:
    """The placeholders of `text`; raises NotPossible for others, or for a bracket without its other half."""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise NotPossible(_("A { or } has no other half. Placeholders: %(known)s.") % {"known": known}) from None
    for _words, name, form, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            given = {"name": f"{{{name}}}", "known": known}
            raise NotPossible(_("%(name)s is not a placeholder. There are: %(known)s.") % given)
    return {name for _words, name, _form, _conversion in parts if name}


def fill(text: str, request: ServiceRequest) -> str:
    """`text` with its placeholders filled for `request`, in the language that is active; "" if one has nothing."""
    facts = _facts(request)
    if any(not facts[name] for name in _names(text)):
        return ""
    return Formatter().vformat(text, (), facts)


def _facts(request: ServiceRequest) -> Mapping[str, str]:
    return {
        "number": request.number,
        "service": request.service.name,
        "place": request.place_name,
        "department": request.department.name,
        "day": languages.day_in_words(today()),
        "link": languages.link(request.number),
    }


def texts(request: ServiceRequest, outcome: str) -> dict[str, str]:
    """The text for closing `request` with `outcome` in each language that has one; that of the service goes first."""
    found = ResponseTemplate.objects.filter(Q(service=request.service_id) | Q(service=None), outcome=outcome)
    filled: dict[str, str] = {}
    for template in found.order_by(F("service").asc(nulls_last=True)):
        if template.language not in filled:
            with languages.speaking(template.language):
                text = fill(template.text, request)
            if text:
                filled[template.language] = text
    return filled


def text_in(filled: Mapping[str, str], language: str) -> str:
    """The text for a resident who writes `language`, else the city's own language, else nothing."""
    return filled.get(languages.short(language)) or filled.get(languages.short("")) or ""


def settle(request: ServiceRequest, move: Move, *, by: User | None, because: str = "") -> Settled:
    """What `move` tells the public: what staff wrote; for a closing without a word, the template's text."""
    closes = move.to in (Status.RESOLVED, Status.CLOSED)
    outcome = move.outcome or (Outcome.DONE if move.to == Status.RESOLVED else "")
    if closes and outcome in CLOSING_OUTCOMES:
        filled, written = texts(request, outcome), move.public_text.strip()
        if not written or written in filled.values():
            return Settled(written or text_in(filled, ""))
    return publishing.of_request(request, move.public_text, by=by, because=because)


def told(request: ServiceRequest, outcome: str, public_text: str) -> dict[str, str]:
    """The texts of the template if `public_text` is one of them, so that each resident is told their own; else none."""
    filled = texts(request, outcome) if outcome and public_text else {}
    return filled if public_text in filled.values() else {}
