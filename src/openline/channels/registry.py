"""Finds channels by their entry point, so that a city can add its own without touching ours."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from openline.channels.base import Channel

GROUP = "openline.channels"


@cache
def channels() -> dict[str, Channel]:
    """All installed channels by network name (entry points of the group `openline.channels`)."""
    return {point.name: point.load()() for point in entry_points(group=GROUP)}


def channel_for(network: str) -> Channel:
    """The channel that speaks `network`; raises LookupError naming the installed ones if there is none."""
    try:
        return channels()[network]
    except KeyError:
        raise LookupError(f"No channel for {network!r}; installed: {', '.join(sorted(channels()))}") from None
