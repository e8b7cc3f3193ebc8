"""Reading a service and a place from a form, the same way on every page that has one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from openline.care import places
from openline.console.once import typed
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import Service
from openline.service_requests.queries import service_named

PART_ROWS = 3
"""So many parts can be made of a request in one go."""


def service_of(request: HttpRequest) -> Service:
    """The service that was chosen: the one typed into the search field, else the suggestion that is marked."""
    text = typed(request, "other_service", 200) or typed(request, "service", 200)
    if not text:
        raise NotPossible(_("Choose a service."))
    service = service_named(text)
    if service is None:
        raise NotPossible(
            _("“%(text)s” is no service of the catalogue. Type a part of its name and choose from the list.")
            % {"text": text}
        )
    return service


def place_of(request: HttpRequest) -> dict[str, Any] | None:
    """The place that was typed, None for an empty field. It is taken only after the person saw what was found."""
    text = typed(request, "place", 300)
    if not text:
        return None
    found = places.resolve(text)
    if found["name"].casefold() not in (text.casefold(), typed(request, "confirmed", 300).casefold()):
        raise NotYetSeen(found)
    return found


def look_outside(request: HttpRequest) -> None:
    """Let an outside geocoder answer for the place that was typed, if the city has set one up: before the transaction
    of the form, for the answer may take seconds."""
    places.look_outside(typed(request, "place", 300))


def day_of(request: HttpRequest, name: str) -> date | None:
    """The day in the field `name`, None for an empty one."""
    text = typed(request, name, 20)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotPossible(_("“%(text)s” is no day. Write it as 2026-12-25.") % {"text": text}) from None


class NotYetSeen(NotPossible):
    """The place was found under another name than was typed: the person looks at it, then saves again."""

    def __init__(self, found: dict[str, Any]) -> None:
        by, name = found.get("found_by"), found["name"]
        said = _("%(service)s finds: %(name)s.") % {"service": by, "name": name} if by else ""
        said = said or _("Found: %(name)s.") % {"name": name}
        super().__init__(said + " " + _("If that is right, save once more."))
        self.confirm: str = found["name"]
