"""How an account is, in words: its token, its hearing, its speaking, and what the network still lets it do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account, Line
from openline.channels.registry import channels

EXPIRES_SOON = timedelta(days=14)
SILENT_AFTER = timedelta(minutes=10)
"""An account that is listened to gives a sign of life every minute or so, even where nobody writes."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong and what to do. `urgent`: something is not heard or not said because of it."""

    words: str
    urgent: bool = True


def troubles(account: Account, now: datetime | None = None) -> list[Trouble]:
    """All that needs a hand, worst first; empty for an account that is well or switched off."""
    if not account.enabled:
        return []
    now = now or timezone.now()
    found = (_channel(account), _hearing(account, now), _speaking(account), *_token(account, now))
    return sorted((one for one in found if one), key=lambda one: not one.urgent)


def _channel(account: Account) -> Trouble | None:
    if account.network in channels():
        return None
    return Trouble(_("No channel for this network is installed any more."))


def _hearing(account: Account, now: datetime) -> Trouble | None:
    if account.hearing == Line.REFUSED:
        return Trouble(
            _("It hears nothing: the network refuses the login. Connect it again. %s") % account.hearing_error
        )
    if account.hearing == Line.DOWN:
        return Trouble(_("It hears nothing at the moment: %s It is tried again by itself.") % account.hearing_error)
    channel = channels().get(account.network)
    pushed = channel is not None and channel.capabilities.inbound == "push"
    if account.last_heard_at is None:
        words = _("Nothing was heard yet. Is the worker running (openline work)?")
        return None if pushed or now - account.created_at < SILENT_AFTER else Trouble(words)
    if not pushed and now - account.last_heard_at > SILENT_AFTER:
        return Trouble(_("No sign of life for a while. Is the worker running (openline work)?"))
    return None


def _speaking(account: Account) -> Trouble | None:
    if account.speaking == Line.REFUSED:
        return Trouble(
            _("It cannot speak: the network refuses the login. Connect it again. %s") % account.speaking_error
        )
    if account.speaking == Line.DOWN:
        return Trouble(_("It cannot speak at the moment: %s It is tried again by itself.") % account.speaking_error)
    return None


def _token(account: Account, now: datetime) -> list[Trouble]:
    left = account.expires_at - now if account.expires_at else None
    if left is None or left > EXPIRES_SOON:
        return []
    if left <= timedelta(0):
        return [Trouble(_("The login has run out. Connect it again."))]
    days = max(1, left.days)
    return [Trouble(_("The login runs out in %(days)d days. Connect it again before.") % {"days": days}, urgent=False)]


def in_need() -> int:
    """How many accounts need a hand. Looked at anew every ten seconds, for it stands on every page."""
    global _counted
    if _counted is None or time.monotonic() - _counted[0] > _COUNT_SECONDS:
        number = sum(bool(troubles(account)) for account in Account.objects.filter(enabled=True))
        _counted = time.monotonic(), number
    return _counted[1]


def forget_count() -> None:
    """Look anew next time."""
    global _counted
    _counted = None


_COUNT_SECONDS = 10.0
_counted: tuple[float, int] | None = None
