"""Whether the page may answer something, by the rules and the clock, and what to do if it may not.

docs/messenger-platform/policy/policy-overview: 24 hours after a person's last message, 7 days for a human agent of an
app that Facebook has allowed it to. A comment is answered in private once, within 7 days. In public there is no limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from openline.channels.base import Answerable, Incoming
from openline.channels.facebook import reading, rules
from openline.channels.facebook.messaging import may_tag


def can_answer(
    settings: Mapping[str, str], raw: bytes, heard_at: datetime, private: bool, now: datetime | None = None
) -> Answerable:
    """By what was heard, when, and the account's settings."""
    now = now or datetime.now(UTC)
    item = reading.parse(raw)
    if not isinstance(item, Incoming):
        return Answerable()
    said_at = item.posted_at or heard_at
    if item.visibility == "private":
        return _message(settings, said_at, now) if private else _only_private()
    return _private_reply(said_at, now) if private else Answerable()


def _message(settings: Mapping[str, str], said_at: datetime, now: datetime) -> Answerable:
    usual, human = said_at + rules.WINDOW, said_at + rules.HUMAN_WINDOW
    tagged = may_tag(settings)
    if now < usual:
        words = _("Messenger takes answers within 24 hours after a person's last message.")
        return Answerable(until=human if tagged else usual, note=words)
    if tagged and now < human:
        words = _("More than 24 hours have passed: only a person may answer now, no machine, and only in this matter.")
        return Answerable(until=human, note=words)
    if tagged:
        return Answerable(
            _("The person's last message is more than 7 days old: Messenger takes no answer."), None, _ways()
        )
    instead = _ways() if now >= human else (_business_suite(human), *_ways())
    return Answerable(
        _("The person's last message is more than 24 hours old: Messenger takes no answer."), None, instead
    )


def _private_reply(said_at: datetime, now: datetime) -> Answerable:
    until = said_at + rules.PRIVATE_REPLY_WINDOW
    if now < until:
        words = _("A comment can be answered in private once. What follows is possible when the person answers.")
        return Answerable(until=until, note=words)
    instead = (
        _("Answer in public, without anything personal."),
        _("Ask in public that the person write to the page by Messenger."),
    )
    return Answerable(_("The comment is more than 7 days old: Facebook takes no private answer to it."), None, instead)


def _only_private() -> Answerable:
    words = _("This is a private message: it cannot be answered in public.")
    return Answerable(words, None, (_("Answer in private."),))


def _business_suite(until: datetime) -> str:
    words = _("Until %(until)s a person can answer in Meta Business Suite (business.facebook.com/latest/inbox).")
    return words % {"until": f"{until:%Y-%m-%d %H:%M} UTC"}


def _ways() -> tuple[str, ...]:
    return (
        _("Wait: when the person writes again, you can answer for 24 hours."),
        _("Use another way, if you know one: telephone, e-mail, or the request's own page."),
        _("If it concerns many, write it as a post or a comment, without anything personal."),
    )
