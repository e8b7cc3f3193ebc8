"""Whether the city may answer something, by Instagram's rules and the clock, and what to do if it may not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from openline.channels.base import Answerable, Incoming
from openline.channels.instagram import names, reading, rules
from openline.channels.instagram.answering import may_tag


def can_answer(
    settings: Mapping[str, str], raw: bytes, heard_at: datetime, private: bool, now: datetime | None = None
) -> Answerable:
    """By what was heard, when, and the account's settings."""
    now, item = now or datetime.now(UTC), reading.parse(raw)
    if not isinstance(item, Incoming):
        return Answerable()
    said_at = item.posted_at or heard_at
    if item.visibility == "private":
        return _message(settings, said_at, now) if private else _only_private()
    if not private:
        return Answerable()
    return _private_reply(said_at, now) if names.is_comment(item.network_id) else _only_public()


def _message(settings: Mapping[str, str], said_at: datetime, now: datetime) -> Answerable:
    usual, human, tagged = said_at + rules.WINDOW, said_at + rules.HUMAN_WINDOW, may_tag(settings)
    if now < usual:
        words = _("Instagram takes answers within 24 hours after a person's last message.")
        return Answerable(until=human if tagged else usual, note=words)
    if tagged and now < human:
        words = _("More than 24 hours have passed: only a person may answer now, no machine, and only in this matter.")
        return Answerable(until=human, note=words)
    words = _("The person's last message is too old: Instagram takes no answer any more.")
    in_the_app = (_("Until %s a person can answer in the Instagram app.") % f"{human:%Y-%m-%d %H:%M} UTC",)
    return Answerable(words, None, (*(in_the_app if now < human and not tagged else ()), *_ways()))


def _private_reply(said_at: datetime, now: datetime) -> Answerable:
    until = said_at + rules.PRIVATE_REPLY_WINDOW
    if now < until:
        words = _("A comment can be answered in private once. What follows is possible when the person answers.")
        return Answerable(until=until, note=words)
    words = _("The comment is more than 7 days old: Instagram takes no private answer to it.")
    return Answerable(words, None, (_("Answer in public, without anything personal."), _ask()))


def _only_private() -> Answerable:
    words = _("This is a private message: it cannot be answered in public.")
    return Answerable(words, None, (_("Answer in private."),))


def _only_public() -> Answerable:
    words = _("Instagram lets the city answer a mention only where it stands.")
    return Answerable(words, None, (_("Answer in public, without anything personal."), _ask()))


def _ask() -> str:
    return _("Ask in public that the person write to the account in private.")


def _ways() -> tuple[str, ...]:
    return (
        _("Wait: when the person writes again, you can answer for 24 hours."),
        _("Use another way, if you know one: telephone, e-mail, or the request's own page."),
    )
