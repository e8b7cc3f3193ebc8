"""WhatsApp's own refusals (support/error-codes, 2026), told in our closed set of errors; all else is Graph's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from openline.channels.base import ChannelError, NetworkDown, NotAllowed, RateLimited, Rejected, Unclear
from openline.channels.graph.errors import Told, Unreachable, WindowClosed

_WAITS = {130429: timedelta(minutes=1), 131056: timedelta(minutes=1), 131048: timedelta(hours=1)}
_NOT_ALLOWED = {131005, 131031, 131042, 131045, 133010, 368, 130497}
_UNREACHABLE = {131026, 131030, 131049, 131050}
_PASSING = {131000, 131016, 131057, 133004}


def refine(told: Told, sending: bool) -> ChannelError | None:
    """The error for a code of WhatsApp's own; None for Graph's."""
    if told.code in _WAITS:
        return RateLimited(datetime.now(UTC) + _WAITS[told.code], told.reason)
    if told.code == 131047:
        return WindowClosed(_("More than 24 hours have passed since the person's last message: %s") % told.reason)
    if told.code in _UNREACHABLE:
        return Unreachable(told.reason)
    if told.code in _NOT_ALLOWED:
        return NotAllowed(told.reason)
    if told.code in _PASSING:
        return (Unclear if sending else NetworkDown)(told.reason)
    if 131_000 <= told.code < 133_000:
        return Rejected(told.reason, "media" if told.code in (131051, 131052, 131053) else "")
    return None
