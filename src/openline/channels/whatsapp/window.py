"""The 24 hours in which a person may be answered, and what can be done afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from openline.channels.base import AccountRef, Answerable, Incoming
from openline.channels.whatsapp import reading, rules


def can_answer(settings: Mapping[str, str], raw: bytes, heard_at: datetime, now: datetime | None = None) -> Answerable:
    """By the time of what was heard, the account's template, and the clock."""
    item = reading.parse(raw)
    until = ((item.posted_at if isinstance(item, Incoming) else None) or heard_at) + rules.WINDOW
    if (now or datetime.now(UTC)) < until:
        return Answerable(until=until, note=_("WhatsApp takes answers within 24 hours after a person's last message."))
    if name := template_of(settings):
        words = _("More than 24 hours have passed: your text goes out as one line in the template “%s”, for a charge.")
        return Answerable(note=words % name)
    instead = (
        _("Name a template that WhatsApp has approved in the account's settings: your text goes out in it."),
        _("Wait: when the person writes again, you can answer for 24 hours."),
        _("Use another way, if you know one: telephone, e-mail, or the request's own page."),
    )
    return Answerable(
        _("The person's last message is more than 24 hours old: WhatsApp takes only approved templates."), None, instead
    )


def is_closed(account: AccountRef, answered: str) -> bool:
    """True if the message that is answered is known to be too old."""
    raw = account.ledger.heard([answered]) if answered else b""
    item = reading.parse(raw) if raw else None
    said_at = item.posted_at if isinstance(item, Incoming) else None
    return said_at is not None and datetime.now(UTC) >= said_at + rules.WINDOW


def template_of(settings: Mapping[str, str]) -> str:
    """The name of the template for later answers; "" if the city has none."""
    return settings.get("template", "").strip()
