"""The record of one conversation as staff read it: who did what, when, with the words of then."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.inbox.models import Conversation
from openline.records import reading
from openline.records.models import Kind, Record
from openline.service_requests.jurisdiction import local

PAGE = 100
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*")
_KINDS: dict[str, str | Promise] = {
    Kind.HEARD: _("Heard"),
    Kind.EDITED: _("Edited by the resident"),
    Kind.DELETED: _("Deleted"),
    Kind.REFUSED: _("Could not be read"),
    Kind.DECIDED: _("Decided"),
    Kind.WRITTEN: _("Answer written"),
    Kind.SAID: _("Sent"),
    Kind.NOT_SAID: _("Not sent"),
    Kind.CHANGED: _("Changed"),
    Kind.CORRECTED: _("Put right"),
    Kind.ADMINISTERED: _("Administered"),
}
_DEEDS: dict[str, str | Promise] = {
    "hide": _("Comment hidden"),
    "show": _("Comment shown again"),
    "note": _("Note written"),
    "assigned": _("Given to"),
    "put off": _("Put off"),
    "brought back": _("Brought back"),
    "opened again": _("Opened again"),
    "answer taken back": _("Answer taken back before it left"),
    "handled": _("Marked as handled"),
    "published": _("Personal data published, with a reason"),
    "taken out": _("Taken out of a request"),
}
_FACTS = ("to", "until", "act", "reason", "why", "cause", "field", "before", "after", "service", "place", "request")
"""What of a record's facts is shown beside its text, in this order."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history."""

    at: datetime
    who: str
    what: str | Promise
    facts: tuple[str, ...]
    text: str


def history_of(conversation: Conversation, before: int | None = None) -> tuple[list[Step], int | None]:
    """A page of what happened, newest first, from before the record `before`; and where the next page begins."""
    rows, following = reading.page(Record.objects.filter(conversation_id=conversation.pk), before, PAGE)
    return [step(row) for row in rows], following


def step(row: Record) -> Step:
    """One record as a line that staff read."""
    body = row.body
    what = _DEEDS.get(str(body.get("what", ""))) or _KINDS.get(row.kind, row.kind)
    if body.get("what") == "assigned" and body.get("to") == "":  # of a request, its own words say to whom
        what = _("Given back: nobody's now")
    facts = tuple(_said(str(body[name])) for name in _FACTS if body.get(name))
    return Step(row.at, row.actor, what, facts, str(body.get("text", "")))


def _said(fact: str) -> str:
    """A fact as it stands on the record; a moment on the city's clock."""
    moment = _MOMENT.fullmatch(fact) and parse_datetime(fact)
    return formats.date_format(local(moment), "M j, H:i") if moment else fact
