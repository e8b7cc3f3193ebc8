"""What a message holds: words, files, a place, people, a choice; each kind in words that staff can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from openline.channels.base import Media
from openline.channels.reading import child, children, text

INSIDE = "inside:"
_MEDIA = {"image": "image", "video": "video", "audio": "audio", "sticker": "image", "document": "file"}
_LONGEST = 20_000


@dataclass
class Found:
    """What was found in a message."""

    text: str = ""
    media: list[Media] = field(default_factory=list)
    latitude: float | None = None
    longitude: float | None = None
    automatic: bool = False
    facts: dict[str, str] = field(default_factory=dict)


def read(message: dict[str, Any]) -> Found:
    """Read a message of any kind; what is not known is said to be so."""
    kind = text(message, "type")
    found = _media(message, kind) if kind in _MEDIA else _KINDS.get(kind, _unknown)(message)
    context = child(message, "context")
    if context.get("forwarded") is True or context.get("frequently_forwarded") is True:
        found.facts["forwarded"] = "yes"
    if advert := text(child(message, "referral"), "headline"):
        found.facts["came by"] = advert[:200]
    found.text = found.text[:_LONGEST]
    return found


def _text(message: dict[str, Any]) -> Found:
    return Found(text(child(message, "text"), "body"))


def _media(message: dict[str, Any], kind: str) -> Found:
    said = child(message, kind)
    words = text(said, "caption") or text(said, "filename")
    number = text(said, "id")
    facts = {"voice": "yes"} if said.get("voice") is True else {}
    return Found(words, [Media(INSIDE + number, _MEDIA[kind])] if number else [], facts=facts)


def _location(message: dict[str, Any]) -> Found:
    said = child(message, "location")
    words = ", ".join(filter(None, (text(said, "name"), text(said, "address")))) or _("A place on the map.")
    latitude, longitude = _degrees(said.get("latitude"), 90), _degrees(said.get("longitude"), 180)
    if latitude is None or longitude is None:
        return Found(words)
    return Found(words, latitude=latitude, longitude=longitude)


def _degrees(value: Any, most: float) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most
    return float(value) if good else None


def _contacts(message: dict[str, Any]) -> Found:
    lines = []
    for one in children(message, "contacts"):
        phones = ", ".join(text(phone, "phone") for phone in children(one, "phones"))
        lines.append(f"{text(child(one, 'name'), 'formatted_name')}: {phones}".strip(": "))
    return Found("\n".join(lines) or _("A contact."))


def _interactive(message: dict[str, Any]) -> Found:
    """What was chosen from buttons or a list, or the words of a form."""
    said = child(message, "interactive")
    chosen = child(said, "button_reply") or child(said, "list_reply")
    if chosen:
        words = " – ".join(filter(None, (text(chosen, "title"), text(chosen, "description"))))
        return Found(words, facts={"chosen": text(chosen, "id")[:200]})
    form = child(said, "nfm_reply")
    return Found(text(form, "response_json") or text(form, "body") or _("An answer that cannot be shown."))


def _button(message: dict[str, Any]) -> Found:
    said = child(message, "button")
    return Found(text(said, "text"), facts={"chosen": text(said, "payload")[:200]})


def _order(message: dict[str, Any]) -> Found:
    return Found(text(child(message, "order"), "text") or _("An order from a catalogue."))


def _system(message: dict[str, Any]) -> Found:
    return Found(text(child(message, "system"), "body") or _("A notice of WhatsApp."), automatic=True)


def _unknown(message: dict[str, Any]) -> Found:
    """Polls, lists of events and whatever comes next: WhatsApp tells businesses that there was something."""
    kind = text(child(message, "unsupported"), "type") or text(message, "type")
    return Found(_("Something that WhatsApp does not pass on to businesses (%s).") % kind[:40], facts={"unread": "yes"})


_KINDS: dict[str, Callable[[dict[str, Any]], Found]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    "system": _system,
}
