"""How a forwarding stands, in words: one sentence for staff, one for everybody."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from openline.partners.models import Forwarding, State


def for_staff(found: Forwarding) -> str:
    """Such as: Sent to PECO, their number is 22-871, last asked 5 minutes ago."""
    name = {"name": found.connector.name}
    if found.state == State.ACKNOWLEDGED or found.their_id:
        return ", ".join(filter(None, (_("Sent to %(name)s") % name, _number(found), _asked(found.polled_at)))) + "."
    sentences = {
        State.QUEUED: _("Waits to be sent to %(name)s."),
        State.SENDING: _("Is being sent to %(name)s."),
        State.SENT: _("Sent to %(name)s; they have not answered yet."),
        State.FAILED: _("Could not be sent to %(name)s yet; it is tried again."),
        State.STUCK: _("%(name)s: somebody has to look at it."),
        State.CANCELLED: _("Taken back from %(name)s."),
    }
    return str(sentences[State(found.state)]) % name


def for_everybody(found: Forwarding) -> str:
    """Such as: Passed to PECO (their number 22-871). "" as long as they do not have it."""
    if found.sent_at is None or found.state == State.CANCELLED:
        return ""
    name = found.connector.name
    if found.their_id:
        return _("Passed to %(name)s (their number %(number)s).") % {"name": name, "number": found.their_id}
    return _("Passed to %(name)s.") % {"name": name}


def _number(found: Forwarding) -> str:
    return _("their number is %(number)s") % {"number": found.their_id} if found.their_id else _("they have it")


def _asked(moment: datetime | None) -> str:
    if moment is None:
        return ""
    if (timezone.now() - moment).total_seconds() < 60:
        return _("last asked just now")
    return _("last asked %(time)s ago") % {"time": timesince(moment, depth=1)}
