"""What can go wrong with a network: a closed set that the outbox understands."""

from __future__ import annotations

from datetime import datetime


class ChannelError(Exception):
    """Base of all that a channel may raise; `reason` is written for a person."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class RateLimited(ChannelError):
    """The network asks us to wait until `retry_at` (aware time)."""

    def __init__(self, retry_at: datetime, reason: str = "") -> None:
        super().__init__(reason or f"the network asks us to wait until {retry_at.isoformat()}")
        self.retry_at = retry_at


class TokenExpired(ChannelError):
    """The credentials are refused: a person has to connect the account again."""


class NotAllowed(ChannelError):
    """The network does not let this account do this (blocked, not summoned, window closed)."""


class Rejected(ChannelError):
    """The network refuses this very content; `field_name` says which part where it is known."""

    def __init__(self, reason: str, field_name: str = "") -> None:
        super().__init__(reason)
        self.field_name = field_name


class Unclear(ChannelError):
    """It may or may not have been sent: ask `find_sent` before any further try."""


class NetworkDown(ChannelError):
    """The network could not be reached, so nothing was sent or heard."""


class Unverified(ChannelError):
    """A request claims to come from the network and does not prove it: nothing of it is kept."""
