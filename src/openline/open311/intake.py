"""A new request as it was sent: read, checked, and made ready to be opened. Nothing is written here."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from openline.care import texts
from openline.foundation.text import clean
from openline.open311.formats import Problem
from openline.open311.offered import Offered, offered
from openline.open311.parameters import Given
from openline.open311.places import place_of
from openline.service_requests import questions, seasons
from openline.service_requests.models import Service, ServiceAttribute
from openline.service_requests.publishing import without_sender
from openline.triage import urgency

LONGEST_DESCRIPTION = 4_000
MOST_MEDIA = 10
MOST_UNASKED = 20
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](?:\[\d{0,3}\])?")
_SECRET = frozenset(("api_key",))


@dataclass(slots=True)
class Draft:
    """A checked request that can be opened. `contact` is personal data; `notice` is told to the sender.

    `media` are addresses of photos, `files` the ids of those that came along (`media.take`).
    """

    service: Service
    description: str
    public_text: str
    place: dict[str, Any] | None
    answers: dict[str, Any]
    contact: dict[str, str]
    media: list[str]
    urgency: str
    notice: str
    files: list[str] = field(default_factory=list)


def digest(values: QueryDict, files: list[bytes]) -> str:
    """What tells whether two bodies are the same: all values in one order, without the key, and the files."""
    found = hashlib.sha256()
    for name, several in sorted(values.lists()):
        if name not in _SECRET:
            found.update(repr((name, several)).encode("utf-8", "surrogatepass"))
    for content in files:
        found.update(hashlib.sha256(content).digest())
    return found.hexdigest()


def read(given: Given, files: int = 0) -> Draft:
    """The draft in the parameters; `files` is how many files came along. Raises Problem with all that is wrong."""
    asked_for = _service(given)
    service = asked_for.service
    description = _description(given)
    place = place_of(given)
    if place is None and service.needs_place and not given.faults:
        given.fault(_("The place is missing: send lat and long, address_string or address_id."))
    sent = _sent_answers(given, asked_for.attributes)
    answers = _answers(given, asked_for.attributes, sent)
    contact = _contact(given, service)
    media = media_of(given)
    if service.needs_photo and not (media or files):
        given.fault(_("This service needs a photo: send media_url, or media as a file."))
    given.check()
    danger = _danger(description)
    notice = texts.emergency(translation.get_language() or "", service) if danger else ""
    return Draft(
        service, _for_staff(given, description, place, _unasked(asked_for.attributes, sent)),
        without_sender(description, contact.get("name", "")), place, answers, contact, media,
        "emergency" if danger else "routine", notice,
    )  # fmt: skip


def _service(given: Given) -> Offered:
    code = given.text("service_code", 60)
    if not code:
        raise Problem(400, _("service_code is missing. The codes are in services."), *given.faults)
    found = offered(code)
    if found is None:
        raise Problem(404, _("service_code “%(code)s” was not found. The codes are in services.") % {"code": code})
    if not seasons.in_season(found.service):
        words = {"code": code, "season": seasons.when(found.service)}
        raise Problem(400, _("service_code “%(code)s” is offered %(season)s only.") % words)
    return found


def _description(given: Given) -> str:
    return plain(given.text("description", LONGEST_DESCRIPTION))


def plain(text: str) -> str:
    """`text` without HTML, which GeoReport v2 does not allow: what stands between the tags stays."""
    if nh3.is_html(text):
        text = html.unescape(nh3.clean(text, tags=set()))
    return text.strip()


def _for_staff(given: Given, description: str, place: dict[str, Any] | None, unasked: list[str]) -> str:
    """The description with all else that was sent: the address where the place has another name, answers that the
    service does not ask for. Nothing that a resident told is lost because a program named it otherwise."""
    line = given.text("address_string", 300)
    if line and not (place and place["name"].casefold() == line.casefold()):
        unasked = [_("Address as it was sent: %(line)s") % {"line": line}, *unasked]
    return "\n\n".join(part for part in (description, "\n".join(unasked)) if part)


def _sent_answers(given: Given, attributes: Sequence[ServiceAttribute]) -> dict[str, list[str]]:
    """What was sent as attribute[CODE], by the code as the service writes it, whatever the case in which it came."""
    known = {one.code.casefold(): one.code for one in attributes}
    sent: dict[str, list[str]] = {}
    for name, values in given.values.lists():
        if found := _ATTRIBUTE.fullmatch(name):
            code = known.get(found[1].casefold(), found[1])
            sent.setdefault(code, []).extend(value for value in values if value.strip())
    return sent


def _unasked(attributes: Sequence[ServiceAttribute], sent: dict[str, list[str]]) -> list[str]:
    """Answers to what the service does not ask, a line each."""
    known = {one.code for one in attributes}
    others = [(code, clean(", ".join(values), 300)) for code, values in sent.items() if code not in known]
    return [f"{clean(code, 60)}: {value}" for code, value in others if value][:MOST_UNASKED]


def _answers(given: Given, attributes: Sequence[ServiceAttribute], sent: dict[str, list[str]]) -> dict[str, Any]:
    """The answers to the service's questions; each that is wrong is a fault that names it."""
    answers, faults = questions.validate(attributes, sent)
    for code, fault in faults.items():
        given.fault(f"attribute[{code}]: {fault}")
    return answers


def _contact(given: Given, service: Service) -> dict[str, str]:
    """How to reach who sent it."""
    name = " ".join(filter(None, (given.text("first_name", 100), given.text("last_name", 99))))
    found = {"name": name, "email": given.text("email", 254), "phone": given.text("phone", 60)}
    found |= {field: given.text(field, 200) for field in ("device_id", "account_id")}
    if found["email"]:
        try:
            validate_email(found["email"])
        except ValidationError:
            given.fault(_("email is no e-mail address. Write it as name@example.org, or leave it out."))
    if service.needs_contact and not (found["email"] or found["phone"]):
        given.fault(_("This service needs to reach you: send email or phone."))
    return {field: value for field, value in found.items() if value}


def media_of(given: Given) -> list[str]:
    """The addresses of photos in media_url, each once."""
    found = dict.fromkeys(
        url.strip() for name in ("media_url", "media_url[]") for url in given.values.getlist(name) if url.strip()
    )
    if len(found) > MOST_MEDIA:
        given.fault(_("media_url names more than %(most)d files.") % {"most": MOST_MEDIA})
    for url in found:
        if not is_web_address(url):
            given.fault(_("media_url “%(url)s” is no address of the web (https://...).") % {"url": url[:60]})
    return list(found)


def is_web_address(url: str) -> bool:
    """Whether `url` can be an address of a file on the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= 2000 and url.isprintable()


def _danger(text: str) -> str:
    """The danger to life that a description reports; "" if none. By the phrases alone: no model is loaded for it."""
    return urgency.danger_in(text) if text else ""
